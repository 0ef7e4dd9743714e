//! One function per route.

use axum::{Json, extract::State};
use shared::{
    auth::CurrentUser,
    db::{Conn, Db},
    error::{ApiError, OnConstraint, OrNotFound},
    extract::{Created, Id, IfMatch, NoContent, Partial, Row, Whole, valid_or_refused},
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
    admin: CurrentUser,
    Whole(hotel): Whole<HotelChanges>,
) -> Result<Created<Hotel>, ApiError> {
    let mut conn = db.acquire().await?;
    let created = queries::insert_hotel(&mut conn, &hotel, admin.id)
        .await
        .on_constraint("hotels_rooms_check", more_rooms_free_than_there_are)?
        .ok_or(ApiError::Forbidden)?;
    Ok(Created(created))
}

pub(crate) async fn replace_hotel(
    State(db): State<Db>,
    admin: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
    hotel: Result<Whole<HotelChanges>, ApiError>,
) -> Result<Row<Hotel>, ApiError> {
    let mut conn = db.acquire().await?;
    let Whole(changes) = valid_or_refused(hotel, queries::select_refusal(&mut conn, id, admin.id)).await?;
    change(&mut conn, admin, id, &if_match, &changes).await
}

pub(crate) async fn update_hotel(
    State(db): State<Db>,
    admin: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
    changes: Result<Partial<HotelChanges>, ApiError>,
) -> Result<Row<Hotel>, ApiError> {
    let mut conn = db.acquire().await?;
    let Partial(changes) = valid_or_refused(changes, queries::select_refusal(&mut conn, id, admin.id)).await?;
    change(&mut conn, admin, id, &if_match, &changes).await
}

pub(crate) async fn delete_hotel(
    State(db): State<Db>,
    admin: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
) -> Result<NoContent, ApiError> {
    let mut conn = db.acquire().await?;
    if queries::delete_hotel(&mut conn, id, if_match.versions(), admin.id).await? {
        return Ok(NoContent);
    }
    let refusal = queries::select_refusal(&mut conn, id, admin.id).await?;
    Err(refusal.or(ApiError::PreconditionFailed))
}

async fn change(
    conn: &mut Conn,
    admin: CurrentUser,
    id: i64,
    if_match: &IfMatch,
    changes: &HotelChanges,
) -> Result<Row<Hotel>, ApiError> {
    let changed = queries::update_hotel(conn, id, changes, if_match.versions(), admin.id)
        .await
        .on_constraint("hotels_rooms_check", more_rooms_free_than_there_are)?;
    match changed {
        Some(hotel) => Ok(Row(hotel)),
        None => Err(queries::select_refusal(conn, id, admin.id).await?.or(ApiError::PreconditionFailed)),
    }
}

fn more_rooms_free_than_there_are() -> ApiError {
    ApiError::invalid_body(MORE_ROOMS_FREE_THAN_THERE_ARE)
}
