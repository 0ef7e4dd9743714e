//! What a handler's signature is made of: the caller, the id in the path, the body, the precondition, and the answers.

use std::future::Future;

use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Path, Request},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header, request::Parts};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    auth::{CurrentUser, Rejection},
    error::{ApiError, Refusal},
    fields::{Fields, FromFields, MAX_BODY_BYTES, kind_of},
    text::{Language, Text},
};

/// The id of a row, from the path. Anything but a number of 64 bits is a row that does not exist.
#[derive(Clone, Copy, Debug)]
pub struct Id(pub i64);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(id) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| ApiError::not_found())?;
        let digits = id.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| id.parse().ok()).flatten().map(Id).ok_or_else(ApiError::not_found)
    }
}

/// The caller. [`crate::routes`] puts them here; on a public route there is none.
impl<S: Sync> FromRequestParts<S> for CurrentUser {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let caller = parts.extensions.get().copied();
        caller.ok_or(ApiError::Unauthenticated(Rejection::NotAuthenticated))
    }
}

/// A body with all required fields, as in a POST or a PUT.
#[derive(Clone, Debug)]
pub struct Whole<T>(pub T);

/// A body with any subset of the fields, as in a PATCH.
#[derive(Clone, Debug)]
pub struct Partial<T>(pub T);

impl<S: Send + Sync, T: FromFields> FromRequest<S> for Whole<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        Fields::new(read_object(request, T::LARGE_FIELD).await?, false).read().map(Self)
    }
}

impl<S: Send + Sync, T: FromFields> FromRequest<S> for Partial<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        Fields::new(read_object(request, T::LARGE_FIELD).await?, true).read().map(Self)
    }
}

/// A body at a row's path: where the caller may not write, or there is no such row, that is said before anything about
/// the body. `refusal` is asked only where the body is bad.
///
/// # Errors
/// 403, 404, or the body's own.
pub async fn valid_or_refused<T>(
    body: Result<T, ApiError>,
    refusal: impl Future<Output = sqlx::Result<Refusal>>,
) -> Result<T, ApiError> {
    match body {
        Ok(body) => Ok(body),
        Err(error) => Err(refusal.await?.or(error)),
    }
}

async fn read_object(
    request: Request,
    large_field: Option<(&'static str, usize)>,
) -> Result<Map<String, Value>, ApiError> {
    let max_bytes = large_field.map_or(MAX_BODY_BYTES, |(_, max_bytes)| max_bytes);
    let (parts, body) = request.into_parts();
    let media_type = media_type(&parts.headers);
    // A body of any type that is empty is `{}`.
    let bytes = axum::body::to_bytes(body, max_bytes).await.map_err(|_| ApiError::TooLarge(max_bytes))?;
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    let is_json =
        media_type == "application/json" || (media_type.starts_with("application/") && media_type.ends_with("+json"));
    if !media_type.is_empty() && !is_json {
        return Err(ApiError::UnsupportedMediaType(media_type));
    }
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(object)) => {
            let large = large_field.and_then(|(name, _)| object.get(name)?.as_str()).map_or(0, str::len);
            if bytes.len().saturating_sub(large) > MAX_BODY_BYTES {
                return Err(ApiError::TooLarge(MAX_BODY_BYTES));
            }
            Ok(object)
        }
        Ok(other) => Err(ApiError::invalid_body(Text::NotAnObject(kind_of(&other)))),
        Err(error) => Err(ApiError::Malformed(Text::Verbatim(format!("JSON parse error - {error}")))),
    }
}

fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let value = value.unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The versions that a write may replace, from `If-Match` (RFC 9110, section 13.1.1): none named means any.
#[derive(Clone, Debug)]
pub struct IfMatch(Option<Vec<i64>>);

impl IfMatch {
    /// For `$n::bigint[] is null or version = any($n)`.
    pub fn versions(&self) -> Option<&[i64]> {
        self.0.as_deref()
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        let value = String::from_utf8_lossy(value.as_bytes());
        if value.trim() == "*" {
            return Ok(Self(None));
        }
        // Tags are compared as text: one that is none of ours, such as "01", matches no version.
        let version = |tag: &str| {
            let tag = tag.trim();
            let tag = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')?;
            tag.parse::<i64>().ok().filter(|version| version.to_string() == tag)
        };
        Ok(Self(Some(value.split(',').filter_map(version).collect())))
    }
}

/// The language that the caller asked for.
impl<S: Send + Sync> FromRequestParts<S> for Language {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Ok(crate::lambda::Call::from_request_parts(parts, state).await?.language)
    }
}

/// A row with a version, which each change of the row raises.
pub trait Versioned {
    /// The version.
    fn version(&self) -> i64;

    /// The same, as an `ETag`.
    fn etag(&self) -> String {
        format!("\"{}\"", self.version())
    }
}

/// 200 with a row and its `ETag`.
#[derive(Clone, Debug)]
pub struct Row<T>(pub T);

/// 201 with a new row and its `ETag`.
#[derive(Clone, Debug)]
pub enum Created<T> {
    /// The row.
    New(T),
    /// What was answered the first time: see [`crate::idempotency`].
    Again {
        /// The `ETag` of then.
        etag: String,
        /// The JSON of then.
        body: String,
    },
}

/// 204
#[derive(Clone, Copy, Debug)]
pub struct NoContent;

impl<T: Serialize + Versioned> IntoResponse for Row<T> {
    fn into_response(self) -> Response {
        let Self(row) = self;
        ([(header::ETAG, row.etag())], Json(row)).into_response()
    }
}

impl<T: Serialize + Versioned> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        match self {
            Self::New(row) => (StatusCode::CREATED, Row(row)).into_response(),
            Self::Again { etag, body } => {
                let headers = [(header::ETAG, etag), (header::CONTENT_TYPE, "application/json".to_owned())];
                (StatusCode::CREATED, headers, body).into_response()
            }
        }
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}
