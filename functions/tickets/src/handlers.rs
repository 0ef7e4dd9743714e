//! One function per route.

use axum::{Json, extract::State};
use serde_json::json;
use shared::{
    audit::{self, Action, Event},
    auth::CurrentUser,
    db::{Db, Tx},
    email::{
        self, Mail, TicketNews,
        queue::{enqueue, enqueue_for_administrators},
    },
    error::{ApiError, OrNotFound, Refusal},
    extract::{Created, Draft, Id, IfMatch, NoContent, Partial, Row, Whole, valid_or_refused},
    idempotency::Idempotency,
    lambda::Call,
    list::{List, Page},
    text::Text,
    throttle::{self, Limit},
};

use crate::{
    Tickets,
    model::{Comment, CommentFilter, NewComment, NewTicket, Ticket, TicketChanges, TicketFilter, status_in_words},
    queries,
};

/// Mails to each administrator about what one user did. Further ones say little that is new, and would fill mailboxes.
const NEWS: Limit = Limit { kind: "ticket-news", max: 60, seconds: 60 * 60 };

pub(crate) async fn list_tickets(
    State(db): State<Db>,
    user: CurrentUser,
    list: List<TicketFilter>,
) -> Result<Json<Page<Ticket>>, ApiError> {
    let mut conn = db.acquire().await?;
    let page = queries::select_tickets(&mut conn, &list, user).await?;
    Ok(Json(page))
}

pub(crate) async fn find_ticket(State(db): State<Db>, user: CurrentUser, Id(id): Id) -> Result<Row<Ticket>, ApiError> {
    let mut conn = db.acquire().await?;
    let ticket = queries::select_ticket(&mut conn, id, user).await?.or_not_found()?;
    Ok(Row(ticket))
}

pub(crate) async fn create_ticket(
    State(tickets): State<Tickets>,
    call: Call,
    user: CurrentUser,
    idempotency: Idempotency,
    Whole(ticket): Whole<NewTicket>,
) -> Result<Created<Ticket>, ApiError> {
    let mut conn = tickets.db.acquire().await?;
    idempotency.count_creation(&mut conn, user).await?;
    let mut tx = conn.begin().await?;
    if let Some(first_answer) = idempotency.replay(&mut tx).await? {
        return Ok(first_answer);
    }
    let created = queries::insert_ticket(&mut tx, &ticket, user.id).await?;
    tell_administrators(&mut tx, &tickets.web_origin, &created, TicketNews::Opened).await?;
    if user.is_admin {
        let event = Event::new(&call, Some(user.id), Action::Create, "ticket", Some(created.id));
        audit::record(&mut tx, &event.with_changes(None, Some(&created))).await?;
    }
    idempotency.commit(tx, created).await
}

pub(crate) async fn replace_ticket(
    State(tickets): State<Tickets>,
    call: Call,
    user: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
    ticket: Draft<Whole<TicketChanges>>,
) -> Result<Row<Ticket>, ApiError> {
    let changes = ticket.read(stored(&tickets.db, id, user), refusal(&tickets.db, id, user)).await?;
    change(&tickets, &call, user, id, &if_match, &changes).await
}

pub(crate) async fn update_ticket(
    State(tickets): State<Tickets>,
    call: Call,
    user: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
    changes: Draft<Partial<TicketChanges>>,
) -> Result<Row<Ticket>, ApiError> {
    let changes = changes.read(stored(&tickets.db, id, user), refusal(&tickets.db, id, user)).await?;
    change(&tickets, &call, user, id, &if_match, &changes).await
}

pub(crate) async fn delete_ticket(
    State(db): State<Db>,
    call: Call,
    user: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
) -> Result<NoContent, ApiError> {
    let mut conn = db.acquire().await?;
    let mut tx = conn.begin().await?;
    let locked = queries::lock_ticket(&mut tx, id, user.id).await?.or_not_found()?;
    if !queries::delete_ticket(&mut tx, id, if_match.versions(), user.id, locked.is_admin).await? {
        let refusal = queries::select_refusal(&mut tx, id, user.id, locked.is_admin).await?;
        let is_kept = !locked.is_admin && queries::is_answered(&mut tx, id).await?;
        return Err(refusal.or(if is_kept { answered() } else { ApiError::PreconditionFailed }));
    }
    if locked.is_admin {
        let event = Event::new(&call, Some(user.id), Action::Delete, "ticket", Some(id));
        audit::record(&mut tx, &event.with_changes(Some(&locked.ticket), None)).await?;
    }
    tx.commit().await?;
    Ok(NoContent)
}

pub(crate) async fn list_comments(
    State(db): State<Db>,
    user: CurrentUser,
    Id(id): Id,
    list: List<CommentFilter>,
) -> Result<Json<Page<Comment>>, ApiError> {
    let mut conn = db.acquire().await?;
    queries::select_ticket(&mut conn, id, user).await?.or_not_found()?;
    let page = queries::select_comments(&mut conn, &list, id).await?;
    Ok(Json(page))
}

