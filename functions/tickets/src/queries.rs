//! One function per statement.
//!
//! What an administrator alone may do asks for the role inside the statement: the authorizer's answer may be a minute
//! old.

use shared::{
    auth::CurrentUser,
    db::Conn,
    error::{ApiError, Refusal},
    list::{Counted, List, Page},
    text::Language,
};

use crate::model::{Comment, CommentFilter, LockedTicket, NewComment, NewTicket, Ticket, TicketChanges, TicketFilter};

/// A list shows 10,000 characters of a text: see `shared/src/cut.rs`. The name is looked up for the rows of the page alone.
const COLUMNS: &str = r#"id, title, left(description, 10001) as description, status, priority, user_id as "user", created_at, updated_at, version,
    (select display_name(first_name, last_name, email) from users_customuser as person where person.id = user_id)
    as user_name"#;

const COMMENT_COLUMNS: &str = r#"id, ticket_id as ticket, author_id as author, kind, left(content, 10001) as content, from_status as "from",
    to_status as "to", created_at,
    (select display_name(first_name, last_name, email) from users_customuser as person where person.id = author_id)
    as author_name"#;

pub(crate) async fn select_tickets(
    db: &mut Conn,
    list: &List<TicketFilter>,
    user: CurrentUser,
) -> Result<Page<Ticket>, ApiError> {
    let filter = &list.filter;
    list.select_counted(
        db,
        "tickets_ticket",
        counted(filter, user),
        |sql| {
            sql.push(COLUMNS);
        },
        |sql| {
            if !user.is_admin {
                sql.push(" and user_id = ").push_bind(user.id);
            }
            if let Some(user_id) = filter.user {
                sql.push(" and user_id = ").push_bind(user_id);
            }
            if let Some(status) = &filter.status {
                sql.push(" and status = ").push_bind(status.clone());
            }
            if let Some(priority) = &filter.priority {
                sql.push(" and priority = ").push_bind(priority.clone());
            }
            if let Some(since) = filter.created_since {
                sql.push(" and created_at >= ").push_bind(since);
            }
            if let Some(until) = filter.created_until {
                sql.push(" and created_at < ").push_bind(until);
            }
        },
    )
    .await
}

/// Where nothing but status and user is asked for.
fn counted(filter: &TicketFilter, user: CurrentUser) -> Option<Counted> {
    let TicketFilter { status, priority: None, user: of, created_since: None, created_until: None } = filter else {
        return None;
    };
    let owner = match of {
        None if user.is_admin => Counted::EVERYBODY,
        Some(id) if user.is_admin => *id,
        None => user.id,
        Some(id) if *id == user.id => user.id,
        Some(_) => return None,
    };
    Some(match status {
        Some(status) => Counted::facets("tickets", owner, [status]),
        None => Counted::all("tickets", owner),
    })
}

pub(crate) async fn select_ticket(db: &mut Conn, id: i64, user: CurrentUser) -> sqlx::Result<Option<Ticket>> {
    sqlx::query_as!(
        Ticket,
        r#"
        select
            ticket.id, title, description, status, priority, user_id as "user", ticket.created_at, ticket.updated_at,
            ticket.version, display_name(first_name, last_name, email) as "user_name!"
        from tickets_ticket as ticket
        join users_customuser as person on person.id = user_id
        where ticket.id = $1 and (user_id = $2 or $3)
        "#,
        id,
        user.id,
        user.is_admin,
    )
    .fetch_optional(db)
    .await
}

/// The ticket as it is before a change, which nobody else can make until this transaction ends. `None` where the caller
/// may not see it.
pub(crate) async fn lock_ticket(db: &mut Conn, id: i64, user_id: i64) -> sqlx::Result<Option<LockedTicket>> {
    let row = sqlx::query!(
        r#"
        select
            ticket.id, title, description, status, priority, user_id as "user", ticket.created_at, ticket.updated_at,
            ticket.version, display_name(first_name, last_name, email) as "user_name!", email, first_name,
            language,
            caller.is_admin as "is_admin!"
        from tickets_ticket as ticket
        join users_customuser as person on person.id = user_id
        cross join (
            select exists (select from users_customuser where id = $2 and is_admin and is_active) as is_admin
        ) as caller
        where ticket.id = $1 and (user_id = $2 or caller.is_admin)
        for update of ticket
        "#,
        id,
        user_id,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| LockedTicket {
        ticket: Ticket {
            id: row.id,
            title: row.title,
            description: row.description,
            status: row.status,
            priority: row.priority,
            user: row.user,
            user_name: row.user_name,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        },
        is_admin: row.is_admin,
        language: Language::from_code(&row.language),
        email: row.email,
        first_name: row.first_name,
    }))
}

pub(crate) async fn insert_ticket(db: &mut Conn, ticket: &NewTicket, user_id: i64) -> sqlx::Result<Ticket> {
    sqlx::query_as!(
        Ticket,
        r#"
        insert into tickets_ticket (title, description, priority, user_id)
        values ($1, $2, coalesce($3, 'medium'), $4)
        returning
            id, title, description, status, priority, user_id as "user", created_at, updated_at, version,
            (
                select display_name(first_name, last_name, email)
                from users_customuser as person
                where person.id = user_id
            ) as "user_name!"
        "#,
        ticket.title,
        ticket.description,
        ticket.priority.as_deref(),
        user_id,
    )
    .fetch_one(db)
    .await
}

