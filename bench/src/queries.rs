//! One function per statement: what is measured has to exist first. Not checked at compile time, since nothing that is
//! deployed depends on it.

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::db::Conn;
use sqlx::{AssertSqlSafe, PgConnection};

/// Hotels 1 to `count`, one in fifty of them not active, in a hundred cities.
pub async fn insert_hotels(db: &mut PgConnection, count: u32) -> sqlx::Result<()> {
    sqlx::query(
        "
        insert into hotels_hotel (
            name, description, city, address, phone, email, price_per_night, rating, rooms_count, available_rooms,
            is_active, created_at
        )
        select
            'Hôtel ' || n, repeat('Une description de cet hôtel. ', 5), 'Ville ' || n % 100, n || ' avenue de la Paix',
            '+221 33 800 00 00', 'hotel' || n || '@example.sn', 20000 + n % 500 * 100, n % 51 / 10.0, 100, n % 100,
            n % 50 <> 0, now() - make_interval(mins => n)
        from generate_series(1, $1::integer) as n
        ",
    )
    .bind(i32::try_from(count).unwrap_or(i32::MAX))
    .execute(db)
    .await?;
    Ok(())
}

/// Those of a name.
pub async fn delete_hotels(db: &mut PgConnection, name: &str) -> sqlx::Result<()> {
    sqlx::query("delete from hotels_hotel where name = $1").bind(name).execute(db).await?;
    Ok(())
}

/// Mails that wait, and that were sent before, and no others.
pub async fn replace_emails(db: &mut PgConnection, waiting: u32, sent: u32) -> sqlx::Result<()> {
    sqlx::raw_sql("truncate emails_email").execute(&mut *db).await?;
    sqlx::query(
        "
        insert into emails_email (
            recipient, subject, body, status, is_sent, sent_at, created_at, next_attempt_at
        )
        select
            'reader' || n || '@example.sn', 'Objet', repeat('Bonjour. ', 30), 'sent', true, now(),
            now() - make_interval(secs => n), now() - make_interval(secs => n)
        from generate_series(1, $1::integer) as n
        ",
    )
    .bind(i32::try_from(sent).unwrap_or(i32::MAX))
    .execute(&mut *db)
    .await?;
    sqlx::query(
        "
        insert into emails_email (recipient, subject, body)
        select 'reader' || n || '@example.sn', 'Objet', repeat('Bonjour. ', 30)
        from generate_series(1, $1::integer) as n
        ",
    )
    .bind(i32::try_from(waiting).unwrap_or(i32::MAX))
    .execute(&mut *db)
    .await?;
    sqlx::raw_sql("vacuum (analyze) emails_email").execute(&mut *db).await?;
    // Or PostgreSQL still writes out what it was just given while it is measured.
    sqlx::raw_sql("checkpoint").execute(db).await?;
    Ok(())
}

/// The claim that this connection has just made, once more: what PostgreSQL does for it.
pub async fn explain_claim(db: &mut Conn) -> sqlx::Result<Value> {
    let name = "select name from pg_prepared_statements where statement like '%with urgent as%'";
    let name: String = sqlx::query_scalar(name).fetch_one(&mut *db).await?;
    let explain = format!("explain (analyze, buffers, format json) execute {name}(64, 60, 3, true)");
    sqlx::query_scalar(AssertSqlSafe(explain)).fetch_one(db).await
}

/// Has PostgreSQL remember when transactions commit, from its next start on.
pub async fn track_commits(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql("alter system set track_commit_timestamp = on").execute(db).await?;
    Ok(())
}

/// Who asked for a reset link, and when that was committed.
pub async fn select_commits_of_resets(db: &mut PgConnection) -> sqlx::Result<Vec<(String, DateTime<Utc>)>> {
    let select = "
        select email, pg_xact_commit_timestamp(reset.xmin)
        from auth_password_reset as reset join users_customuser on users_customuser.id = user_id
    ";
    sqlx::query_as(select).fetch_all(db).await
}

/// Accounts `user1@example.sn` to `user<count>@example.sn` with the same password, the first one an administrator's,
/// each with a session of the same number.
pub async fn insert_accounts(db: &mut PgConnection, count: u32, password_hash: &str) -> sqlx::Result<()> {
    sqlx::query(
        "
        with accounts as (
            insert into users_customuser (id, email, email_key, password, first_name, last_name, is_admin)
            select n, 'user' || n || '@example.sn', 'user' || n || '@example.sn', $2, 'Awa', 'Diop', n = 1
            from generate_series(1, $1::integer) as n
            returning id
        )
        insert into auth_session (id, user_id, expires_at)
        select id, id, now() + interval '7 days'
        from accounts
        ",
    )
    .bind(i32::try_from(count).unwrap_or(i32::MAX))
    .bind(password_hash)
    .execute(&mut *db)
    .await?;
    // Others may follow.
    let next = "select setval(pg_get_serial_sequence('users_customuser', 'id'), max(id)) from users_customuser";
    sqlx::query(next).execute(db).await?;
    Ok(())
}

