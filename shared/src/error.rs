//! The one error that handlers return, and the one place that turns it into an answer. Each failure has two messages:
//! one for the caller, in their language, and one for the log.

use std::{collections::BTreeMap, error::Error, sync::Arc};

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    auth::Rejection,
    text::{Language, Text},
};

/// How long a caller is asked to wait when the database is away.
const UNAVAILABLE_RETRY_SECONDS: u64 = 5;

/// Everything that can keep a request from its answer. A variant per thing that a client can react to.
#[derive(Clone, Debug)]
pub enum ApiError {
    /// 400: the body cannot be read at all.
    Malformed(Text),
    /// 400: these fields are not valid.
    Invalid(FieldErrors),
    /// 401: there is no caller.
    Unauthenticated(Rejection),
    /// 403: the caller's role does not allow it.
    Forbidden,
    /// 403: a page of another site sent this.
    ForeignOrigin,
    /// 404: no such row, page or path, or none that the caller may see.
    NotFound(Text),
    /// 405: this path serves other methods.
    MethodNotAllowed {
        /// The method of the request.
        method: String,
        /// The value of `Allow`.
        allow: String,
    },
    /// 409: the row's present state forbids it.
    Conflict(Text),
    /// 412: `If-Match` names another version.
    PreconditionFailed,
    /// 413: the body is larger than this number of bytes.
    TooLarge(usize),
    /// 413: the answer to this request is larger than an answer may be.
    AnswerTooLarge(Text),
    /// 415: the body is of a type, an encoding or a character set that is not read.
    UnsupportedMediaType(Text),
    /// 429: too many requests; again in this number of seconds.
    Throttled(u64),
    /// 503: the database is away. The cause is for the log.
    Unavailable(Arc<dyn Error + Send + Sync>),
    /// 500: our fault. The cause is for the log.
    Internal(Arc<dyn Error + Send + Sync>),
}

/// What is wrong with each field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldErrors(BTreeMap<String, Fault>);

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The field as such.
    Texts(Vec<Text>),
    /// Fields of the object that it holds.
    Object(FieldErrors),
    /// Fields of the objects in the list that it holds. An object without a fault keeps its position.
    List(Vec<FieldErrors>),
}

impl From<Text> for Fault {
    fn from(text: Text) -> Self {
        Self::Texts(vec![text])
    }
}

impl FieldErrors {
    /// Adds a fault of a field. Sentences are put together, each once; what is inside the field says more than they do.
    pub fn add(&mut self, field: &str, fault: impl Into<Fault>) {
        match (self.0.get_mut(field), fault.into()) {
            (Some(Fault::Texts(texts)), Fault::Texts(more)) => {
                for text in more {
                    if !texts.contains(&text) {
                        texts.push(text);
                    }
                }
            }
            (Some(Fault::Object(_) | Fault::List(_)), Fault::Texts(_)) => {}
            (_, fault) => {
                self.0.insert(field.to_owned(), fault);
            }
        }
    }

    /// Adds every fault of others.
    pub fn extend(&mut self, others: Self) {
        for (field, fault) in others.0 {
            self.add(&field, fault);
        }
    }

    /// Whether a field has a fault.
    pub fn has(&self, field: &str) -> bool {
        self.0.contains_key(field)
    }

    /// Whether no field has a fault.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn body(&self, language: Language) -> Value {
        let fault = |fault: &Fault| match fault {
            Fault::Texts(texts) => texts.iter().map(|text| Value::from(text.in_language(language))).collect(),
            Fault::Object(errors) => errors.body(language),
            Fault::List(items) => items.iter().map(|errors| errors.body(language)).collect(),
        };
        Value::Object(self.0.iter().map(|(field, inside)| (field.clone(), fault(inside))).collect())
    }
}

impl ApiError {
    /// One field is not valid.
    pub fn invalid(field: &str, fault: impl Into<Fault>) -> Self {
        let mut errors = FieldErrors::default();
        errors.add(field, fault);
        Self::Invalid(errors)
    }

    /// The same error with a fault of one more field, if it is about fields.
    #[must_use]
    pub fn with(self, field: &str, fault: impl Into<Fault>) -> Self {
        match self {
            Self::Invalid(mut errors) => {
                errors.add(field, fault);
                Self::Invalid(errors)
            }
            other => other,
        }
    }

    /// Whether fields are not valid, and this one may be.
    pub fn spares(&self, field: &str) -> bool {
        matches!(self, Self::Invalid(errors) if !errors.has(field))
    }

    /// A rule over several fields, or the whole body, does not hold.
    pub fn invalid_body(text: Text) -> Self {
        Self::invalid("non_field_errors", text)
    }

    /// There is no such row, or none that the caller may see.
    pub fn not_found() -> Self {
        Self::NotFound(Text::NotFound)
    }

