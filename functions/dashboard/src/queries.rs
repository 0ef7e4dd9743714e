//! One function per statement. Here alone rows of different resources are counted together.

use shared::{
    auth::CurrentUser,
    cut,
    db::Conn,
    error::ApiError,
    list::{Counted, List, Page},
};
use sqlx::types::Json;

use crate::model::{City, Day, Email, Event, EventFilter, Figure, Figures, Hotel, Message, NewHotel, Ticket};

/// No rows are counted here: how many there are is summed up while they are written, and the rest is at the end of an
/// index.
///
/// Where administrators and users see different rows there are two branches instead of one condition: only then each has
/// its own index, whichever plan is kept.
pub(crate) async fn select_figures(db: &mut Conn, user: CurrentUser, image_base: &str) -> sqlx::Result<Figures> {
    sqlx::query_as!(
        Figures,
        r#"
        with today as (
            select (now() at time zone 'UTC')::date as today
        ),
        figure as materialized (
            select counter, facet, day, n
            from (
                values
                    ('hotels', -1::bigint, true),
                    ('forms', -1, true),
                    ('tickets', case when $2 then -1 else $1::bigint end, true),
                    ('messages', $1, true),
                    ('users', -1, $2::boolean),
                    ('emails', -1, $2),
                    ('entries', -1, $2)
            ) as wanted (counter, owner, allowed)
            cross join lateral (
                select facet, day, sum(n) as n
                from row_count
                where row_count.counter = wanted.counter and row_count.owner = wanted.owner
                group by facet, day
            ) as line
            where allowed
        ),
        day as (
            select
                today - ago as date,
                coalesce(sum(n) filter (where counter = 'tickets'), 0) as tickets,
                coalesce(sum(n) filter (where counter = 'messages'), 0) as messages,
                case when $2 then coalesce(sum(n) filter (where counter = 'entries'), 0) end as entries,
                case when $2 then coalesce(sum(n) filter (where counter = 'emails'), 0) end as emails
            from today
            cross join generate_series(0, 29) as ago
            left join figure on figure.day = today - ago
            group by date
        ),
        largest_city as (
            select
                (
                    select city
                    from hotels_hotel
                    where city_key = facet and ($2 or is_active)
                    order by created_at, id
                    limit 1
                ) as city,
                count
            from (
                select facet, sum(n) as count
                from row_count
                where counter = 'cities' and owner between case when $2 then 0 else 1 end and 1
                group by facet
                having sum(n) > 0
                order by count desc, facet
                limit 20
            ) as folded
        ),
        ticket as (
            select
                id, left(title, 10001) as title, left(description, 10001) as description, status, priority,
                user_id as "user", created_at, updated_at,
                (
                    select display_name(first_name, last_name, email)
                    from users_customuser as person
                    where person.id = user_id
                ) as user_name
            from (
                (
                    select *
                    from tickets_ticket
                    where $2
                    order by created_at desc, id desc
                    limit 5
                )
                union all
                (
                    select *
                    from tickets_ticket
                    where not $2 and user_id = $1
                    order by created_at desc, id desc
                    limit 5
                )
            ) as recent
        ),
        message as (
            select
                recent.id, to_jsonb(sender) as sender, to_jsonb(recipient) as recipient, sender_id, recipient_id,
                left(content, 10001) as content, is_read, read_at, created_at, updated_at
            from (
                (
                    select *
                    from messages_message
                    where recipient_id = $1 and not hidden_for_recipient and sender_id <> recipient_id
                    order by created_at desc, id desc
                    limit 5
                )
                union all
                (
                    select *
                    from messages_message
                    where sender_id = $1 and not hidden_for_sender
                    order by created_at desc, id desc
                    limit 5
                )
                order by created_at desc, id desc
                limit 5
            ) as recent
            cross join lateral (
                select id, email, first_name, last_name
                from users_customuser
                where users_customuser.id = sender_id
            ) as sender
            cross join lateral (
                select id, email, first_name, last_name
                from users_customuser
                where users_customuser.id = recipient_id
            ) as recipient
        ),
        email as (
            select
                id, recipient, subject, is_sent, status, attempts, last_error, message_id, scheduled_at, created_at,
                sent_at, updated_at
            from emails_email
            where $2
            order by created_at desc, id desc
            limit 5
        ),
        new_hotel as (
            select id, name, created_at
            from hotels_hotel
            where $2 or is_active
            order by created_at desc, id desc
            limit 5
        ),
        hotel as (
            select
                id, name, city, price_per_night::text, currency, rating, rooms_count, available_rooms, is_active,
                $3::text || image_key as image_url, $3::text || image_key as image, created_at, updated_at
            from hotels_hotel
            where is_active
            order by rating desc, id desc
            limit 5
        )
        select
            (
                select coalesce(jsonb_agg(to_jsonb(total)), '[]')
                from (select counter, facet, sum(n) as n from figure group by counter, facet) as total
            ) as "counts!: Json<Vec<Figure>>",
            (
                select coalesce(jsonb_agg(to_jsonb(largest_city) order by count desc, city), '[]')
                from largest_city
            ) as "hotels_by_city!: Json<Vec<City>>",
            (select jsonb_agg(to_jsonb(day) order by date) from day) as "activity!: Json<Vec<Day>>",
            (
                select coalesce(jsonb_agg(to_jsonb(ticket) order by created_at desc, id desc), '[]')
                from ticket
            ) as "recent_tickets!: Json<Vec<Ticket>>",
            (
                select coalesce(jsonb_agg(to_jsonb(message) order by created_at desc, id desc), '[]')
                from message
            ) as "recent_messages!: Json<Vec<Message>>",
            (
                select coalesce(jsonb_agg(to_jsonb(email) order by created_at desc, id desc), '[]')
                from email
            ) as "recent_emails!: Json<Vec<Email>>",
            (
                select coalesce(jsonb_agg(to_jsonb(new_hotel) order by created_at desc, id desc), '[]')
                from new_hotel
            ) as "recent_hotels!: Json<Vec<NewHotel>>",
            (
                select coalesce(jsonb_agg(to_jsonb(hotel) order by rating desc, id desc), '[]')
                from hotel
            ) as "popular_hotels!: Json<Vec<Hotel>>"
        "#,
        user.id,
        user.is_admin,
        image_base,
    )
    .fetch_one(db)
    .await
}

