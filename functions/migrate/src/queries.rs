//! One function per statement.

use sqlx::PgConnection;

/// A migration that a database has.
pub(crate) struct Applied {
    pub version: i64,
    pub checksum: Vec<u8>,
    pub success: bool,
}

/// Every migration that a database has, whoever it is from.
pub(crate) async fn history(db: &mut PgConnection) -> sqlx::Result<Vec<Applied>> {
    sqlx::query_as!(Applied, "select version, checksum, success from _sqlx_migrations order by version")
        .fetch_all(db)
        .await
}

/// False where an account has the address already.
pub(crate) async fn insert_administrator(
    db: &mut PgConnection,
    email: &str,
    password_hash: &str,
) -> sqlx::Result<bool> {
    let inserted = sqlx::query!(
        "
        insert into users_customuser (email, email_key, password, is_admin)
        values ($1, $1, $2, true)
        on conflict (email_key) do nothing
        ",
        email,
        password_hash,
    )
    .execute(db)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Whether somebody can sign in as an administrator.
pub(crate) async fn has_administrator(db: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select exists (select from users_customuser where is_admin and is_active) as "exists!""#)
        .fetch_one(db)
        .await
}
