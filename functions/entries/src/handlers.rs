//! One function per route.

use axum::{Json, extract::State};
use chrono::Utc;
use futures_util::TryStreamExt;
use http::{HeaderMap, header};
use serde_json::{Map, Value};
use shared::{
    audit::{self, Action, Event},
    auth::CurrentUser,
    db::{Conn, Db},
    error::{ApiError, OnConstraint, OrNotFound, Refusal},
    extract::{Created, Draft, Id, IfMatch, Made, NoContent, Partial, Row, Whole},
    fields,
    idempotency::Idempotency,
    lambda::Call,
    list::{List, Page},
    text::Text,
    throttle::{self, Limit},
};
use sqlx::QueryBuilder;

use crate::{
    Entries,
    export::{Columns, Table},
    export_store::{Export, Exported},
    model::{
        Download, Entry, EntryChanges, EntryFilter, ExportFilter, ExportedForm, Link, PublicForm, Selection,
        Submission, Submitted,
    },
    queries,
};

/// Answers to public forms from one address.
const SUBMISSIONS: Limit = Limit { kind: "entry", max: 20, seconds: 60 };
const THANKS: Text =
    Text::Own { fr: "Merci, votre réponse a été enregistrée.", en: "Thank you, your answer has been recorded." };

/// How much of an export is in memory at once, and in how many rows at most.
const PAGE_BYTES: usize = 1024 * 1024;
const PAGE_ROWS: usize = 1_000;

pub(crate) async fn list_entries(State(db): State<Db>, list: List<EntryFilter>) -> Result<Json<Page<Entry>>, ApiError> {
    let mut conn = db.acquire().await?;
    let page = queries::select_entries(&mut conn, &list).await?;
    Ok(Json(page))
}

pub(crate) async fn find_entry(State(db): State<Db>, Id(id): Id) -> Result<Row<Entry>, ApiError> {
    let mut conn = db.acquire().await?;
    let entry = queries::select_entry(&mut conn, id).await?.or_not_found()?;
    Ok(Row(entry))
}

pub(crate) async fn create_entry(
    State(db): State<Db>,
    call: Call,
    user: CurrentUser,
    idempotency: Idempotency,
    Whole(EntryChanges { form, data }): Whole<EntryChanges>,
) -> Result<Created<Entry>, ApiError> {
    let mut conn = db.acquire().await?;
    idempotency.count_creation(&mut conn, user).await?;
    let mut tx = conn.begin().await?;
    if let Some(first_answer) = idempotency.replay(&mut tx).await? {
        return Ok(first_answer);
    }
    // A whole body has both.
    let (form, data) = (form.unwrap_or_default(), data.unwrap_or_default());
    let created = enter(&mut tx, form, &data, || no_such_form(form)).await?;
    if user.is_admin {
        let event = Event::new(&call, Some(user.id), Action::Create, "entry", Some(created.id));
        audit::record(&mut tx, &event.with_changes(None, Some(&created))).await?;
    }
    idempotency.commit(tx, created).await
}

pub(crate) async fn replace_entry(
    State(db): State<Db>,
    call: Call,
    admin: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
    entry: Draft<Whole<EntryChanges>>,
) -> Result<Row<Entry>, ApiError> {
    let changes = entry.read(stored(&db, id), refusal(&db, id, admin)).await?;
    change(&db, &call, admin, id, &if_match, changes).await
}

pub(crate) async fn update_entry(
    State(db): State<Db>,
    call: Call,
    admin: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
    changes: Draft<Partial<EntryChanges>>,
) -> Result<Row<Entry>, ApiError> {
    let changes = changes.read(stored(&db, id), refusal(&db, id, admin)).await?;
    change(&db, &call, admin, id, &if_match, changes).await
}

pub(crate) async fn delete_entry(
    State(db): State<Db>,
    call: Call,
    admin: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
) -> Result<NoContent, ApiError> {
    let mut conn = db.acquire().await?;
    let mut tx = conn.begin().await?;
    let Some(deleted) = queries::delete_entry(&mut tx, id, if_match.versions(), admin.id).await? else {
        return Err(queries::select_refusal(&mut tx, id, admin.id).await?.or(ApiError::PreconditionFailed));
    };
    let event = Event::new(&call, Some(admin.id), Action::Delete, "entry", Some(id));
    audit::record(&mut tx, &event.with_changes(Some(&deleted), None)).await?;
    tx.commit().await?;
    Ok(NoContent)
}

