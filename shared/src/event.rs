//! Turns a response into the event that Lambda takes: compresses it, and encodes it so that it fits.

use std::io::Write;

use axum::response::Response;
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, HeaderValue, Method, header};
use lambda_http::aws_lambda_events::{apigw::ApiGatewayV2httpResponse, encodings::Body};

use crate::{error::ApiError, lambda::Call};

/// The largest body in an event of 6,291,556 bytes (Lambda's quota), which has headers too.
const MAX_BODY: usize = 6_250_000;
/// A smaller answer fits into one packet anyway.
const MIN_COMPRESSED: usize = 1_000;

/// Marks a response that contains a secret, such as a signed link. It is never compressed: the size of a compressed answer
/// could tell the secret to an attacker who adds text of their own to it (BREACH).
#[derive(Clone, Copy, Debug)]
pub struct HoldsSecret;

/// What a request says about gzip in `Accept-Encoding`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gzip {
    /// It is accepted.
    Accepted,
    /// There is no such header.
    Unknown,
    /// It is not accepted.
    Refused,
}

impl Gzip {
    /// Reads the header (RFC 9110, section 12.5.3).
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        let (mut named, mut any, mut is_present) = (None, None, false);
        for coding in values.flat_map(|value| value.split(',')) {
            is_present = true;
            let mut parts = coding.split(';').map(|part| part.trim().to_ascii_lowercase());
            let name = parts.next().unwrap_or_default();
            let weight = parts.find_map(|part| part.strip_prefix("q=").map(str::to_owned));
            let is_accepted = weight.is_none_or(|weight| weight.trim().parse().is_ok_and(|weight: f32| weight > 0.0));
            match name.as_str() {
                "gzip" | "x-gzip" => named = Some(is_accepted),
                "*" => any = Some(is_accepted),
                _ => {}
            }
        }
        match named.or(any) {
            Some(true) => Self::Accepted,
            None if !is_present => Self::Unknown,
            _ => Self::Refused,
        }
    }
}

/// The event of a response. That of HEAD has the headers of GET, its length included, and no body.
pub(crate) async fn from_response(response: Response, call: &Call) -> ApiGatewayV2httpResponse {
    let (mut parts, body) = response.into_parts();
    let mut bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let media_type = MediaType::of(&parts.headers);
    let is_compressible =
        media_type.is_text && !holds_secret(&call.path) && parts.extensions.get::<HoldsSecret>().is_none();
    let mut is_json = media_type.is_json;

    if is_compressible && bytes.len() >= MIN_COMPRESSED {
        parts.headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        // An answer that fits in no other way is compressed for a caller who does not say what they accept, too.
        let is_needed = || call.gzip == Gzip::Unknown && encoded_size(&bytes, is_json) > MAX_BODY;
        if call.gzip == Gzip::Accepted || is_needed() {
            bytes = compressed(&bytes).into();
            parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            is_json = false;
        }
    }
    if encoded_size(&bytes, is_json) > MAX_BODY {
        tracing::error!(request_id = call.request_id, bytes = bytes.len(), "the answer is larger than Lambda takes");
        let (error, body) = ApiError::internal("too large").answer(call.language).into_parts();
        parts.status = error.status;
        parts.headers.remove(header::CONTENT_ENCODING);
        parts.headers.remove(header::ETAG);
        parts.headers.extend(error.headers);
        bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
        is_json = true;
    }

    parts.headers.remove(header::CONTENT_LENGTH);
    if !bytes.is_empty() {
        parts.headers.insert(header::CONTENT_LENGTH, bytes.len().into());
    }
    let mut event = ApiGatewayV2httpResponse::default();
    event.status_code = i64::from(parts.status.as_u16());
    event.headers = without_cookies(parts.headers, &mut event.cookies);
    if !bytes.is_empty() && call.method != Method::HEAD {
        (event.body, event.is_base64_encoded) = encode(bytes, is_json);
    }
    event
}

