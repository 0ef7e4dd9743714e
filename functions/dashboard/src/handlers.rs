//! One function per route.

use axum::{Json, extract::State};
use serde_json::{Value, json};
use shared::{db::Db, error::ApiError};

use crate::queries;

/// 200 where a request can reach a migrated database, 503 where it cannot.
pub(crate) async fn check_health(State(db): State<Db>) -> Result<Json<Value>, ApiError> {
    let mut conn = db.acquire().await?;
    queries::touch_schema(&mut conn).await?;
    Ok(Json(json!({ "status": "ok" })))
}
