//! What became of mail: deliveries, bounces and complaints, which SES reports by EventBridge. A report finds its row by
//! the tag that the mail was sent with. The same report twice changes nothing.

mod queries;

use std::collections::HashMap;

use serde::Deserialize;
use shared::db::Db;

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
    fn reason(&self) -> String {
        let code = self.bounced_recipients.iter().find_map(|recipient| recipient.diagnostic_code.as_deref());
        format!("{}: {}", self.bounce_type, code.unwrap_or("no reason given"))
    }
}