/// Statistics and visibility, as they are in a database that has been there for a while.
pub async fn vacuum(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql("vacuum analyze").execute(db).await?;
    Ok(())
}

/// Has the server write down what the application asks on connections that begin from now on. Only the superuser may.
pub async fn log_statements(db: &mut PgConnection, all: bool) -> sqlx::Result<()> {
    let set =
        if all { "alter role red_app set log_statement = 'all'" } else { "alter role red_app reset log_statement" };
    sqlx::raw_sql(set).execute(db).await?;
    Ok(())
}

/// Ends every connection of the application, and says how many there were. Only the superuser may.
pub async fn cut_connections(db: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "select count(*) from (select pg_terminate_backend(pid) from pg_stat_activity where usename = 'red_app') as cut",
    )
    .fetch_one(db)
    .await
}

/// How many connections the application has.
pub async fn count_connections(db: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar("select count(*) from pg_stat_activity where usename = 'red_app'").fetch_one(db).await
}

/// How many of the application's connections wait for a lock.
pub async fn count_waiting(db: &mut PgConnection) -> sqlx::Result<i64> {
    let select = "select count(*) from pg_stat_activity where usename = 'red_app' and wait_event_type = 'Lock'";
    sqlx::query_scalar(select).fetch_one(db).await
}

/// Keeps everybody else from the hotels until the transaction ends.
pub async fn lock_hotels(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql("lock table hotels_hotel in access exclusive mode").execute(db).await?;
    Ok(())
}

/// How many hotels there are.
pub async fn count_hotels(db: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar("select count(*) from hotels_hotel").fetch_one(db).await
}

/// Ends the application's connections that begin from now on once they have been idle for so long. Only the superuser
/// may set it for another role.
pub async fn limit_idleness(db: &mut PgConnection, milliseconds: u32) -> sqlx::Result<()> {
    let set = format!("alter role red_app set idle_session_timeout = {milliseconds}");
    sqlx::raw_sql(AssertSqlSafe(set)).execute(db).await?;
    Ok(())
}

/// Which of these hotels there are.
pub async fn select_existing_hotels(db: &mut PgConnection, ids: &[i64]) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar("select id from hotels_hotel where id = any($1) order by id").bind(ids).fetch_all(db).await
}

/// Writes out what there is to write, so that nothing of it is left for what is measured next.
pub async fn checkpoint(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql("checkpoint").execute(db).await?;
    Ok(())
}

/// From the next start on.
pub async fn enlarge_buffers(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql("alter system set shared_buffers = '1GB'").execute(db).await?;
    Ok(())
}

/// The account with the most messages.
pub async fn select_busiest_reader(db: &mut PgConnection) -> sqlx::Result<i64> {
    let select = "select recipient_id from messages_message group by recipient_id order by count(*) desc, 1 limit 1";
    sqlx::query_scalar(select).fetch_one(db).await
}

/// The form that was made last.
pub async fn select_newest_form(db: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar("select max(id) from forms_form").fetch_one(db).await
}

/// Entries of one form, all with the same answers to its first fields.
pub async fn insert_entries(db: &mut PgConnection, form: i64, count: u32) -> sqlx::Result<()> {
    let insert = "
        insert into entries_entry (form_id, data)
        select id, (select jsonb_object_agg(field ->> 'name', 'Réponse, ' || n) from jsonb_array_elements(fields) as field)
        from forms_form, generate_series(1, $2::integer) as n
        where id = $1
    ";
    sqlx::query(insert).bind(form).bind(i32::try_from(count).unwrap_or(i32::MAX)).execute(db).await?;
    Ok(())
}

/// What PostgreSQL did for a statement: plan and times.
pub async fn explain(db: &mut PgConnection, statement: &str) -> sqlx::Result<Value> {
    let explain = format!("explain (analyze, format json) {statement}");
    let explained: Value = sqlx::query_scalar(AssertSqlSafe(explain)).fetch_one(db).await?;
    Ok(explained[0].clone())
}
