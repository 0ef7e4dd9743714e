//! The outbox. A mail is queued in the transaction of what causes it, so it exists exactly if its cause does; a
//! dispatcher sends it later. Delivery is at least once.

use super::Mail;
use crate::{db::Tx, text::Language};

/// Queues a mail. It leaves only if the transaction commits.
///
/// # Errors
/// When the database does not answer.
pub async fn enqueue(tx: &mut Tx<'_>, recipient: &str, language: Language, mail: &Mail<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into emails_email (recipient, subject, body) values ($1, $2, $3)",
        recipient,
        mail.subject(language),
        mail.body(language),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