/// Tokens are in the answers below these paths.
fn holds_secret(path: &str) -> bool {
    ["/api/auth", "/api/token"]
        .iter()
        .any(|prefix| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

struct MediaType {
    is_json: bool,
    is_text: bool,
}

impl MediaType {
    fn of(headers: &HeaderMap) -> Self {
        let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = value.split(';').next().unwrap_or_default().trim();
        let is_json = essence.starts_with("application/") && essence.ends_with("json");
        let is_text = is_json
            || essence.starts_with("text/")
            || ["javascript", "xml"].iter().any(|suffix| essence.ends_with(suffix));
        Self { is_json, is_text }
    }
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::new(4));
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// JSON is text in an event as long as that is smaller than base64, which adds a third: an event is JSON itself, and
/// escapes each quotation mark. Everything else is base64.
fn encode(bytes: Bytes, is_json: bool) -> (Option<Body>, bool) {
    if is_json && escaped_size(&bytes) <= base64_size(&bytes) {
        return match String::from_utf8(bytes.into()) {
            Ok(text) => (Some(Body::Text(text)), false),
            Err(binary) => (Some(Body::Binary(binary.into_bytes())), true),
        };
    }
    (Some(Body::Text(STANDARD.encode(&bytes))), true)
}

fn encoded_size(bytes: &[u8], is_json: bool) -> usize {
    let base64 = base64_size(bytes);
    if is_json { base64.min(escaped_size(bytes)) } else { base64 }
}

fn base64_size(bytes: &[u8]) -> usize {
    bytes.len().div_ceil(3) * 4
}

fn escaped_size(bytes: &[u8]) -> usize {
    let growth = |byte: &u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 1,
        ..=0x1f => 5,
        _ => 0,
    };
    bytes.len() + bytes.iter().map(growth).sum::<usize>()
}

/// Payload 2.0 carries cookies beside the headers.
fn without_cookies(mut headers: HeaderMap, cookies: &mut Vec<String>) -> HeaderMap {
    cookies
        .extend(headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok().map(str::to_owned)));
    headers.remove(header::SET_COOKIE);
    headers
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use axum::{
        Extension,
        response::{IntoResponse, Response},
    };
    use http::{HeaderMap, HeaderValue, header};
    use lambda_http::{Context, LambdaEvent};
    use serde_json::json;

    use super::{Gzip, HoldsSecret, base64_size, encode, encoded_size, escaped_size, holds_secret};
    use crate::{config, db::Db, lambda::HttpFunction, openapi::Describe, routes::Access::Public, routes::Routes};

    enum Link {
        Public,
        Signed,
    }

    impl Describe for Link {}

    impl IntoResponse for Link {
        fn into_response(self) -> Response {
            let text = "link ".repeat(1_000);
            match self {
                Self::Public => text.into_response(),
                Self::Signed => (Extension(HoldsSecret), text).into_response(),
            }
        }
    }

    async fn public_link() -> Link {
        Link::Public
    }

    async fn signed_link() -> Link {
        Link::Signed
    }

    #[tokio::test]
    async fn an_answer_with_a_signed_link_is_not_compressed() {
        let db = Db::sandbox(config::database_url("postgres://red_app@127.0.0.1:1/red").unwrap());
        let routes = Routes::new().get("/api/public", Public, public_link).get("/api/signed", Public, signed_link);
        let function = HttpFunction::new(routes, db);
        for (path, encoding) in [("/api/public", Some("gzip")), ("/api/signed", None)] {
            let http = json!({ "method": "GET" });
            let headers = json!({ "accept-encoding": "gzip" });
            let event = json!({ "rawPath": path, "requestContext": { "http": http }, "headers": headers });
            let event = serde_json::from_value(event).unwrap();
            let answer = function.answer(LambdaEvent::new(event, Context::default())).await;
            let header = answer.headers.get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap());
            assert_eq!((answer.status_code, header), (200, encoding), "{path}");
            assert_eq!(answer.headers.contains_key(header::VARY), encoding.is_some(), "{path}");
        }
    }

    #[test]
    fn gzip_is_accepted_where_accept_encoding_gives_it_a_weight() {
        for (value, gzip) in [
            ("gzip", Gzip::Accepted),
            ("gzip, deflate, br, zstd", Gzip::Accepted),
            ("deflate;q=1.0, GZIP;q=0.5", Gzip::Accepted),
            ("br;q=1, *;q=0.1", Gzip::Accepted),
            ("*;q=0, gzip;q=1", Gzip::Accepted),
            ("x-gzip", Gzip::Accepted),
            ("", Gzip::Refused),
            ("identity", Gzip::Refused),
            ("br", Gzip::Refused),
            ("gzip;q=0", Gzip::Refused),
            ("gzip; q=0.000, *", Gzip::Refused),
            ("*;q=0", Gzip::Refused),
            ("gzip;q=many", Gzip::Refused),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]);
            assert_eq!(Gzip::read(&headers), gzip, "{value}");
        }
        assert_eq!(Gzip::read(&HeaderMap::new()), Gzip::Unknown);
    }

    #[test]
    fn json_is_encoded_in_the_smaller_way() {
        for text in ["{\"a\": \"plain text\"}".to_owned(), json!("\"".repeat(99)).to_string(), "\"\\\n\u{7}".repeat(9)]
        {
            let is_text = escaped_size(text.as_bytes()) <= base64_size(text.as_bytes());
            let (body, is_base64) = encode(text.clone().into(), true);
            assert_eq!(is_base64, !is_text, "{text}");
            let in_event = serde_json::to_string(&body).unwrap().len() - 2;
            assert_eq!(in_event, encoded_size(text.as_bytes(), true), "{text}");
        }
    }

    #[test]
    fn answers_with_tokens_are_known_by_their_path() {
        for path in ["/api/auth/login", "/api/auth/login/", "/api/token", "/api/token/refresh"] {
            assert!(holds_secret(path), "{path}");
        }
        for path in ["/api/authors", "/api/tickets", "/api/tokens"] {
            assert!(!holds_secret(path), "{path}");
        }
    }
}
