//! What the database has in the end, and whether it agrees with itself. Not checked at compile time, since nothing that is
//! deployed depends on it.

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use toolbox::tools::Error;

use super::model::Found;

const COUNTS: &str = include_str!("../../../migrations/0010_row_counts.sql");

/// Every row that was made by a client, with what may have changed in it.
const ROWS: &str = "
    select jsonb_build_object('kind', kind, 'id', id, 'marker', marker, 'version', version, 'registers', registers)
    from (
        select case when name ~ '^n' then 'counter' else 'hotel' end as kind, id, split_part(name, ' ', 1) as marker,
            version, case
                when name ~ '^n' then jsonb_build_object('rooms_count', rooms_count::text)
                else jsonb_build_object('description', description, 'address', address)
            end as registers
        from hotels_hotel where name ~ '^[hn][0-9]'
        union all
        select 'ticket', id, split_part(title, ' ', 1), version,
            jsonb_build_object('description', description, 'status', status, 'priority', priority)
        from tickets_ticket
        union all
        select 'comment', id, split_part(content, ' ', 1), 1, '{}' from tickets_comment where kind = 'comment'
        union all
        select 'message', id, split_part(content, ' ', 1), version, jsonb_build_object(
            'is_read', is_read::text, 'hidden_for_sender', hidden_for_sender::text,
            'hidden_for_recipient', hidden_for_recipient::text)
        from messages_message
        union all
        select 'entry', id, data ->> 'marker', version, '{}' from entries_entry
        union all
        select 'email', id, split_part(subject, ' ', 1), version, jsonb_build_object('status', status)
        from emails_email where subject ~ '^e[0-9]'
        union all
        select 'form', id, split_part(title, ' ', 1), version, jsonb_build_object('description', description)
        from forms_form where title ~ '^f[0-9]'
        union all
        select 'profile', id, 'p' || id, version, jsonb_build_object('first_name', first_name)
        from users_customuser where email like '%@example.sn'
        union all
        select 'user', id, split_part(email, '@', 1), version, jsonb_build_object('first_name', first_name)
        from users_customuser where email like '%@torture.test'
    ) as row";

/// What must find nothing, and what it is where it does find something. Whatever an administrator does is on record, once,
/// and nothing else is.
const RULES: [(&str, &str); 9] = [
    (
        "its changes are not on record as often as they happened",
        "
        select row.resource || ' ' || row.id || ', version ' || version || ': ' || count(event.id)
        from (
            select 'hotel' as resource, id, version from hotels_hotel where name ~ '^[hn][0-9]'
            union all
            select 'form', id, version from forms_form where title ~ '^f[0-9]'
        ) as row
        left join audit_event as event
            on event.resource = row.resource and event.object_id = row.id and event.action = 'update'
        group by row.resource, row.id, version
        having count(event.id) <> version - 1",
    ),
    (
        "its creation is not on record once",
        "
        select row.resource || ' ' || row.id || ': ' || count(event.id)
        from (
            select 'hotel' as resource, id from hotels_hotel where name ~ '^h[0-9]'
            union all
            select 'form', id from forms_form where title ~ '^f[0-9]'
            union all
            select 'email', id from emails_email where subject ~ '^e[0-9]'
            union all
            select 'user', id from users_customuser where email like '%@torture.test'
            union all
            select 'message', message.id
            from messages_message as message join users_customuser as sender on sender.id = sender_id
            where sender.is_admin
        ) as row
        left join audit_event as event
            on event.resource = row.resource and event.object_id = row.id and event.action = 'create'
        group by row.resource, row.id
        having count(event.id) <> 1",
    ),
    (
        "it is on record and did not happen",
        "
        with row as (
            select 'hotel' as resource, id from hotels_hotel
            union all
            select 'form', id from forms_form
            union all
            select 'email', id from emails_email
            union all
            select 'user', id from users_customuser
            union all
            select 'message', id from messages_message
        )
        select action || ' ' || event.resource || ' ' || event.object_id
        from audit_event as event
        left join row on row.resource = event.resource and row.id = event.object_id
        left join (select distinct resource, object_id from audit_event where action = 'delete') as gone
            on gone.resource = event.resource and gone.object_id = event.object_id
        where event.resource in ('hotel', 'form', 'email', 'user')
            and (action = 'create' and row.id is null and gone.object_id is null
                or action = 'delete' and row.id is not null)",
    ),
    (
        "what administrators did to it is not on record as often as it happened",
        "
        select 'ticket ' || ticket.id || ': ' || kind.name
        from tickets_ticket as ticket
        cross join (values ('comment'), ('status')) as kind (name)
        left join (
            select ticket_id, kind as name, count(*) as n
            from tickets_comment join users_customuser as author on author.id = author_id
            where author.is_admin
            group by 1, 2
        ) as said on said.ticket_id = ticket.id and said.name = kind.name
        left join (
            select object_id, kind.name, count(*) as n
            from audit_event cross join (values ('comment'), ('status')) as kind (name)
            where resource = 'ticket' and action = 'update' and changes ? kind.name
            group by 1, 2
        ) as noted on noted.object_id = ticket.id and noted.name = kind.name
        where coalesce(said.n, 0) <> coalesce(noted.n, 0)",
    ),
    (
        "the mails about their tickets are not as many as what others did to them",
        "
        select email || ': ' || mails || ' mails, ' || deeds || ' deeds'
        from users_customuser as person
        cross join lateral (select count(*) as mails from emails_email where recipient = email) as sent
        cross join lateral (
            select count(*) as deeds
            from tickets_comment join tickets_ticket as ticket on ticket.id = ticket_id
            where ticket.user_id = person.id and author_id <> person.id
        ) as done
        where email like '%@example.sn' and mails <> deeds",
    ),
    (
        "its status is not what its thread says",
        "
        select 'ticket ' || ticket.id
        from tickets_ticket as ticket
        cross join lateral (
            select array_agg(from_status order by id) as left_behind, array_agg(to_status order by id) as reached
            from tickets_comment
            where ticket_id = ticket.id and kind = 'status'
        ) as thread
        where array['open'::varchar] || reached <> left_behind || ticket.status",
    ),
    ("it has no answer", "select 'a key for ' || path || ' of ' || user_id from idempotency_key where answer is null"),
    (
        "it did not begin with one sign-in",
        "
        select 'session ' || session.id
        from auth_session as session
        left join audit_event on resource = 'session' and action = 'login' and object_id = session.id
        where user_agent <> ''
        group by session.id
        having count(audit_event.id) <> 1",
    ),
    (
        "it began nothing",
        "
        select 'sign-in ' || id
        from audit_event
        where action = 'login' and not exists (select from auth_session where auth_session.id = object_id)",
    ),
];

