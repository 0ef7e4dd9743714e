//! One function per statement.
//!
//! A write that needs an administrator asks for the role inside the statement: the authorizer's answer may be a minute
//! old.

use chrono::{DateTime, Utc};
use futures_util::stream::BoxStream;
use serde_json::Value;
use shared::{
    cut,
    db::Conn,
    error::{ApiError, Refusal},
    json::Stored,
    list::{Counted, Filter, List, Page},
};
use sqlx::{Postgres, QueryBuilder};

use crate::{
    export::Line,
    model::{Entry, EntryFilter, ExportedForm, Form, Order, PublicForm, Selection},
};

pub(crate) async fn select_entries(db: &mut Conn, list: &List<EntryFilter>) -> Result<Page<Entry>, ApiError> {
    let filter = &list.filter;
    let columns = |sql: &mut QueryBuilder<Postgres>| {
        sql.push("id, form_id, created_at, updated_at, version, ").push(cut::json_column("data"));
    };
    let conditions = |sql: &mut QueryBuilder<Postgres>| {
        if let Some(form) = filter.form {
            sql.push(" and form_id = ").push_bind(form);
        }
        if let Some(since) = filter.since {
            sql.push(" and created_at >= ").push_bind(since);
        }
        if let Some(until) = filter.until {
            sql.push(" and created_at < ").push_bind(until);
        }
    };
    list.select_counted(db, "entries_entry", counted(filter), columns, conditions).await
}

/// Where nothing but a form is asked for.
fn counted(filter: &EntryFilter) -> Option<Counted> {
    let EntryFilter { form, since: None, until: None } = filter else { return None };
    Some(Counted::all("entries", form.unwrap_or(Counted::EVERYBODY)))
}

pub(crate) async fn select_entry(db: &mut Conn, id: i64) -> sqlx::Result<Option<Entry>> {
    sqlx::query_as!(
        Entry,
        r#"
        select id, form_id, data as "data: Stored", created_at, updated_at, version
        from entries_entry
        where id = $1
        "#,
        id,
    )
    .fetch_optional(db)
    .await
}

/// The entry as it is before a change, which nobody else can make until this transaction ends.
pub(crate) async fn lock_entry(db: &mut Conn, id: i64) -> sqlx::Result<Option<Entry>> {
    sqlx::query_as!(
        Entry,
        r#"
        select id, form_id, data as "data: Stored", created_at, updated_at, version
        from entries_entry
        where id = $1
        for no key update
        "#,
        id,
    )
    .fetch_optional(db)
    .await
}

/// Stores an entry of a form that is still as it was read, and `None` otherwise.
pub(crate) async fn insert_entry(db: &mut Conn, form: &Form, data: &Value) -> sqlx::Result<Option<Entry>> {
    sqlx::query_as!(
        Entry,
        r#"
        insert into entries_entry (form_id, data)
        select id, $3
        from forms_form
        where id = $1 and version = $2 and is_active
        returning id, form_id, data as "data: Stored", created_at, updated_at, version
        "#,
        form.id,
        form.version,
        data,
    )
    .fetch_optional(db)
    .await
}

/// Writes the named columns alone. `None` where there is no such entry, or not in one of these versions, or the caller is
/// no longer an administrator: see [`select_refusal`].
pub(crate) async fn update_entry(
    db: &mut Conn,
    id: i64,
    form: Option<i64>,
    data: Option<&Value>,
    versions: Option<&[i64]>,
    admin: i64,
) -> sqlx::Result<Option<Entry>> {
    sqlx::query_as!(
        Entry,
        r#"
        update entries_entry
        set form_id = coalesce($4, form_id),
            data = coalesce($5, data)
        where id = $1
            and ($2::bigint[] is null or version = any($2))
            and exists (select from users_customuser as admin where admin.id = $3 and is_admin and admin.is_active)
        returning id, form_id, data as "data: Stored", created_at, updated_at, version
        "#,
        id,
        versions,
        admin,
        form,
        data,
    )
    .fetch_optional(db)
    .await
}

/// The entry that was deleted: see [`update_entry`] for what keeps it.
pub(crate) async fn delete_entry(
    db: &mut Conn,
    id: i64,
    versions: Option<&[i64]>,
    admin: i64,
) -> sqlx::Result<Option<Entry>> {
    sqlx::query_as!(
        Entry,
        r#"
        delete from entries_entry
        where id = $1
            and ($2::bigint[] is null or version = any($2))
            and exists (select from users_customuser as admin where admin.id = $3 and is_admin and admin.is_active)
        returning id, form_id, data as "data: Stored", created_at, updated_at, version
        "#,
        id,
        versions,
        admin,
    )
    .fetch_optional(db)
    .await
}

