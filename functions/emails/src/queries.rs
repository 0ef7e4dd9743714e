//! One function per statement. None selects a mail's secret.
//!
//! A write asks for the administrator's role inside the statement: the authorizer's answer may be a minute old.

use shared::{
    db::Conn,
    email::address,
    error::{ApiError, Refusal},
    list::{Counted, List, Page},
};
use sqlx::{Postgres, QueryBuilder};

use crate::model::{Email, EmailChanges, EmailFilter, Obstacles, Suppression, SuppressionFilter};

const COLUMNS: &str = "id, recipient, subject, left(body, 10001) as body, is_sent, status, attempts, last_error, message_id, scheduled_at, \
    created_at, sent_at, updated_at, version, expires_at is not null as has_link";

pub(crate) async fn select_emails(db: &mut Conn, list: &List<EmailFilter>) -> Result<Page<Email>, ApiError> {
    let filter = &list.filter;
    let columns = |sql: &mut QueryBuilder<Postgres>| {
        sql.push(COLUMNS);
    };
    let conditions = |sql: &mut QueryBuilder<Postgres>| {
        if let Some(is_sent) = filter.is_sent {
            sql.push(" and is_sent = ").push_bind(is_sent);
        }
        if let Some(status) = &filter.status {
            sql.push(" and status = ").push_bind(status.clone());
        }
        if let Some(since) = filter.created_since {
            sql.push(" and created_at >= ").push_bind(since);
        }
        if let Some(until) = filter.created_until {
            sql.push(" and created_at < ").push_bind(until);
        }
    };
    list.select_counted(db, "emails_email", counted(filter), columns, conditions).await
}

/// Where nothing but the state is asked for.
fn counted(filter: &EmailFilter) -> Option<Counted> {
    let EmailFilter { is_sent, status, created_since: None, created_until: None } = filter else { return None };
    let facets: &[&str] = match (is_sent, status) {
        (None, None) => return Some(Counted::all("emails", Counted::EVERYBODY)),
        (None, Some(status)) => &[status.as_str()],
        (Some(true), None) => &["sent", "bounced", "complained"],
        (Some(false), None) => &["pending", "sending", "failed", "cancelled"],
        (Some(_), Some(_)) => return None,
    };
    Some(Counted::facets("emails", Counted::EVERYBODY, facets.iter().copied()))
}

pub(crate) async fn select_email(db: &mut Conn, id: i64) -> sqlx::Result<Option<Email>> {
    sqlx::query_as!(
        Email,
        r#"
        select
            id, recipient, subject, body, is_sent, status, attempts, last_error, message_id, scheduled_at, created_at,
            sent_at, updated_at, version, expires_at is not null as "has_link!"
        from emails_email
        where id = $1
        "#,
        id,
    )
    .fetch_optional(db)
    .await
}

/// The mail as it is before a change, which nobody else can make until this transaction ends.
pub(crate) async fn lock_email(db: &mut Conn, id: i64) -> sqlx::Result<Option<Email>> {
    sqlx::query_as!(
        Email,
        r#"
        select
            id, recipient, subject, body, is_sent, status, attempts, last_error, message_id, scheduled_at, created_at,
            sent_at, updated_at, version, expires_at is not null as "has_link!"
        from emails_email
        where id = $1
        for update
        "#,
        id,
    )
    .fetch_optional(db)
    .await
}

/// `None` where the address takes no more mail, or the caller is no longer an administrator.
pub(crate) async fn insert_email(db: &mut Conn, email: &EmailChanges, admin: i64) -> sqlx::Result<Option<Email>> {
    sqlx::query_as!(
        Email,
        r#"
        insert into emails_email (recipient, subject, body, scheduled_at, next_attempt_at)
        select $1::text, $2, $3, $4, coalesce($4, now())
        where not exists (select from emails_suppression as dead where dead.recipient = address_key($1))
            and exists (select from users_customuser where id = $5 and is_admin and is_active)
        returning
            id, recipient, subject, body, is_sent, status, attempts, last_error, message_id, scheduled_at, created_at,
            sent_at, updated_at, version, expires_at is not null as "has_link!"
        "#,
        email.recipient.as_deref(),
        email.subject.as_deref(),
        email.body.as_deref(),
        email.scheduled_at.flatten(),
        admin,
    )
    .fetch_optional(db)
    .await
}

/// Changes a mail that a person wrote and that waits. `None` if it stays as it is: see [`select_obstacles`].
///
/// A mail that may have been sent is not changed: a late report about it would be taken for one about the new text or the
/// new recipient. A new time replaces the time of the next attempt; without one, a mail in backoff stays in it.
pub(crate) async fn update_email(
    db: &mut Conn,
    id: i64,
    changes: &EmailChanges,
    versions: Option<&[i64]>,
    admin: i64,
) -> sqlx::Result<Option<Email>> {
    sqlx::query_as!(
        Email,
        r#"
        update emails_email as mail
        set recipient = coalesce($4, recipient),
            subject = coalesce($5, subject),
            body = coalesce($6, body),
            scheduled_at = case when $7 then $8 else scheduled_at end,
            next_attempt_at = case
                when $7 and scheduled_at is distinct from $8 then greatest(now(), $8)
                else next_attempt_at
            end
        where id = $1
            and ($2::bigint[] is null or version = any($2))
            and status = 'pending'
            and html = ''
            and unknowns = 0
            and (
                $4::text is null or $4 = mail.recipient
                or not exists (select from emails_suppression as dead where dead.recipient = address_key($4))
            )
            and exists (select from users_customuser as admin where admin.id = $3 and is_admin and is_active)
        returning
            id, recipient, subject, body, is_sent, status, attempts, last_error, message_id, scheduled_at, created_at,
            sent_at, updated_at, version, expires_at is not null as "has_link!"
        "#,
        id,
        versions,
        admin,
        changes.recipient.as_deref(),
        changes.subject.as_deref(),
        changes.body.as_deref(),
        changes.scheduled_at.is_some(),
        changes.scheduled_at.flatten(),
    )
    .fetch_optional(db)
    .await
}

