//! One function per route.

use axum::{Json, extract::State};
use serde::Serialize;
use shared::{
    auth::CurrentUser,
    db::Db,
    error::ApiError,
    lambda::Call,
    list::{List, Page},
};
use utoipa::ToSchema;

use crate::{
    Dashboard,
    model::{Event, EventFilter, Overview, Stats},
    queries,
};

pub(crate) async fn show_dashboard(
    State(Dashboard { db, image_base }): State<Dashboard>,
    user: CurrentUser,
) -> Result<Json<Overview>, ApiError> {
    let mut conn = db.acquire().await?;
    let figures = queries::select_figures(&mut conn, user, &image_base).await?;
    Ok(Json(Overview::new(figures, user)))
}

/// The same figures under the names of the original.
pub(crate) async fn show_stats(
    State(Dashboard { db, image_base }): State<Dashboard>,
    call: Call,
    user: CurrentUser,
) -> Result<Json<Stats>, ApiError> {
    let mut conn = db.acquire().await?;
    let figures = queries::select_figures(&mut conn, user, &image_base).await?;
    Ok(Json(Stats::new(figures, user, call.language)))
}

pub(crate) async fn list_events(State(db): State<Db>, list: List<EventFilter>) -> Result<Json<Page<Event>>, ApiError> {
    let mut conn = db.acquire().await?;
    let page = queries::select_events(&mut conn, &list).await?;
    Ok(Json(page))
}

/// The state of the platform.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    status: &'static str,
}

/// 200 where a request can reach a migrated database, 503 where it cannot.
pub(crate) async fn check_health(State(db): State<Db>) -> Result<Json<Health>, ApiError> {
    let mut conn = db.acquire().await?;
    queries::touch_schema(&mut conn).await?;
    Ok(Json(Health { status: "ok" }))
}
