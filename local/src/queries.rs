//! One function per statement: what commands write without going through the API.

use sqlx::PgConnection;

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
        values (lower($1::text), lower($1::text), $2, $3, $4)
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

/// False where no account has the address.
pub(crate) async fn promote_account(db: &mut PgConnection, email: &str) -> sqlx::Result<bool> {
    let promoted = sqlx::query!(
        "
        update users_customuser
        set is_admin = true, is_active = true
        where id = (
            select id
            from users_customuser
            where email_key in ($1::text, lower($1::text))
            order by email_key = $1::text desc
            limit 1
        )
        ",
        email,
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
