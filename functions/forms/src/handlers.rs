//! One function per route.

use axum::{Json, extract::State};
use shared::{
    audit::{self, Action, Event},
    auth::CurrentUser,
    db::Db,
    error::{ApiError, OnConstraint, OrNotFound, Refusal},
    extract::{Created, Draft, Id, IfMatch, NoContent, Partial, Row, Whole},
    idempotency::Idempotency,
    lambda::Call,
    list::{List, Page},
    text::Text,
};

use crate::{
    model::{Form, FormChanges, FormFilter},
    queries,
};

pub(crate) async fn list_forms(
    State(db): State<Db>,
    user: CurrentUser,
    list: List<FormFilter>,
) -> Result<Json<Page<Form>>, ApiError> {
    let mut conn = db.acquire().await?;
    let page = queries::select_forms(&mut conn, &list, user.is_admin).await?;
    Ok(Json(page))
}

pub(crate) async fn find_form(State(db): State<Db>, user: CurrentUser, Id(id): Id) -> Result<Row<Form>, ApiError> {
    let mut conn = db.acquire().await?;
    let form = queries::select_form(&mut conn, id, user.is_admin).await?.or_not_found()?;
    Ok(Row(form))
}

pub(crate) async fn create_form(
    State(db): State<Db>,
    call: Call,
    admin: CurrentUser,
    idempotency: Idempotency,
    Whole(form): Whole<FormChanges>,
) -> Result<Created<Form>, ApiError> {
    let mut conn = db.acquire().await?;
    let mut tx = conn.begin().await?;
    if let Some(first_answer) = idempotency.replay(&mut tx).await? {
        return Ok(first_answer);
    }
    let created = queries::insert_form(&mut tx, &form, admin.id).await?.ok_or(ApiError::Forbidden)?;
    let event = Event::new(&call, Some(admin.id), Action::Create, "form", Some(created.id));
    audit::record(&mut tx, &event.with_changes(None, Some(&created))).await?;
    idempotency.commit(tx, created).await
}

pub(crate) async fn replace_form(
    State(db): State<Db>,
    call: Call,
    admin: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
    form: Draft<Whole<FormChanges>>,
) -> Result<Row<Form>, ApiError> {
    let changes = form.read(stored(&db, id), refusal(&db, id, admin)).await?;
    change(&db, &call, admin, id, &if_match, &changes).await
}

pub(crate) async fn update_form(
    State(db): State<Db>,
    call: Call,
    admin: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
    changes: Draft<Partial<FormChanges>>,
) -> Result<Row<Form>, ApiError> {
    let changes = changes.read(stored(&db, id), refusal(&db, id, admin)).await?;
    change(&db, &call, admin, id, &if_match, &changes).await
}

pub(crate) async fn delete_form(
    State(db): State<Db>,
    call: Call,
    admin: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
) -> Result<NoContent, ApiError> {
    let mut conn = db.acquire().await?;
    let mut tx = conn.begin().await?;
    let deleted = queries::delete_form(&mut tx, id, if_match.versions(), admin.id)
        .await
        .on_constraint("entries_form_id_fkey", has_entries)?;
    let Some(deleted) = deleted else {
        let refusal = queries::select_refusal(&mut tx, id, admin.id).await?;
        // The row's state is told before its version.
        let otherwise =
            if queries::has_entries(&mut tx, id).await? { has_entries() } else { ApiError::PreconditionFailed };
        return Err(refusal.or(otherwise));
    };
    let event = Event::new(&call, Some(admin.id), Action::Delete, "form", Some(id));
    audit::record(&mut tx, &event.with_changes(Some(&deleted), None)).await?;
    tx.commit().await?;
    Ok(NoContent)
}

async fn change(
    db: &Db,
    call: &Call,
    admin: CurrentUser,
    id: i64,
    if_match: &IfMatch,
    changes: &FormChanges,
) -> Result<Row<Form>, ApiError> {
    let mut conn = db.acquire().await?;
    let mut tx = conn.begin().await?;
    let before = queries::lock_form(&mut tx, id).await?;
    let Some(after) = queries::update_form(&mut tx, id, changes, if_match.versions(), admin.id).await? else {
        return Err(queries::select_refusal(&mut tx, id, admin.id).await?.or(ApiError::PreconditionFailed));
    };
    // What others entered in between is no change of this one's.
    let before = before.map(|before| Form { entries_count: after.entries_count, ..before });
    let event = Event::new(call, Some(admin.id), Action::Update, "form", Some(id));
    audit::record(&mut tx, &event.with_changes(before.as_ref(), Some(&after))).await?;
    tx.commit().await?;
    Ok(Row(after))
}

async fn stored(db: &Db, id: i64) -> Result<Option<Form>, ApiError> {
    Ok(queries::select_form(&mut db.acquire().await?, id, true).await?)
}

async fn refusal(db: &Db, id: i64, admin: CurrentUser) -> sqlx::Result<Refusal> {
    queries::select_refusal(&mut db.acquire().await?, id, admin.id).await
}

fn has_entries() -> ApiError {
    ApiError::Conflict(Text::Own {
        fr: "Ce formulaire a des entrées : désactivez-le au lieu de le supprimer.",
        en: "This form has entries: deactivate it instead of deleting it.",
    })
}
