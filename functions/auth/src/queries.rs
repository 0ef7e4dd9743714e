//! One function per statement.

use crate::{
    model::{Account, AccountRow, Device, ProfileChanges, Registration, Session, SessionFilter, SessionRow, User},
    tokens::Ticket,
};
use shared::{
    auth::CurrentUser,
    db::Conn,
    email::address,
    error::ApiError,
    list::{List, Page},
    text::Language,
};

pub(crate) async fn insert_user(
    db: &mut Conn,
    new: &Registration,
    password_hash: &str,
    language: Language,
) -> sqlx::Result<User> {
    sqlx::query_as!(
        User,
        "
        insert into users_customuser (email, email_key, password, first_name, last_name, phone, language)
        values ($1, $1, $2, $3, $4, $5, $6)
        returning
            id, email, first_name, last_name, phone, language, ticket_mail, is_admin, is_active, created_at, updated_at, version
        ",
        address::key_of(&new.email),
        password_hash,
        new.first_name,
        new.last_name,
        new.phone,
        language.code(),
    )
    .fetch_one(db)
    .await
}

/// Whether an account has an address.
pub(crate) async fn is_taken(db: &mut Conn, email: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from users_customuser where email_key = $1) as "is_taken!""#,
        address::key(email),
    )
    .fetch_one(db)
    .await
}

/// An adopted database may hold two accounts whose addresses differ by case: the exact one goes first.
pub(crate) async fn select_account(db: &mut Conn, email: &str) -> sqlx::Result<Option<Account>> {
    let row = sqlx::query_as!(
        AccountRow,
        "
        select
            id, email, first_name, last_name, phone, language, ticket_mail, is_admin, is_active, created_at, updated_at, version,
            password
        from users_customuser
        where email_key = any($1)
        order by array_position($1, email_key::text)
        limit 1
        ",
        &address::candidates(email),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(Account::from))
}

pub(crate) async fn select_own_account(db: &mut Conn, id: i64) -> sqlx::Result<Option<Account>> {
    let row = sqlx::query_as!(
        AccountRow,
        "
        select
            id, email, first_name, last_name, phone, language, ticket_mail, is_admin, is_active, created_at, updated_at, version,
            password
        from users_customuser
        where id = $1
        ",
        id,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(Account::from))
}

pub(crate) async fn select_user(db: &mut Conn, id: i64) -> sqlx::Result<Option<User>> {
    sqlx::query_as!(
        User,
        "
        select id, email, first_name, last_name, phone, language, ticket_mail, is_admin, is_active, created_at, updated_at, version
        from users_customuser
        where id = $1
        ",
        id,
    )
    .fetch_optional(db)
    .await
}

/// `None` where the account is in none of these versions.
pub(crate) async fn update_user(
    db: &mut Conn,
    id: i64,
    changes: &ProfileChanges,
    versions: Option<&[i64]>,
) -> sqlx::Result<Option<User>> {
    sqlx::query_as!(
        User,
        "
        update users_customuser
        set first_name = coalesce($3, first_name),
            last_name = coalesce($4, last_name),
            phone = coalesce($5, phone),
            language = coalesce($6, language),
            ticket_mail = coalesce($7, ticket_mail)
        where id = $1 and ($2::bigint[] is null or version = any($2))
        returning
            id, email, first_name, last_name, phone, language, ticket_mail, is_admin, is_active, created_at, updated_at, version
        ",
        id,
        versions,
        changes.first_name.as_deref(),
        changes.last_name.as_deref(),
        changes.phone.as_deref(),
        changes.language.as_deref(),
        changes.ticket_mail,
    )
    .fetch_optional(db)
    .await
}

/// The same password under another hash, which voids no link (`migrations/0013_accounts.sql`). False where it was changed
/// meanwhile.
pub(crate) async fn renew_password(db: &mut Conn, user_id: i64, old_hash: &str, new_hash: &str) -> sqlx::Result<bool> {
    let renewed = sqlx::query!(
        "
        update users_customuser
        set password = set_config('red.renewed_hash', $3, true)
        where id = $1 and password = $2
        ",
        user_id,
        old_hash,
        new_hash,
    )
    .execute(db)
    .await?;
    Ok(renewed.rows_affected() == 1)
}

