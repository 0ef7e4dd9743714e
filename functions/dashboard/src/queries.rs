//! One function per statement.

use shared::db::Conn;

/// Fails where the schema is not there, or not for the application's role.
pub(crate) async fn touch_schema(db: &mut Conn) -> sqlx::Result<()> {
    sqlx::query!("select from users_customuser limit 0").execute(db).await?;
    Ok(())
}
