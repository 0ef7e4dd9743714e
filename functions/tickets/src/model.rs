//! Rows, requests, responses, and what makes them valid.

use chrono::{DateTime, Utc};
use serde::Serialize;
use shared::{
    error::{ApiError, FieldErrors},
    extract::Versioned,
    fields::{self, Fields, FromFields},
    list::Filter,
    query::Filters,
    text::{Language, Text},
};
use utoipa::ToSchema;

shared::choices!(
    /// How far the work on a ticket is.
    STATUSES as TicketStatus = ["open", "in_progress", "closed"]
);
shared::choices!(
    /// How urgent a ticket is.
    PRIORITIES as TicketPriority = ["low", "medium", "high"]
);
shared::choices!(
    /// What was said about a ticket: a comment, or a change of its status.
    KINDS as CommentKind = ["comment", "status"]
);

/// What a user may do with the status of their ticket. An administrator may set any.
const USER_TRANSITIONS: &[(&str, &str)] = &[("open", "closed"), ("in_progress", "closed"), ("closed", "open")];

/// A ticket.
#[derive(Debug, Serialize, sqlx::FromRow, ToSchema)]
pub(crate) struct Ticket {
    pub id: i64,
    /// What it is about, in one line.
    pub title: String,
    /// The problem in full.
    pub description: String,
    /// Open, being worked on, or closed.
    #[schema(value_type = TicketStatus)]
    pub status: String,
    /// How urgent it is.
    #[schema(value_type = TicketPriority)]
    pub priority: String,
    /// The id of the user who wrote it.
    pub user: i64,
    /// The name of that user.
    pub user_name: String,
    #[serde(serialize_with = "shared::format::rfc3339")]
    pub created_at: DateTime<Utc>,
    #[serde(serialize_with = "shared::format::rfc3339")]
    pub updated_at: DateTime<Utc>,
    #[serde(skip)]
    pub version: i64,
}

impl Ticket {
    /// What is wrong with it after a change. A ticket of an adopted database may have a status or a priority of its own, and
    /// whoever edits it is asked to put that right; only a change of its status is never kept waiting.
    pub(crate) fn check(&self, before: &Self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::default();
        if !STATUSES.contains(&self.status.as_str()) {
            errors.add("status", Text::NotAChoice(self.status.clone()));
        }
        if !PRIORITIES.contains(&self.priority.as_str()) && self.status == before.status {
            errors.add("priority", Text::NotAChoice(self.priority.clone()));
        }
        if errors.is_empty() { Ok(()) } else { Err(ApiError::Invalid(errors)) }
    }
}

impl Versioned for Ticket {
    fn version(&self) -> i64 {
        self.version
    }
}

/// A ticket that nobody else changes until the transaction ends, and what was true of its people when it was locked.
pub(crate) struct LockedTicket {
    pub ticket: Ticket,
    /// Whether the caller is an administrator.
    pub is_admin: bool,
    /// The address of the ticket's user, who reads about it in this language.
    pub email: String,
    pub first_name: String,
    pub language: Language,
}

impl LockedTicket {
    /// A user edits a ticket while it is not closed, or together with opening it again. What a change repeats is none.
    ///
    /// # Errors
    /// 403 for a status that only an administrator sets, 409 for a closed ticket.
    pub(crate) fn allow(&self, changes: &TicketChanges) -> Result<(), ApiError> {
        if self.is_admin {
            return Ok(());
        }
        let ticket = &self.ticket;
        let status = changes.status.as_deref().unwrap_or(&ticket.status);
        if status != ticket.status && !USER_TRANSITIONS.contains(&(ticket.status.as_str(), status)) {
            return Err(ApiError::Forbidden);
        }
        let differs = |change: &Option<String>, stored: &str| change.as_deref().is_some_and(|change| change != stored);
        let edits = differs(&changes.title, &ticket.title)
            || differs(&changes.description, &ticket.description)
            || differs(&changes.priority, &ticket.priority);
        if edits && ticket.status == "closed" && status == "closed" {
            return Err(ApiError::Conflict(Text::Own {
                fr: "Ce ticket est fermé. Rouvrez-le avant de le modifier.",
                en: "This ticket is closed. Reopen it before changing it.",
            }));
        }
        Ok(())
    }
}

/// A new ticket. It is open, and its user is whoever creates it.
pub(crate) struct NewTicket {
    pub title: String,
    pub description: String,
    pub priority: Option<String>,
}

impl FromFields for NewTicket {
    const EXAMPLE: &'static str =
        r#"{ "title": "Climatisation en panne", "description": "Chambre 12, depuis hier soir.", "priority": "high" }"#;

    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            title: fields.required("title", fields::title(255)).unwrap_or_default(),
            description: fields.required("description", fields::text(fields::MAX_TEXT)).unwrap_or_default(),
            priority: fields.optional("priority", fields::choice(PRIORITIES)),
        }
    }
}

/// What a client says of a ticket that exists. What it leaves out stays.
#[derive(Default)]
pub(crate) struct TicketChanges {
    pub title: Option<String>,
    pub description: Option<String>,
    pub priority: Option<String>,
    pub status: Option<String>,
}

impl FromFields for TicketChanges {
    const EXAMPLE: &'static str =
        r#"{ "title": "Climatisation en panne", "description": "Chambre 12, depuis hier soir.", "status": "closed" }"#;

    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            title: fields.required("title", fields::title(255)),
            description: fields.required("description", fields::text(fields::MAX_TEXT)),
            priority: fields.optional("priority", fields::choice(PRIORITIES)),
            status: fields.optional("status", fields::choice(STATUSES)),
        }
    }
}

