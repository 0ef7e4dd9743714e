//! Rows, requests, responses, and what makes them valid.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use shared::{
    extract::Versioned,
    fields::{self, Fields, FromFields},
    form::Definition,
    json::Stored,
    list::Filter,
    query::Filters,
};
use utoipa::ToSchema;

/// A form.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, ToSchema)]
pub(crate) struct Form {
    pub id: i64,
    /// The heading of the form.
    pub title: String,
    /// A text above the fields.
    pub description: String,
    /// The fields in their order. Forms of an imported database may have any JSON.
    #[sqlx(try_from = "Stored")]
    #[schema(schema_with = shared::form::answered)]
    pub fields: Value,
    /// Whether the form takes answers and users see it.
    pub is_active: bool,
    /// The number of entries, null for users.
    pub entries_count: i64,
    #[serde(serialize_with = "shared::format::rfc3339")]
    pub created_at: DateTime<Utc>,
    #[serde(serialize_with = "shared::format::rfc3339")]
    pub updated_at: DateTime<Utc>,
    #[serde(skip)]
    pub version: i64,
}

impl Versioned for Form {
    fn version(&self) -> i64 {
        self.version
    }
}

/// What a client says of a form. What it leaves out stays, or has the default of a new one.
#[derive(Debug)]
pub(crate) struct FormChanges {
    pub title: Option<String>,
    pub description: Option<String>,
    pub fields: Option<Definition>,
    pub is_active: Option<bool>,
}

impl FromFields for FormChanges {
    const EXAMPLE: &'static str = r#"{
        "title": "Votre séjour", "description": "Une minute suffit.",
        "fields": [
            { "name": "chambre", "label": "Chambre", "type": "integer", "required": true, "min": 1 },
            { "name": "avis", "label": "Votre avis", "type": "select", "options": ["Bien", "Moyen", "Mauvais"] }
        ]
    }"#;

    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            title: fields.required("title", fields::title(255)),
            description: fields.optional("description", fields::text_or_blank(fields::MAX_TEXT)),
            fields: fields.required("fields", Definition::field()),
            is_active: fields.optional("is_active", fields::boolean()),
        }
    }
}

/// What the list can be asked for.
#[derive(Debug)]
pub(crate) struct FormFilter {
    pub is_active: Option<bool>,
}

impl Filter for FormFilter {
    const ORDERINGS: &'static [(&'static str, &'static str)] =
        &[("title", "fold(title)"), ("created_at", "created_at")];
    const SEARCH: &'static str = "fold(title)";

    fn read(filters: &mut Filters<'_>) -> Self {
        Self { is_active: filters.boolean("is_active") }
    }
}
