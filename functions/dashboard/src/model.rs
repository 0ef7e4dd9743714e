//! Rows and responses.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use shared::{auth::CurrentUser, cut, json::Stored, list::Filter, query::Filters, text::Language};
use sqlx::types::{Json, JsonValue};
use utoipa::ToSchema;

shared::choices!(
    /// How far the work on a ticket is.
    TICKET_STATUSES as TicketStatus = ["open", "in_progress", "closed"]
);
shared::choices!(
    /// How urgent a ticket is.
    TICKET_PRIORITIES as TicketPriority = ["low", "medium", "high"]
);
shared::choices!(
    /// Where an e-mail stands in the queue.
    EMAIL_STATUSES as EmailStatus = ["pending", "sending", "sent", "failed", "cancelled", "bounced", "complained"]
);
shared::choices!(
    /// A currency (ISO 4217).
    CURRENCIES as Currency = ["XOF", "EUR", "USD"]
);

/// Everything that a dashboard shows, as far as the caller may see it.
pub(crate) struct Figures {
    pub counts: Json<Vec<Figure>>,
    pub hotels_by_city: Json<Vec<City>>,
    pub activity: Json<Vec<Day>>,
    pub recent_tickets: Json<Vec<Ticket>>,
    pub recent_messages: Json<Vec<Message>>,
    pub recent_emails: Json<Vec<Email>>,
    pub recent_hotels: Json<Vec<NewHotel>>,
    pub popular_hotels: Json<Vec<Hotel>>,
}

/// How many rows a counter has under a facet: see migrations/0010_row_counts.sql.
#[derive(Debug, Deserialize)]
pub(crate) struct Figure {
    counter: String,
    facet: String,
    n: i64,
}

impl Figures {
    fn all(&self, counter: &str) -> i64 {
        self.sum(counter, |_| true)
    }

    fn of(&self, counter: &str, facet: &str) -> i64 {
        self.sum(counter, |other| other == facet)
    }

    fn sum(&self, counter: &str, is_meant: impl Fn(&str) -> bool) -> i64 {
        self.counts.iter().filter(|figure| figure.counter == counter && is_meant(&figure.facet)).map(|f| f.n).sum()
    }