/// A status in the words of a mail: "your ticket is …".
pub(crate) fn status_in_words(status: &str) -> Text {
    match status {
        "open" => Text::Own { fr: "ouvert", en: "open" },
        "in_progress" => Text::Own { fr: "en cours de traitement", en: "in progress" },
        _ => Text::Own { fr: "fermé", en: "closed" },
    }
}

/// What the list can be asked for.
#[derive(Debug)]
pub(crate) struct TicketFilter {
    pub status: Option<String>,
    pub priority: Option<String>,
    pub user: Option<i64>,
    pub created_since: Option<DateTime<Utc>>,
    pub created_until: Option<DateTime<Utc>>,
}

impl Filter for TicketFilter {
    const ORDERINGS: &'static [(&'static str, &'static str)] = &[
        ("created_at", "created_at"),
        ("updated_at", "updated_at"),
        ("status", "case status when 'open' then 1 when 'in_progress' then 2 else 3 end"),
        ("priority", "case priority when 'low' then 1 when 'medium' then 2 else 3 end"),
        ("title", "title_key"),
    ];
    const SEARCH: &'static str = "search";

    fn read(filters: &mut Filters<'_>) -> Self {
        Self {
            status: filters.choice("status", STATUSES),
            priority: filters.choice("priority", PRIORITIES),
            user: filters.id("user"),
            created_since: filters.since("created_at__gte"),
            created_until: filters.until("created_at__lte"),
        }
    }
}

/// A comment on a ticket (`content`), or a change of its status (`from` and `to`).
#[derive(Debug, Serialize, sqlx::FromRow, ToSchema)]
pub(crate) struct Comment {
    pub id: i64,
    /// The id of the ticket.
    pub ticket: i64,
    /// The id of its author.
    pub author: i64,
    /// The name of its author.
    pub author_name: String,
    /// A comment, or a change of the status.
    #[schema(value_type = CommentKind)]
    pub kind: String,
    /// The text of a comment. Null for a change of the status.
    pub content: Option<String>,
    /// The status before the change. Null for a comment.
    #[schema(value_type = Option<TicketStatus>)]
    pub from: Option<String>,
    /// The status after the change. Null for a comment.
    #[schema(value_type = Option<TicketStatus>)]
    pub to: Option<String>,
    #[serde(serialize_with = "shared::format::rfc3339")]
    pub created_at: DateTime<Utc>,
}

/// Nothing that was said is changed.
impl Versioned for Comment {
    fn version(&self) -> i64 {
        1
    }
}

/// A new comment.
pub(crate) struct NewComment {
    pub content: String,
}

impl FromFields for NewComment {
    const EXAMPLE: &'static str = r#"{ "content": "Un technicien passe ce matin." }"#;

    fn from_fields(fields: &mut Fields) -> Self {
        Self { content: fields.required("content", fields::text(5_000)).unwrap_or_default() }
    }
}

/// What a thread can be asked for.
#[derive(Debug)]
pub(crate) struct CommentFilter;

impl Filter for CommentFilter {
    const ORDERINGS: &'static [(&'static str, &'static str)] = &[("created_at", "created_at")];
    const DEFAULT_ORDERING: &'static str = "created_at";
    const SEARCH: &'static str = "fold(content)";

    fn read(_: &mut Filters<'_>) -> Self {
        Self
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use shared::text::Language;

    use super::{LockedTicket, STATUSES, Ticket, TicketChanges};

    fn ticket(status: &str, is_admin: bool) -> LockedTicket {
        LockedTicket {
            ticket: Ticket {
                id: 1,
                title: "Title".to_owned(),
                description: "Description".to_owned(),
                status: status.to_owned(),
                priority: "medium".to_owned(),
                user: 1,
                user_name: "Awa Diop".to_owned(),
                created_at: DateTime::UNIX_EPOCH,
                updated_at: DateTime::UNIX_EPOCH,
                version: 1,
            },
            is_admin,
            email: "awa@example.sn".to_owned(),
            first_name: "Awa".to_owned(),
            language: Language::French,
        }
    }

    fn answer(ticket: &LockedTicket, changes: &TicketChanges) -> u16 {
        ticket.allow(changes).map_or_else(|error| error.status().as_u16(), |()| 200)
    }

    #[test]
    fn a_user_closes_and_reopens_and_an_administrator_sets_any_status() {
        let closes_or_reopens = [("open", "closed"), ("in_progress", "closed"), ("closed", "open")];
        for from in STATUSES {
            for to in STATUSES {
                let changes = TicketChanges { status: Some((*to).to_owned()), ..TicketChanges::default() };
                let allowed = from == to || closes_or_reopens.contains(&(from, to));

                assert_eq!(answer(&ticket(from, false), &changes), if allowed { 200 } else { 403 }, "{from} {to}");
                assert_eq!(answer(&ticket(from, true), &changes), 200, "{from} {to}");
            }
        }
    }

    #[test]
    fn a_user_edits_what_is_not_closed_or_what_they_reopen() {
        let edit = |title: &str, status: Option<&str>| TicketChanges {
            title: Some(title.to_owned()),
            status: status.map(str::to_owned),
            ..TicketChanges::default()
        };
        for (from, changes, user, admin) in [
            ("open", edit("Other", None), 200, 200),
            ("in_progress", edit("Other", None), 200, 200),
            ("open", edit("Other", Some("closed")), 200, 200),
            ("closed", edit("Other", None), 409, 200),
            ("closed", edit("Other", Some("closed")), 409, 200),
            ("closed", edit("Title", Some("closed")), 200, 200),
            ("closed", edit("Other", Some("open")), 200, 200),
            ("closed", edit("Other", Some("in_progress")), 403, 200),
        ] {
            assert_eq!(answer(&ticket(from, false), &changes), user, "{from}");
            assert_eq!(answer(&ticket(from, true), &changes), admin, "{from}");
        }
    }
}
