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

/// Queues a mail with a secret in it, to an account: for no account it does nothing. Only the
/// dispatcher ever selects the secret, and puts it in the place of [`super::SECRET`].
///
/// # Errors
/// When the database does not answer.
pub async fn enqueue_secret(
    tx: &mut Tx<'_>,
    user_id: i64,
    language: Language,
    mail: &Mail<'_>,
    secret: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "
        insert into emails_email (recipient, subject, body, secret)
        select email, $2, $3, $4
        from users_customuser
        where id = $1
        ",
        user_id,
        mail.subject(language),
        mail.body(language),
        secret,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