/// The selected entries of a form, read page by page, each in a statement of its own.
pub(crate) async fn export_entries(
    State(Entries { db, exports }): State<Entries>,
    call: Call,
    ExportFilter { selection, format, audience }: ExportFilter,
    headers: HeaderMap,
) -> Result<Download, ApiError> {
    let mut conn = db.acquire().await?;
    let ExportedForm { title, fields, entries } =
        queries::select_exported_form(&mut conn, &selection, format.max_rows() + 1).await?.or_not_found()?;
    if entries > format.max_rows() {
        return Err(format.too_large());
    }
    let columns = Columns::new(&fields, queries::select_names(&mut conn, &selection).await?, audience);
    let table = Table::begin(format, &columns, &title)?;
    let file_name = audience.file_name(selection.form, &title, format, Utc::now());
    let mut export = exports.begin(&file_name, format.media_type());
    if let Err(error) = write_rows(&mut conn, &selection, table, &mut export).await {
        export.abort().await;
        return Err(error);
    }
    drop(conn);
    Ok(match export.finish(&call.origin).await? {
        Exported::Small(bytes) => Download::Whole { bytes, media_type: format.media_type(), file_name },
        Exported::Large { url, expires_at } if prefers_json(&headers, format.media_type()) => {
            Download::Link(Link { url, expires_at })
        }
        Exported::Large { url, .. } => Download::Elsewhere(url),
    })
}

pub(crate) async fn find_public_form(State(db): State<Db>, Id(id): Id) -> Result<Json<PublicForm>, ApiError> {
    let mut conn = db.acquire().await?;
    let form = queries::select_public_form(&mut conn, id).await?.or_not_found()?;
    Ok(Json(form))
}

pub(crate) async fn submit_entry(
    State(db): State<Db>,
    call: Call,
    Id(id): Id,
    idempotency: Idempotency,
    submission: Result<Whole<Submission>, ApiError>,
) -> Result<Made<Submitted>, ApiError> {
    let mut conn = db.acquire().await?;
    idempotency.count(&mut conn, &[(SUBMISSIONS, throttle::address(call.ip))]).await?;
    let Submission { data, is_by_machine } = match submission {
        Ok(Whole(submission)) => submission,
        Err(error) => {
            queries::select_open_form(&mut conn, id).await?.or_not_found()?;
            return Err(error);
        }
    };
    let mut tx = conn.begin().await?;
    if let Some(first_answer) = idempotency.replay(&mut tx).await? {
        return Ok(first_answer);
    }
    enter(&mut tx, id, &data, ApiError::not_found).await?;
    let thanks = Submitted { detail: THANKS.in_language(call.language).into_owned() };
    // A machine is not told that it was noticed: the same steps are taken, and taken back.
    if is_by_machine {
        return Ok(Made::New(thanks));
    }
    idempotency.commit_made(tx, thanks).await
}

/// Stores an entry that its form takes as it is at that moment: nothing is stored where the form has been changed since
/// it was read, and nobody waits for anybody.
async fn enter(
    db: &mut Conn,
    form_id: i64,
    data: &Map<String, Value>,
    no_such_form: impl Fn() -> ApiError,
) -> Result<Entry, ApiError> {
    loop {
        let form = queries::select_open_form(db, form_id).await?.ok_or_else(&no_such_form)?;
        let data = form.check(data, &Map::new())?;
        let entry =
            queries::insert_entry(db, &form, &data).await.on_constraint("entries_form_id_fkey", &no_such_form)?;
        if let Some(entry) = entry {
            return Ok(entry);
        }
    }
}

async fn change(
    db: &Db,
    call: &Call,
    admin: CurrentUser,
    id: i64,
    if_match: &IfMatch,
    changes: EntryChanges,
) -> Result<Row<Entry>, ApiError> {
    let mut conn = db.acquire().await?;
    let mut tx = conn.begin().await?;
    let Some(before) = queries::lock_entry(&mut tx, id).await? else {
        return Err(queries::select_refusal(&mut tx, id, admin.id).await?.or(ApiError::not_found()));
    };
    let checked = match new_data(&mut tx, &before, &changes).await {
        Ok(checked) => checked,
        Err(error) => return Err(queries::select_refusal(&mut tx, id, admin.id).await?.or(error)),
    };
    let versions = if_match.versions();
    let after = queries::update_entry(&mut tx, id, changes.form, checked.as_ref(), versions, admin.id).await?;
    let Some(after) = after else {
        return Err(queries::select_refusal(&mut tx, id, admin.id).await?.or(ApiError::PreconditionFailed));
    };
    let event = Event::new(call, Some(admin.id), Action::Update, "entry", Some(id));
    audit::record(&mut tx, &event.with_changes(Some(&before), Some(&after))).await?;
    tx.commit().await?;
    Ok(Row(after))
}

