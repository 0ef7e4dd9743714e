//! One function per route.

use axum::{Json, extract::State};
use shared::{
    audit::{self, Action, Event},
    auth::CurrentUser,
    db::{Conn, Db},
    error::{ApiError, OnConstraint, OrNotFound},
    extract::{Created, Id, IfMatch, NoContent, Partial, Row, Whole, valid_or_refused},
    idempotency::Idempotency,
    lambda::Call,
    list::{List, Page},
};

use crate::{
    model::{Hotel, HotelChanges, HotelFilter, MORE_ROOMS_FREE_THAN_THERE_ARE},
    queries,
};

pub(crate) async fn list_hotels(
    State(db): State<Db>,
    user: CurrentUser,
    list: List<HotelFilter>,
) -> Result<Json<Page<Hotel>>, ApiError> {
    let mut conn = db.acquire().await?;
    let page = queries::select_hotels(&mut conn, &list, user.is_admin).await?;
    Ok(Json(page))
}

pub(crate) async fn list_cities(State(db): State<Db>, user: CurrentUser) -> Result<Json<Vec<String>>, ApiError> {
    let mut conn = db.acquire().await?;
    let cities = queries::select_cities(&mut conn, user.is_admin).await?;
    Ok(Json(cities))
}

pub(crate) async fn find_hotel(State(db): State<Db>, user: CurrentUser, Id(id): Id) -> Result<Row<Hotel>, ApiError> {
    let mut conn = db.acquire().await?;
    let hotel = queries::select_hotel(&mut conn, id, user.is_admin).await?.or_not_found()?;
    Ok(Row(hotel))
}

pub(crate) async fn create_hotel(
    State(db): State<Db>,
    call: Call,
    admin: CurrentUser,
    idempotency: Idempotency,
    Whole(hotel): Whole<HotelChanges>,
) -> Result<Created<Hotel>, ApiError> {
    let mut conn = db.acquire().await?;
    let mut tx = conn.begin().await?;
    if let Some(first_answer) = idempotency.replay(&mut tx).await? {
        return Ok(first_answer);
    }
    let created = queries::insert_hotel(&mut tx, &hotel, admin.id)
        .await
        .on_constraint("hotels_rooms_check", more_rooms_free_than_there_are)?
        .ok_or(ApiError::Forbidden)?;
    let event = Event::new(&call, Some(admin.id), Action::Create, "hotel", Some(created.id));
    audit::record(&mut tx, &event.with_changes(None, Some(&created))).await?;
    idempotency.commit(tx, created).await
}

pub(crate) async fn replace_hotel(
    State(db): State<Db>,
    call: Call,
    admin: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
    hotel: Result<Whole<HotelChanges>, ApiError>,
) -> Result<Row<Hotel>, ApiError> {
    let mut conn = db.acquire().await?;
    let Whole(changes) = valid_or_refused(hotel, queries::select_refusal(&mut conn, id, admin.id)).await?;
    change(&mut conn, &call, admin, id, &if_match, &changes).await
}

pub(crate) async fn update_hotel(
    State(db): State<Db>,
    call: Call,
    admin: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
    changes: Result<Partial<HotelChanges>, ApiError>,
) -> Result<Row<Hotel>, ApiError> {
    let mut conn = db.acquire().await?;
    let Partial(changes) = valid_or_refused(changes, queries::select_refusal(&mut conn, id, admin.id)).await?;
    change(&mut conn, &call, admin, id, &if_match, &changes).await
}

pub(crate) async fn delete_hotel(
    State(db): State<Db>,
    call: Call,
    admin: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
) -> Result<NoContent, ApiError> {
    let mut conn = db.acquire().await?;
    let mut tx = conn.begin().await?;
    let Some(deleted) = queries::delete_hotel(&mut tx, id, if_match.versions(), admin.id).await? else {
        return Err(queries::select_refusal(&mut tx, id, admin.id).await?.or(ApiError::PreconditionFailed));
    };
    let event = Event::new(&call, Some(admin.id), Action::Delete, "hotel", Some(id));
    audit::record(&mut tx, &event.with_changes(Some(&deleted), None)).await?;
    tx.commit().await?;
    Ok(NoContent)
}

async fn change(
    conn: &mut Conn,
    call: &Call,
    admin: CurrentUser,
    id: i64,
    if_match: &IfMatch,
    changes: &HotelChanges,
) -> Result<Row<Hotel>, ApiError> {
    let mut tx = conn.begin().await?;
    let before = queries::lock_hotel(&mut tx, id).await?;
    let after = queries::update_hotel(&mut tx, id, changes, if_match.versions(), admin.id)
        .await
        .on_constraint("hotels_rooms_check", more_rooms_free_than_there_are)?;
    let Some(after) = after else {
        return Err(queries::select_refusal(&mut tx, id, admin.id).await?.or(ApiError::PreconditionFailed));
    };
    let event = Event::new(call, Some(admin.id), Action::Update, "hotel", Some(id));
    audit::record(&mut tx, &event.with_changes(before.as_ref(), Some(&after))).await?;
    tx.commit().await?;
    Ok(Row(after))
}

fn more_rooms_free_than_there_are() -> ApiError {
    ApiError::invalid_body(MORE_ROOMS_FREE_THAN_THERE_ARE)
}
