//! What stands in for SES on one machine: a mailbox that speaks SES v2's HTTP API, so that the dispatcher's own SDK talks
//! to it and nothing but the endpoint differs. It keeps what was sent, shows it at `/mailbox`, gives it to tests as JSON,
//! and fails as SES and networks do when it is told to.

mod page;
mod preview;
mod schedule;
mod wire;

pub use schedule::{invoke_api, schedule};

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum_server::{
    Json, Router,
    extract::{Path, State},
    middleware::map_response,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use chrono::{DateTime, SecondsFormat, Utc};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::{Duration, Instant, SystemTime};
use uuid::Uuid;

use crate::{
    gateway::{Function, Invocation},
    site::secured,
};

/// So many mails are kept; then the oldest goes.
const KEPT: usize = 20_000;

/// Everything that was sent to it, and how it is to behave. Cheap to clone.
#[derive(Clone, Default)]
pub struct Mailbox(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    messages: VecDeque<Message>,
    last_number: u64,
    behaviour: Behaviour,
    /// What the rate leaves, and since when.
    bucket: Option<(f64, Instant)>,
    requests: u64,
    throttled: u64,
}

/// A mail as SES was given it.
#[derive(Clone, Debug, Serialize)]
pub struct Message {
    /// From 1 on, in the order of acceptance.
    pub number: u64,
    /// The id that was answered.
    pub message_id: String,
    /// When it was accepted.
    pub at: DateTime<Utc>,
    /// `FromEmailAddress`
    pub from: String,
    /// `ReplyToAddresses`
    pub reply_to: Vec<String>,
    /// `ToAddresses`
    pub to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// The body as text.
    pub text: String,
    /// The body as HTML.
    pub html: String,
    /// Headers of its own.
    pub headers: BTreeMap<String, String>,
    /// `EmailTags`
    pub tags: BTreeMap<String, String>,
    /// `ConfigurationSetName`
    pub configuration_set: Option<String>,
    /// Whether its sender was told that it was accepted.
    pub answered: bool,
}

/// How it behaves.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// How long each answer takes.
    pub latency_ms: u64,
    /// The account's mails a second; more are throttled.
    pub max_send_rate: f64,
    /// The account's mails a day; -1 is any number.
    pub max_24_hour_send: f64,
    /// What goes wrong.
    pub fault: Option<Fault>,
    /// With how many of the next sends; with all of them if not said.
    pub times: Option<u64>,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self { latency_ms: 0, max_send_rate: 100_000.0, max_24_hour_send: -1.0, fault: None, times: None }
    }
}

/// What can go wrong with a send.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// 429
    Throttle,
    /// 500
    Fail,
    /// 400: this mail is not acceptable.
    Reject,
    /// The connection closes without an answer; the mail was not taken.
    Reset,
    /// No answer comes; the mail was not taken.
    Hang,
    /// The mail was taken, and no answer comes.
    AcceptThenHang,
    /// The mail was taken, and the connection closes without an answer.
    AcceptThenReset,
    /// The day's quota is used up.
    Quota,
    /// The account may send nothing.
    Suspend,
    /// The sender's address is not verified.
    RefuseIdentity,
}

impl Mailbox {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything that was accepted, oldest first.
    pub fn messages(&self) -> Vec<Message> {
        self.inner().messages.iter().cloned().collect()
    }

    /// How many were ever accepted.
    pub fn accepted(&self) -> u64 {
        self.inner().last_number
    }

    /// How many sends were asked for, and how many of them were throttled.
    pub fn requests(&self) -> (u64, u64) {
        let inner = self.inner();
        (inner.requests, inner.throttled)
    }

    /// How it behaves now: `times` counts down.
    pub fn behaviour(&self) -> Behaviour {
        self.inner().behaviour.clone()
    }

    /// Changes how it behaves.
    pub fn behave(&self, behaviour: Behaviour) {
        let mut inner = self.inner();
        inner.bucket = None;
        inner.behaviour = behaviour;
    }

    /// Forgets what was sent.
    pub fn clear(&self) {
        let mut inner = self.inner();
        inner.messages.clear();
        (inner.requests, inner.throttled) = (0, 0);
    }

