//! Runs migrations/ as the owner of the database, before a deployment's code takes traffic. Functions never migrate:
//! their role cannot, and migrations take a session lock that connection poolers break.

use shared::db::MIGRATOR;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

/// Applies what is missing. Safe to run twice, and at the same time. Answers the version that the database then has.
///
/// # Errors
/// Where the database does not answer, refuses, or has a history that is not ours.
pub async fn migrate(database: &PgConnectOptions) -> Result<i64, sqlx::migrate::MigrateError> {
    let mut connection = PgConnection::connect_with(database).await?;
    MIGRATOR.run_direct(None, &mut connection, false).await?;
    connection.close().await?;
    Ok(MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or_default())
}
