use std::io::Read;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde_json::Value;

/// What a request was answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as it came.
    pub bytes: Bytes,
}

/// A body without its compression.
pub(crate) fn decoded(headers: &HeaderMap, bytes: &Bytes) -> Bytes {
    match headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes) {
        None => bytes.clone(),
        Some(b"gzip") => {
            let mut decoded = Vec::new();
            flate2::read::GzDecoder::new(&**bytes).read_to_end(&mut decoded).expect("gzip");
            decoded.into()
        }
        Some(other) => panic!("an answer in {}", String::from_utf8_lossy(other)),
    }
}

impl Answer {
    pub(crate) fn new(response: Response<Bytes>) -> Self {
        let (parts, bytes) = response.into_parts();
        Self { status: parts.status, headers: parts.headers, bytes }
    }

    /// The body as JSON; null where there is none.
    pub fn body(&self) -> Value {
        if self.bytes.is_empty() { Value::Null } else { serde_json::from_slice(&self.decoded()).expect("a JSON body") }
    }

    /// The body without its compression.
    pub fn decoded(&self) -> Bytes {
        decoded(&self.headers, &self.bytes)
    }

    /// The body of an answer that must have this status.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        // Why an answer is a 500 is in the log alone.
        let log = || crate::log::entries(self.header("x-request-id"));
        assert_eq!(self.status.as_u16(), status, "{}\n{:#?}", String::from_utf8_lossy(&self.bytes), log());
        self.body()
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header of text"))
    }

    /// How many round trips to the database the function made.
    pub fn sql_round_trips(&self) -> u64 {
        crate::log::round_trips("request", self.header("x-request-id"))
    }

    /// How many round trips to the database the authorizer made.
    pub fn authorizer_round_trips(&self) -> u64 {
        crate::log::round_trips("authorized", self.header("x-request-id"))
    }
}