    /// SES's API, the pages, and JSON. `events` is the function that SES's reports go to.
    pub fn router(&self, events: Option<Function>) -> Router {
        let reports =
            Router::new().route("/mailbox/messages/{number}/{what}", post(report)).with_state((self.clone(), events));
        Router::new()
            .route("/v2/email/outbound-emails", post(wire::send_email))
            .route("/v2/email/account", get(wire::get_account))
            .route("/mailbox", get(page::list))
            .route("/mailbox/", get(page::list))
            .route("/mailbox/messages", get(list).delete(clear))
            .route("/mailbox/messages/{number}", get(page::message))
            .route("/mailbox/messages/{number}/html", get(page::html))
            .route("/mailbox/messages/{number}/text", get(page::text))
            .route("/mailbox/messages/{number}/source", get(page::source))
            .route("/mailbox/behaviour", get(behaviour).put(behave))
            .route("/mailbox/preview", get(preview::list))
            .route("/mailbox/preview/{name}/{language}", get(preview::html))
            .with_state(self.clone())
            .merge(reports)
            .route_layer(map_response(page::secured))
            .route_layer(map_response(secured))
    }

    fn message(&self, number: u64) -> Option<Message> {
        self.inner().messages.iter().find(|message| message.number == number).cloned()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn list(State(mailbox): State<Mailbox>) -> Json<Vec<Message>> {
    Json(mailbox.messages())
}

async fn clear(State(mailbox): State<Mailbox>) -> StatusCode {
    mailbox.clear();
    StatusCode::NO_CONTENT
}

async fn behaviour(State(mailbox): State<Mailbox>) -> Json<Behaviour> {
    Json(mailbox.behaviour())
}

async fn behave(State(mailbox): State<Mailbox>, Json(behaviour): Json<Behaviour>) -> StatusCode {
    mailbox.behave(behaviour);
    StatusCode::NO_CONTENT
}

/// Reports a delivery, a bounce or a complaint to the function that hears of them, as SES does by EventBridge.
async fn report(
    State((mailbox, events)): State<(Mailbox, Option<Function>)>,
    Path((number, what)): Path<(u64, String)>,
) -> Response {
    let (Some(message), Some(events)) = (mailbox.message(number), events) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Some(event) = message.report(&what) else { return StatusCode::NOT_FOUND.into_response() };
    let invocation = Invocation {
        event: event.to_string().into(),
        request_id: Uuid::new_v4().to_string(),
        deadline: SystemTime::now() + Duration::from_secs(25),
    };
    match events(invocation).await {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

impl Message {
    /// The event that SES would send by EventBridge: `delivery`, `bounce` (for good), `soft_bounce` or `complaint`.
    pub fn report(&self, what: &str) -> Option<Value> {
        let now = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
        let recipient = self.to.first()?;
        let bounce = |kind: &str, subtype: &str, code: &str| {
            json!({
                "bounceType": kind,
                "bounceSubType": subtype,
                "bouncedRecipients": [{ "emailAddress": recipient, "status": "5.1.1", "diagnosticCode": code }],
                "timestamp": now,
                "feedbackId": Uuid::new_v4(),
            })
        };
        let (detail_type, event_type, name, detail) = match what {
            "delivery" => {
                let detail = json!({ "timestamp": now, "recipients": [recipient], "smtpResponse": "250 OK" });
                ("Email Delivered", "Delivery", "delivery", detail)
            }
            "bounce" => {
                let detail = bounce("Permanent", "General", "smtp; 550 5.1.1 user unknown");
                ("Email Bounced", "Bounce", "bounce", detail)
            }
            "soft_bounce" => {
                let detail = bounce("Transient", "MailboxFull", "smtp; 552 5.2.2 mailbox full");
                ("Email Bounced", "Bounce", "bounce", detail)
            }
            "complaint" => {
                let detail = json!({
                    "complainedRecipients": [{ "emailAddress": recipient }],
                    "timestamp": now,
                    "feedbackId": Uuid::new_v4(),
                    "complaintFeedbackType": "abuse",
                });
                ("Email Complaint Received", "Complaint", "complaint", detail)
            }
            _ => return None,
        };
        let tags: BTreeMap<&str, [&str; 1]> =
            self.tags.iter().map(|(name, value)| (name.as_str(), [value.as_str()])).collect();
        Some(json!({
            "version": "0",
            "id": Uuid::new_v4(),
            "detail-type": detail_type,
            "source": "aws.ses",
            "account": "000000000000",
            "time": now,
            "region": "local",
            "resources": [],
            "detail": {
                "eventType": event_type,
                "mail": {
                    "timestamp": now,
                    "messageId": self.message_id,
                    "source": self.from,
                    "destination": self.to,
                    "tags": tags,
                },
                name: detail,
            },
        }))
    }
}
