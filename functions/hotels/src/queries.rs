//! One function per statement.
//!
//! A write that needs an administrator asks for the role inside the statement: the authorizer's answer may be a minute
//! old.

use shared::{
    db::Conn,
    error::{ApiError, Refusal},
    list::{Counted, List, Page},
};

use sqlx::{Postgres, QueryBuilder};

use crate::model::{Hotel, HotelChanges, HotelFilter};

const COLUMNS: &str = "id, name, left(description, 10001) as description, city, address, phone, email, price_per_night, currency, rating, \
    rooms_count, available_rooms, is_active, image_key, created_at, updated_at, version, ";

pub(crate) async fn select_hotels(
    db: &mut Conn,
    list: &List<HotelFilter>,
    inactive_too: bool,
    image_base: &str,
) -> Result<Page<Hotel>, ApiError> {
    let filter = &list.filter;
    let columns = |sql: &mut QueryBuilder<Postgres>| {
        sql.push(COLUMNS).push_bind(image_base.to_owned()).push(" || image_key as image_url");
    };
    let conditions = |sql: &mut QueryBuilder<Postgres>| {
        if !inactive_too {
            sql.push(" and is_active");
        }
        if let Some(city) = &filter.city {
            sql.push(" and city_key = fold(").push_bind(city.clone()).push(")");
        }
        if let Some(is_active) = filter.is_active {
            sql.push(" and is_active = ").push_bind(is_active);
        }
        if let Some(currency) = &filter.currency {
            sql.push(" and currency = ").push_bind(currency.clone());
        }
        if let Some(price) = filter.min_price {
            sql.push(" and price_per_night >= ").push_bind(price);
        }
        if let Some(price) = filter.max_price {
            sql.push(" and price_per_night <= ").push_bind(price);
        }
        if let Some(rating) = filter.min_rating {
            sql.push(" and rating >= ").push_bind(rating);
        }
        if let Some(rooms) = filter.min_available_rooms {
            sql.push(" and available_rooms >= ").push_bind(rooms);
        }
    };
    list.select_counted(db, "hotels_hotel", counted(filter, inactive_too), columns, conditions).await
}

/// Where nothing but `is_active` is asked for.
fn counted(filter: &HotelFilter, inactive_too: bool) -> Option<Counted> {
    let HotelFilter {
        city: None,
        is_active,
        currency: None,
        min_price: None,
        max_price: None,
        min_rating: None,
        min_available_rooms: None,
    } = filter
    else {
        return None;
    };
    let facets: &[&str] = match (inactive_too, is_active) {
        (true, None) => &["active", "inactive"],
        (_, Some(true)) | (false, None) => &["active"],
        (true, Some(false)) => &["inactive"],
        (false, Some(false)) => &[],
    };
    Some(Counted::facets("hotels", Counted::EVERYBODY, facets.iter().copied()))
}

/// Each as its oldest hotel spells it. 10,000 names of 100 characters fit into an answer.
pub(crate) async fn select_cities(db: &mut Conn, inactive_too: bool) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"
        select
            (
                select city
                from hotels_hotel
                where city_key = facet and (is_active or $1)
                order by created_at, id
                limit 1
            ) as "city!"
        from row_count
        where counter = 'cities' and owner between case when $1 then 0 else 1 end and 1
        group by facet
        having sum(n) > 0
        order by facet
        limit 10000
        "#,
        inactive_too,
    )
    .fetch_all(db)
    .await
}

pub(crate) async fn select_hotel(
    db: &mut Conn,
    id: i64,
    inactive_too: bool,
    image_base: &str,
) -> sqlx::Result<Option<Hotel>> {
    sqlx::query_as!(
        Hotel,
        "
        select
            id, name, description, city, address, phone, email, price_per_night, currency, rating,
            rooms_count, available_rooms, is_active, image_key, created_at, updated_at, version,
            $3::text || image_key as image_url
        from hotels_hotel
        where id = $1 and (is_active or $2)
        ",
        id,
        inactive_too,
        image_base,
    )
    .fetch_optional(db)
    .await
}

/// The hotel as it is before a change, which nobody else can make until this transaction ends.
pub(crate) async fn lock_hotel(db: &mut Conn, id: i64, image_base: &str) -> sqlx::Result<Option<Hotel>> {
    sqlx::query_as!(
        Hotel,
        "
        select
            id, name, description, city, address, phone, email, price_per_night, currency, rating,
            rooms_count, available_rooms, is_active, image_key, created_at, updated_at, version,
            $2::text || image_key as image_url
        from hotels_hotel
        where id = $1
        for update
        ",
        id,
        image_base,
    )
    .fetch_optional(db)
    .await
}