/// What keeps a mail from being changed, if it exists.
pub(crate) async fn select_obstacles(
    db: &mut Conn,
    id: i64,
    recipient: Option<&str>,
) -> sqlx::Result<Option<Obstacles>> {
    sqlx::query_as!(
        Obstacles,
        r#"
        select
            exists (
                select from emails_suppression as dead
                where dead.recipient = address_key($2) and $2 <> mail.recipient
            ) as "is_suppressed!",
            status = 'pending' as "is_waiting!",
            html <> '' as "is_automatic!",
            unknowns > 0 as "may_be_sent!"
        from emails_email as mail
        where id = $1
        "#,
        id,
        recipient,
    )
    .fetch_optional(db)
    .await
}

/// Puts a mail back that failed or was cancelled. `None` where there is no such mail, or it has a link, or its address takes
/// no more mail, or the caller is no longer an administrator.
pub(crate) async fn retry_email(db: &mut Conn, id: i64, admin: i64) -> sqlx::Result<Option<Email>> {
    sqlx::query_as!(
        Email,
        r#"
        update emails_email
        set status = 'pending',
            attempts = 0,
            unknowns = 0,
            last_error = '',
            next_attempt_at = greatest(now(), scheduled_at)
        where id = $1
            and status in ('failed', 'cancelled')
            and expires_at is null
            and not exists (
                select from emails_suppression as dead where dead.recipient = address_key(emails_email.recipient)
            )
            and exists (select from users_customuser as admin where admin.id = $2 and is_admin and is_active)
        returning
            id, recipient, subject, body, is_sent, status, attempts, last_error, message_id, scheduled_at, created_at,
            sent_at, updated_at, version, expires_at is not null as "has_link!"
        "#,
        id,
        admin,
    )
    .fetch_optional(db)
    .await
}

/// Stops a mail that waits. `None` where there is no such mail, or the caller is no longer an administrator.
pub(crate) async fn cancel_email(db: &mut Conn, id: i64, admin: i64) -> sqlx::Result<Option<Email>> {
    sqlx::query_as!(
        Email,
        r#"
        update emails_email
        set status = 'cancelled', secret = null
        where id = $1
            and status = 'pending'
            and exists (select from users_customuser as admin where admin.id = $2 and is_admin and is_active)
        returning
            id, recipient, subject, body, is_sent, status, attempts, last_error, message_id, scheduled_at, created_at,
            sent_at, updated_at, version, expires_at is not null as "has_link!"
        "#,
        id,
        admin,
    )
    .fetch_optional(db)
    .await
}

/// False where there is no such mail, or not in one of these versions, or it is being sent, or the caller is no longer an
/// administrator.
pub(crate) async fn delete_email(db: &mut Conn, id: i64, versions: Option<&[i64]>, admin: i64) -> sqlx::Result<bool> {
    let deleted = sqlx::query!(
        "
        delete from emails_email
        where id = $1
            and status <> 'sending'
            and ($3::bigint[] is null or version = any($3))
            and exists (select from users_customuser as admin where admin.id = $2 and is_admin and is_active)
        ",
        id,
        admin,
        versions,
    )
    .execute(db)
    .await?;
    Ok(deleted.rows_affected() == 1)
}

/// Why a write touched no row.
pub(crate) async fn select_refusal(db: &mut Conn, id: i64, admin: i64) -> sqlx::Result<Refusal> {
    sqlx::query_as!(
        Refusal,
        r#"
        select
            exists (select from users_customuser where id = $2 and is_admin and is_active) as "is_admin!",
            exists (select from emails_email where id = $1) as "exists!"
        "#,
        id,
        admin,
    )
    .fetch_one(db)
    .await
}

pub(crate) async fn is_admin(db: &mut Conn, admin: i64) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from users_customuser where id = $1 and is_admin and is_active) as "is_admin!""#,
        admin,
    )
    .fetch_one(db)
    .await
}

pub(crate) async fn select_suppressions(
    db: &mut Conn,
    list: &List<SuppressionFilter>,
) -> Result<Page<Suppression>, ApiError> {
    let columns = |sql: &mut QueryBuilder<Postgres>| {
        sql.push("id, recipient, reason, created_at");
    };
    let conditions = |sql: &mut QueryBuilder<Postgres>| {
        if let Some(recipient) = &list.filter.recipient {
            sql.push(" and recipient = ").push_bind(address::key(recipient));
        }
    };
    list.select(db, "emails_suppression", columns, conditions).await
}

/// The suppression that was lifted. `None` where there is none, or the caller is no longer an administrator.
pub(crate) async fn delete_suppression(db: &mut Conn, id: i64, admin: i64) -> sqlx::Result<Option<Suppression>> {
    sqlx::query_as!(
        Suppression,
        "
        delete from emails_suppression
        where id = $1
            and exists (select from users_customuser as admin where admin.id = $2 and is_admin and is_active)
        returning id, recipient, reason, created_at
        ",
        id,
        admin,
    )
    .fetch_optional(db)
    .await
}
