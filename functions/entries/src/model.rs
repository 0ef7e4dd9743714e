//! Rows, requests, responses, and what makes them valid.

use axum::{
    Extension, Json,
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use http::{StatusCode, header, request::Parts};
use serde::Serialize;
use serde_json::{Map, Value, json};
use shared::{
    cut,
    error::{ApiError, Fault},
    event::HoldsSecret,
    extract::Versioned,
    fields::{self, Field, Fields, FromFields},
    form::Definition,
    json::Stored,
    lambda::Call,
    list::Filter,
    openapi::{Describe, Operation, Shape, binary},
    query::Filters,
    text::Text,
};
use utoipa::ToSchema;

use crate::{export::Format, export_store::attachment};

/// The largest data of an entry, in bytes of JSON.
const MAX_ENTRY_BYTES: usize = cut::MAX_ROW_BYTES;

/// An answer to a form.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, ToSchema)]
pub(crate) struct Entry {
    pub id: i64,
    #[serde(rename = "form")]
    pub form_id: i64,
    /// The values by the names of the form's fields. Entries of an imported database may have any JSON.
    #[sqlx(try_from = "Stored")]
    #[schema(value_type = Object)]
    pub data: Value,
    #[serde(serialize_with = "shared::format::rfc3339")]
    pub created_at: DateTime<Utc>,
    #[serde(serialize_with = "shared::format::rfc3339")]
    pub updated_at: DateTime<Utc>,
    #[serde(skip)]
    pub version: i64,
}

impl Versioned for Entry {
    fn version(&self) -> i64 {
        self.version
    }
}

/// A form, as its answers need it.
#[derive(Debug)]
pub(crate) struct Form {
    pub id: i64,
    pub fields: Value,
    pub is_active: bool,
    pub version: i64,
}

impl Form {
    /// Reads an entry's data. What is stored already is not checked again.
    pub(crate) fn check(&self, data: &Map<String, Value>, stored: &Map<String, Value>) -> Result<Value, ApiError> {
        let undefined = Text::Own {
            fr: "Les champs de ce formulaire sont mal définis : il ne peut recevoir de réponses.",
            en: "The fields of this form are not well defined, so that it cannot take answers.",
        };
        let definition = Definition::read(&self.fields).map_err(|_| ApiError::invalid("form", undefined))?;
        let checked = definition.check_changes(data, stored);
        let checked = checked.map_err(|errors| ApiError::invalid("data", Fault::Object(errors)))?;
        // An entry of an adopted database may be larger, and can still be corrected.
        let max_bytes = MAX_ENTRY_BYTES.max(cut::json_size(stored, usize::MAX));
        if cut::json_size(&checked, max_bytes) > max_bytes {
            return Err(ApiError::invalid("data", Text::TooManyBytes(MAX_ENTRY_BYTES)));
        }
        Ok(Value::Object(checked))
    }
}

/// A form, as its export needs it.
#[derive(Debug)]
pub(crate) struct ExportedForm {
    pub title: String,
    pub fields: Value,
    pub entries: i64,
}

/// An active form, to fill in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublicForm {
    pub id: i64,
    /// The heading of the form.
    pub title: String,
    /// A text above the fields.
    pub description: String,
    /// The fields in their order.
    #[schema(schema_with = shared::form::answered)]
    pub fields: Value,
}

/// What a client says of an entry. What it leaves out stays.
#[derive(Debug)]
pub(crate) struct EntryChanges {
    pub form: Option<i64>,
    pub data: Option<Map<String, Value>>,
}

impl FromFields for EntryChanges {
    const EXAMPLE: &'static str = r#"{ "form": 1, "data": { "chambre": 12, "avis": "Bien" } }"#;

    fn from_fields(fields: &mut Fields) -> Self {
        Self { form: fields.required("form", fields::key()), data: fields.required("data", fields::object()) }
    }
}

/// What anybody sends to a form.
#[derive(Debug)]
pub(crate) struct Submission {
    pub data: Map<String, Value>,
    /// Whether the honeypot is filled in.
    pub is_by_machine: bool,
}

impl FromFields for Submission {
    const DESCRIPTION: Option<&'static str> = Some("The answers to a form.");
    const EXAMPLE: &'static str = r#"{ "data": { "chambre": 12, "avis": "Bien" }, "website": "" }"#;

    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            data: fields.required("data", fields::object()).unwrap_or_default(),
            is_by_machine: fields.nullable("website", filled()).unwrap_or_default(),
        }
    }
}

