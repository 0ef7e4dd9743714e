//! What stands in front of the API in AWS: CloudFront. On one machine it hands out the web application and photos from
//! folders, as CloudFront does from buckets, and large exports, as S3 does itself, and passes everything else on to the
//! gateway.

use std::{
    fs, io,
    path::{Path as FilePath, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum_server::{
    Router,
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use entries::LINK_LIFETIME;
use http::{HeaderName, StatusCode, header};
use object_store::{GetResult, ObjectStore, ObjectStoreExt, local::LocalFileSystem, path};

use crate::{gateway::Gateway, platform::Folders, site::Site};

/// Where photos are found, below the origin.
pub const MEDIA_PATH: &str = "/media";

/// A photo's name changes with its content, so that whoever has it may keep it.
const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// Photos and exports from their folders, the web application if there is to be one, and the API for everything else.
///
/// # Errors
/// Where a folder is not there.
pub fn router(gateway: Arc<Gateway>, folders: &Folders, site: Option<Site>) -> Result<Router, object_store::Error> {
    let store = |folder| LocalFileSystem::new_with_prefix(folder).map(|store| Arc::new(store) as Arc<dyn ObjectStore>);
    let photos = Router::new().route("/media/{*key}", get(photo)).with_state(store(&folders.images)?);
    let exports = Router::new().route("/exports/{*key}", get(export)).with_state(store(&folders.exports)?);
    let api = gateway.router();
    let everything_else = match site {
        Some(site) => site.before(api),
        None => api,
    };
    Ok(photos.merge(exports).fallback_service(everything_else))
}

/// Removes files from the folder of exports as soon as their links have expired, for ever. It looks every `pause`.
pub async fn remove_expired_exports(folder: PathBuf, lifetime: Duration, pause: Duration) {
    loop {
        tokio::time::sleep(pause).await;
        let folder = folder.clone();
        let removed = tokio::task::spawn_blocking(move || remove_expired(&folder, lifetime, SystemTime::now())).await;
        if let Ok(Err(error)) = removed {
            tracing::error!(%error, "expired exports could not be removed");
        }
    }
}

/// Removes files that were last written `lifetime` before `now` or earlier, and the folders that this empties. An export
/// that is being written is young.
fn remove_expired(folder: &FilePath, lifetime: Duration, now: SystemTime) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, found) = (entry.path(), entry.metadata()?);
        let is_old = now.duration_since(found.modified()?).is_ok_and(|age| age >= lifetime);
        if found.is_dir() {
            remove_expired(&path, lifetime, now)?;
            // A folder that is old and not empty stays.
            if is_old
                && let Err(error) = fs::remove_dir(&path)
                && error.kind() != io::ErrorKind::DirectoryNotEmpty
            {
                return Err(error);
            }
        } else if is_old {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

async fn photo(State(store): State<Arc<dyn ObjectStore>>, Path(key): Path<String>) -> Response {
    let media_type = match key.rsplit_once('.') {
        Some((_, "jpg")) => "image/jpeg",
        Some((_, "png")) => "image/png",
        Some((_, "webp")) => "image/webp",
        Some((_, "avif")) => "image/avif",
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, CACHE_CONTROL),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    answer(find(&*store, &key).await, headers)
}

/// Whoever knows a link may use it while the file is young, as with a link that S3 honours until it expires.
async fn export(State(store): State<Arc<dyn ObjectStore>>, Path(key): Path<String>) -> Response {
    let found = match find(&*store, &key).await {
        Ok(Some(file)) => {
            let age = SystemTime::now().duration_since(file.meta.last_modified.into());
            Ok(Some(file).filter(|_| age.is_ok_and(|age| age < LINK_LIFETIME)))
        }
        other => other,
    };
    let media_type = match key.rsplit_once('.') {
        Some((_, "xlsx")) => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "text/csv; charset=utf-8",
    };
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CONTENT_DISPOSITION, "attachment"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    answer(found, headers)
}

async fn find(store: &dyn ObjectStore, key: &str) -> object_store::Result<Option<GetResult>> {
    // A key is parsed, not joined to the folder: it cannot lead out of it.
    let Ok(key) = path::Path::parse(key) else { return Ok(None) };
    match store.get(&key).await {
        Ok(file) => Ok(Some(file)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn answer<const N: usize>(
    found: object_store::Result<Option<GetResult>>,
    headers: [(HeaderName, &'static str); N],
) -> Response {
    match found {
        Ok(Some(file)) => (headers, Body::from_stream(file.into_stream())).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "a file could not be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const LIFETIME: Duration = Duration::from_secs(600);

    fn export(folder: &FilePath, name: &str, age: Duration) -> PathBuf {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "Nom;Note").unwrap();
        let written = SystemTime::now() - age;
        fs::File::options().write(true).open(&path).unwrap().set_modified(written).unwrap();
        path
    }

    #[tokio::test]
    async fn an_export_is_removed_when_its_link_has_expired() {
        let folder = std::env::temp_dir().join(format!("red exports {}", std::process::id()));
        let old = export(&folder, "a/old.csv", LIFETIME);
        let cut_off = export(&folder, "b/half.csv#1", LIFETIME * 2);
        let young = export(&folder, "c/young.csv", LIFETIME / 2);

        let task = tokio::spawn(remove_expired_exports(folder.clone(), LIFETIME, Duration::from_millis(1)));
        let gone = async {
            while old.exists() || cut_off.exists() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), gone).await.unwrap();
        task.abort();
        let _ = task.await;

        assert!(young.exists());
        remove_expired(&folder, LIFETIME, SystemTime::now() + LIFETIME * 2).unwrap();
        assert!(!young.exists());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "the folders of exports go, too");
        fs::remove_dir_all(&folder).unwrap();
    }
}
