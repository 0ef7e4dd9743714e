//! One function per route.

use axum::{Json, extract::State};
use shared::{
    audit::{self, Action, Event},
    auth::CurrentUser,
    db::Db,
    error::{ApiError, OrNotFound, Refusal},
    extract::{Created, Draft, Id, IfMatch, NoContent, Partial, Row, Whole},
    idempotency::Idempotency,
    lambda::Call,
    list::{List, Page},
    text::Text,
};

use crate::{
    model::{Email, EmailChanges, EmailFilter, Obstacles, Suppression, SuppressionFilter},
    queries,
};

pub(crate) async fn list_emails(State(db): State<Db>, list: List<EmailFilter>) -> Result<Json<Page<Email>>, ApiError> {
    let mut conn = db.acquire().await?;
    let page = queries::select_emails(&mut conn, &list).await?;
    Ok(Json(page))
}

pub(crate) async fn find_email(State(db): State<Db>, Id(id): Id) -> Result<Row<Email>, ApiError> {
    let mut conn = db.acquire().await?;
    let email = queries::select_email(&mut conn, id).await?.or_not_found()?;
    Ok(Row(email))
}

pub(crate) async fn create_email(
    State(db): State<Db>,
    call: Call,
    admin: CurrentUser,
    idempotency: Idempotency,
    Whole(email): Whole<EmailChanges>,
) -> Result<Created<Email>, ApiError> {
    let mut conn = db.acquire().await?;
    let mut tx = conn.begin().await?;
    if let Some(first_answer) = idempotency.replay(&mut tx).await? {
        return Ok(first_answer);
    }
    let Some(created) = queries::insert_email(&mut tx, &email, admin.id).await? else {
        let is_admin = queries::is_admin(&mut tx, admin.id).await?;
        return Err(if is_admin { suppressed() } else { ApiError::Forbidden });
    };
    let event = Event::new(&call, Some(admin.id), Action::Create, "email", Some(created.id));
    audit::record(&mut tx, &event.with_changes(None, Some(&created))).await?;
    idempotency.commit(tx, created).await
}

pub(crate) async fn replace_email(
    State(db): State<Db>,
    call: Call,
    admin: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
    email: Draft<Whole<EmailChanges>>,
) -> Result<Row<Email>, ApiError> {
    let changes = email.read(stored(&db, id), refusal(&db, id, admin)).await?;
    change(&db, &call, admin, id, &if_match, &changes).await
}

pub(crate) async fn update_email(
    State(db): State<Db>,
    call: Call,
    admin: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
    changes: Draft<Partial<EmailChanges>>,
) -> Result<Row<Email>, ApiError> {
    let changes = changes.read(stored(&db, id), refusal(&db, id, admin)).await?;
    change(&db, &call, admin, id, &if_match, &changes).await
}

pub(crate) async fn retry_email(
    State(db): State<Db>,
    call: Call,
    admin: CurrentUser,
    Id(id): Id,
) -> Result<Row<Email>, ApiError> {
    let mut conn = db.acquire().await?;
    let mut tx = conn.begin().await?;
    let before = queries::lock_email(&mut tx, id).await?;
    let Some(after) = queries::retry_email(&mut tx, id, admin.id).await? else {
        let conflict = match &before {
            Some(email) if !email.is_given_up() => not_given_up(),
            Some(Email { has_link: true, .. }) => link_expired(),
            _ => unreachable_address(),
        };
        return Err(queries::select_refusal(&mut tx, id, admin.id).await?.or(conflict));
    };
    let event = Event::new(&call, Some(admin.id), Action::Retry, "email", Some(id));
    audit::record(&mut tx, &event.with_changes(before.as_ref(), Some(&after))).await?;
    tx.commit().await?;
    Ok(Row(after))
}

pub(crate) async fn cancel_email(
    State(db): State<Db>,
    call: Call,
    admin: CurrentUser,
    Id(id): Id,
) -> Result<Row<Email>, ApiError> {
    let mut conn = db.acquire().await?;
    let mut tx = conn.begin().await?;
    let before = queries::lock_email(&mut tx, id).await?;
    let Some(after) = queries::cancel_email(&mut tx, id, admin.id).await? else {
        return Err(queries::select_refusal(&mut tx, id, admin.id).await?.or(not_waiting()));
    };
    let event = Event::new(&call, Some(admin.id), Action::Cancel, "email", Some(id));
    audit::record(&mut tx, &event.with_changes(before.as_ref(), Some(&after))).await?;
    tx.commit().await?;
    Ok(Row(after))
}

pub(crate) async fn delete_email(
    State(db): State<Db>,
    call: Call,
    admin: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
) -> Result<NoContent, ApiError> {
    let mut conn = db.acquire().await?;
    let mut tx = conn.begin().await?;
    let before = queries::lock_email(&mut tx, id).await?;
    if !queries::delete_email(&mut tx, id, if_match.versions(), admin.id).await? {
        let is_sending = before.is_some_and(|email| email.status == "sending");
        let kept = if is_sending { being_sent() } else { ApiError::PreconditionFailed };
        return Err(queries::select_refusal(&mut tx, id, admin.id).await?.or(kept));
    }
    let event = Event::new(&call, Some(admin.id), Action::Delete, "email", Some(id));
    audit::record(&mut tx, &event.with_changes(before.as_ref(), None)).await?;
    tx.commit().await?;
    Ok(NoContent)
}