    fn by_status(&self, counter: &str, statuses: &[&'static str]) -> BTreeMap<&'static str, i64> {
        statuses.iter().map(|status| (*status, self.of(counter, status))).collect()
    }

    fn counts(&self, user: CurrentUser) -> Counts {
        // What is not active does not exist for a user.
        let visible = |counter| if user.is_admin { self.all(counter) } else { self.of(counter, "active") };
        let admins = |counter| user.is_admin.then(|| self.all(counter));
        Counts {
            forms: visible("forms"),
            messages: self.all("messages"),
            users: admins("users"),
            emails: admins("emails"),
            hotels: visible("hotels"),
            entries: admins("entries"),
            tickets: self.all("tickets"),
        }
    }
}

/// The figures and latest rows that the caller may see.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Dashboard)]
pub(crate) struct Overview {
    /// The number of rows of each resource that the caller may see.
    counts: Counts,
    /// The caller's unread messages.
    unread_messages: i64,
    /// The number of tickets that the caller may see, by status.
    #[schema(value_type = BTreeMap<String, i64>)]
    tickets_by_status: BTreeMap<&'static str, i64>,
    /// Empty unless the caller is an administrator.
    #[schema(value_type = BTreeMap<String, i64>)]
    emails_by_status: BTreeMap<&'static str, i64>,
    /// The cities with the most hotels.
    #[serde(serialize_with = "rows")]
    #[schema(value_type = Vec<City>)]
    hotels_by_city: Json<Vec<City>>,
    /// The new rows of each day, oldest day first.
    #[schema(value_type = Vec<Day>)]
    activity: Json<Vec<Day>>,
    /// The latest tickets that the caller may see.
    #[serde(serialize_with = "rows")]
    #[schema(value_type = Vec<Ticket>)]
    recent_tickets: Json<Vec<Ticket>>,
    /// The caller's latest messages.
    #[serde(serialize_with = "rows")]
    #[schema(value_type = Vec<Message>)]
    recent_messages: Json<Vec<Message>>,
    /// The latest e-mails. Empty unless the caller is an administrator.
    #[serde(serialize_with = "rows")]
    #[schema(value_type = Vec<Email>)]
    recent_emails: Json<Vec<Email>>,
    /// The hotels with the highest rating.
    #[serde(serialize_with = "rows")]
    #[schema(value_type = Vec<Hotel>)]
    popular_hotels: Json<Vec<Hotel>>,
}

impl Overview {
    pub(crate) fn new(figures: Figures, user: CurrentUser) -> Self {
        let emails = if user.is_admin { EMAIL_STATUSES } else { &[] };
        Self {
            counts: figures.counts(user),
            unread_messages: figures.of("messages", "inbox unread"),
            tickets_by_status: figures.by_status("tickets", TICKET_STATUSES),
            emails_by_status: figures.by_status("emails", emails),
            hotels_by_city: figures.hotels_by_city,
            activity: figures.activity,
            recent_tickets: figures.recent_tickets,
            recent_messages: figures.recent_messages,
            recent_emails: figures.recent_emails,
            popular_hotels: figures.popular_hotels,
        }
    }
}

/// The number of rows of each resource, null if the caller may not see them.
#[derive(Debug, Serialize, ToSchema)]
struct Counts {
    /// The number of forms.
    forms: i64,
    /// The number of the caller's messages.
    messages: i64,
    /// The number of accounts, for administrators.
    users: Option<i64>,
    /// The number of e-mails, for administrators.
    emails: Option<i64>,
    /// The number of hotels.
    hotels: i64,
    /// The number of entries, for administrators.
    entries: Option<i64>,
    /// The number of tickets.
    tickets: i64,
}

/// The number of hotels in a city.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub(crate) struct City {
    /// The name of the city.
    city: String,
    /// The number of its hotels.
    count: i64,
}

/// The rows created on one day (UTC) that still exist.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub(crate) struct Day {
    /// The day.
    date: NaiveDate,
    /// New tickets.
    tickets: i64,
    /// The caller's new messages.
    messages: i64,
    /// New entries, for administrators.
    entries: Option<i64>,
    /// New e-mails, for administrators.
    emails: Option<i64>,
}

/// A recent ticket.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[schema(as = RecentTicket)]
pub(crate) struct Ticket {
    id: i64,
    title: String,
    description: String,
    #[schema(value_type = TicketStatus)]
    status: String,
    #[schema(value_type = TicketPriority)]
    priority: String,
    user: i64,
    user_name: String,
    #[serde(serialize_with = "shared::format::rfc3339")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "shared::format::rfc3339")]
    updated_at: DateTime<Utc>,
}

/// A recent message.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[schema(as = RecentMessage)]
pub(crate) struct Message {
    id: i64,
    sender: Person,
    recipient: Person,
    sender_id: i64,
    recipient_id: i64,
    content: String,
    is_read: bool,
    #[serde(serialize_with = "rfc3339_or_null")]
    read_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "shared::format::rfc3339")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "shared::format::rfc3339")]
    updated_at: DateTime<Utc>,
}

/// The public data of a person.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
struct Person {
    id: i64,
    email: String,
    first_name: String,
    last_name: String,
}

impl Person {
    fn name(&self) -> String {
        match format!("{} {}", self.first_name, self.last_name).trim() {
            "" => self.email.clone(),
            name => name.to_owned(),
        }
    }
}

/// A recent e-mail, without its body.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[schema(as = RecentEmail)]
pub(crate) struct Email {
    id: i64,
    recipient: String,
    subject: String,
    is_sent: bool,
    #[schema(value_type = EmailStatus)]
    status: String,
    attempts: i32,
    last_error: String,
    message_id: String,
    #[serde(serialize_with = "rfc3339_or_null")]
    scheduled_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "shared::format::rfc3339")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "rfc3339_or_null")]
    sent_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "shared::format::rfc3339")]
    updated_at: DateTime<Utc>,
}

