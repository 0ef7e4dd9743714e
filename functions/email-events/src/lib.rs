//! What became of mail: deliveries, bounces and complaints, which SES reports by EventBridge. A report finds its row by
//! the tag that the mail was sent with. The same report twice changes nothing.

mod queries;

use std::collections::HashMap;

use serde::Deserialize;
use shared::db::Db;

/// How much is kept of what another mail server says, in characters.
const MAX_REASON: usize = 1_000;

/// What EventBridge calls us with.
/// <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html>
#[derive(Debug, Deserialize)]
pub struct Event {
    detail: Detail,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    event_type: String,
    mail: Mail,
    bounce: Option<Bounce>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mail {
    message_id: String,
    #[serde(default)]
    tags: HashMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    bounce_type: String,
    #[serde(default)]
    bounced_recipients: Vec<BouncedRecipient>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BouncedRecipient {
    diagnostic_code: Option<String>,
}

/// Writes down what SES reports. What is not about mail of ours is passed over.
///
/// # Errors
/// When the database does not answer.
pub async fn record(db: &Db, event: Event) -> sqlx::Result<()> {
    let Detail { event_type, mail, bounce } = event.detail;
    let tag = mail.tags.get("email_id").and_then(|values| values.first());
    let Some(id) = tag.and_then(|id| id.parse::<i64>().ok()) else {
        tracing::warn!(event_type, "a report about a mail that is not ours");
        return Ok(());
    };
    let recorded = async {
        let mut conn = db.acquire().await?;
        match (event_type.as_str(), bounce) {
            ("Delivery", _) => queries::deliver(&mut conn, id, &mail.message_id).await,
            // A mailbox that is full may have room tomorrow: the address is not given up.
            ("Bounce", Some(bounce)) if bounce.bounce_type != "Permanent" => {
                queries::note(&mut conn, id, &bounce.reason()).await
            }
            ("Bounce", Some(bounce)) => queries::bounce(&mut conn, id, &mail.message_id, &bounce.reason()).await,
            ("Complaint", _) => queries::complain(&mut conn, id, &mail.message_id).await,
            _ => Ok(0),
        }
    }
    .await;
    if recorded.is_err() {
        db.settle(true).await;
    }
    tracing::info!(email = id, event_type, changed = recorded?, "reported");
    Ok(())
}

impl Bounce {
    /// The words of a server that anybody may run: of any length, with any character in them. PostgreSQL takes no NUL, and
    /// a report that cannot be stored would leave its address as it was.
    fn reason(&self) -> String {
        let code = self.bounced_recipients.iter().find_map(|recipient| recipient.diagnostic_code.as_deref());
        let reason = format!("{}: {}", self.bounce_type, code.unwrap_or("no reason given"));
        reason.chars().take(MAX_REASON).map(|c| if c == '\0' { char::REPLACEMENT_CHARACTER } else { c }).collect()
    }
}

#[cfg(test)]
mod properties {
    #![allow(clippy::unwrap_used)]

    use proptest::{collection::vec, prelude::*};
    use serde_json::{Value, json};

    use super::{Event, MAX_REASON};

    fn anything() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            "(?s).{0,20}".prop_map(Value::from),
            Just(json!({})),
            Just(json!([])),
            Just(json!([{}])),
        ]
    }

    proptest! {
        #[test]
        fn a_reason_can_be_stored_whatever_a_server_says(
            kind in "(?s).{0,30}", codes in vec(prop::option::of(prop_oneof!["(?s).{0,60}", ".{3000,4000}", "(\0|a){1,10}"]), 0..3),
        ) {
            let recipients: Vec<Value> = codes.iter().map(|code| json!({ "emailAddress": "a@example.sn", "diagnosticCode": code })).collect();
            let event: Event = serde_json::from_value(json!({ "detail": {
                "eventType": "Bounce",
                "mail": { "messageId": "1", "tags": { "email_id": ["1"] } },
                "bounce": { "bounceType": kind, "bouncedRecipients": recipients },
            } }))
            .unwrap();

            let reason = event.detail.bounce.unwrap().reason();

            prop_assert!(!reason.contains('\0'), "{reason:?}");
            prop_assert!(reason.chars().count() <= MAX_REASON);
            if let Some(code) = codes.iter().flatten().next().filter(|code| code.chars().count() + kind.chars().count() < 90) {
                prop_assert_eq!(reason, format!("{kind}: {code}").replace('\0', "\u{fffd}"));
            }
        }

        #[test]
        fn an_event_of_another_shape_is_refused_and_not_misread(
            detail in anything(), mail in anything(), tags in anything(), bounce in anything(),
        ) {
            for event in [
                json!({ "detail": detail }),
                json!({ "detail": { "eventType": "Bounce", "mail": mail, "bounce": bounce } }),
                json!({ "detail": { "eventType": "Delivery", "mail": { "messageId": "1", "tags": tags } } }),
            ] {
                if let Ok(Event { detail }) = serde_json::from_value(event.clone()) {
                    prop_assert_eq!(&json!(detail.mail.message_id), &event["detail"]["mail"]["messageId"]);
                }
            }
        }
    }
}
