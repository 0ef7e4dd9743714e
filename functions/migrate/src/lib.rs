//! Runs migrations/ as the owner of the database, before a deployment's code takes traffic. Functions never migrate:
//! their role cannot, and migrations take a session lock that connection poolers break.

use std::fmt;

use shared::db::MIGRATOR;
use sqlx::{Connection, PgConnection, migrate::MigrateError, postgres::PgConnectOptions};

/// The last migration that makes a table which a database of the original has, or counts its rows: up to here such a
/// database is adopted, and from here on it is a database like any other.
pub const LAST_ADOPTED: i64 = 10;

/// Why a database was not brought up to date.
#[derive(Debug)]
pub enum Error {
    /// It is the original's, whose tables have to be adopted first.
    Original,
    /// It does not answer, refuses, or has a history that is not ours.
    Failed(MigrateError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Original => f.write_str(
                "this is a database of the original (Django), which is adopted and not migrated: \
                 cargo local adopt --database-url …, see docs/moving-over.md",
            ),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl<E: Into<MigrateError>> From<E> for Error {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Applies what is missing. Safe to run twice, and at the same time. Answers the version that the database then has.
///
/// # Errors
/// Where the database is the original's, does not answer, refuses, or has a history that is not ours.
pub async fn migrate(database: &PgConnectOptions) -> Result<i64, Error> {
    let mut connection = PgConnection::connect_with(database).await?;
    if is_original(&mut connection).await? {
        return Err(Error::Original);
    }
    MIGRATOR.run_direct(None, &mut connection, false).await?;
    connection.close().await?;
    Ok(MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or_default())
}

/// Whether there are tables of the original that are not adopted, or not all of them.
///
/// # Errors
/// Where the database does not answer.
pub async fn is_original(connection: &mut PgConnection) -> sqlx::Result<bool> {
    // A column that nothing but Django makes.
    let of_django = "select exists (
        select from pg_attribute where attrelid = to_regclass('users_customuser') and attname = 'is_superuser'
    )";
    Ok(sqlx::query_scalar(of_django).fetch_one(&mut *connection).await? && version(connection).await? < LAST_ADOPTED)
}

/// The last migration that was applied, or adopted; 0 where there is none.
///
/// # Errors
/// Where the database does not answer.
pub async fn version(connection: &mut PgConnection) -> sqlx::Result<i64> {
    let has_history = "select to_regclass('_sqlx_migrations') is not null";
    if !sqlx::query_scalar::<_, bool>(has_history).fetch_one(&mut *connection).await? {
        return Ok(0);
    }
    sqlx::query_scalar("select coalesce(max(version) filter (where success), 0) from _sqlx_migrations")
        .fetch_one(connection)
        .await
}
