//! One function per statement: what commands write without going through the API.

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::email::address;
use sqlx::{PgConnection, types::Json};

use crate::seed::rows::{Email, Entry, Form, Hotel, Message, Ticket, User};

/// A sample hotel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub name: &'static str,
    pub city: &'static str,
    pub address: &'static str,
    pub price_per_night: i64,
    pub rating: f64,
    pub rooms_count: i32,
    pub available_rooms: i32,
}

/// A user that rows can be made up about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SeededUser {
    pub id: i64,
    pub created_at: DateTime<Utc>,
}

/// A form that entries can be made up for.
#[derive(Clone, Debug)]
pub(crate) struct SeededForm {
    pub id: i64,
    pub fields: Value,
    pub created_at: DateTime<Utc>,
}

/// False where an account has the address already.
pub(crate) async fn insert_account(
    db: &mut PgConnection,
    email: &str,
    password_hash: &str,
    first_name: &str,
    is_admin: bool,
) -> sqlx::Result<bool> {
    let inserted = sqlx::query!(
        "
        insert into users_customuser (email, email_key, password, first_name, is_admin)
        values ($1, $1, $2, $3, $4)
        on conflict (email_key) do nothing
        ",
        email,
        password_hash,
        first_name,
        is_admin,
    )
    .execute(db)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Gives an account another id, as long as nothing names it.
pub(crate) async fn renumber_account(db: &mut PgConnection, email: &str, id: i64) -> sqlx::Result<()> {
    sqlx::query!("update users_customuser set id = $2 where email_key = $1", email, id).execute(db).await?;
    Ok(())
}

/// False where no account has the address.
pub(crate) async fn promote_account(db: &mut PgConnection, email: &str) -> sqlx::Result<bool> {
    let promoted = sqlx::query!(
        "
        update users_customuser
        set is_admin = true, is_active = true
        where id = (
            select id
            from users_customuser
            where email_key = any($1)
            order by array_position($1, email_key::text)
            limit 1
        )
        ",
        &address::candidates(email),
    )
    .execute(db)
    .await?;
    Ok(promoted.rows_affected() == 1)
}

/// Whether this login is a member of the application's role, or above it.
pub(crate) async fn may_act_as_application(db: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select pg_has_role(current_user, 'red_app', 'member') as "may!""#).fetch_one(db).await
}

/// Whoever migrated a database may then act as the application there.
pub(crate) async fn join_application_role(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("grant red_app to current_user").execute(db).await?;
    Ok(())
}

pub(crate) async fn is_empty(db: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select not exists (select from users_customuser) as "is_empty!""#).fetch_one(db).await
}

pub(crate) async fn insert_hotel(db: &mut PgConnection, hotel: &Sample) -> sqlx::Result<()> {
    sqlx::query!(
        "
        insert into hotels_hotel (name, city, address, price_per_night, rating, rooms_count, available_rooms)
        values ($1, $2, $3, $4::bigint, $5, $6, $7)
        ",
        hotel.name,
        hotel.city,
        hotel.address,
        hotel.price_per_night,
        hotel.rating,
        hotel.rooms_count,
        hotel.available_rooms,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub(crate) async fn insert_hotels(db: &mut PgConnection, hotels: &[Hotel]) -> sqlx::Result<()> {
    sqlx::query!(
        "
        insert into hotels_hotel (
            name, description, city, address, phone, email, price_per_night, rating, rooms_count, available_rooms,
            is_active, created_at, updated_at
        )
        select
            name, description, city, address, phone, email, price_per_night, rating, rooms_count, available_rooms,
            is_active, created_at, created_at
        from jsonb_populate_recordset(null::hotels_hotel, $1)
        ",
        Json(hotels) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Ids that nobody else will get.
pub(crate) async fn next_user_ids(db: &mut PgConnection, count: i64) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select nextval(pg_get_serial_sequence('users_customuser', 'id')) as "id!"
        from generate_series(1, $1::bigint)
        "#,
        count,
    )
    .fetch_all(db)
    .await
}

pub(crate) async fn insert_users(db: &mut PgConnection, users: &[User]) -> sqlx::Result<()> {
    sqlx::query!(
        "
        insert into users_customuser (
            id, email, email_key, password, first_name, last_name, phone, language, is_active, created_at, updated_at
        )
        select id, email, email, password, first_name, last_name, phone, language, is_active, created_at, created_at
        from jsonb_populate_recordset(null::users_customuser, $1)
        ",
        Json(users) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The newest ones, by their address.
pub(crate) async fn select_seeded_users(db: &mut PgConnection, limit: i64) -> sqlx::Result<Vec<SeededUser>> {
    sqlx::query_as!(
        SeededUser,
        "
        select id, created_at
        from users_customuser
        where email like '%.' || id || '@example.sn'
        order by id desc
        limit $1
        ",
        limit,
    )
    .fetch_all(db)
    .await
}

pub(crate) async fn insert_tickets(db: &mut PgConnection, tickets: &[Ticket]) -> sqlx::Result<()> {
    sqlx::query!(
        "
        insert into tickets_ticket (title, description, status, priority, user_id, created_at, updated_at)
        select title, description, status, priority, user_id, created_at, updated_at
        from jsonb_populate_recordset(null::tickets_ticket, $1)
        ",
        Json(tickets) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub(crate) async fn insert_messages(db: &mut PgConnection, messages: &[Message]) -> sqlx::Result<()> {
    sqlx::query!(
        "
        insert into messages_message (sender_id, recipient_id, content, is_read, read_at, created_at, updated_at)
        select sender_id, recipient_id, content, is_read, read_at, created_at, updated_at
        from jsonb_populate_recordset(null::messages_message, $1)
        ",
        Json(messages) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub(crate) async fn insert_forms(db: &mut PgConnection, forms: &[Form]) -> sqlx::Result<()> {
    sqlx::query!(
        "
        insert into forms_form (title, description, fields, is_active, created_at, updated_at)
        select title, description, fields, is_active, created_at, created_at
        from jsonb_populate_recordset(null::forms_form, $1)
        ",
        Json(forms) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The newest ones, by their fields.
pub(crate) async fn select_seeded_forms(
    db: &mut PgConnection,
    fields: &[Value],
    limit: i64,
) -> sqlx::Result<Vec<SeededForm>> {
    sqlx::query_as!(
        SeededForm,
        "
        select id, fields, created_at
        from forms_form
        where fields = any($1::jsonb[])
        order by id desc
        limit $2
        ",
        fields,
        limit,
    )
    .fetch_all(db)
    .await
}

pub(crate) async fn insert_entries(db: &mut PgConnection, entries: &[Entry]) -> sqlx::Result<()> {
    sqlx::query!(
        "
        insert into entries_entry (form_id, data, created_at, updated_at)
        select form_id, data, created_at, created_at
        from jsonb_populate_recordset(null::entries_entry, $1)
        ",
        Json(entries) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub(crate) async fn insert_emails(db: &mut PgConnection, emails: &[Email]) -> sqlx::Result<()> {
    sqlx::query!(
        "
        insert into emails_email (
            recipient, subject, body, is_sent, status, attempts, last_error, message_id, next_attempt_at, sent_at,
            created_at, updated_at
        )
        select
            recipient, subject, body, is_sent, status, attempts, last_error, message_id, created_at, sent_at,
            created_at, updated_at
        from jsonb_populate_recordset(null::emails_email, $1)
        ",
        Json(emails) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Statistics and visibility for the planner, and what the search indexes have put off: as in a database that has been
/// there for a while.
pub(crate) async fn vacuum(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql(
        "
        vacuum (analyze) hotels_hotel, users_customuser, tickets_ticket, messages_message, forms_form, entries_entry,
            emails_email
        ",
    )
    .execute(db)
    .await?;
    Ok(())
}
