//! Where an export goes: into the answer, or, from a size on that no answer may have, into a file in object storage, to
//! which the answer is a link. Nothing of the size of the whole is ever in memory.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use http::Method;
use object_store::{Attribute, PutMultipartOptions, WriteMultipart, path::Path};
use shared::{error::ApiError, store::Store};
use uuid::Uuid;

/// How long a link is good. In AWS the file itself goes a day later, on one machine with the next start.
pub const LINK_LIFETIME: Duration = Duration::from_secs(10 * 60);
/// Where links lead on one machine, below the origin.
pub const EXPORTS_PATH: &str = "/exports";

/// The largest export that is an answer. In base64 it is 5.3 MB, of the 6 MB that Lambda takes.
const MAX_ANSWER_BYTES: usize = 4_000_000;
/// S3 takes no smaller parts but the last.
const PART_BYTES: usize = 5 * 1024 * 1024;
const PARTS_IN_FLIGHT: usize = 2;

/// A place for large exports. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Exports(Store);

/// An export that is being written.
pub(crate) struct Export<'s> {
    exports: &'s Exports,
    file_name: String,
    media_type: &'static str,
    /// What there is, as long as it fits an answer.
    bytes: Vec<u8>,
    file: Option<(Path, WriteMultipart)>,
}

/// An export that is complete.
pub(crate) enum Exported {
    Small(Vec<u8>),
    Large { url: String, expires_at: DateTime<Utc> },
}

impl Exports {
    /// Links are signed where the store can do that. Otherwise they lead to [`EXPORTS_PATH`] of the origin that the client
    /// called: the name cannot be guessed, and whoever serves it looks at the file's age.
    pub fn new(store: Store) -> Self {
        Self(store)
    }

    pub(crate) fn begin(&self, file_name: &str, media_type: &'static str) -> Export<'_> {
        Export { exports: self, file_name: file_name.to_owned(), media_type, bytes: Vec::new(), file: None }
    }

    async fn create(&self, file_name: &str, media_type: &'static str) -> object_store::Result<(Path, WriteMultipart)> {
        let Self(store) = self;
        let key = Path::parse(format!("{}/{file_name}", Uuid::new_v4()))?;
        let attributes = store.attributes([
            (Attribute::ContentType, media_type),
            (Attribute::ContentDisposition, &attachment(file_name)),
        ]);
        let options = PutMultipartOptions { attributes, ..PutMultipartOptions::default() };
        let upload = store.objects.put_multipart_opts(&key, options).await?;
        Ok((key, WriteMultipart::new_with_chunk_size(upload, PART_BYTES)))
    }

    async fn link(&self, key: &Path, origin: &str) -> object_store::Result<String> {
        match &self.0.signer {
            Some(signer) => Ok(signer.signed_url(Method::GET, key, LINK_LIFETIME).await?.into()),
            None => {
                let parts: Vec<String> = key.parts().map(|part| percent_encoded(part.as_ref())).collect();
                Ok(format!("{origin}{EXPORTS_PATH}/{}", parts.join("/")))
            }
        }
    }
}

impl Export<'_> {
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), ApiError> {
        if self.file.is_none() {
            self.bytes.extend_from_slice(bytes);
            if self.bytes.len() <= MAX_ANSWER_BYTES {
                return Ok(());
            }
            self.file = Some(self.exports.create(&self.file_name, self.media_type).await.map_err(unavailable)?);
        }
        let Some((_, file)) = &mut self.file else { return Ok(()) };
        file.wait_for_capacity(PARTS_IN_FLIGHT).await.map_err(unavailable)?;
        if self.bytes.is_empty() {
            file.write(bytes);
        } else {
            file.write(&std::mem::take(&mut self.bytes));
        }
        Ok(())
    }

    /// Removes what was uploaded.
    pub(crate) async fn abort(self) {
        if let Some((key, file)) = self.file
            && let Err(error) = file.abort().await
        {
            tracing::warn!(%key, %error, "an unfinished export was not removed");
        }
    }

    pub(crate) async fn finish(self, origin: &str) -> Result<Exported, ApiError> {
        let Some((key, file)) = self.file else { return Ok(Exported::Small(self.bytes)) };
        file.finish().await.map_err(unavailable)?;
        let expires_at = Utc::now() + LINK_LIFETIME;
        let url = self.exports.link(&key, origin).await.map_err(unavailable)?;
        Ok(Exported::Large { url, expires_at })
    }
}

/// The header that has a browser save a file under a name (RFC 6266): in ASCII for old clients, and as it is.
pub(crate) fn attachment(file_name: &str) -> String {
    if file_name.is_ascii() {
        return format!("attachment; filename=\"{file_name}\"");
    }
    let ascii: String = file_name.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{}", percent_encoded(file_name))
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte.into()),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

fn unavailable(error: object_store::Error) -> ApiError {
    ApiError::Unavailable(Arc::new(error))
}