pub(crate) async fn select_events(db: &mut Conn, list: &List<EventFilter>) -> Result<Page<Event>, ApiError> {
    let filter = &list.filter;
    list.select_counted(
        db,
        "audit_event",
        counted(filter),
        |sql| {
            sql.push("id, actor, actor_email, action, resource, object_id, host(ip) as ip, created_at, ");
            sql.push(format_args!(
                "case when {} then jsonb_build_object('…', jsonb_build_array(null, left(changes::text, 1001))) else changes end
                as changes",
                cut::too_large("changes", 200_000),
            ));
        },
        |sql| {
            if let Some(actor) = filter.actor {
                sql.push(" and actor = ").push_bind(actor);
            }
            if let Some(action) = &filter.action {
                sql.push(" and action = ").push_bind(action.clone());
            }
            if let Some(resource) = &filter.resource {
                sql.push(" and resource = ").push_bind(resource.clone());
            }
            if let Some(object_id) = filter.object_id {
                sql.push(" and object_id = ").push_bind(object_id);
            }
            if let Some(since) = filter.created_since {
                sql.push(" and created_at >= ").push_bind(since);
            }
            if let Some(until) = filter.created_until {
                sql.push(" and created_at < ").push_bind(until);
            }
        },
    )
    .await
}

/// Where nothing but an action is asked for.
fn counted(filter: &EventFilter) -> Option<Counted> {
    let EventFilter { action, actor: None, resource: None, object_id: None, created_since: None, created_until: None } =
        filter
    else {
        return None;
    };
    Some(match action {
        Some(action) => Counted::facets("audit", Counted::EVERYBODY, [action]),
        None => Counted::all("audit", Counted::EVERYBODY),
    })
}

/// Fails where the schema is not there, or not for the application's role.
pub(crate) async fn touch_schema(db: &mut Conn) -> sqlx::Result<()> {
    sqlx::query!("select from users_customuser limit 0").execute(db).await?;
    Ok(())
}
