//! Object storage: S3 in AWS, a folder on one machine.

use std::{sync::Arc, time::Duration};

use object_store::{
    Attribute, Attributes, ClientOptions, ObjectStore, RetryConfig, aws::AmazonS3Builder, local::LocalFileSystem,
    signer::Signer,
};

use crate::config;

/// An open store. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    /// What is in it.
    pub objects: Arc<dyn ObjectStore>,
    /// Makes links that are good for a while, where it can.
    pub signer: Option<Arc<dyn Signer>>,
    /// S3 keeps headers beside each object. A folder keeps none: whoever serves it goes by the name.
    keeps_attributes: bool,
}

impl Store {
    /// Opens a store.
    ///
    /// # Errors
    /// Where the folder is not there, or AWS's own variables are not.
    pub fn open(place: &config::Store) -> Result<Self, object_store::Error> {
        match place {
            config::Store::Folder(folder) => {
                let folder = LocalFileSystem::new_with_prefix(folder)?.with_automatic_cleanup(true);
                Ok(Self { keeps_attributes: false, ..Self::new(Arc::new(folder)) })
            }
            config::Store::S3 { bucket } => {
                // A second installation is refused, and as good.
                let _ = rustls::crypto::ring::default_provider().install_default();
                let options = ClientOptions::new()
                    .with_connect_timeout(Duration::from_secs(3))
                    .with_timeout(Duration::from_secs(10));
                let retries =
                    RetryConfig { max_retries: 2, retry_timeout: Duration::from_secs(15), ..Default::default() };
                let builder = AmazonS3Builder::from_env().with_bucket_name(bucket);
                let s3 = Arc::new(builder.with_client_options(options).with_retry(retries).build()?);
                Ok(Self { signer: Some(Arc::clone(&s3) as Arc<dyn Signer>), ..Self::new(s3) })
            }
        }
    }

    /// A store that keeps attributes and signs nothing.
    pub fn new(objects: Arc<dyn ObjectStore>) -> Self {
        Self { objects, signer: None, keeps_attributes: true }
    }

    /// The headers of an object that is about to be stored, where there is a place for them.
    pub fn attributes<const N: usize>(&self, attributes: [(Attribute, &str); N]) -> Attributes {
        let kept = self.keeps_attributes.then_some(attributes);
        kept.into_iter().flatten().map(|(name, value)| (name, value.to_owned())).collect()
    }
}
