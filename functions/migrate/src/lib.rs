//! Runs migrations/ as the owner of the database, before a deployment's code takes traffic. Functions never migrate:
//! their role cannot, and migrations take a session lock that connection poolers break.

mod administrator;
pub mod cloudformation;
mod queries;

pub use administrator::{NewAdministrator, create_administrator, create_first_administrator};

use std::fmt;

use shared::db::MIGRATOR;
use sqlx::{
    Connection, PgConnection,
    migrate::{MigrateError, Migration},
    postgres::PgConnectOptions,
};

/// The last migration that makes a table which a database of the original has, or counts its rows: up to here such a
/// database is adopted, and from here on it is a database like any other.
pub const LAST_ADOPTED: i64 = 10;

/// Why a database was not brought up to date.
#[derive(Debug)]
pub enum Error {
    /// It is the original's, whose tables have to be adopted first.
    Original,
    /// It was brought up to date by newer code.
    Newer(i64),
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
            Self::Newer(version) => write!(
                f,
                "the database has migration {version}, which this code does not know: deploy the code that it is from, or newer"
            ),
            Self::Failed(MigrateError::VersionMissing(version)) => write!(
                f,
                "the database has migration {version}, which is not among ours: it is another program's, or a file was removed"
            ),
            Self::Failed(MigrateError::VersionMismatch(version)) => write!(
                f,
                "migration {version} was edited after it had been applied: restore the file, and write the change as a new one"
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
    match MIGRATOR.run_direct(None, &mut connection, false).await {
        Err(MigrateError::VersionMissing(unknown)) => {
            let is_newer = is_newer(&queries::history(&mut connection).await?);
            return Err(if is_newer { Error::Newer(unknown) } else { MigrateError::VersionMissing(unknown).into() });
        }
        result => result?,
    }
    connection.close().await?;
    Ok(latest())
}

/// The last migration that this code knows.
fn latest() -> i64 {
    MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// Whether all of ours are in a history, unchanged, and all that we do not know comes after them.
fn is_newer(history: &[queries::Applied]) -> bool {
    let has = |migration: &Migration| {
        history.iter().any(|applied| {
            applied.version == migration.version && applied.checksum == *migration.checksum && applied.success
        })
    };
    let is_ours = |version| MIGRATOR.iter().any(|migration| migration.version == version);
    MIGRATOR.iter().all(has)
        && history.iter().all(|applied| is_ours(applied.version) || (applied.version > latest() && applied.success))
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
