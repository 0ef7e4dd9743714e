//! Rows, requests, responses, and what makes them valid.

use axum::{
    Extension, Json,
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
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
    list::{Filter, Search},
    openapi::{Describe, Operation, Shape, binary},
    query::Filters,
    text::Text,
};
use utoipa::ToSchema;

use crate::{
    export::{Audience, Format},
    export_store::attachment,
};

const NO_TIME_ZONE: Text = Text::Own {
    fr: "Ce fuseau horaire n'est pas connu. Saisissez un nom de la base IANA, par exemple Africa/Dakar.",
    en: "This time zone is not known. Enter a name of the IANA database, such as Africa/Dakar.",
};

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
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct ExportedForm {
    pub title: String,
    #[sqlx(try_from = "Stored")]
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

/// Which entries are to be exported, and how.
#[derive(Debug)]
pub(crate) struct ExportFilter {
    pub selection: Selection,
    pub format: Format,
    pub audience: Audience,
}

/// Entries of a form, chosen and sorted by the parameters of their list.
#[derive(Debug)]
pub(crate) struct Selection {
    pub form: i64,
    pub since: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    pub search: Search,
    pub order: Order,
}

/// The order of an export, in which it is also read page by page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    pub by_id: bool,
    pub descending: bool,
}

impl Order {
    /// Of `?ordering=` the first known name counts: no two entries are equal by it and their id.
    fn read(ordering: &str) -> Self {
        let term = |term: &str| match term.trim() {
            "created_at" => Some(Self { by_id: false, descending: false }),
            "-created_at" => Some(Self { by_id: false, descending: true }),
            "id" => Some(Self { by_id: true, descending: false }),
            "-id" => Some(Self { by_id: true, descending: true }),
            _ => None,
        };
        ordering.split(',').find_map(term).unwrap_or(Self { by_id: false, descending: false })
    }
}

impl Describe for ExportFilter {
    fn describe(operation: &mut Operation) {
        let form = Shape::Integer { min: 1, max: i64::MAX };
        operation.required_parameter("query", "form", form, "The form whose entries are exported.");
        for (name, shape, description) in [
            (
                "format",
                Shape::Choice(Format::NAMES),
                "A CSV file (the default), or an Excel workbook with typed cells.",
            ),
            (
                "for",
                Shape::Choice(&["people"]),
                "Headings, yes and no in the caller's language, local times, and the form's title as the file name. \
                 Without it, the file is for programs.",
            ),
            (
                "time_zone",
                Shape::Text { min: 0, max: usize::MAX },
                "With `for=people`, the time zone of the file's times by its IANA name, such as `Africa/Dakar`; UTC if \
                 not given.",
            ),
            ("search", Shape::Text { min: 0, max: 500 }, "Words that an entry must all contain, as in the list."),
            ("created_at__gte", Shape::DateOrTime, "Only entries from this time on, as in the list."),
            ("created_at__lte", Shape::DateOrTime, "Only entries up to this time, as in the list."),
            (
                "ordering",
                Shape::Choice(&["created_at", "-created_at", "id", "-id"]),
                "The order of the entries; the oldest come first if not given.",
            ),
        ] {
            operation.parameter("query", name, shape, description);
        }
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
        let is_for_people = filters.choice("for", &["people"]).is_some();
        let zone = filters.parsed("time_zone", NO_TIME_ZONE);
        let (since, until) = (filters.since("created_at__gte"), filters.until("created_at__lte"));
        filters.finish()?;
        let selection = Selection {
            // No form has the id 0; one that is missing has been refused.
            form: form.unwrap_or_default(),
            since,
            until,
            search: Search::read(&call.query),
            order: Order::read(call.query.get("ordering").unwrap_or_default()),
        };
        let audience = if is_for_people {
            Audience::People { language: call.language, zone: zone.unwrap_or(Tz::UTC) }
        } else {
            Audience::Programs
        };
        Ok(Self { selection, format: format.as_deref().map_or(Format::Csv, Format::named), audience })
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
