//! Rows, requests, responses, and what makes them valid.

use axum::extract::FromRequestParts;
use chrono::{DateTime, Utc};
use http::request::Parts;
use serde::Serialize;
use serde_json::{Map, Value};
use shared::{
    error::{ApiError, Fault},
    extract::Versioned,
    fields::{self, Fields, FromFields},
    form::Definition,
    lambda::Call,
    list::Filter,
    query::Filters,
    text::Text,
};

/// An entry, as it is answered.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub(crate) struct Entry {
    pub id: i64,
    #[serde(rename = "form")]
    pub form_id: i64,
    /// As it is stored: that of an adopted database may be anything.
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
    /// Reads an entry's data.
    pub(crate) fn check(&self, data: &Map<String, Value>) -> Result<Value, ApiError> {
        let undefined = Text::Own {
            fr: "Les champs de ce formulaire sont mal définis : il ne peut recevoir de réponses.",
            en: "The fields of this form are not well defined, so that it cannot take answers.",
        };
        let definition = Definition::read(&self.fields).map_err(|_| ApiError::invalid("form", undefined))?;
        let checked = definition.check(data).map_err(|errors| ApiError::invalid("data", Fault::Object(errors)))?;
        Ok(Value::Object(checked))
    }
}

/// A form, as anybody sees it.
#[derive(Debug, Serialize)]
pub(crate) struct PublicForm {
    pub id: i64,
    pub title: String,
    pub description: String,
    pub fields: Value,
}

/// What a client says of an entry. What it leaves out stays.
#[derive(Debug)]
pub(crate) struct EntryChanges {
    pub form: Option<i64>,
    pub data: Option<Map<String, Value>>,
}

impl FromFields for EntryChanges {
    fn from_fields(fields: &mut Fields) -> Self {
        Self { form: fields.required("form", key), data: fields.required("data", fields::object) }
    }
}

/// The id of another row: a number, or one in quotation marks.
fn key(value: &Value) -> Result<i64, Text> {
    match value {
        Value::Number(_) | Value::String(_) => {
            let id = fields::integer(i64::MIN..=i64::MAX)(value);
            id.map_err(|_| Text::NotAKey(fields::kind_of(value)))
        }
        _ => Err(Text::NotAKey(fields::kind_of(value))),
    }
}

/// What anybody sends to a form.
#[derive(Debug)]
pub(crate) struct Submission {
    pub data: Map<String, Value>,
    /// Whether a field is filled in that people do not see.
    pub is_by_machine: bool,
}

impl FromFields for Submission {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            data: fields.required("data", fields::object).unwrap_or_default(),
            is_by_machine: fields.nullable("website", is_filled).unwrap_or_default(),
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of a reader")]
fn is_filled(value: &Value) -> Result<bool, Text> {
    Ok(value.as_str().is_none_or(|text| !text.trim().is_empty()))
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
}

impl<S: Sync> FromRequestParts<S> for ExportFilter {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let call = Call::from_request_parts(parts, state).await?;
        let mut filters = Filters::new(&call.query);
        let form = filters.id("form");
        filters.finish()?;
        form.map(|form| Self { form }).ok_or_else(|| ApiError::invalid("form", Text::Required))
    }
}
