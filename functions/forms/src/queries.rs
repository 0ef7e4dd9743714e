//! One function per statement.
//!
//! A write that needs an administrator asks for the role inside the statement: the authorizer's answer may be a minute
//! old.

use shared::{
    cut,
    db::Conn,
    error::{ApiError, Refusal},
    json::Stored,
    list::{Counted, List, Page},
};
use sqlx::{Postgres, QueryBuilder, types::Json};

use crate::model::{Form, FormChanges, FormFilter};

const COLUMNS: &str = "id, title, left(description, 10001) as description, is_active, created_at, updated_at, version, \
    entries_of(forms_form.id) as entries_count, ";

pub(crate) async fn select_forms(
    db: &mut Conn,
    list: &List<FormFilter>,
    inactive_too: bool,
) -> Result<Page<Form>, ApiError> {
    let columns = |sql: &mut QueryBuilder<Postgres>| {
        sql.push(COLUMNS).push(cut::json_column("fields"));
    };
    let conditions = |sql: &mut QueryBuilder<Postgres>| {
        if !inactive_too {
            sql.push(" and is_active");
        }
        if let Some(is_active) = list.filter.is_active {
            sql.push(" and is_active = ").push_bind(is_active);
        }
    };
    list.select_counted(db, "forms_form", Some(counted(&list.filter, inactive_too)), columns, conditions).await
}

fn counted(filter: &FormFilter, inactive_too: bool) -> Counted {
    let FormFilter { is_active } = filter;
    let facets: &[&str] = match (inactive_too, is_active) {
        (true, None) => &["active", "inactive"],
        (_, Some(true)) | (false, None) => &["active"],
        (true, Some(false)) => &["inactive"],
        (false, Some(false)) => &[],
    };
    Counted::facets("forms", Counted::EVERYBODY, facets.iter().copied())
}

pub(crate) async fn select_form(db: &mut Conn, id: i64, inactive_too: bool) -> sqlx::Result<Option<Form>> {
    sqlx::query_as!(
        Form,
        r#"
        select
            id, title, description, fields as "fields: Stored", is_active, created_at, updated_at, version,
            entries_of(forms_form.id) as "entries_count!"
        from forms_form
        where id = $1 and (is_active or $2)
        "#,
        id,
        inactive_too,
    )
    .fetch_optional(db)
    .await
}

/// The form as it is before a change, which nobody else can make until this transaction ends. Entries can still be made.
pub(crate) async fn lock_form(db: &mut Conn, id: i64) -> sqlx::Result<Option<Form>> {
    sqlx::query_as!(
        Form,
        r#"
        select
            id, title, description, fields as "fields: Stored", is_active, created_at, updated_at, version,
            entries_of(forms_form.id) as "entries_count!"
        from forms_form
        where id = $1
        for no key update
        "#,
        id,
    )
    .fetch_optional(db)
    .await
}

/// `None` where the caller is no longer an administrator.
pub(crate) async fn insert_form(db: &mut Conn, form: &FormChanges, admin: i64) -> sqlx::Result<Option<Form>> {
    sqlx::query_as!(
        Form,
        r#"
        insert into forms_form (title, description, fields, is_active)
        select $1, coalesce($2, ''), $3, coalesce($4, true)
        where exists (select from users_customuser where id = $5 and is_admin and is_active)
        returning
            id, title, description, fields as "fields: Stored", is_active, created_at, updated_at, version,
            entries_of(forms_form.id) as "entries_count!"
        "#,
        form.title.as_deref(),
        form.description.as_deref(),
        form.fields.as_ref().map(Json) as _,
        form.is_active,
        admin,
    )
    .fetch_optional(db)
    .await
}

/// Writes the named columns alone, so that two changes of different fields at once both hold. `None` where there is no
/// such form, or not in one of these versions, or the caller is no longer an administrator: see [`select_refusal`].
pub(crate) async fn update_form(
    db: &mut Conn,
    id: i64,
    changes: &FormChanges,
    versions: Option<&[i64]>,
    admin: i64,
) -> sqlx::Result<Option<Form>> {
    sqlx::query_as!(
        Form,
        r#"
        update forms_form
        set title = coalesce($4, title),
            description = coalesce($5, description),
            fields = coalesce($6, fields),
            is_active = coalesce($7, is_active)
        where id = $1
            and ($2::bigint[] is null or version = any($2))
            and exists (select from users_customuser as admin where admin.id = $3 and is_admin and admin.is_active)
        returning
            id, title, description, fields as "fields: Stored", is_active, created_at, updated_at, version,
            entries_of(forms_form.id) as "entries_count!"
        "#,
        id,
        versions,
        admin,
        changes.title.as_deref(),
        changes.description.as_deref(),
        changes.fields.as_ref().map(Json) as _,
        changes.is_active,
    )
    .fetch_optional(db)
    .await
}

/// The form that was deleted: see [`update_form`] for what keeps it.
pub(crate) async fn delete_form(
    db: &mut Conn,
    id: i64,
    versions: Option<&[i64]>,
    admin: i64,
) -> sqlx::Result<Option<Form>> {
    sqlx::query_as!(
        Form,
        r#"
        delete from forms_form
        where id = $1
            and ($2::bigint[] is null or version = any($2))
            and exists (select from users_customuser as admin where admin.id = $3 and is_admin and admin.is_active)
        returning
            id, title, description, fields as "fields: Stored", is_active, created_at, updated_at, version,
            entries_of(forms_form.id) as "entries_count!"
        "#,
        id,
        versions,
        admin,
    )
    .fetch_optional(db)
    .await
}

pub(crate) async fn has_entries(db: &mut Conn, id: i64) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select exists (select from entries_entry where form_id = $1) as "has_entries!""#, id,)
        .fetch_one(db)
        .await
}

/// Why a write touched no row, or may not be made at all.
pub(crate) async fn select_refusal(db: &mut Conn, id: i64, admin: i64) -> sqlx::Result<Refusal> {
    sqlx::query_as!(
        Refusal,
        r#"
        select
            exists (select from users_customuser where id = $2 and is_admin and is_active) as "is_admin!",
            exists (select from forms_form where id = $1) as "exists!"
        "#,
        id,
        admin,
    )
    .fetch_one(db)
    .await
}
