//! One function per route.

use axum::{Json, extract::State};
use shared::{
    audit::{self, Action, Event},
    auth::CurrentUser,
    db::Db,
    error::{ApiError, OnConstraint, OrNotFound},
    extract::{Created, Id, IfMatch, NoContent, Partial, Row, Whole},
    idempotency::Idempotency,
    lambda::Call,
    list::{List, Page},
    text::Text,
};

use crate::{
    model::{Envelope, Message, MessageChanges, MessageFilter, NewMessage, Unread, Updated},
    queries,
};

pub(crate) async fn list_messages(
    State(db): State<Db>,
    user: CurrentUser,
    list: List<MessageFilter>,
) -> Result<Json<Page<Message>>, ApiError> {
    let mut conn = db.acquire().await?;
    let page = queries::select_messages(&mut conn, &list, user.id).await?;
    Ok(Json(page))
}

pub(crate) async fn find_message(
    State(db): State<Db>,
    user: CurrentUser,
    Id(id): Id,
) -> Result<Row<Message>, ApiError> {
    let mut conn = db.acquire().await?;
    let message = queries::select_message(&mut conn, id, user.id).await?.or_not_found()?;
    Ok(Row(message))
}

pub(crate) async fn create_message(
    State(db): State<Db>,
    call: Call,
    user: CurrentUser,
    idempotency: Idempotency,
    Whole(message): Whole<NewMessage>,
) -> Result<Created<Message>, ApiError> {
    if message.recipient_id == user.id {
        let text =
            Text::Own { fr: "Vous ne pouvez pas vous écrire à vous-même.", en: "You cannot write to yourself." };
        return Err(ApiError::invalid(message.recipient_field, text));
    }
    let nobody = || ApiError::invalid(message.recipient_field, Text::NoSuchKey(message.recipient_id.to_string()));
    let mut conn = db.acquire().await?;
    idempotency.count_creation(&mut conn, user).await?;
    let mut tx = conn.begin().await?;
    if let Some(first_answer) = idempotency.replay(&mut tx).await? {
        return Ok(first_answer);
    }
    let created = queries::insert_message(&mut tx, &message, user.id)
        .await
        .on_constraint("messages_recipient_id_fkey", nobody)?
        .ok_or_else(nobody)?;
    if user.is_admin {
        let event = Event::new(&call, Some(user.id), Action::Create, "message", Some(created.id));
        audit::record(&mut tx, &event.with_changes(None, Some(&envelope(&created)))).await?;
    }
    idempotency.commit(tx, created).await
}

pub(crate) async fn update_message(
    State(db): State<Db>,
    user: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
    changes: Result<Partial<MessageChanges>, ApiError>,
) -> Result<Row<Message>, ApiError> {
    let changes = match changes {
        Ok(Partial(changes)) => changes,
        Err(error) => {
            queries::select_message(&mut db.acquire().await?, id, user.id).await?.or_not_found()?;
            return Err(error);
        }
    };
    change(&db, user, id, &if_match, &changes).await
}

pub(crate) async fn read_message(
    State(db): State<Db>,
    user: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
) -> Result<Row<Message>, ApiError> {
    change(&db, user, id, &if_match, &MessageChanges { is_read: Some(true) }).await
}

pub(crate) async fn count_unread(State(db): State<Db>, user: CurrentUser) -> Result<Json<Unread>, ApiError> {
    let mut conn = db.acquire().await?;
    let unread = queries::count_unread(&mut conn, user.id).await?;
    Ok(Json(Unread { unread }))
}

pub(crate) async fn read_all(State(db): State<Db>, user: CurrentUser) -> Result<Json<Updated>, ApiError> {
    let mut conn = db.acquire().await?;
    let updated = queries::mark_all_read(&mut conn, user.id).await?;
    Ok(Json(Updated { updated }))
}

pub(crate) async fn delete_message(
    State(db): State<Db>,
    call: Call,
    user: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
) -> Result<NoContent, ApiError> {
    let mut conn = db.acquire().await?;
    let mut tx = conn.begin().await?;
    let message = queries::select_message(&mut tx, id, user.id).await?.or_not_found()?;
    if !queries::hide_message(&mut tx, id, if_match.versions(), user.id).await? {
        // Changed since, or hidden by a second request at once.
        queries::select_message(&mut tx, id, user.id).await?.or_not_found()?;
        return Err(ApiError::PreconditionFailed);
    }
    if user.is_admin {
        let event = Event::new(&call, Some(user.id), Action::Delete, "message", Some(id));
        audit::record(&mut tx, &event.with_changes(Some(&envelope(&message)), None)).await?;
    }
    tx.commit().await?;
    Ok(NoContent)
}

/// Whether a message is read is the recipient's to say. The sender may repeat it, as in a whole record.
async fn change(
    db: &Db,
    user: CurrentUser,
    id: i64,
    if_match: &IfMatch,
    changes: &MessageChanges,
) -> Result<Row<Message>, ApiError> {
    let mut conn = db.acquire().await?;
    let changed = queries::update_received_message(&mut conn, id, changes, if_match.versions(), user.id).await?;
    if let Some(message) = changed {
        return Ok(Row(message));
    }
    let message = queries::select_message(&mut conn, id, user.id).await?.or_not_found()?;
    let is_sender = message.recipient_id != user.id;
    if is_sender && changes.is_read.is_some_and(|is_read| is_read != message.is_read) {
        return Err(ApiError::Forbidden);
    }
    if is_sender && if_match.admits(message.version) { Ok(Row(message)) } else { Err(ApiError::PreconditionFailed) }
}

fn envelope(message: &Message) -> Envelope {
    let Message { id, sender_id, recipient_id, .. } = *message;
    Envelope { id, sender_id, recipient_id }
}
