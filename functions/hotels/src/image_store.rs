//! Where photos are kept: S3 in AWS, a folder on one machine. A photo is stored before the row that names it is written,
//! and removed after the row that named it has changed; what an interruption leaves behind in between is an orphan for
//! housekeeping, never a row without its photo.

use std::{sync::Arc, time::Duration};

use object_store::{
    Attribute, Attributes, ClientOptions, ObjectStore, ObjectStoreExt, PutOptions, RetryConfig, aws::AmazonS3Builder,
    local::LocalFileSystem, path::Path,
};
use shared::{config::ImageStore, error::ApiError};

use crate::image::Image;

/// A name changes with its content, so that whoever has it may keep it.
const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// The store, and what browsers find it under. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Images {
    store: Arc<dyn ObjectStore>,
    /// S3 keeps a type and a cache rule beside each object. A folder keeps none: whoever serves it goes by the name.
    keeps_attributes: bool,
    base_url: Arc<str>,
}

impl Images {
    /// Opens the store. `base_url` has no trailing slash.
    ///
    /// # Errors
    /// Where the folder is not there, or AWS's own variables are not.
    pub fn open(store: &ImageStore, base_url: &str) -> Result<Self, object_store::Error> {
        let keeps_attributes = matches!(store, ImageStore::S3 { .. });
        let store: Arc<dyn ObjectStore> = match store {
            ImageStore::Folder(folder) => {
                Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_automatic_cleanup(true))
            }
            ImageStore::S3 { bucket } => {
                // A second installation is refused, and as good.
                let _ = rustls::crypto::ring::default_provider().install_default();
                let options = ClientOptions::new()
                    .with_connect_timeout(Duration::from_secs(3))
                    .with_timeout(Duration::from_secs(10));
                let retries =
                    RetryConfig { max_retries: 2, retry_timeout: Duration::from_secs(15), ..Default::default() };
                let builder = AmazonS3Builder::from_env().with_bucket_name(bucket);
                Arc::new(builder.with_client_options(options).with_retry(retries).build()?)
            }
        };
        Ok(Self { keeps_attributes, ..Self::new(store, base_url) })
    }

    /// A store that keeps attributes.
    pub fn new(store: Arc<dyn ObjectStore>, base_url: &str) -> Self {
        Self { store, keeps_attributes: true, base_url: format!("{base_url}/").into() }
    }

    /// What stands in front of a key in an address.
    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Stores a photo, if there is one. Answers its key.
    pub(crate) async fn put(&self, image: Option<&Image>) -> Result<Option<String>, ApiError> {
        let Some(image) = image else { return Ok(None) };
        let key = image.new_key();
        let mut options = PutOptions::default();
        if self.keeps_attributes {
            options.attributes = Attributes::from_iter([
                (Attribute::ContentType, image.media_type()),
                (Attribute::CacheControl, CACHE_CONTROL),
            ]);
        }
        let stored = self.store.put_opts(&Path::from(key.as_str()), image.bytes.clone().into(), options).await;
        stored.map_err(|error| ApiError::Unavailable(Arc::new(error)))?;
        Ok(Some(key))
    }

    /// Removes a photo that no row names any more. Failing is no failure of the request: housekeeping comes by.
    pub(crate) async fn remove(&self, key: Option<String>) {
        let Some(key) = key else { return };
        if let Err(error) = self.store.delete(&Path::from(key.as_str())).await {
            tracing::warn!(%error, "a photo could not be removed");
        }
    }
}