fn filled() -> Field<impl Fn(&Value) -> Result<bool, Text>> {
    let shape = || json!({ "type": "string", "description": "A honeypot, which people leave empty." });
    let is_filled = |value: &Value| value.as_str().map(|text| !text.trim().is_empty()).ok_or(Text::NotAString);
    Field::new(Shape::Other(shape), is_filled)
}

/// An export: the table itself, or where it is.
pub(crate) enum Download {
    Whole { bytes: Vec<u8>, media_type: &'static str, file_name: String },
    Link(Link),
    Elsewhere(String),
}

/// A link to a large export, and its expiry.
#[derive(Serialize, ToSchema)]
pub(crate) struct Link {
    /// Where the file is downloaded from.
    pub url: String,
    /// When the link ends.
    #[serde(serialize_with = "shared::format::rfc3339")]
    pub expires_at: DateTime<Utc>,
}

impl IntoResponse for Download {
    fn into_response(self) -> Response {
        match self {
            Self::Whole { bytes, media_type, file_name } => {
                let headers = [
                    (header::CONTENT_TYPE, media_type.to_owned()),
                    (header::CONTENT_DISPOSITION, attachment(&file_name)),
                ];
                (headers, bytes).into_response()
            }
            Self::Link(link) => (Extension(HoldsSecret), Json(link)).into_response(),
            Self::Elsewhere(url) => (StatusCode::SEE_OTHER, [(header::LOCATION, url)]).into_response(),
        }
    }
}

impl Describe for Download {
    fn describe(operation: &mut Operation) {
        let link = operation.schema::<Link>();
        let contents = [("text/csv", binary()), (Format::Xlsx.media_type(), binary()), ("application/json", link)];
        operation.answers_any(200, "The table, or a link to it if it is large and `Accept` prefers JSON.", &contents);
        operation.answers(303, "A redirect to a large table.", None);
        operation.fails(413, "The form has more entries than an export takes.");
    }
}

/// The confirmation of an entry.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Submitted {
    /// A sentence in the caller's language.
    pub detail: String,
}

/// What the list can be asked for.
#[derive(Debug)]
pub(crate) struct EntryFilter {
    pub form: Option<i64>,
    pub since: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
}

impl Filter for EntryFilter {
    const ORDERINGS: &'static [(&'static str, &'static str)] = &[("created_at", "created_at")];
    const SEARCH: &'static str = "search";

    fn read(filters: &mut Filters<'_>) -> Self {
        Self {
            form: filters.id("form"),
            since: filters.since("created_at__gte"),
            until: filters.until("created_at__lte"),
        }
    }
}

/// Which form's entries are to be exported.
#[derive(Debug)]
pub(crate) struct ExportFilter {
    pub form: i64,
    pub format: Format,
}

impl Describe for ExportFilter {
    fn describe(operation: &mut Operation) {
        let form = Shape::Integer { min: 1, max: i64::MAX };
        operation.required_parameter("query", "form", form, "The form whose entries are exported.");
        let format = Shape::Choice(Format::NAMES);
        operation.parameter(
            "query",
            "format",
            format,
            "A CSV file (the default), or an Excel workbook with typed cells.",
        );
        operation.fails(404, "There is no such form.");
    }
}

impl<S: Sync> FromRequestParts<S> for ExportFilter {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let call = Call::from_request_parts(parts, state).await?;
        let mut filters = Filters::new(&call.query);
        let form = filters.required_id("form");
        let format = filters.choice("format", Format::NAMES);
        filters.finish()?;
        // No form has the id 0; one that is missing has been refused.
        Ok(Self { form: form.unwrap_or_default(), format: format.as_deref().map_or(Format::Csv, Format::named) })
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;
    use chrono::DateTime;
    use shared::event::HoldsSecret;

    use super::{Download, Link};

    #[test]
    fn the_signed_link_of_an_export_is_marked_as_a_secret() {
        let link = Link { url: "https://red.example/export?signature=x".to_owned(), expires_at: DateTime::UNIX_EPOCH };
        assert!(Download::Link(link).into_response().extensions().get::<HoldsSecret>().is_some());
    }
}
