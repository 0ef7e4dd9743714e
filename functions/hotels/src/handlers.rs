//! One function per route.

use axum::{Json, extract::State};
use shared::{
    audit::{self, Action, Event},
    auth::CurrentUser,
    db::Db,
    error::{ApiError, OnConstraint, OrNotFound, Refusal},
    extract::{Created, Draft, Id, IfMatch, NoContent, Partial, Row, Whole, valid_or_refused},
    idempotency::Idempotency,
    lambda::Call,
    list::{List, Page},
};

use crate::{
    Hotels,
    image::Upload,
    model::{Hotel, HotelChanges, HotelFilter, MORE_ROOMS_FREE_THAN_THERE_ARE},
    queries,
};

pub(crate) async fn list_hotels(
    State(Hotels { db, images }): State<Hotels>,
    user: CurrentUser,
    list: List<HotelFilter>,
) -> Result<Json<Page<Hotel>>, ApiError> {
    let mut conn = db.acquire().await?;
    let page = queries::select_hotels(&mut conn, &list, user.is_admin, images.base_url()).await?;
    Ok(Json(page))
}

pub(crate) async fn list_cities(State(db): State<Db>, user: CurrentUser) -> Result<Json<Vec<String>>, ApiError> {
    let mut conn = db.acquire().await?;
    let cities = queries::select_cities(&mut conn, user.is_admin).await?;
    Ok(Json(cities))
}

pub(crate) async fn find_hotel(
    State(Hotels { db, images }): State<Hotels>,
    user: CurrentUser,
    Id(id): Id,
) -> Result<Row<Hotel>, ApiError> {
    let mut conn = db.acquire().await?;
    let hotel = queries::select_hotel(&mut conn, id, user.is_admin, images.base_url()).await?.or_not_found()?;
    Ok(Row(hotel))
}

pub(crate) async fn create_hotel(
    State(Hotels { db, images }): State<Hotels>,
    call: Call,
    admin: CurrentUser,
    idempotency: Idempotency,
    Whole(hotel): Whole<HotelChanges>,
) -> Result<Created<Hotel>, ApiError> {
    let image_key = images.put(hotel.image.as_ref()).await?;
    let created = async {
        let mut conn = db.acquire().await?;
        let mut tx = conn.begin().await?;
        if let Some(first_answer) = idempotency.replay(&mut tx).await? {
            return Ok(first_answer);
        }
        let created = queries::insert_hotel(&mut tx, &hotel, image_key.as_deref(), admin.id, images.base_url())
            .await
            .on_constraint("hotels_rooms_check", more_rooms_free_than_there_are)?
            .ok_or(ApiError::Forbidden)?;
        let event = Event::new(&call, Some(admin.id), Action::Create, "hotel", Some(created.id));
        audit::record(&mut tx, &event.with_changes(None, Some(&created))).await?;
        idempotency.commit(tx, created).await
    }
    .await;
    let superseded = match &created {
        Ok(Created::New(_)) => None,
        Ok(Created::Again { .. }) => image_key,
        Err(error) => image_key.filter(|_| is_certain(error)),
    };
    images.remove(superseded).await;
    created
}

pub(crate) async fn replace_hotel(
    State(hotels): State<Hotels>,
    call: Call,
    admin: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
    hotel: Draft<Whole<HotelChanges>>,
) -> Result<Row<Hotel>, ApiError> {
    let changes = hotel.read(stored(&hotels, id), refusal(&hotels.db, id, admin)).await?;
    change(&hotels, &call, admin, id, &if_match, &changes).await
}

pub(crate) async fn update_hotel(
    State(hotels): State<Hotels>,
    call: Call,
    admin: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
    changes: Draft<Partial<HotelChanges>>,
) -> Result<Row<Hotel>, ApiError> {
    let changes = changes.read(stored(&hotels, id), refusal(&hotels.db, id, admin)).await?;
    change(&hotels, &call, admin, id, &if_match, &changes).await
}

pub(crate) async fn replace_image(
    State(hotels): State<Hotels>,
    call: Call,
    admin: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
    upload: Result<Upload, ApiError>,
) -> Result<Row<Hotel>, ApiError> {
    let Upload(image) = valid_or_refused(upload, refusal(&hotels.db, id, admin)).await?;
    let changes = HotelChanges { image: Some(image), ..HotelChanges::default() };
    change(&hotels, &call, admin, id, &if_match, &changes).await
}

