//! What stands in front of the API in AWS: CloudFront. On one machine it hands out photos from a folder, as CloudFront
//! does from a bucket, and passes everything else on to the gateway.

use std::sync::Arc;

use axum_server::{
    Router,
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{StatusCode, header};
use object_store::{ObjectStore, ObjectStoreExt, local::LocalFileSystem, path};

use crate::gateway::Gateway;

/// Where photos are found, below the origin.
pub const MEDIA_PATH: &str = "/media";

/// A photo's name changes with its content, so that whoever has it may keep it.
const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// Photos from `folder`, and the API for everything else.
///
/// # Errors
/// Where the folder is not there.
pub fn router(gateway: Arc<Gateway>, folder: &std::path::Path) -> Result<Router, object_store::Error> {
    let store: Arc<dyn ObjectStore> = Arc::new(LocalFileSystem::new_with_prefix(folder)?);
    let photos = Router::new().route("/media/{*key}", get(photo)).with_state(store);
    Ok(photos.fallback_service(gateway.router()))
}

async fn photo(State(store): State<Arc<dyn ObjectStore>>, Path(key): Path<String>) -> Response {
    let media_type = match key.rsplit_once('.') {
        Some((_, "jpg")) => "image/jpeg",
        Some((_, "png")) => "image/png",
        Some((_, "webp")) => "image/webp",
        Some((_, "avif")) => "image/avif",
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    // A key is parsed, not joined to the folder: it cannot lead out of it.
    let found = match path::Path::parse(&key) {
        Ok(key) => store.get(&key).await,
        Err(_) => return StatusCode::NOT_FOUND.into_response(),
    };
    match found {
        Ok(object) => {
            let headers = [
                (header::CONTENT_TYPE, media_type),
                (header::CACHE_CONTROL, CACHE_CONTROL),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ];
            (headers, Body::from_stream(object.into_stream())).into_response()
        }
        Err(object_store::Error::NotFound { .. }) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "a photo could not be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
