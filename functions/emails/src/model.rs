//! Rows, requests, responses, and what makes them valid.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use shared::{
    extract::Versioned,
    fields::{self, Field, Fields, FromFields},
    list::Filter,
    openapi::Shape,
    query::Filters,
    text::Text,
};
use utoipa::ToSchema;

/// A queued or sent e-mail. An ellipsis replaces the secret of a link in its body.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, ToSchema)]
pub(crate) struct Email {
    pub id: i64,
    /// The e-mail address that it goes to.
    pub recipient: String,
    /// The subject line.
    pub subject: String,
    /// The text. A secret link is left out.
    pub body: String,
    /// Whether it was sent.
    pub is_sent: bool,
    /// Where it stands in the queue.
    #[schema(value_type = EmailStatus)]
    pub status: String,
    /// How often it was tried.
    pub attempts: i32,
    /// Why the last attempt failed, empty if it did not.
    pub last_error: String,
    /// The id that SES gave to it, empty before.
    pub message_id: String,
    /// The time before which it is not sent, null for at once.
    #[serde(serialize_with = "shared::format::rfc3339_or_null")]
    pub scheduled_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "shared::format::rfc3339")]
    pub created_at: DateTime<Utc>,
    /// When it was sent, null before.
    #[serde(serialize_with = "shared::format::rfc3339_or_null")]
    pub sent_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "shared::format::rfc3339")]
    pub updated_at: DateTime<Utc>,
    /// There is, or was, a secret link in it.
    #[serde(skip)]
    pub has_link: bool,
    #[serde(skip)]
    pub version: i64,
}

impl Email {
    /// Whether nobody tries to send it any more, and it was not sent.
    pub(crate) fn is_given_up(&self) -> bool {
        matches!(self.status.as_str(), "failed" | "cancelled")
    }
}

impl Versioned for Email {
    fn version(&self) -> i64 {
        self.version
    }
}

/// What an administrator says of a mail: of a new one, or of one that waits, in which what they leave out stays.
#[derive(Debug)]
pub(crate) struct EmailChanges {
    pub recipient: Option<String>,
    pub subject: Option<String>,
    pub body: Option<String>,
    /// `Some(None)`: now.
    pub scheduled_at: Option<Option<DateTime<Utc>>>,
}

impl FromFields for EmailChanges {
    const EXAMPLE: &'static str = r#"{
        "recipient": "awa.diop@example.sn", "subject": "Votre réservation", "body": "Bonjour Awa,\n\nÀ demain.",
        "scheduled_at": "2026-12-01T08:00:00Z"
    }"#;

    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            recipient: fields.required("recipient", on_one_line(fields::email(), Shape::Email)),
            subject: fields.required("subject", on_one_line(fields::title(255), Shape::Text { min: 1, max: 255 })),
            body: fields.required("body", fields::text(fields::MAX_TEXT)),
            scheduled_at: fields.clearable("scheduled_at", fields::time()),
        }
    }
}

/// A line break in a header begins another header.
fn on_one_line(
    field: Field<impl Fn(&Value) -> Result<String, Text>>,
    shape: Shape,
) -> Field<impl Fn(&Value) -> Result<String, Text>> {
    Field::new(shape, move |value| match value.as_str() {
        Some(text) if text.contains(['\r', '\n']) => {
            Err(Text::Own { fr: "Les sauts de ligne ne sont pas autorisés.", en: "Line breaks are not allowed." })
        }
        _ => field.read(value),
    })
}

/// What keeps a mail from being changed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Obstacles {
    /// The new recipient takes no more mail.
    pub is_suppressed: bool,
    pub is_waiting: bool,
    /// The product wrote it.
    pub is_automatic: bool,
    /// An attempt ended without an answer.
    pub may_be_sent: bool,
}

shared::choices!(
    /// Where an e-mail stands in the queue.
    STATUSES as EmailStatus = ["pending", "sending", "sent", "failed", "cancelled", "bounced", "complained"]
);
shared::choices!(
    /// Why an address gets no mail.
    REASONS as SuppressionReason = ["bounced", "complained"]
);

/// What the list can be asked for.
#[derive(Debug)]
pub(crate) struct EmailFilter {
    pub is_sent: Option<bool>,
    pub status: Option<String>,
    pub created_since: Option<DateTime<Utc>>,
    pub created_until: Option<DateTime<Utc>>,
}

impl Filter for EmailFilter {
    const ORDERINGS: &'static [(&'static str, &'static str)] =
        &[("created_at", "created_at"), ("sent_at", "sent_at"), ("status", "status")];
    const SEARCH: &'static str = "search";

    fn read(filters: &mut Filters<'_>) -> Self {
        Self {
            is_sent: filters.boolean("is_sent"),
            status: filters.choice("status", STATUSES),
            created_since: filters.since("created_at__gte"),
            created_until: filters.until("created_at__lte"),
        }
    }
}

/// An address that gets no more e-mail.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, ToSchema)]
pub(crate) struct Suppression {
    pub id: i64,
    /// The e-mail address that gets no mail.
    pub recipient: String,
    /// Whether mail to it bounced, or its owner complained.
    #[schema(value_type = SuppressionReason)]
    pub reason: String,
    #[serde(serialize_with = "shared::format::rfc3339")]
    pub created_at: DateTime<Utc>,
}

/// What the list of suppressed addresses can be asked for.
#[derive(Debug)]
pub(crate) struct SuppressionFilter {
    /// One address, in any case.
    pub recipient: Option<String>,
}

impl Filter for SuppressionFilter {
    const ORDERINGS: &'static [(&'static str, &'static str)] =
        &[("created_at", "created_at"), ("recipient", "recipient")];
    const SEARCH: &'static str = "fold(recipient)";

    fn read(filters: &mut Filters<'_>) -> Self {
        Self { recipient: filters.text("recipient") }
    }
}
