//! Which dispatcher works, and housekeeping: one function per statement. The outbox itself is in `shared::email::queue`.

use shared::db::Conn;
use uuid::Uuid;

/// Rows that one statement of housekeeping removes: few enough that nobody waits for it.
const BATCH: i64 = 1_000;

/// Takes the lease, or renews it. Where somebody else has it, they are told that there may be mail that they have not
/// seen.
pub(crate) async fn take_lease(db: &mut Conn, holder: Uuid, seconds: f64) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"
        update emails_dispatcher
        set holder = case when held_until <= now() or holder = $1 then $1 else holder end,
            called = not (held_until <= now() or holder = $1),
            held_until = case
                when held_until <= now() or holder = $1 then now() + make_interval(secs => $2)
                else held_until
            end
        returning holder = $1 as "holds!"
        "#,
        holder,
        seconds,
    )
    .fetch_one(db)
    .await
}

/// Gives the lease back, unless somebody was told off meanwhile: then there is more to do. True where there is not.
pub(crate) async fn give_lease_back(db: &mut Conn, holder: Uuid) -> sqlx::Result<bool> {
    let kept = sqlx::query_scalar!(
        r#"
        update emails_dispatcher
        set held_until = case when called then held_until else now() end,
            called = false
        where holder = $1
        returning held_until > now() as "kept!"
        "#,
        holder,
    )
    .fetch_optional(db)
    .await?;
    Ok(!kept.unwrap_or_default())
}

/// Whether housekeeping is due. Asking is promising to do it.
pub(crate) async fn begin_tidying(db: &mut Conn) -> sqlx::Result<bool> {
    let begun =
        sqlx::query!("update emails_dispatcher set tidied_at = now() where tidied_at <= now() - interval '1 hour'")
            .execute(db)
            .await?;
    Ok(begun.rows_affected() == 1)
}

/// How long the mail that waits longest has been due; 0 where none is.
pub(crate) async fn overdue_seconds(db: &mut Conn) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        select coalesce(ceil(extract(epoch from now() - min(next_attempt_at))), 0)::bigint as "seconds!"
        from (
            (
                select next_attempt_at from emails_email
                where status in ('pending', 'sending') and secret is null and next_attempt_at <= now()
                order by next_attempt_at, id
                limit 1
            )
            union all
            (
                select next_attempt_at from emails_email
                where status in ('pending', 'sending') and secret is not null and next_attempt_at <= now()
                order by next_attempt_at, id
                limit 1
            )
        ) as due
        "#
    )
    .fetch_one(db)
    .await
}

/// Sessions that ended a week ago. Until then somebody may ask what became of them.
pub(crate) async fn delete_sessions(db: &mut Conn) -> sqlx::Result<u64> {
    let deleted = sqlx::query!(
        "
        delete from auth_session
        where id in (select id from auth_session where expires_at < now() - interval '7 days' limit $1)
        ",
        BATCH,
    )
    .execute(db)
    .await?;
    Ok(deleted.rows_affected())
}

/// Links to choose a password that have not held for a day.
pub(crate) async fn delete_password_resets(db: &mut Conn) -> sqlx::Result<u64> {
    let deleted = sqlx::query!(
        "
        delete from auth_password_reset
        where token_sha256 in (
            select token_sha256 from auth_password_reset where expires_at < now() - interval '1 day' limit $1
        )
        ",
        BATCH,
    )
    .execute(db)
    .await?;
    Ok(deleted.rows_affected())
}

/// Counts of attempts whose time is over. One that is counted again meanwhile stays.
pub(crate) async fn delete_attempts(db: &mut Conn) -> sqlx::Result<u64> {
    let deleted = sqlx::query!(
        "
        delete from auth_attempt
        where (kind, subject) in (
            select kind, subject from auth_attempt where expires_at <= now() limit $1 for update skip locked
        )
            and expires_at <= now()
        ",
        BATCH,
    )
    .execute(db)
    .await?;
    Ok(deleted.rows_affected())
}

/// Answers that were kept for their day.
pub(crate) async fn delete_idempotency_keys(db: &mut Conn) -> sqlx::Result<u64> {
    let deleted = sqlx::query!(
        "
        delete from idempotency_key
        where (user_id, path, key_sha256) in (
                select user_id, path, key_sha256 from idempotency_key where expires_at <= now() limit $1
            )
            and expires_at <= now()
        ",
        BATCH,
    )
    .execute(db)
    .await?;
    Ok(deleted.rows_affected())
}

/// Mail that is done and old. What still waits stays, however old it is, and what an adopted database brought has its time
/// from the adoption on.
pub(crate) async fn delete_emails(db: &mut Conn, retention_days: i32) -> sqlx::Result<u64> {
    let deleted = sqlx::query!(
        "
        delete from emails_email
        where id in (
            select id
            from emails_email
            where created_at < now() - make_interval(days => $1)
                and updated_at < now() - make_interval(days => $1)
                and status not in ('pending', 'sending')
            order by created_at
            limit $2
        )
        ",
        retention_days,
        BATCH,
    )
    .execute(db)
    .await?;
    Ok(deleted.rows_affected())
}

/// Which of these photos no hotel names.
pub(crate) async fn select_orphaned_photos(db: &mut Conn, keys: &[String]) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"
        select key as "key!"
        from unnest($1::text[]) as key
        where not exists (select from hotels_hotel where image_key = key)
        "#,
        keys,
    )
    .fetch_all(db)
    .await
}