/// Why a write touched no row, or may not be made at all.
pub(crate) async fn select_refusal(db: &mut Conn, id: i64, admin: i64) -> sqlx::Result<Refusal> {
    sqlx::query_as!(
        Refusal,
        r#"
        select
            exists (select from users_customuser where id = $2 and is_admin and is_active) as "is_admin!",
            exists (select from entries_entry where id = $1) as "exists!"
        "#,
        id,
        admin,
    )
    .fetch_one(db)
    .await
}

pub(crate) async fn select_public_form(db: &mut Conn, id: i64) -> sqlx::Result<Option<PublicForm>> {
    sqlx::query_as!(
        PublicForm,
        r#"
        select id, title, description, fields as "fields: Stored"
        from forms_form
        where id = $1 and is_active
        "#,
        id,
    )
    .fetch_optional(db)
    .await
}

pub(crate) async fn select_open_form(db: &mut Conn, id: i64) -> sqlx::Result<Option<Form>> {
    sqlx::query_as!(
        Form,
        r#"
        select id, fields as "fields: Stored", is_active, version
        from forms_form
        where id = $1 and is_active
        "#,
        id,
    )
    .fetch_optional(db)
    .await
}

/// The form, which nobody can change until this transaction ends.
pub(crate) async fn lock_form(db: &mut Conn, id: i64) -> sqlx::Result<Option<Form>> {
    sqlx::query_as!(
        Form,
        r#"
        select id, fields as "fields: Stored", is_active, version
        from forms_form
        where id = $1
        for share
        "#,
        id,
    )
    .fetch_optional(db)
    .await
}

/// A form, whether it is active or not, and how many of its entries are selected: at most so many are counted.
pub(crate) async fn select_exported_form(
    db: &mut Conn,
    selection: &Selection,
    max: i64,
) -> sqlx::Result<Option<ExportedForm>> {
    let mut sql =
        QueryBuilder::new("select title, fields, (select count(*) from (select from entries_entry where true");
    push_selection(&mut sql, selection);
    sql.push(" limit ").push_bind(max).push(") as counted) as entries from forms_form where id = ");
    sql.push_bind(selection.form);
    sql.build_query_as().fetch_optional(db).await
}

/// Every name that any of the selected entries has, in order.
pub(crate) async fn select_names(db: &mut Conn, selection: &Selection) -> sqlx::Result<Vec<String>> {
    let mut sql = QueryBuilder::new(
        "select distinct name from entries_entry \
         cross join jsonb_object_keys(case jsonb_typeof(data) when 'object' then data else '{}' end) as name where true",
    );
    push_selection(&mut sql, selection);
    sql.push(" order by 1").build_query_scalar().fetch_all(db).await
}

/// The next selected entries behind one of them.
pub(crate) fn select_lines<'q>(
    sql: &'q mut QueryBuilder<Postgres>,
    db: &'q mut Conn,
    selection: &Selection,
    last: Option<(DateTime<Utc>, i64)>,
    limit: usize,
) -> BoxStream<'q, sqlx::Result<Line>> {
    let Order { by_id, descending } = selection.order;
    sql.push("select id, created_at, version, data from entries_entry where true");
    push_selection(sql, selection);
    if let Some((created_at, id)) = last {
        sql.push(if by_id { " and id " } else { " and (created_at, id) " }).push(if descending {
            "< ("
        } else {
            "> ("
        });
        if !by_id {
            sql.push_bind(created_at).push(", ");
        }
        sql.push_bind(id).push(")");
    }
    sql.push(match (by_id, descending) {
        (false, false) => " order by created_at, id",
        (false, true) => " order by created_at desc, id desc",
        (true, false) => " order by id",
        (true, true) => " order by id desc",
    });
    sql.push(" limit ").push_bind(i64::try_from(limit).unwrap_or(i64::MAX));
    sql.build_query_as().fetch(db)
}

fn push_selection(sql: &mut QueryBuilder<Postgres>, selection: &Selection) {
    sql.push(" and form_id = ").push_bind(selection.form);
    if let Some(since) = selection.since {
        sql.push(" and created_at >= ").push_bind(since);
    }
    if let Some(until) = selection.until {
        sql.push(" and created_at < ").push_bind(until);
    }
    selection.search.push(sql, EntryFilter::SEARCH, EntryFilter::SEARCHES_PHONES);
}