    /// A failure that no client can do anything about.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Internal(Arc::from(cause.into()))
    }

    /// The answer's status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Malformed(_) | Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::TooLarge(_) | Self::AnswerTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Throttled(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What the log should know and the caller should not.
    pub fn cause(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        match self {
            Self::Unavailable(cause) | Self::Internal(cause) => Some(&**cause),
            _ => None,
        }
    }

    /// Whether the connection broke under the request, so that another one may do better.
    pub fn is_lost_connection(&self) -> bool {
        let Self::Unavailable(cause) = self else { return false };
        match cause.downcast_ref::<sqlx::Error>() {
            Some(sqlx::Error::Io(_)) => true,
            // The server is shutting down, or an administrator or a pooler ended the connection.
            Some(sqlx::Error::Database(error)) => {
                error.code().is_some_and(|code| code.starts_with("57P") || code.starts_with("08"))
            }
            _ => false,
        }
    }

    /// The answer itself, in the shapes of the contract.
    pub fn answer(&self, language: Language) -> Response {
        let body = match self {
            Self::Invalid(errors) => errors.body(language),
            Self::Unauthenticated(rejection) => match rejection.code() {
                Some(code) => json!({ "detail": rejection.text().in_language(language), "code": code }),
                None => json!({ "detail": rejection.text().in_language(language) }),
            },
            _ => json!({ "detail": self.text().in_language(language) }),
        };
        let mut response = (self.status(), axum::Json(body)).into_response();
        let headers = response.headers_mut();
        match self {
            Self::MethodNotAllowed { allow, .. } => {
                if let Ok(allow) = HeaderValue::from_str(allow) {
                    headers.insert(header::ALLOW, allow);
                }
            }
            Self::Throttled(seconds) => {
                headers.insert(header::RETRY_AFTER, (*seconds).into());
            }
            Self::Unavailable(_) => {
                headers.insert(header::RETRY_AFTER, UNAVAILABLE_RETRY_SECONDS.into());
            }
            _ => {}
        }
        response
    }

    fn text(&self) -> Text {
        match self {
            Self::Malformed(text)
            | Self::NotFound(text)
            | Self::Conflict(text)
            | Self::AnswerTooLarge(text)
            | Self::UnsupportedMediaType(text) => text.clone(),
            Self::Unauthenticated(rejection) => rejection.text(),
            Self::Forbidden => Text::Forbidden,
            Self::ForeignOrigin => Text::ForeignOrigin,
            Self::MethodNotAllowed { method, .. } => Text::MethodNotAllowed(method.clone()),
            Self::PreconditionFailed => Text::PreconditionFailed,
            Self::TooLarge(max) => Text::BodyTooLarge(*max),
            Self::Throttled(seconds) => Text::Throttled(*seconds),
            Self::Unavailable(_) => Text::Unavailable,
            Self::Invalid(_) | Self::Internal(_) => Text::ServerError,
        }
    }
}

/// What an administrator's write may have failed for: the checks are inside the write, and this only tells them apart.
#[derive(Clone, Copy, Debug)]
pub struct Refusal {
    /// Whether the caller is an administrator.
    pub is_admin: bool,
    /// Whether there is such a row.
    pub exists: bool,
}

impl Refusal {
    /// 403, or 404, or else what remains.
    pub fn or(self, otherwise: ApiError) -> ApiError {
        match self {
            Self { is_admin: false, .. } => ApiError::Forbidden,
            Self { exists: false, .. } => ApiError::not_found(),
            Self { is_admin: true, exists: true } => otherwise,
        }
    }
}

/// A handler does not know the caller's language; [`crate::lambda`] does, and writes the answer from what is stored
/// here.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<sqlx::Error> for ApiError {
    fn from(error: sqlx::Error) -> Self {
        if is_unavailability(&error) { Self::Unavailable(Arc::new(error)) } else { Self::Internal(Arc::new(error)) }
    }
}

/// Whether waiting helps: the connection failed, or the server is starting, stopping, full, or too slow.
fn is_unavailability(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::BeginFailed
        | sqlx::Error::WorkerCrashed => true,
        // https://www.postgresql.org/docs/current/errcodes-appendix.html
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            // Connection failures; out of resources; operator intervention, statement timeouts included.
            ["08", "53", "57"].iter().any(|class| code.starts_with(class))
                // Lock timeout, deadlock, and a transaction that the server ended because it was idle.
                || ["55P03", "40P01", "25P03"].contains(&&*code)
        }),
        _ => false,
    }
}

/// Turns the violation of a named constraint into the caller's error.
pub trait OnConstraint<T> {
    /// `to_error` is used where the constraint `name` refused the statement; any other failure passes through.
    ///
    /// # Errors
    /// Whatever refused the statement.
    fn on_constraint(self, name: &str, to_error: impl FnOnce() -> ApiError) -> Result<T, ApiError>;
}

impl<T, E> OnConstraint<T> for Result<T, E>
where
    E: Into<ApiError>,
{
    fn on_constraint(self, name: &str, to_error: impl FnOnce() -> ApiError) -> Result<T, ApiError> {
        self.map_err(|error| match error.into() {
            ApiError::Internal(cause) if violates(&*cause, name) => to_error(),
            other => other,
        })
    }
}

fn violates(cause: &(dyn Error + Send + Sync + 'static), constraint: &str) -> bool {
    cause
        .downcast_ref::<sqlx::Error>()
        .and_then(sqlx::Error::as_database_error)
        .and_then(sqlx::error::DatabaseError::constraint)
        == Some(constraint)
}

/// Reads "no row" as 404.
pub trait OrNotFound<T> {
    /// # Errors
    /// [`ApiError::NotFound`] where there is none.
    fn or_not_found(self) -> Result<T, ApiError>;
}

impl<T> OrNotFound<T> for Option<T> {
    fn or_not_found(self) -> Result<T, ApiError> {
        self.ok_or_else(ApiError::not_found)
    }
}
