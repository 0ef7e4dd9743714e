//! Rows, requests, responses, and what makes them valid.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::{
    extract::Versioned,
    fields::{self, Field, Fields, FromFields},
    list::Filter,
    openapi::Shape,
    query::Filters,
    text::Text,
};
use sqlx::types::Json;
use utoipa::ToSchema;

/// A message from one user to another.
#[derive(Debug, Serialize, sqlx::FromRow, ToSchema)]
pub(crate) struct Message {
    pub id: i64,
    /// The person who sent it.
    #[schema(value_type = Person)]
    pub sender: Json<Person>,
    /// The person whom it was sent to.
    #[schema(value_type = Person)]
    pub recipient: Json<Person>,
    /// The id of the sender.
    pub sender_id: i64,
    /// The id of the recipient.
    pub recipient_id: i64,
    /// The text.
    pub content: String,
    /// Whether the recipient has read it.
    pub is_read: bool,
    /// When the recipient read it, null before.
    #[serde(serialize_with = "rfc3339_or_null")]
    pub read_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "shared::format::rfc3339")]
    pub created_at: DateTime<Utc>,
    #[serde(serialize_with = "shared::format::rfc3339")]
    pub updated_at: DateTime<Utc>,
    #[serde(skip)]
    pub version: i64,
}

impl Versioned for Message {
    fn version(&self) -> i64 {
        self.version
    }
}

/// The public data of a person.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Person {
    id: i64,
    email: String,
    first_name: String,
    last_name: String,
}

fn rfc3339_or_null<S: serde::Serializer>(time: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => shared::format::rfc3339(time, serializer),
        None => serializer.serialize_none(),
    }
}

/// What the record of administrators' writes says of a message: what was written is between the two of them.
#[derive(Debug, Serialize)]
pub(crate) struct Envelope {
    pub id: i64,
    pub sender_id: i64,
    pub recipient_id: i64,
}

/// A new message.
pub(crate) struct NewMessage {
    /// The name under which the recipient was given.
    pub recipient_field: &'static str,
    pub recipient_id: i64,
    pub content: String,
}

impl FromFields for NewMessage {
    const EXAMPLE: &'static str = r#"{ "recipient_id": 7, "content": "Bonjour, la salle est-elle libre samedi ?" }"#;

    fn from_fields(fields: &mut Fields) -> Self {
        let recipient_field = fields.either("recipient_id", "recipient", Shape::Other(id_or_person));
        Self {
            recipient_field,
            recipient_id: fields.required(recipient_field, recipient()).unwrap_or_default(),
            content: fields.required("content", fields::text(5_000)).unwrap_or_default(),
        }
    }
}

/// A person's id, or an object that has one.
fn recipient() -> Field<impl Fn(&Value) -> Result<i64, Text>> {
    Field::new(Shape::Integer { min: 0, max: i64::MAX }, to_id)
}

fn id_or_person() -> Value {
    let id = json!({ "type": "integer", "format": "int64", "minimum": 0 });
    json!({ "anyOf": [id, { "type": "object", "required": ["id"], "properties": { "id": id } }] })
}

fn to_id(value: &Value) -> Result<i64, Text> {
    let id = match value {
        Value::Object(person) => person.get("id").unwrap_or(value),
        id => id,
    };
    fields::key().read(id)
}

/// All that can be changed of a message.
pub(crate) struct MessageChanges {
    pub is_read: Option<bool>,
}

impl FromFields for MessageChanges {
    const EXAMPLE: &'static str = r#"{ "is_read": true }"#;

    fn from_fields(fields: &mut Fields) -> Self {
        Self { is_read: fields.optional("is_read", fields::boolean()) }
    }
}

/// The number of unread messages.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Unread {
    /// The number of the caller's unread messages.
    pub unread: i64,
}

/// The number of messages marked as read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Updated {
    /// The number of messages that are read now.
    pub updated: u64,
}

/// What the list can be asked for.
#[derive(Debug)]
pub(crate) struct MessageFilter {
    pub folder: Option<String>,
    pub is_read: Option<bool>,
    pub with: Option<i64>,
}

impl Filter for MessageFilter {
    const ORDERINGS: &'static [(&'static str, &'static str)] = &[("created_at", "created_at")];
    const SEARCH: &'static str = "search";

    fn read(filters: &mut Filters<'_>) -> Self {
        Self {
            folder: filters.choice("box", &["inbox", "sent"]),
            is_read: filters.boolean("is_read"),
            with: filters.id("with"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::text::Text;

    use super::to_id;

    #[test]
    fn a_recipient_is_an_id_or_an_object_with_one() {
        for value in [json!(12), json!("12"), json!(" 12 "), json!({ "id": 12, "email": "awa@example.sn" })] {
            assert_eq!(to_id(&value), Ok(12), "{value}");
        }
        for (value, kind) in [
            (json!("awa"), "str"),
            (json!(true), "bool"),
            (json!(1.5), "float"),
            (json!([12]), "list"),
            (json!({}), "dict"),
            (json!({ "id": null }), "NoneType"),
            (json!({ "id": { "id": 12 } }), "dict"),
        ] {
            assert_eq!(to_id(&value), Err(Text::NotAKey(kind)), "{value}");
        }
        let too_large = json!({ "id": 99_999_999_999_999_999_999_u128 });
        assert_eq!(to_id(&too_large), Err(Text::NoSuchKey("99999999999999999999".to_owned())));
    }
}