/// The entry's data after a change, checked against the form as it is now, which stays so until this transaction ends.
/// `None` where it stays the same: what was right when it was entered needs not be right today.
async fn new_data(db: &mut Conn, before: &Entry, changes: &EntryChanges) -> Result<Option<Value>, ApiError> {
    let form_id = changes.form.unwrap_or(before.form_id);
    let is_moved = form_id != before.form_id;
    let is_same = changes.data.as_ref().is_none_or(|data| before.data.as_object() == Some(data));
    if is_same && !is_moved {
        return Ok(None);
    }
    let form = queries::lock_form(db, form_id).await?;
    // An entry of a form that has been closed can still be corrected.
    let form = form.filter(|form| form.is_active || !is_moved).ok_or_else(|| no_such_form(form_id))?;
    // Another form has other rules, so that everything is checked against them.
    let nothing = Map::new();
    let stored = before.data.as_object().filter(|_| !is_moved).unwrap_or(&nothing);
    match changes.data.as_ref().or(before.data.as_object()) {
        Some(data) => form.check(data, stored).map(Some),
        None => Err(ApiError::invalid("data", Text::NotAnObject(fields::kind_of(&before.data)))),
    }
}

/// Reads as many rows at a time as fit into a page, going by the rows before them, and never more than that.
async fn write_rows(
    db: &mut Conn,
    selection: &Selection,
    mut table: Table<'_>,
    export: &mut Export<'_>,
) -> Result<(), ApiError> {
    let mut last = None;
    let mut limit = PAGE_ROWS / 10;
    loop {
        let mut rows = 0;
        let mut is_last = false;
        let mut sql = QueryBuilder::new("");
        let mut lines = queries::select_lines(&mut sql, db, selection, last, limit);
        while rows < limit && table.len() < PAGE_BYTES {
            let Some(line) = lines.try_next().await? else {
                is_last = true;
                break;
            };
            table.write(&line)?;
            last = Some((line.created_at, line.id));
            rows += 1;
        }
        drop(lines);
        if is_last {
            return export.write(&table.finish()?).await;
        }
        limit = (PAGE_BYTES * rows / table.len().max(1)).clamp(1, PAGE_ROWS);
        export.write(&table.take()?).await?;
    }
}

async fn stored(db: &Db, id: i64) -> Result<Option<Entry>, ApiError> {
    Ok(queries::select_entry(&mut db.acquire().await?, id).await?)
}

async fn refusal(db: &Db, id: i64, admin: CurrentUser) -> sqlx::Result<Refusal> {
    queries::select_refusal(&mut db.acquire().await?, id, admin.id).await
}

fn no_such_form(id: i64) -> ApiError {
    ApiError::invalid("form", Text::NoSuchKey(id.to_string()))
}

/// Whether an `Accept` header (RFC 9110, section 12.5.1) would rather have JSON than a file: by its weight, and where
/// that is the same, by being named more exactly, as Axios does with `application/json, text/plain, */*`.
fn prefers_json(headers: &HeaderMap, media_type: &str) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("*/*");
    let preference = |media_type: &str, group: &str| {
        let ranges = accept.split(',').filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let exactness = match parts.next()?.to_ascii_lowercase() {
                range if range == media_type => 2,
                range if range == group => 1,
                range if range == "*/*" => 0,
                _ => return None,
            };
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse::<f32>().ok());
            Some((exactness, weight.unwrap_or(0.0)))
        });
        // Of several that fit, the most exact one counts; a weight of nothing means not at all.
        let best = ranges.max_by_key(|(exactness, _)| *exactness).filter(|(_, weight)| *weight > 0.0);
        best.map_or((0.0, 0), |(exactness, weight)| (weight, exactness))
    };
    let file = media_type.split(';').next().unwrap_or_default();
    let group = file.split('/').next().unwrap_or_default();
    preference("application/json", "application/*") > preference(file, &format!("{group}/*"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use http::{HeaderMap, HeaderValue, header};

    use super::prefers_json;
    use crate::export::Format;

    #[test]
    fn json_is_answered_to_who_asks_for_it_and_a_file_to_everyone_else() {
        for (accept, json) in [
            ("", false),
            ("*/*", false),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false),
            ("application/json, text/plain, */*", true),
            ("application/json", true),
            ("Application/JSON;charset=utf-8", true),
            ("application/json;q=0", false),
            ("text/csv, application/json", false),
            ("text/csv, application/json;q=0.5", false),
            ("text/csv;q=0.5, application/json", true),
            ("text/*, application/json", true),
            ("application/json;q=0.1, */*", false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(prefers_json(&headers, Format::Csv.media_type()), json, "{accept}");
        }
        assert!(!prefers_json(&HeaderMap::new(), Format::Csv.media_type()));
    }

    #[test]
    fn a_workbook_is_preferred_to_json_by_its_own_media_type() {
        let xlsx = Format::Xlsx.media_type();
        for (accept, json) in [
            (xlsx.to_owned(), false),
            (format!("{xlsx}, application/json;q=0.5"), false),
            (format!("{xlsx};q=0.5, application/json"), true),
            ("application/*".to_owned(), false),
            ("application/json, text/plain, */*".to_owned(), true),
            ("text/csv, application/json".to_owned(), true),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, accept.parse().unwrap())]);
            assert_eq!(prefers_json(&headers, xlsx), json, "{accept}");
        }
    }
}