/// Every row that a client made, and what does not agree with itself, as of one moment.
pub async fn snapshot(db: &mut PgConnection) -> Result<(Vec<Found>, Vec<String>), Error> {
    let mut moment = db.begin().await?;
    sqlx::raw_sql("set transaction isolation level repeatable read, read only").execute(&mut *moment).await?;
    let rows: Vec<serde_json::Value> = sqlx::query_scalar(ROWS).fetch_all(&mut *moment).await?;
    let rows = rows.into_iter().map(serde_json::from_value).collect::<Result<_, _>>()?;
    let mut wrong = Vec::new();
    for (what, rule) in RULES {
        let found: Vec<String> = sqlx::query_scalar(rule).fetch_all(&mut *moment).await?;
        wrong.extend(found.into_iter().map(|found| format!("{found}: {what}")));
    }
    for call in COUNTS.split("\ncall keep_row_counts('").skip(1) {
        let (Some((counter, rest)), Some(figures)) = (call.split_once("', '"), call.split("$$").nth(1)) else {
            return Err("the migration that counts rows reads differently".into());
        };
        let table = rest.split('\'').next().unwrap_or_default();
        let differing = format!(
            "
            select '{counter} of ' || owner || ', ' || facet || ', ' || day || ': kept '
                || coalesce(kept.n, 0) || ', counted ' || coalesce(counted.n, 0)
            from (
                select owner, facet::text, day, count(*) as n
                from {table} as r, lateral ({figures}) as figure (owner, facet, day)
                group by 1, 2, 3
            ) as counted
            full join (
                select owner, facet, day, sum(n) as n
                from row_count
                where counter = '{counter}'
                group by 1, 2, 3
                having sum(n) <> 0
            ) as kept using (owner, facet, day)
            where counted.n is distinct from kept.n"
        );
        wrong.extend(sqlx::query_scalar::<_, String>(AssertSqlSafe(differing)).fetch_all(&mut *moment).await?);
    }
    moment.commit().await?;
    Ok((rows, wrong))
}

/// The ids of what somebody is to find in their lists: their tickets, and their messages that they did not hide.
pub async fn select_lists(db: &mut PgConnection, user: i64) -> sqlx::Result<(Vec<i64>, Vec<i64>)> {
    let tickets = sqlx::query_scalar("select id from tickets_ticket where user_id = $1 order by id");
    let tickets = tickets.bind(user).fetch_all(&mut *db).await?;
    let messages = "select id from messages_box where owner_id = $1 and not hidden order by id";
    Ok((tickets, sqlx::query_scalar(messages).bind(user).fetch_all(db).await?))
}

/// The first accounts are administrators'; a form, and hotels to be counted up. Answers the form's id and the hotels'.
pub async fn prepare(db: &mut PgConnection, admins: i64, counters: i32) -> sqlx::Result<(i64, Vec<i64>)> {
    // Mail about tickets is counted by reader: administrators get none about other people's.
    sqlx::query("update users_customuser set is_admin = true, ticket_mail = false where id <= $1")
        .bind(admins)
        .execute(&mut *db)
        .await?;
    let fields = r#"[{"name": "marker", "label": "Marque", "type": "text", "required": true}]"#;
    let form = sqlx::query_scalar("insert into forms_form (title, fields) values ('Avis', $1::jsonb) returning id");
    let form = form.bind(fields).fetch_one(&mut *db).await?;
    let hotels = "
        insert into hotels_hotel (name, city, price_per_night)
        select 'n' || n || ' Compteur', 'Dakar', 1 from generate_series(1, $1) as n
        returning id";
    let hotels = sqlx::query_scalar(hotels).bind(counters).fetch_all(db).await?;
    Ok((form, hotels))
}

/// Keeps everybody else from a table until the transaction ends.
pub async fn lock(db: &mut PgConnection, table: &str) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(format!("lock table {table} in access exclusive mode"))).execute(db).await?;
    Ok(())
}

/// Cuts some of the application's connections: about so many percent.
pub async fn cut(db: &mut PgConnection, percent: i32) -> sqlx::Result<()> {
    let cut = "
        select count(pg_terminate_backend(pid)) from pg_stat_activity
        where usename = 'red_app' and random() * 100 < $1";
    sqlx::query_scalar::<_, i64>(cut).bind(percent).fetch_one(db).await?;
    Ok(())
}

/// The process of one of the application's connections.
pub async fn select_backend(db: &mut PgConnection) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar("select pid from pg_stat_activity where usename = 'red_app' limit 1").fetch_optional(db).await
}