/// A hotel of the dashboard.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[schema(as = HotelCard)]
pub(crate) struct Hotel {
    id: i64,
    name: String,
    city: String,
    /// With two places.
    #[schema(pattern = r"^-?[0-9]{1,8}\.[0-9]{2}$")]
    price_per_night: String,
    #[schema(value_type = Currency)]
    currency: String,
    rating: f64,
    rooms_count: i32,
    available_rooms: i32,
    is_active: bool,
    image_url: Option<String>,
    /// The same as `image_url`, for clients of the legacy API.
    image: Option<String>,
    #[serde(serialize_with = "shared::format::rfc3339")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "shared::format::rfc3339")]
    updated_at: DateTime<Utc>,
}

/// What is told of a hotel that is new.
#[derive(Debug, Deserialize)]
pub(crate) struct NewHotel {
    id: i64,
    name: String,
    created_at: DateTime<Utc>,
}

/// Rows as their own lists show them.
fn rows<T: Serialize, S: serde::Serializer>(Json(rows): &Json<Vec<T>>, serializer: S) -> Result<S::Ok, S::Error> {
    cut::rows(rows, serializer)
}

fn rfc3339_or_null<S: serde::Serializer>(time: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => shared::format::rfc3339(time, serializer),
        None => serializer.serialize_none(),
    }
}

/// The dashboard of the original. Every total is a number: 0 for reservations, which do not exist here, and where the
/// caller may not see the rows.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stats {
    /// The number of hotels.
    total_hotels: i64,
    /// The number of accounts.
    total_users: i64,
    /// The number of reservations.
    total_reservations: i64,
    /// The revenue of all reservations.
    total_revenue: i64,
    /// The number of tickets.
    total_tickets: i64,
    /// The number of the caller's messages.
    total_messages: i64,
    /// The number of e-mails.
    total_emails: i64,
    /// The latest events, newest first.
    #[serde(serialize_with = "cut::rows")]
    recent_activities: Vec<Activity>,
    /// The hotels with the highest rating.
    #[serde(serialize_with = "cut::rows")]
    popular_hotels: Vec<PopularHotel>,
}

/// How many of the latest events are told.
const ACTIVITIES: usize = 10;

impl Stats {
    pub(crate) fn new(figures: Figures, user: CurrentUser, language: Language) -> Self {
        let counts = figures.counts(user);
        let tickets = figures.recent_tickets.iter().map(|ticket| Activity::of_ticket(ticket, language));
        let messages = figures.recent_messages.iter().map(|message| Activity::of_message(message, user, language));
        let hotels = figures.recent_hotels.iter().map(|hotel| Activity::of_hotel(hotel, language));
        let mut recent_activities: Vec<_> = tickets.chain(messages).chain(hotels).collect();
        recent_activities.sort_by_key(|activity| std::cmp::Reverse(activity.timestamp));
        recent_activities.truncate(ACTIVITIES);
        let popular = |hotel: Hotel| PopularHotel { id: hotel.id, name: hotel.name, reservations: 0 };
        Self {
            total_hotels: counts.hotels,
            total_users: counts.users.unwrap_or_default(),
            total_reservations: 0,
            total_revenue: 0,
            total_tickets: counts.tickets,
            total_messages: counts.messages,
            total_emails: counts.emails.unwrap_or_default(),
            recent_activities,
            popular_hotels: figures.popular_hotels.0.into_iter().map(popular).collect(),
        }
    }
}

/// A recent event.
#[derive(Debug, Serialize, ToSchema)]
struct Activity {
    /// The id of the row.
    id: i64,
    /// The kind of row: `ticket`, `message` or `hotel`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The event in a sentence, in the caller's language.
    description: String,
    /// The time of the event.
    #[serde(serialize_with = "shared::format::rfc3339")]
    timestamp: DateTime<Utc>,
}