/// False where the account was deactivated, or its password changed, since they were looked at: `for share` waits for a
/// change that is under way, which ends every session that it sees.
pub(crate) async fn insert_session(
    db: &mut Conn,
    user_id: i64,
    password_hash: &str,
    device: &Device<'_>,
) -> sqlx::Result<bool> {
    let inserted = sqlx::query!(
        "
        insert into auth_session (id, user_id, expires_at, user_agent, ip)
        select $1, id, now() + interval '7 days', $4, $5::text::inet
        from users_customuser
        where id = $2 and is_active and password = $3
        for share
        ",
        device.session_id,
        user_id,
        password_hash,
        device.user_agent,
        device.ip,
    )
    .execute(db)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Accepts a session's current refresh token. Answers whose it is.
pub(crate) async fn touch_session(db: &mut Conn, ticket: Ticket) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "
        update auth_session as session
        set last_used_at = now()
        from users_customuser as users
        where session.id = $1
            and session.generation = $2
            and session.revoked_at is null
            and session.expires_at > now()
            and users.id = session.user_id
            and users.is_active
        returning session.user_id
        ",
        ticket.session_id,
        ticket.generation,
    )
    .fetch_optional(db)
    .await
}

/// The same, and makes the next generation the current one. Of two at once one waits for the other here, and then finds
/// that its generation has passed. Rotation renews the session's seven days, to at most ninety after the sign-in.
pub(crate) async fn rotate_session(db: &mut Conn, ticket: Ticket) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "
        update auth_session as session
        set generation = generation + 1,
            rotations = array(
                select time
                from unnest(rotations[greatest(1, cardinality(rotations) - 998):]) as time
                where time > now() - interval '10 seconds'
            ) || now(),
            rotated_at = now(),
            last_used_at = now(),
            expires_at = least(now() + interval '7 days', session.created_at + interval '90 days')
        from users_customuser as users
        where session.id = $1
            and session.generation = $2
            and session.revoked_at is null
            and session.expires_at > now()
            and users.id = session.user_id
            and users.is_active
        returning session.user_id
        ",
        ticket.session_id,
        ticket.generation,
    )
    .fetch_optional(db)
    .await
}

/// A session, as it is seen from one of its refresh tokens: the rotation that retired this one is as many places from the
/// end of the list as there were rotations since.
pub(crate) async fn select_session(db: &mut Conn, ticket: Ticket) -> sqlx::Result<Option<Session>> {
    sqlx::query_as!(
        Session,
        r#"
        select
            session.user_id,
            session.generation,
            users.is_active,
            session.revoked_at is not null as "is_revoked!",
            session.expires_at <= now() as "is_expired!",
            session.generation > $2 and coalesce(
                session.rotations[cardinality(session.rotations) - (session.generation::bigint - $2 - 1)::int]
                    > now() - interval '10 seconds',
                false
            ) as "just_rotated!"
        from auth_session as session
        join users_customuser as users on users.id = session.user_id
        where session.id = $1
        "#,
        ticket.session_id,
        ticket.generation,
    )
    .fetch_optional(db)
    .await
}

/// Ends a session. Answers whose it was, unless it had ended already.
pub(crate) async fn revoke_session(db: &mut Conn, id: i64) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "update auth_session set revoked_at = now() where id = $1 and revoked_at is null returning user_id",
        id,
    )
    .fetch_optional(db)
    .await
}

/// False where this user has no such session, or it is over.
pub(crate) async fn revoke_own_session(db: &mut Conn, id: i64, user_id: i64) -> sqlx::Result<bool> {
    let revoked = sqlx::query!(
        "
        update auth_session
        set revoked_at = now()
        where id = $1 and user_id = $2 and revoked_at is null and expires_at > now()
        ",
        id,
        user_id,
    )
    .execute(db)
    .await?;
    Ok(revoked.rows_affected() == 1)
}

