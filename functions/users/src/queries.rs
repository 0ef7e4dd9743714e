//! One function per statement.

use shared::{
    db::Conn,
    email::address,
    error::{ApiError, Refusal},
    list::{Counted, List, Page},
    text::Language,
};

use crate::model::{DirectoryFilter, Person, User, UserChanges, UserFilter};

const COLUMNS: &str = "id, email, first_name, last_name, phone, language, ticket_mail, is_admin, is_active, created_at, updated_at, version";

pub(crate) async fn select_users(db: &mut Conn, list: &List<UserFilter>) -> Result<Page<User>, ApiError> {
    list.select_counted(
        db,
        "users_customuser",
        Some(counted(&list.filter)),
        |sql| {
            sql.push(COLUMNS);
        },
        |sql| {
            if let Some(is_admin) = list.filter.is_admin {
                sql.push(" and is_admin = ").push_bind(is_admin);
            }
            if let Some(is_active) = list.filter.is_active {
                sql.push(" and is_active = ").push_bind(is_active);
            }
        },
    )
    .await
}

fn counted(filter: &UserFilter) -> Counted {
    let UserFilter { is_admin, is_active } = filter;
    let facets = [
        ("active admin", true, true),
        ("active user", true, false),
        ("inactive admin", false, true),
        ("inactive user", false, false),
    ];
    let asked = facets.into_iter().filter(|(_, active, admin)| {
        is_active.is_none_or(|is_active| is_active == *active) && is_admin.is_none_or(|is_admin| is_admin == *admin)
    });
    Counted::facets("users", Counted::EVERYBODY, asked.map(|(facet, ..)| facet))
}

pub(crate) async fn select_people(db: &mut Conn, list: &List<DirectoryFilter>) -> Result<Page<Person>, ApiError> {
    let DirectoryFilter = list.filter;
    list.select_counted(
        db,
        "users_customuser",
        Some(Counted::facets("users", Counted::EVERYBODY, ["active admin", "active user"])),
        |sql| {
            sql.push("id, email, first_name, last_name");
        },
        |sql| {
            sql.push(" and is_active");
        },
    )
    .await
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

pub(crate) async fn select_person(db: &mut Conn, id: i64) -> sqlx::Result<Option<Person>> {
    sqlx::query_as!(
        Person,
        "select id, email, first_name, last_name from users_customuser where id = $1 and is_active",
        id,
    )
    .fetch_optional(db)
    .await
}

/// `None` where the caller is no longer an administrator.
pub(crate) async fn insert_user(
    db: &mut Conn,
    user: &UserChanges,
    password_hash: &str,
    language: Language,
    admin: i64,
) -> sqlx::Result<Option<User>> {
    sqlx::query_as!(
        User,
        "
        insert into users_customuser (
            email, email_key, password, first_name, last_name, phone, language, is_admin, is_active, ticket_mail
        )
        select
            $1, $1, $2, coalesce($3, ''), coalesce($4, ''), coalesce($5, ''), coalesce($6, $7), coalesce($8, false),
            coalesce($9, true), coalesce($11, true)
        where exists (select from users_customuser where id = $10 and is_admin and is_active)
        returning
            id, email, first_name, last_name, phone, language, ticket_mail, is_admin, is_active, created_at, updated_at, version
        ",
        user.email.as_deref().map(address::key_of),
        password_hash,
        user.first_name.as_deref(),
        user.last_name.as_deref(),
        user.phone.as_deref(),
        user.language.as_deref(),
        language.code(),
        user.is_admin,
        user.is_active,
        admin,
        user.ticket_mail,
    )
    .fetch_optional(db)
    .await
}

/// Whether another account has an address.
pub(crate) async fn is_taken(db: &mut Conn, email: &str, id: Option<i64>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"
        select exists (
            select from users_customuser where email_key = $1 and id is distinct from $2
        ) as "is_taken!"
        "#,
        address::key(email),
        id,
    )
    .fetch_one(db)
    .await
}

/// A link to choose a password, for an account that was just made. Whatever voids a reset link voids it.
pub(crate) async fn insert_invitation(db: &mut Conn, user_id: i64, digest: &[u8], hours: i32) -> sqlx::Result<()> {
    sqlx::query!(
        "
        insert into auth_password_reset (token_sha256, user_id, expires_at)
        values ($2, $1, now() + make_interval(hours => $3))
        ",
        user_id,
        digest,
        hours,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The accounts of the caller and of whom they write about, as they are before a change, which nobody else can make until
/// this transaction ends. Always in the order of their ids: of two administrators who write about each other at once,
/// one waits here, and then finds what the other has done. Whatever refers to an account can still be written meanwhile.
pub(crate) async fn lock_users(db: &mut Conn, ids: [i64; 2]) -> sqlx::Result<Vec<User>> {
    sqlx::query_as!(
        User,
        "
        select id, email, first_name, last_name, phone, language, ticket_mail, is_admin, is_active, created_at, updated_at, version
        from users_customuser
        where id = any($1)
        order by id
        for no key update
        ",
        &ids,
    )
    .fetch_all(db)
    .await
}

/// Writes the named columns of a locked account alone. An address that is repeated as it stands is no change: an adopted
/// one may have capital letters.
pub(crate) async fn update_user(
    db: &mut Conn,
    id: i64,
    changes: &UserChanges,
    password_hash: Option<&str>,
) -> sqlx::Result<User> {
    sqlx::query_as!(
        User,
        "
        update users_customuser
        set email = case when email = $10 then email else coalesce($2, email) end,
            email_key = case when email = $10 then email_key else coalesce($2, email_key) end,
            password = coalesce($3, password),
            first_name = coalesce($4, first_name),
            last_name = coalesce($5, last_name),
            phone = coalesce($6, phone),
            language = coalesce($7, language),
            is_admin = coalesce($8, is_admin),
            is_active = coalesce($9, is_active),
            ticket_mail = coalesce($11, ticket_mail)
        where id = $1
        returning
            id, email, first_name, last_name, phone, language, ticket_mail, is_admin, is_active, created_at, updated_at, version
        ",
        id,
        changes.email.as_deref().map(address::key_of),
        password_hash,
        changes.first_name.as_deref(),
        changes.last_name.as_deref(),
        changes.phone.as_deref(),
        changes.language.as_deref(),
        changes.is_admin,
        changes.is_active,
        changes.email.as_deref(),
        changes.ticket_mail,
    )
    .fetch_one(db)
    .await
}

pub(crate) async fn revoke_sessions(db: &mut Conn, user_id: i64) -> sqlx::Result<()> {
    sqlx::query!("update auth_session set revoked_at = now() where user_id = $1 and revoked_at is null", user_id)
        .execute(db)
        .await?;
    Ok(())
}

/// Deletes a locked account, and its sessions and links with it.
pub(crate) async fn delete_user(db: &mut Conn, id: i64) -> sqlx::Result<()> {
    sqlx::query!("delete from users_customuser where id = $1", id).execute(db).await?;
    Ok(())
}

/// Why a write may not be made at all.
pub(crate) async fn select_refusal(db: &mut Conn, id: i64, admin: i64) -> sqlx::Result<Refusal> {
    sqlx::query_as!(
        Refusal,
        r#"
        select
            exists (select from users_customuser where id = $2 and is_admin and is_active) as "is_admin!",
            exists (select from users_customuser where id = $1) as "exists!"
        "#,
        id,
        admin,
    )
    .fetch_one(db)
    .await
}
