//! Where photos are kept: S3 in AWS, a folder on one machine. A photo is stored before the row that names it is written,
//! and removed after the row that named it has changed; what an interruption leaves behind in between is an orphan for
//! housekeeping, never a row without its photo.

use std::sync::Arc;

use object_store::{Attribute, ObjectStoreExt, PutOptions, path::Path};
use shared::{error::ApiError, store::Store};

use crate::image::Image;

/// A name changes with its content, so that whoever has it may keep it.
const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// The store, and what browsers find it under. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Images {
    store: Store,
    base_url: Arc<str>,
}

impl Images {
    /// `base_url` has no trailing slash.
    pub fn new(store: Store, base_url: &str) -> Self {
        Self { store, base_url: format!("{base_url}/").into() }
    }

    /// Where they are.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What stands in front of a key in an address.
    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Stores a photo, if there is one. Answers its key.
    ///
    /// # Errors
    /// [`ApiError::Unavailable`] where the store does not answer.
    pub async fn put(&self, image: Option<&Image>) -> Result<Option<String>, ApiError> {
        let Some(image) = image else { return Ok(None) };
        let key = image.new_key();
        let attributes = self
            .store
            .attributes([(Attribute::ContentType, image.media_type()), (Attribute::CacheControl, CACHE_CONTROL)]);
        let options = PutOptions { attributes, ..PutOptions::default() };
        let path = Path::from(key.as_str());
        let stored = self.store.objects.put_opts(&path, image.bytes.clone().into(), options).await;
        stored.map_err(|error| ApiError::Unavailable(Arc::new(error)))?;
        Ok(Some(key))
    }

    /// Removes a photo that no row names any more. Failing is no failure of the request: housekeeping comes by.
    pub async fn remove(&self, key: Option<String>) {
        let Some(key) = key else { return };
        if let Err(error) = self.store.objects.delete(&Path::from(key.as_str())).await {
            tracing::warn!(%error, "a photo could not be removed");
        }
    }
}