pub(crate) async fn delete_image(
    State(Hotels { db, images }): State<Hotels>,
    call: Call,
    admin: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
) -> Result<NoContent, ApiError> {
    let mut conn = db.acquire().await?;
    let mut tx = conn.begin().await?;
    let before = queries::lock_hotel(&mut tx, id, images.base_url()).await?;
    let before = before.filter(|hotel| hotel.image_key.is_some()).or_not_found()?;
    if !queries::clear_image(&mut tx, id, if_match.versions(), admin.id).await? {
        return Err(queries::select_refusal(&mut tx, id, admin.id).await?.or(ApiError::PreconditionFailed));
    }
    let after = Hotel { image_url: None, ..before.clone() };
    let event = Event::new(&call, Some(admin.id), Action::Update, "hotel", Some(id));
    audit::record(&mut tx, &event.with_changes(Some(&before), Some(&after))).await?;
    tx.commit().await?;
    images.remove(before.image_key).await;
    Ok(NoContent)
}

pub(crate) async fn delete_hotel(
    State(Hotels { db, images }): State<Hotels>,
    call: Call,
    admin: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
) -> Result<NoContent, ApiError> {
    let mut conn = db.acquire().await?;
    let mut tx = conn.begin().await?;
    let deleted = queries::delete_hotel(&mut tx, id, if_match.versions(), admin.id, images.base_url()).await?;
    let Some(deleted) = deleted else {
        return Err(queries::select_refusal(&mut tx, id, admin.id).await?.or(ApiError::PreconditionFailed));
    };
    let event = Event::new(&call, Some(admin.id), Action::Delete, "hotel", Some(id));
    audit::record(&mut tx, &event.with_changes(Some(&deleted), None)).await?;
    tx.commit().await?;
    images.remove(deleted.image_key).await;
    Ok(NoContent)
}

/// A new photo is stored first, and the old one removed last: whatever happens in between, the row's photo is there.
async fn change(
    Hotels { db, images }: &Hotels,
    call: &Call,
    admin: CurrentUser,
    id: i64,
    if_match: &IfMatch,
    changes: &HotelChanges,
) -> Result<Row<Hotel>, ApiError> {
    let new_image = images.put(changes.image.as_ref()).await?;
    let written = async {
        let mut conn = db.acquire().await?;
        let mut tx = conn.begin().await?;
        let before = queries::lock_hotel(&mut tx, id, images.base_url()).await?;
        let (versions, image) = (if_match.versions(), new_image.as_deref());
        let after = queries::update_hotel(&mut tx, id, changes, image, versions, admin.id, images.base_url())
            .await
            .on_constraint("hotels_rooms_check", more_rooms_free_than_there_are)?;
        let Some(after) = after else {
            return Err(queries::select_refusal(&mut tx, id, admin.id).await?.or(ApiError::PreconditionFailed));
        };
        after.check(changes)?;
        let event = Event::new(call, Some(admin.id), Action::Update, "hotel", Some(id));
        audit::record(&mut tx, &event.with_changes(before.as_ref(), Some(&after))).await?;
        tx.commit().await?;
        Ok((before, after))
    }
    .await;
    let (superseded, answer) = match written {
        Ok((before, after)) => {
            let old_image = before.and_then(|hotel| hotel.image_key);
            (old_image.filter(|_| new_image.is_some()), Ok(Row(after)))
        }
        Err(error) => (new_image.filter(|_| is_certain(&error)), Err(error)),
    };
    images.remove(superseded).await;
    answer
}

/// Whether a failed write left nothing behind. Where the database's answer was lost it may have committed, and the row
/// may name the new photo.
fn is_certain(error: &ApiError) -> bool {
    error.status().is_client_error()
}

async fn stored(Hotels { db, images }: &Hotels, id: i64) -> Result<Option<Hotel>, ApiError> {
    Ok(queries::select_hotel(&mut db.acquire().await?, id, true, images.base_url()).await?)
}

async fn refusal(db: &Db, id: i64, admin: CurrentUser) -> sqlx::Result<Refusal> {
    queries::select_refusal(&mut db.acquire().await?, id, admin.id).await
}

fn more_rooms_free_than_there_are() -> ApiError {
    ApiError::invalid_body(MORE_ROOMS_FREE_THAN_THERE_ARE)
}
