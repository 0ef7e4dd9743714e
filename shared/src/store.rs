//! Object storage: S3 in AWS, a folder on one machine.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use object_store::{
    Attribute, Attributes, ClientOptions, ObjectStore, RetryConfig,
    aws::AmazonS3Builder,
    client::{
        HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService, ReqwestConnector,
    },
    local::LocalFileSystem,
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
                let builder =
                    AmazonS3Builder::from_env().with_bucket_name(bucket).with_http_connector(ConnectWhenNeeded);
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

/// Makes the HTTP client with the first request: that reads every certificate that the system trusts, which takes some 4 ms
/// of a start, and most sandboxes never ask S3 anything.
#[derive(Debug)]
struct ConnectWhenNeeded;

#[derive(Debug)]
struct ClientWhenNeeded {
    options: ClientOptions,
    client: OnceLock<HttpClient>,
}

impl HttpConnector for ConnectWhenNeeded {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(ClientWhenNeeded { options: options.clone(), client: OnceLock::new() }))
    }
}

#[async_trait]
impl HttpService for ClientWhenNeeded {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let client = match self.client.get() {
            Some(client) => client,
            None => {
                let made = ReqwestConnector::default().connect(&self.options);
                let made = made.map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))?;
                self.client.get_or_init(|| made)
            }
        };
        client.execute(request).await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use object_store::client::{ClientOptions, HttpConnector, HttpRequestBody};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::ConnectWhenNeeded;

    #[tokio::test]
    async fn a_client_that_is_made_when_it_is_needed_asks_what_it_is_told_to() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            let mut asked = Vec::new();
            for _ in 0..2 {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut buffer = [0; 1024];
                let length = stream.read(&mut buffer).await.unwrap();
                asked.push(String::from_utf8_lossy(&buffer[..length]).lines().next().unwrap().to_owned());
                let answer = "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            asked
        });

        let client = ConnectWhenNeeded.connect(&ClientOptions::new().with_allow_http(true)).unwrap();
        for name in ["first", "second"] {
            let request = http::Request::get(format!("http://{address}/{name}")).body(HttpRequestBody::empty());
            let answer = client.execute(request.unwrap()).await.unwrap();
            assert_eq!(answer.status(), 204);
        }

        assert_eq!(server.await.unwrap(), ["GET /first HTTP/1.1", "GET /second HTTP/1.1"]);
    }
}
