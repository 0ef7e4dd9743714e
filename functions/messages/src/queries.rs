//! One function per statement. Each asks for the caller's own messages, without those that they deleted.

use shared::{
    db::Conn,
    error::ApiError,
    list::{Counted, List, Page},
};
use sqlx::types::Json;

use crate::model::{Message, MessageChanges, MessageFilter, NewMessage, Person};

/// The people are looked up for the rows of the page alone.
const COLUMNS: &str = "
    id, sender_id, recipient_id, left(content, 10001) as content, is_read, read_at, created_at, updated_at, version,
    (
        select jsonb_build_object('id', id, 'email', email, 'first_name', first_name, 'last_name', last_name)
        from users_customuser as person
        where person.id = sender_id
    ) as sender,
    (
        select jsonb_build_object('id', id, 'email', email, 'first_name', first_name, 'last_name', last_name)
        from users_customuser as person
        where person.id = recipient_id
    ) as recipient";

pub(crate) async fn select_messages(
    db: &mut Conn,
    list: &List<MessageFilter>,
    user_id: i64,
) -> Result<Page<Message>, ApiError> {
    let filter = &list.filter;
    list.select_counted(
        db,
        "messages_box",
        counted(filter, user_id),
        |sql| {
            sql.push(COLUMNS);
        },
        |sql| {
            sql.push(" and not hidden and owner_id = ").push_bind(user_id);
            if let Some(folder) = &filter.folder {
                sql.push(" and box = ").push_bind(folder.clone());
            }
            if let Some(is_read) = filter.is_read {
                sql.push(if is_read { " and is_read" } else { " and not is_read" });
            }
            if let Some(partner_id) = filter.with {
                sql.push(" and partner_id = ").push_bind(partner_id);
            }
        },
    )
    .await
}

/// Where nothing but a box is asked for, or which of the received ones were read.
fn counted(filter: &MessageFilter, user_id: i64) -> Option<Counted> {
    let MessageFilter { folder, is_read, with: None } = filter else { return None };
    match (folder.as_deref(), is_read) {
        (None, None) => Some(Counted::all("messages", user_id)),
        (Some("sent"), None) => Some(Counted::facets("messages", user_id, ["sent"])),
        (Some("inbox"), None) => Some(Counted::facets("messages", user_id, ["inbox read", "inbox unread"])),
        (Some("inbox"), Some(true)) => Some(Counted::facets("messages", user_id, ["inbox read"])),
        (Some("inbox"), Some(false)) => Some(Counted::facets("messages", user_id, ["inbox unread"])),
        _ => None,
    }
}

pub(crate) async fn select_message(db: &mut Conn, id: i64, user_id: i64) -> sqlx::Result<Option<Message>> {
    sqlx::query_as!(
        Message,
        r#"
        select
            message.id, sender_id, recipient_id, content, is_read, read_at, message.created_at, message.updated_at,
            message.version,
            jsonb_build_object(
                'id', sender.id, 'email', sender.email,
                'first_name', sender.first_name, 'last_name', sender.last_name
            ) as "sender!: Json<Person>",
            jsonb_build_object(
                'id', recipient.id, 'email', recipient.email,
                'first_name', recipient.first_name, 'last_name', recipient.last_name
            ) as "recipient!: Json<Person>"
        from messages_message as message
        join users_customuser as sender on sender.id = sender_id
        join users_customuser as recipient on recipient.id = recipient_id
        where message.id = $1
            and (sender_id = $2 and not hidden_for_sender or recipient_id = $2 and not hidden_for_recipient)
        "#,
        id,
        user_id,
    )
    .fetch_optional(db)
    .await
}