pub(crate) async fn create_comment(
    State(tickets): State<Tickets>,
    call: Call,
    user: CurrentUser,
    Id(id): Id,
    idempotency: Idempotency,
    comment: Result<Whole<NewComment>, ApiError>,
) -> Result<Created<Comment>, ApiError> {
    let Whole(comment) = valid_or_refused(comment, refusal(&tickets.db, id, user)).await?;
    let mut conn = tickets.db.acquire().await?;
    idempotency.count_creation(&mut conn, user).await?;
    let mut tx = conn.begin().await?;
    if let Some(first_answer) = idempotency.replay(&mut tx).await? {
        return Ok(first_answer);
    }
    let locked = queries::lock_ticket(&mut tx, id, user.id).await?.or_not_found()?;
    let created = queries::insert_comment(&mut tx, id, user.id, &comment).await?;
    if locked.ticket.user != user.id {
        let mail = Mail::TicketCommented {
            web_origin: &tickets.web_origin,
            first_name: &locked.first_name,
            ticket: email::Ticket { id, title: &locked.ticket.title },
        };
        enqueue(&mut tx, &locked.email, locked.language, &mail).await?;
    } else {
        tell_administrators(&mut tx, &tickets.web_origin, &locked.ticket, TicketNews::Commented).await?;
    }
    if locked.is_admin {
        let event = Event::new(&call, Some(user.id), Action::Update, "ticket", Some(id));
        let after = json!({ "comment": created.content });
        audit::record(&mut tx, &event.with_changes(None, Some(&after))).await?;
    }
    idempotency.commit(tx, created).await
}

/// A ticket, its thread's line and the mail about it change together or not at all.
async fn change(
    Tickets { db, web_origin }: &Tickets,
    call: &Call,
    user: CurrentUser,
    id: i64,
    if_match: &IfMatch,
    changes: &TicketChanges,
) -> Result<Row<Ticket>, ApiError> {
    let mut conn = db.acquire().await?;
    // A change of the status adds a line to the thread.
    if changes.status.is_some() {
        throttle::count_creation(&mut conn, user).await?;
    }
    let mut tx = conn.begin().await?;
    let locked = queries::lock_ticket(&mut tx, id, user.id).await?.or_not_found()?;
    locked.allow(changes)?;
    let versions = if_match.versions();
    let after = queries::update_ticket(&mut tx, id, changes, versions, user.id, locked.is_admin).await?;
    let Some(after) = after else {
        let refusal = queries::select_refusal(&mut tx, id, user.id, locked.is_admin).await?;
        return Err(refusal.or(ApiError::PreconditionFailed));
    };
    let before = &locked.ticket;
    after.check(before)?;
    if after.status != before.status {
        queries::insert_transition(&mut tx, id, user.id, &before.status, &after.status).await?;
        if after.user != user.id {
            let mail = Mail::TicketStatusChanged {
                web_origin,
                first_name: &locked.first_name,
                ticket: email::Ticket { id, title: &after.title },
                status: status_in_words(&after.status),
            };
            enqueue(&mut tx, &locked.email, locked.language, &mail).await?;
        } else if before.status == "closed" {
            tell_administrators(&mut tx, web_origin, &after, TicketNews::Reopened).await?;
        }
    }
    if locked.is_admin {
        let event = Event::new(call, Some(user.id), Action::Update, "ticket", Some(id));
        audit::record(&mut tx, &event.with_changes(Some(before), Some(&after))).await?;
    }
    tx.commit().await?;
    Ok(Row(after))
}

/// Tells the administrators what the user of a ticket did.
async fn tell_administrators(
    tx: &mut Tx<'_>,
    web_origin: &str,
    ticket: &Ticket,
    news: TicketNews,
) -> Result<(), ApiError> {
    let mail = Mail::TicketNews { web_origin, ticket: email::Ticket { id: ticket.id, title: &ticket.title }, news };
    Ok(enqueue_for_administrators(tx, ticket.user, NEWS, &mail).await?)
}

async fn stored(db: &Db, id: i64, user: CurrentUser) -> Result<Option<Ticket>, ApiError> {
    Ok(queries::select_ticket(&mut db.acquire().await?, id, user).await?)
}

async fn refusal(db: &Db, id: i64, user: CurrentUser) -> sqlx::Result<Refusal> {
    queries::select_refusal(&mut db.acquire().await?, id, user.id, false).await
}

fn answered() -> ApiError {
    ApiError::Conflict(Text::Own {
        fr: "Ce ticket ne peut plus être supprimé\u{a0}: il n'est plus ouvert, ou quelqu'un y a répondu. Fermez-le.",
        en: "This ticket can no longer be deleted: it is not open any more, or somebody has answered it. Close it instead.",
    })
}