pub(crate) async fn list_suppressions(
    State(db): State<Db>,
    list: List<SuppressionFilter>,
) -> Result<Json<Page<Suppression>>, ApiError> {
    let mut conn = db.acquire().await?;
    let page = queries::select_suppressions(&mut conn, &list).await?;
    Ok(Json(page))
}

pub(crate) async fn lift_suppression(
    State(db): State<Db>,
    call: Call,
    admin: CurrentUser,
    Id(id): Id,
) -> Result<NoContent, ApiError> {
    let mut conn = db.acquire().await?;
    let mut tx = conn.begin().await?;
    let Some(lifted) = queries::delete_suppression(&mut tx, id, admin.id).await? else {
        let is_admin = queries::is_admin(&mut tx, admin.id).await?;
        return Err(if is_admin { ApiError::not_found() } else { ApiError::Forbidden });
    };
    let event = Event::new(&call, Some(admin.id), Action::Lift, "suppression", Some(id));
    audit::record(&mut tx, &event.with_changes(Some(&lifted), None)).await?;
    tx.commit().await?;
    Ok(NoContent)
}

/// The dispatcher skips a mail that is locked here, and a mail that the dispatcher has claimed is no longer pending. So the
/// changed mail is sent, or the mail is sent as it was and the change is refused.
async fn change(
    db: &Db,
    call: &Call,
    admin: CurrentUser,
    id: i64,
    if_match: &IfMatch,
    changes: &EmailChanges,
) -> Result<Row<Email>, ApiError> {
    let mut conn = db.acquire().await?;
    let mut tx = conn.begin().await?;
    let before = queries::lock_email(&mut tx, id).await?;
    let Some(after) = queries::update_email(&mut tx, id, changes, if_match.versions(), admin.id).await? else {
        let obstacles = queries::select_obstacles(&mut tx, id, changes.recipient.as_deref()).await?;
        let refused = obstacles.map_or_else(ApiError::not_found, not_editable);
        return Err(queries::select_refusal(&mut tx, id, admin.id).await?.or(refused));
    };
    let event = Event::new(call, Some(admin.id), Action::Update, "email", Some(id));
    audit::record(&mut tx, &event.with_changes(before.as_ref(), Some(&after))).await?;
    tx.commit().await?;
    Ok(Row(after))
}

async fn stored(db: &Db, id: i64) -> Result<Option<Email>, ApiError> {
    Ok(queries::select_email(&mut db.acquire().await?, id).await?)
}

async fn refusal(db: &Db, id: i64, admin: CurrentUser) -> sqlx::Result<Refusal> {
    queries::select_refusal(&mut db.acquire().await?, id, admin.id).await
}

fn not_editable(obstacles: Obstacles) -> ApiError {
    match obstacles {
        Obstacles { is_suppressed: true, .. } => suppressed(),
        Obstacles { is_waiting: false, .. } => ApiError::Conflict(Text::Own {
            fr: "Seul un e-mail en attente peut être modifié.",
            en: "Only an email that is waiting can be changed.",
        }),
        Obstacles { is_automatic: true, .. } => ApiError::Conflict(Text::Own {
            fr: "Cet e-mail a été écrit par l'application\u{a0}: il peut être annulé, mais pas modifié.",
            en: "This email was written by the application: it can be cancelled, but not changed.",
        }),
        Obstacles { may_be_sent: true, .. } => ApiError::Conflict(Text::Own {
            fr: "Cet e-mail est peut-être déjà parti. Annulez-le et écrivez-en un autre.",
            en: "This email may already have been sent. Cancel it and write another one.",
        }),
        Obstacles { .. } => ApiError::PreconditionFailed,
    }
}

fn suppressed() -> ApiError {
    let text = Text::Own {
        fr: "Cette adresse a refusé un e-mail ou s'en est plainte\u{a0}: plus rien ne lui est envoyé.",
        en: "This address bounced or complained: nothing more is sent to it.",
    };
    ApiError::invalid("recipient", text)
}

fn not_given_up() -> ApiError {
    ApiError::Conflict(Text::Own {
        fr: "Seul un e-mail en échec ou annulé peut être renvoyé.",
        en: "Only an email that failed or was cancelled can be sent again.",
    })
}

fn unreachable_address() -> ApiError {
    ApiError::Conflict(Text::Own {
        fr: "Cette adresse a refusé un e-mail ou s'en est plainte. Débloquez-la avant de renvoyer cet e-mail.",
        en: "This address bounced or complained. Remove it from the suppression list before sending this email again.",
    })
}

fn link_expired() -> ApiError {
    ApiError::Conflict(Text::Own {
        fr: "Le lien de cet e-mail n'est plus valable\u{a0}: son lecteur doit en demander un autre.",
        en: "The link in this email is no longer valid: its reader has to ask for another one.",
    })
}

fn not_waiting() -> ApiError {
    ApiError::Conflict(Text::Own {
        fr: "Seul un e-mail en attente peut être annulé.",
        en: "Only an email that is waiting can be cancelled.",
    })
}

fn being_sent() -> ApiError {
    ApiError::Conflict(Text::Own { fr: "Cet e-mail est en cours d'envoi.", en: "This email is being sent." })
}