pub(crate) async fn select_sessions(
    db: &mut Conn,
    list: &List<SessionFilter>,
    user: CurrentUser,
) -> Result<Page<SessionRow>, ApiError> {
    list.select(
        db,
        "auth_session",
        |sql| {
            sql.push("id, created_at, last_used_at, user_agent, host(ip) as ip, id = ").push_bind(user.session_id);
            sql.push(" as is_current");
        },
        |sql| {
            sql.push(" and revoked_at is null and expires_at > now() and user_id = ").push_bind(user.id);
        },
    )
    .await
}

/// Sets a new password, and ends every session of the account.
pub(crate) async fn reset_password(db: &mut Conn, user_id: i64, password_hash: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "
        with changed as (
            update users_customuser set password = $2 where id = $1 returning id
        )
        update auth_session
        set revoked_at = now()
        from changed
        where user_id = changed.id and revoked_at is null
        ",
        user_id,
        password_hash,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Replaces the password that was verified, and ends every other session of the account. False if the password was changed
/// or the session ended since: the request then proves nothing any more.
pub(crate) async fn change_password(
    db: &mut Conn,
    user: CurrentUser,
    verified_hash: &str,
    new_hash: &str,
) -> sqlx::Result<bool> {
    let changed = sqlx::query_scalar!(
        r#"
        with changed as (
            update users_customuser
            set password = $4
            where id = $1
                and password = $3
                and exists (
                    select from auth_session where id = $2 and user_id = $1 and revoked_at is null and expires_at > now()
                )
            returning id
        ),
        ended as (
            update auth_session
            set revoked_at = now()
            from changed
            where user_id = changed.id and auth_session.id <> $2 and revoked_at is null
        )
        select exists (select from changed) as "changed!"
        "#,
        user.id,
        user.session_id,
        verified_hash,
        new_hash,
    )
    .fetch_one(db)
    .await?;
    Ok(changed)
}

/// False where there is no such active user, or not by this e-mail any more. `for share` keeps a change of the
/// account, which voids its links, from missing this one.
pub(crate) async fn insert_password_reset(
    db: &mut Conn,
    user_id: i64,
    email: &str,
    digest: &[u8],
) -> sqlx::Result<bool> {
    let inserted = sqlx::query!(
        "
        insert into auth_password_reset (token_sha256, user_id)
        select $3, id
        from users_customuser
        where id = $1 and email = $2 and is_active
        for share
        ",
        user_id,
        email,
        digest,
    )
    .execute(db)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Whom a link that still holds belongs to.
pub(crate) async fn select_reset_user(db: &mut Conn, digest: &[u8]) -> sqlx::Result<Option<User>> {
    sqlx::query_as!(
        User,
        "
        select
            users.id, email, first_name, last_name, phone, language, ticket_mail, is_admin, is_active, users.created_at,
            updated_at, version
        from auth_password_reset as reset
        join users_customuser as users on users.id = reset.user_id
        where reset.token_sha256 = $1 and reset.used_at is null and reset.expires_at > now() and users.is_active
        ",
        digest,
    )
    .fetch_optional(db)
    .await
}

/// False where the link was used or voided, or has expired, in the meantime. The account is locked before the link: a change
/// of the account voids its links, in this order.
pub(crate) async fn use_password_reset(db: &mut Conn, user_id: i64, digest: &[u8]) -> sqlx::Result<bool> {
    let used = sqlx::query!(
        "
        with owner as materialized (
            select id from users_customuser where id = $1 and is_active for no key update
        )
        update auth_password_reset as reset
        set used_at = now()
        from owner
        where reset.user_id = owner.id and token_sha256 = $2 and used_at is null and expires_at > now()
        ",
        user_id,
        digest,
    )
    .execute(db)
    .await?;
    Ok(used.rows_affected() == 1)
}
