//! What a handler's signature is made of: the caller, the id in the path, the body, the precondition, and the answers.

use std::{borrow::Cow, collections::BTreeSet, future::Future, marker::PhantomData, sync::Arc};

use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Path, Request},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header, request::Parts};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    auth::{CurrentUser, Rejection},
    cut::{self, may_be_cut, restore},
    error::{ApiError, FieldErrors, Refusal},
    fields::{Fields, FromFields, MAX_BODY_BYTES, kind_of},
    json,
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

/// A body that changes a row. It is read by [`Draft::read`], which knows the row.
#[derive(Debug)]
pub struct Draft<B> {
    body: Result<Map<String, Value>, ApiError>,
    kind: PhantomData<B>,
}

/// [`Whole`] or [`Partial`].
pub trait ChangeBody {
    /// What is read from it.
    type Changes: FromFields;
    /// Whether required fields may be missing.
    const PARTIAL: bool;
}

impl<T: FromFields> ChangeBody for Whole<T> {
    type Changes = T;
    const PARTIAL: bool = false;
}

impl<T: FromFields> ChangeBody for Partial<T> {
    type Changes = T;
    const PARTIAL: bool = true;
}

impl<S: Send + Sync, B: ChangeBody> FromRequest<S> for Draft<B> {
    type Rejection = std::convert::Infallible;

    async fn from_request(request: Request, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self { body: read_object(request, B::Changes::LARGE_FIELD).await, kind: PhantomData })
    }
}

impl<B: ChangeBody> Draft<B> {
    /// A text of the body before it is read, if there is one: for a rule that only the database knows, which is told
    /// together with what else is wrong.
    pub fn text(&self, name: &str) -> Option<String> {
        self.body.as_ref().ok()?.get(name)?.as_str().map(|text| text.trim().to_owned())
    }

    /// Reads a new row, which repeats nothing.
    ///
    /// # Errors
    /// What is wrong with the body.
    pub fn read_new(self) -> Result<B::Changes, ApiError> {
        Fields::new(self.body?, B::PARTIAL).read()
    }

    /// Reads the changes. A field that repeats the stored value, or the form in which a list shows it, is no change: it is
    /// neither validated nor written. `stored` is asked only if the body is invalid or contains a text that could be cut,
    /// and `refusal` only if the changes stay invalid: 403 and 404 come before 400.
    ///
    /// # Errors
    /// 403, 404, or what is wrong with the body.
    pub async fn read<R: Serialize>(
        self,
        stored: impl Future<Output = Result<Option<R>, ApiError>>,
        refusal: impl Future<Output = sqlx::Result<Refusal>>,
    ) -> Result<B::Changes, ApiError> {
        let body = match self.body {
            Ok(body) => Arc::new(body),
            Err(error) => return Err(refusal.await?.or(error)),
        };
        let first = Fields::new(Arc::clone(&body), B::PARTIAL).read();
        if first.is_ok() && !body.values().any(may_be_cut) {
            return first;
        }
        let read = match stored.await? {
            Some(row) => {
                let is_faulty = |name: &str| matches!(&first, Err(ApiError::Invalid(errors)) if errors.has(name));
                let body = Arc::unwrap_or_clone(body);
                let (body, unchanged) = without_repetitions(body, &row, is_faulty, B::Changes::repeats)?;
                Fields::new(body, B::PARTIAL).with_unchanged(unchanged).read()
            }
            None => first,
        };
        match read {
            Ok(changes) => Ok(changes),
            Err(error) => Err(refusal.await?.or(error)),
        }
    }
}

/// Removes the fields that repeat the row from a body, if they are faulty or cut, and names them. Others stay for the rules
/// over several fields.
fn without_repetitions(
    mut body: Map<String, Value>,
    row: &impl Serialize,
    is_faulty: impl Fn(&str) -> bool,
    repeats: impl Fn(&str, &Value, &Value) -> bool,
) -> Result<(Map<String, Value>, BTreeSet<String>), ApiError> {
    let stored = serde_json::to_value(row).map_err(ApiError::internal)?;
    let shown = cut::cut(row, cut::MAX_CHARACTERS).map_err(ApiError::internal)?;
    let mut unchanged = BTreeSet::new();
    let mut errors = FieldErrors::default();
    body.retain(|name, value| {
        let (Some(shown), Some(stored)) = (shown.get(name), stored.get(name)) else { return true };
        let was_whole = value == stored;
        if !restore(value, shown, stored) {
            errors.add(name, SHORTENED);
        }
        let is_unchanged = if is_faulty(name) { repeats(name, value, stored) } else { value == stored && !was_whole };
        if is_unchanged {
            unchanged.insert(name.clone());
        }
        !is_unchanged
    });
    if errors.is_empty() { Ok((body, unchanged)) } else { Err(ApiError::Invalid(errors)) }
}