/// Writes the named columns alone, so that two changes of different fields at once both hold. `None` where the ticket is
/// in none of these versions, or where `as_admin` is asked for and the caller is no administrator: see
/// [`select_refusal`].
pub(crate) async fn update_ticket(
    db: &mut Conn,
    id: i64,
    changes: &TicketChanges,
    versions: Option<&[i64]>,
    user_id: i64,
    as_admin: bool,
) -> sqlx::Result<Option<Ticket>> {
    sqlx::query_as!(
        Ticket,
        r#"
        update tickets_ticket
        set title = coalesce($5, title),
            description = coalesce($6, description),
            priority = coalesce($7, priority),
            status = coalesce($8, status)
        where id = $1
            and ($2::bigint[] is null or version = any($2))
            and (not $4 or exists (select from users_customuser as admin where admin.id = $3 and is_admin and is_active))
        returning
            id, title, description, status, priority, user_id as "user", created_at, updated_at, version,
            (
                select display_name(first_name, last_name, email)
                from users_customuser as person
                where person.id = user_id
            ) as "user_name!"
        "#,
        id,
        versions,
        user_id,
        as_admin,
        changes.title.as_deref(),
        changes.description.as_deref(),
        changes.priority.as_deref(),
        changes.status.as_deref(),
    )
    .fetch_optional(db)
    .await
}

/// False if the ticket stays: see [`update_ticket`] and [`is_answered`] for what keeps it. It is locked, so nobody can
/// answer it meanwhile.
pub(crate) async fn delete_ticket(
    db: &mut Conn,
    id: i64,
    versions: Option<&[i64]>,
    user_id: i64,
    as_admin: bool,
) -> sqlx::Result<bool> {
    let deleted = sqlx::query!(
        "
        delete from tickets_ticket
        where id = $1
            and ($2::bigint[] is null or version = any($2))
            and case
                when $4 then exists (select from users_customuser as admin where admin.id = $3 and is_admin and is_active)
                else status = 'open'
                    and not exists (select from tickets_comment where ticket_id = $1 and author_id <> user_id)
            end
        ",
        id,
        versions,
        user_id,
        as_admin,
    )
    .execute(db)
    .await?;
    Ok(deleted.rows_affected() == 1)
}

/// Whether a ticket is no longer its user's alone: it is not open, or somebody else commented on it or changed its status.
pub(crate) async fn is_answered(db: &mut Conn, id: i64) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"
        select exists (
            select from tickets_ticket as ticket
            where id = $1
                and (
                    status <> 'open'
                    or exists (select from tickets_comment where ticket_id = $1 and author_id <> ticket.user_id)
                )
        ) as "is_answered!"
        "#,
        id,
    )
    .fetch_one(db)
    .await
}

/// Why a write touched no row, or may not be made at all. Whoever sees a ticket needs no role to write; whoever acts as an
/// administrator needs that one.
pub(crate) async fn select_refusal(db: &mut Conn, id: i64, user_id: i64, as_admin: bool) -> sqlx::Result<Refusal> {
    sqlx::query_as!(
        Refusal,
        r#"
        select
            not $3 or caller.is_admin as "is_admin!",
            exists (select from tickets_ticket where id = $1 and (user_id = $2 or caller.is_admin)) as "exists!"
        from (
            select exists (select from users_customuser where id = $2 and is_admin and is_active) as is_admin
        ) as caller
        "#,
        id,
        user_id,
        as_admin,
    )
    .fetch_one(db)
    .await
}

pub(crate) async fn select_comments(
    db: &mut Conn,
    list: &List<CommentFilter>,
    ticket_id: i64,
) -> Result<Page<Comment>, ApiError> {
    list.select(
        db,
        "tickets_comment",
        |sql| {
            sql.push(COMMENT_COLUMNS);
        },
        |sql| {
            sql.push(" and ticket_id = ").push_bind(ticket_id);
        },
    )
    .await
}

pub(crate) async fn insert_comment(
    db: &mut Conn,
    ticket_id: i64,
    author_id: i64,
    comment: &NewComment,
) -> sqlx::Result<Comment> {
    sqlx::query_as!(
        Comment,
        r#"
        insert into tickets_comment (ticket_id, author_id, kind, content)
        values ($1, $2, 'comment', $3)
        returning
            id, ticket_id as ticket, author_id as author, kind, content, from_status as "from", to_status as "to",
            created_at,
            (
                select display_name(first_name, last_name, email)
                from users_customuser as person
                where person.id = author_id
            ) as "author_name!"
        "#,
        ticket_id,
        author_id,
        comment.content,
    )
    .fetch_one(db)
    .await
}

/// The thread's line for a change of the status.
pub(crate) async fn insert_transition(
    db: &mut Conn,
    ticket_id: i64,
    author_id: i64,
    from: &str,
    to: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "
        insert into tickets_comment (ticket_id, author_id, kind, from_status, to_status)
        values ($1, $2, 'status', $3, $4)
        ",
        ticket_id,
        author_id,
        from,
        to,
    )
    .execute(db)
    .await?;
    Ok(())
}