/// `None` where there is no such recipient, or their account is deactivated.
pub(crate) async fn insert_message(
    db: &mut Conn,
    message: &NewMessage,
    sender_id: i64,
) -> sqlx::Result<Option<Message>> {
    sqlx::query_as!(
        Message,
        r#"
        with message as (
            insert into messages_message (sender_id, recipient_id, content)
            select $1, id, $3
            from users_customuser
            where id = $2 and is_active
            returning id, sender_id, recipient_id, content, is_read, read_at, created_at, updated_at, version
        )
        select
            message.id, sender_id, recipient_id, content, is_read, read_at, message.created_at, message.updated_at,
            message.version,
            jsonb_build_object(
                'id', sender.id, 'email', sender.email,
                'first_name', sender.first_name, 'last_name', sender.last_name
            ) as "sender!: Json<Person>",
            jsonb_build_object(
                'id', recipient.id, 'email', recipient.email,
                'first_name', recipient.first_name, 'last_name', recipient.last_name
            ) as "recipient!: Json<Person>"
        from message
        join users_customuser as sender on sender.id = sender_id
        join users_customuser as recipient on recipient.id = recipient_id
        "#,
        sender_id,
        message.recipient_id,
        message.content,
    )
    .fetch_optional(db)
    .await
}

/// `None` where this user has not received such a message, or not in one of these versions. That it was read is noted the
/// first time.
pub(crate) async fn update_received_message(
    db: &mut Conn,
    id: i64,
    changes: &MessageChanges,
    versions: Option<&[i64]>,
    recipient_id: i64,
) -> sqlx::Result<Option<Message>> {
    sqlx::query_as!(
        Message,
        r#"
        update messages_message as message
        set is_read = coalesce($4, is_read),
            read_at = case when $4 and not is_read then now() when not $4 then null else read_at end
        from users_customuser as sender, users_customuser as recipient
        where message.id = $1
            and ($2::bigint[] is null or message.version = any($2))
            and recipient_id = $3
            and not hidden_for_recipient
            and sender.id = sender_id
            and recipient.id = recipient_id
        returning
            message.id, sender_id, recipient_id, content, is_read, read_at, message.created_at, message.updated_at,
            message.version,
            jsonb_build_object(
                'id', sender.id, 'email', sender.email,
                'first_name', sender.first_name, 'last_name', sender.last_name
            ) as "sender!: Json<Person>",
            jsonb_build_object(
                'id', recipient.id, 'email', recipient.email,
                'first_name', recipient.first_name, 'last_name', recipient.last_name
            ) as "recipient!: Json<Person>"
        "#,
        id,
        versions,
        recipient_id,
        changes.is_read,
    )
    .fetch_optional(db)
    .await
}

/// Answers how many were unread.
pub(crate) async fn mark_all_read(db: &mut Conn, recipient_id: i64) -> sqlx::Result<u64> {
    let marked = sqlx::query!(
        "
        update messages_message
        set is_read = true, read_at = now()
        where recipient_id = $1 and not is_read and not hidden_for_recipient
        ",
        recipient_id,
    )
    .execute(db)
    .await?;
    Ok(marked.rows_affected())
}

pub(crate) async fn count_unread(db: &mut Conn, recipient_id: i64) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "count!"
        from messages_message
        where recipient_id = $1 and not is_read and not hidden_for_recipient
        "#,
        recipient_id,
    )
    .fetch_one(db)
    .await
}

/// Hides a message from one of its two people. False where they have no such message, or not in one of these versions.
pub(crate) async fn hide_message(db: &mut Conn, id: i64, versions: Option<&[i64]>, user_id: i64) -> sqlx::Result<bool> {
    let hidden = sqlx::query!(
        "
        update messages_message
        set hidden_for_sender = hidden_for_sender or sender_id = $3,
            hidden_for_recipient = hidden_for_recipient or recipient_id = $3
        where id = $1
            and ($2::bigint[] is null or version = any($2))
            and (sender_id = $3 and not hidden_for_sender or recipient_id = $3 and not hidden_for_recipient)
        ",
        id,
        versions,
        user_id,
    )
    .execute(db)
    .await?;
    Ok(hidden.rows_affected() == 1)
}