impl Activity {
    fn of_ticket(ticket: &Ticket, language: Language) -> Self {
        let description = match language {
            Language::French => format!("Nouveau ticket de {}\u{a0}: {}", ticket.user_name, ticket.title),
            Language::English => format!("New ticket from {}: {}", ticket.user_name, ticket.title),
        };
        Self { id: ticket.id, kind: "ticket", description, timestamp: ticket.created_at }
    }

    fn of_message(message: &Message, user: CurrentUser, language: Language) -> Self {
        let (sender, recipient) = (message.sender.name(), message.recipient.name());
        let description = match (message.sender_id == user.id, language) {
            (true, Language::French) => format!("Message envoyé à {recipient}"),
            (true, Language::English) => format!("Message sent to {recipient}"),
            (false, Language::French) => format!("Message reçu de {sender}"),
            (false, Language::English) => format!("Message received from {sender}"),
        };
        Self { id: message.id, kind: "message", description, timestamp: message.created_at }
    }

    fn of_hotel(hotel: &NewHotel, language: Language) -> Self {
        let description = match language {
            Language::French => format!("Nouvel hôtel\u{a0}: {}", hotel.name),
            Language::English => format!("New hotel: {}", hotel.name),
        };
        Self { id: hotel.id, kind: "hotel", description, timestamp: hotel.created_at }
    }
}

/// One of the highest rated hotels.
#[derive(Debug, Serialize, ToSchema)]
struct PopularHotel {
    id: i64,
    name: String,
    /// The number of its reservations.
    reservations: i64,
}

/// An entry of the audit log.
#[derive(Debug, Serialize, sqlx::FromRow, ToSchema)]
#[schema(as = AuditEvent)]
pub(crate) struct Event {
    pub id: i64,
    /// The id of the account that did it, null if there is none or it is gone.
    pub actor: Option<i64>,
    /// The e-mail address of that account at that time.
    pub actor_email: String,
    /// What was done.
    #[schema(value_type = AuditAction)]
    pub action: String,
    /// The kind of row.
    #[schema(value_type = AuditResource)]
    pub resource: String,
    /// The id of the row.
    pub object_id: Option<i64>,
    /// The changed fields with their values before and after: `{"field": [before, after]}`.
    #[schema(value_type = Object)]
    #[sqlx(try_from = "Stored")]
    pub changes: JsonValue,
    /// The IP address of the client.
    pub ip: Option<String>,
    #[serde(serialize_with = "shared::format::rfc3339")]
    pub created_at: DateTime<Utc>,
}

shared::choices!(
    /// What was done.
    ACTIONS as AuditAction = [
        "create",
        "update",
        "delete",
        "login",
        "login_failed",
        "logout",
        "refresh_reused",
        "password_reset",
        "password_reset_requested",
        "password_changed",
        "password_change_failed",
        "role_changed",
        "retry",
        "cancel",
        "lift",
    ]
);
shared::choices!(
    /// A kind of row.
    RESOURCES as AuditResource =
        ["user", "session", "hotel", "ticket", "message", "email", "form", "entry", "suppression"]
);

/// What the audit can be asked for.
#[derive(Debug)]
pub(crate) struct EventFilter {
    pub actor: Option<i64>,
    pub action: Option<String>,
    pub resource: Option<String>,
    pub object_id: Option<i64>,
    pub created_since: Option<DateTime<Utc>>,
    pub created_until: Option<DateTime<Utc>>,
}

impl Filter for EventFilter {
    const ORDERINGS: &'static [(&'static str, &'static str)] = &[("created_at", "created_at")];
    /// The record itself is whole; its list has up to two values for each field of a row.
    const MAX_CHARACTERS: usize = 1_000;

    fn read(filters: &mut Filters<'_>) -> Self {
        Self {
            actor: filters.id("actor"),
            action: filters.choice("action", ACTIONS),
            resource: filters.choice("resource", RESOURCES),
            object_id: filters.id("object_id"),
            created_since: filters.since("created_at__gte"),
            created_until: filters.until("created_at__lte"),
        }
    }
}
