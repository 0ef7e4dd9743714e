//! One function per statement. Each answers how many rows it changed: none where it had been heard before.

use shared::db::Conn;

/// It arrived, so it was sent, whatever was known of it.
pub(crate) async fn deliver(db: &mut Conn, id: i64, message_id: &str) -> sqlx::Result<u64> {
    let delivered = sqlx::query!(
        "
        update emails_email
        set status = 'sent', is_sent = true, sent_at = now(), message_id = left($2, 255), secret = null, last_error = ''
        where id = $1 and not is_sent
        ",
        id,
        message_id,
    )
    .execute(db)
    .await?;
    Ok(delivered.rows_affected())
}

/// It came back for good: nothing more goes to this address. The address is suppressed only by what is news, so that an
/// old report does not undo what an administrator has lifted.
pub(crate) async fn bounce(db: &mut Conn, id: i64, message_id: &str, reason: &str) -> sqlx::Result<u64> {
    let bounced = sqlx::query_scalar!(
        r#"
        with bounced as (
            update emails_email
            set status = 'bounced', is_sent = true, sent_at = coalesce(sent_at, now()), message_id = left($2, 255),
                secret = null, last_error = $3
            where id = $1 and status not in ('bounced', 'complained')
            returning recipient
        ),
        suppressed as (
            insert into emails_suppression (recipient, reason)
            select address_key(recipient), 'bounced'
            from bounced
            on conflict (recipient) do nothing
        )
        select count(*) as "changed!" from bounced
        "#,
        id,
        message_id,
        reason,
    )
    .fetch_one(db)
    .await?;
    Ok(bounced.unsigned_abs())
}

/// Its reader does not want it: nothing more goes to this address.
pub(crate) async fn complain(db: &mut Conn, id: i64, message_id: &str) -> sqlx::Result<u64> {
    let complained = sqlx::query_scalar!(
        r#"
        with complained as (
            update emails_email
            set status = 'complained', is_sent = true, sent_at = coalesce(sent_at, now()), message_id = left($2, 255),
                secret = null
            where id = $1 and status <> 'complained'
            returning recipient
        ),
        suppressed as (
            insert into emails_suppression (recipient, reason)
            select address_key(recipient), 'complained'
            from complained
            on conflict (recipient) do nothing
        )
        select count(*) as "changed!" from complained
        "#,
        id,
        message_id,
    )
    .fetch_one(db)
    .await?;
    Ok(complained.unsigned_abs())
}

/// It did not arrive this time.
pub(crate) async fn note(db: &mut Conn, id: i64, reason: &str) -> sqlx::Result<u64> {
    let noted = sqlx::query!(
        "update emails_email set last_error = $2 where id = $1 and status = 'sent' and last_error <> $2",
        id,
        reason,
    )
    .execute(db)
    .await?;
    Ok(noted.rows_affected())
}
