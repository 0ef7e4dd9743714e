//! One function per route.

use axum::{Json, extract::State};
use serde::Serialize;
use shared::{db::Db, error::ApiError};

use utoipa::ToSchema;

use crate::queries;

/// That the platform works.
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