const SHORTENED: Text = Text::Own {
    fr: "Une liste de la ligne a été raccourcie à l'affichage. Lisez la ligne entière par son adresse, puis modifiez-la.",
    en: "A list in this row was shortened when it was listed. Read the whole row at its own path, then change it.",
};

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
    let charset = charset(request.headers());
    let is_json = |media_type: &str| {
        media_type == "application/json" || (media_type.starts_with("application/") && media_type.ends_with("+json"))
    };
    let bytes = read_body(request, max_bytes, is_json).await?;
    // RFC 8259, section 8.1: a parser may ignore a byte order mark, which some clients write.
    let json = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    if json.is_empty() {
        return Ok(Map::new());
    }
    if let Some(charset) = charset {
        return Err(ApiError::UnsupportedMediaType(Text::UnsupportedCharset(charset)));
    }
    match json::read_body(json)? {
        Value::Object(object) => {
            let large = large_field.and_then(|(name, _)| object.get(name)?.as_str()).map_or(0, str::len);
            if bytes.len().saturating_sub(large) > MAX_BODY_BYTES {
                return Err(ApiError::TooLarge(MAX_BODY_BYTES));
            }
            Ok(object)
        }
        other => Err(ApiError::invalid_body(Text::NotAnObject(kind_of(&other)))),
    }
}

/// A body of one of the media types that `accepts` takes, or of none; uncompressed. The type of an empty body does not
/// matter.
///
/// # Errors
/// 415, or 413 if the body is too large.
pub async fn read_body(request: Request, max_bytes: usize, accepts: impl Fn(&str) -> bool) -> Result<Bytes, ApiError> {
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, max_bytes).await;
    if bytes.as_ref().is_ok_and(Bytes::is_empty) {
        return Ok(Bytes::new());
    }
    if let Some(encoding) = content_encoding(&parts.headers) {
        return Err(ApiError::UnsupportedMediaType(Text::UnsupportedEncoding(encoding)));
    }
    let media_type = media_type(&parts.headers);
    if !media_type.is_empty() && !accepts(&media_type) {
        return Err(ApiError::UnsupportedMediaType(Text::UnsupportedMediaType(media_type)));
    }
    bytes.map_err(|_| ApiError::TooLarge(max_bytes))
}

fn content_type(headers: &HeaderMap) -> Cow<'_, str> {
    headers.get(header::CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes())).unwrap_or_default()
}

fn media_type(headers: &HeaderMap) -> String {
    content_type(headers).split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The character set that a `Content-Type` names, unless UTF-8 includes it.
fn charset(headers: &HeaderMap) -> Option<String> {
    let content_type = content_type(headers);
    let mut parameters = content_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let (_, charset) = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))?;
    let charset = charset.trim().trim_matches('"').trim().to_ascii_lowercase();
    let is_utf8 = ["", "utf-8", "utf8", "us-ascii", "ascii"].contains(&charset.as_str());
    (!is_utf8).then_some(charset)
}

/// The first `Content-Encoding` (RFC 9110, section 8.4) that changes the body.
fn content_encoding(headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(header::CONTENT_ENCODING).iter();
    let names = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    let mut names = names.map(|name| String::from_utf8_lossy(name).trim().to_ascii_lowercase());
    names.find(|name| !name.is_empty() && name != "identity")
}

/// The versions that a write may replace, from `If-Match` (RFC 9110, section 13.1.1): none named means any.
#[derive(Clone, Debug)]
pub struct IfMatch(Option<Vec<i64>>);

impl IfMatch {
    /// For `$n::bigint[] is null or version = any($n)`.
    pub fn versions(&self) -> Option<&[i64]> {
        self.0.as_deref()
    }

    /// For a row that was locked in the transaction of the write.
    pub fn admits(&self, version: i64) -> bool {
        self.0.as_ref().is_none_or(|versions| versions.contains(&version))
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

/// 201 with what was made, where that is no row.
#[derive(Clone, Debug)]
pub enum Made<T> {
    /// The answer.
    New(T),
    /// The JSON that was answered the first time: see [`crate::idempotency`].
    Again(String),
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

impl<T: Serialize> IntoResponse for Made<T> {
    fn into_response(self) -> Response {
        match self {
            Self::New(made) => (StatusCode::CREATED, Json(made)).into_response(),
            Self::Again(body) => {
                (StatusCode::CREATED, [(header::CONTENT_TYPE, "application/json")], body).into_response()
            }
        }
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}
