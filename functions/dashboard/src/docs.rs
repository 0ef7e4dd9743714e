//! The API's description of itself, and a page that shows it. Both are written ahead and embedded: they cost no start-up,
//! and a reader's browser fetches nothing from anywhere else.

use std::{borrow::Cow, sync::Arc};

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use http::header;
use serde_json::json;
use shared::{
    error::{ApiError, OrNotFound},
    lambda::Call,
    openapi::{self, Describe, Operation, Shape},
};
use utoipa_swagger_ui::Config;

/// Renewed by `cargo local openapi`.
const DOCUMENT: &str = include_str!("../../../docs/openapi.json");
/// Swagger UI's own page names its files relatively, which goes wrong without a trailing slash.
const PAGE: &str = include_str!("docs.html");
/// Nothing but this page's own files, and requests to the API that it describes.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

pub(crate) async fn find_schema(call: Call) -> Schema {
    let document = openapi::serve(DOCUMENT, &call.origin);
    Schema(Static { media_type: Cow::Borrowed("application/json"), content: Cow::Owned(document.into_bytes()) })
}

pub(crate) async fn show_docs() -> Page {
    Page(Static { media_type: Cow::Borrowed("text/html; charset=utf-8"), content: Cow::Borrowed(PAGE.as_bytes()) })
}

pub(crate) async fn find_docs_file(DocsFile(name): DocsFile) -> Result<Static, ApiError> {
    let config = Arc::new(Config::from("/api/schema"));
    let file = utoipa_swagger_ui::serve(&name, config).map_err(|error| ApiError::internal(error.to_string()))?;
    let file = file.or_not_found()?;
    Ok(Static { media_type: Cow::Owned(file.content_type), content: file.bytes })
}

/// The name of one of the page's files.
pub(crate) struct DocsFile(String);

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for DocsFile {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut http::request::Parts, state: &S) -> Result<Self, ApiError> {
        let Path(name) = Path::from_request_parts(parts, state).await.map_err(|_| ApiError::not_found())?;
        Ok(Self(name))
    }
}

impl Describe for DocsFile {
    fn describe(operation: &mut Operation) {
        operation.parameter("path", "file", Shape::Text { min: 1, max: usize::MAX }, "The name of a file of the page.");
        operation.fails(404, "There is no such file.");
    }
}

/// The description of the API.
pub(crate) struct Schema(Static);

impl IntoResponse for Schema {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl Describe for Schema {
    fn describe(operation: &mut Operation) {
        let schema = json!({ "type": "object", "additionalProperties": true });
        operation.answers(200, "An OpenAPI 3.1 document.", Some(("application/json", schema)));
    }
}

/// The page that shows it.
pub(crate) struct Page(Static);

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl Describe for Page {
    fn describe(operation: &mut Operation) {
        operation.answers(200, "A page.", Some(("text/html", json!({ "type": "string" }))));
    }
}

/// What is the same for everyone, and may be kept for a while.
pub(crate) struct Static {
    media_type: Cow<'static, str>,
    content: Cow<'static, [u8]>,
}

impl IntoResponse for Static {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, &*self.media_type),
            (header::CACHE_CONTROL, "max-age=300"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        (headers, self.content).into_response()
    }
}

impl Describe for Static {
    fn describe(operation: &mut Operation) {
        let media_types = ["text/html", "text/css", "text/javascript", "image/png"];
        operation.answers_any(200, "A file.", &media_types.map(|media_type| (media_type, openapi::binary())));
    }
}