/// `None` where the caller is no longer an administrator.
pub(crate) async fn insert_hotel(
    db: &mut Conn,
    hotel: &HotelChanges,
    image_key: Option<&str>,
    admin: i64,
    image_base: &str,
) -> sqlx::Result<Option<Hotel>> {
    sqlx::query_as!(
        Hotel,
        "
        insert into hotels_hotel (
            name, description, city, address, phone, email, price_per_night, currency, rating,
            rooms_count, available_rooms, is_active, image_key
        )
        select
            $1, coalesce($2, ''), $3, coalesce($4, ''), coalesce($5, ''), coalesce($6, ''), $7, coalesce($8, 'XOF'),
            coalesce($9::float8, 0), coalesce($10, 0), coalesce($11, 0), coalesce($12, true), $14
        where exists (select from users_customuser where id = $13 and is_admin and is_active)
        returning
            id, name, description, city, address, phone, email, price_per_night, currency, rating,
            rooms_count, available_rooms, is_active, image_key, created_at, updated_at, version,
            $15::text || image_key as image_url
        ",
        hotel.name.as_deref(),
        hotel.description.as_deref(),
        hotel.city.as_deref(),
        hotel.address.as_deref(),
        hotel.phone.as_deref(),
        hotel.email.as_deref(),
        hotel.price_per_night,
        hotel.currency.as_deref(),
        hotel.rating,
        hotel.rooms_count,
        hotel.available_rooms,
        hotel.is_active,
        admin,
        image_key,
        image_base,
    )
    .fetch_optional(db)
    .await
}

/// Writes the named columns alone, so that two changes of different fields at once both hold. `None` where there is no
/// such hotel, or not in one of these versions, or the caller is no longer an administrator: see [`select_refusal`].
pub(crate) async fn update_hotel(
    db: &mut Conn,
    id: i64,
    changes: &HotelChanges,
    image_key: Option<&str>,
    versions: Option<&[i64]>,
    admin: i64,
    image_base: &str,
) -> sqlx::Result<Option<Hotel>> {
    sqlx::query_as!(
        Hotel,
        "
        update hotels_hotel
        set name = coalesce($4, name),
            description = coalesce($5, description),
            city = coalesce($6, city),
            address = coalesce($7, address),
            phone = coalesce($8, phone),
            email = coalesce($9, email),
            price_per_night = coalesce($10, price_per_night),
            currency = coalesce($11, currency),
            rating = coalesce($12, rating),
            rooms_count = coalesce($13, rooms_count),
            available_rooms = coalesce($14, available_rooms),
            is_active = coalesce($15, is_active),
            image_key = coalesce($16, image_key)
        where id = $1
            and ($2::bigint[] is null or version = any($2))
            and exists (select from users_customuser as admin where admin.id = $3 and is_admin and admin.is_active)
        returning
            id, name, description, city, address, phone, email, price_per_night, currency, rating,
            rooms_count, available_rooms, is_active, image_key, created_at, updated_at, version,
            $17::text || image_key as image_url
        ",
        id,
        versions,
        admin,
        changes.name.as_deref(),
        changes.description.as_deref(),
        changes.city.as_deref(),
        changes.address.as_deref(),
        changes.phone.as_deref(),
        changes.email.as_deref(),
        changes.price_per_night,
        changes.currency.as_deref(),
        changes.rating,
        changes.rooms_count,
        changes.available_rooms,
        changes.is_active,
        image_key,
        image_base,
    )
    .fetch_optional(db)
    .await
}

/// The hotel that was deleted: see [`update_hotel`] for what keeps it.
pub(crate) async fn delete_hotel(
    db: &mut Conn,
    id: i64,
    versions: Option<&[i64]>,
    admin: i64,
    image_base: &str,
) -> sqlx::Result<Option<Hotel>> {
    sqlx::query_as!(
        Hotel,
        "
        delete from hotels_hotel
        where id = $1
            and ($2::bigint[] is null or version = any($2))
            and exists (select from users_customuser as admin where admin.id = $3 and is_admin and admin.is_active)
        returning
            id, name, description, city, address, phone, email, price_per_night, currency, rating,
            rooms_count, available_rooms, is_active, image_key, created_at, updated_at, version,
            $4::text || image_key as image_url
        ",
        id,
        versions,
        admin,
        image_base,
    )
    .fetch_optional(db)
    .await
}

/// The hotel without its photo: see [`update_hotel`] for what keeps it.
pub(crate) async fn clear_image(db: &mut Conn, id: i64, versions: Option<&[i64]>, admin: i64) -> sqlx::Result<bool> {
    let cleared = sqlx::query!(
        "
        update hotels_hotel
        set image_key = null
        where id = $1
            and ($2::bigint[] is null or version = any($2))
            and exists (select from users_customuser as admin where admin.id = $3 and is_admin and admin.is_active)
        ",
        id,
        versions,
        admin,
    )
    .execute(db)
    .await?;
    Ok(cleared.rows_affected() == 1)
}

/// Why a write touched no row, or may not be made at all.
pub(crate) async fn select_refusal(db: &mut Conn, id: i64, admin: i64) -> sqlx::Result<Refusal> {
    sqlx::query_as!(
        Refusal,
        r#"
        select
            exists (select from users_customuser where id = $2 and is_admin and is_active) as "is_admin!",
            exists (select from hotels_hotel where id = $1) as "exists!"
        "#,
        id,
        admin,
    )
    .fetch_one(db)
    .await
}
