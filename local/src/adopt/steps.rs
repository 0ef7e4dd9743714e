//! The steps of an adoption: our migrations in their order, each in a transaction of its own together with its line in
//! `_sqlx_migrations`. Where a migration makes a table that the original has, the counterpart in `migrations/adopt/` makes
//! that table of the original's instead. So an adoption that stopped goes on where it stopped, and one that is complete is,
//! for every later migration, a database like any other.

use std::time::{Duration, Instant};

use shared::db::MIGRATOR;
use sqlx::{
    AssertSqlSafe, Connection, PgConnection,
    migrate::{Migrate, Migration},
};
use toolbox::tools::Error;

/// Where sqlx keeps what was applied.
const HISTORY: &str = "_sqlx_migrations";
const PRELUDE: &str = include_str!("../../../migrations/adopt/prelude.sql");

/// A migration that concerns tables of the original.
struct Adoption {
    version: i64,
    /// Locked in this order, for as long as the step takes. Nothing else of the original's is locked.
    locks: &'static [&'static str],
    /// The tables that are there already, and what makes ours of them.
    counterparts: &'static [(&'static str, &'static str)],
}

const ADOPTIONS: &[Adoption] = &[
    Adoption {
        version: 2,
        locks: &["users_customuser"],
        counterparts: &[("users_customuser", include_str!("../../../migrations/adopt/users_customuser.sql"))],
    },
    Adoption {
        version: 3,
        locks: &["hotels_hotel"],
        counterparts: &[("hotels_hotel", include_str!("../../../migrations/adopt/hotels_hotel.sql"))],
    },
    Adoption {
        version: 4,
        locks: &["users_customuser", "tickets_ticket"],
        counterparts: &[("tickets_ticket", include_str!("../../../migrations/adopt/tickets_ticket.sql"))],
    },
    Adoption {
        version: 5,
        locks: &["users_customuser", "messaging_message"],
        counterparts: &[("messages_message", include_str!("../../../migrations/adopt/messages_message.sql"))],
    },
    Adoption {
        version: 6,
        locks: &["emails_email"],
        counterparts: &[("emails_email", include_str!("../../../migrations/adopt/emails_email.sql"))],
    },
    Adoption {
        version: 7,
        locks: &["forms_form", "entries_entry"],
        counterparts: &[
            ("forms_form", include_str!("../../../migrations/adopt/forms_form.sql")),
            ("entries_entry", include_str!("../../../migrations/adopt/entries_entry.sql")),
        ],
    },
    // Keys of idempotency name their user.
    Adoption { version: 9, locks: &["users_customuser"], counterparts: &[] },
    // The rows of every table are counted.
    Adoption {
        version: 10,
        locks: &[
            "users_customuser",
            "hotels_hotel",
            "tickets_ticket",
            "messages_message",
            "emails_email",
            "forms_form",
            "entries_entry",
        ],
        counterparts: &[],
    },
    // What searches look at is stored.
    Adoption {
        version: 11,
        locks: &["users_customuser", "hotels_hotel", "tickets_ticket", "messages_message", "emails_email"],
        counterparts: &[],
    },
    // A trigger on accounts, and what searches for them look at.
    Adoption { version: 13, locks: &["users_customuser"], counterparts: &[] },
    // A mail names its thread.
    Adoption { version: 15, locks: &["emails_email"], counterparts: &[] },
];

/// A step, as it is told.
#[derive(Clone, Debug)]
pub struct Step {
    /// The version that the database has after it.
    pub version: i64,
    /// `users`
    pub name: String,
    /// The tables of the original that nobody else can read meanwhile.
    pub locks: &'static [&'static str],
}

/// What remains to be done after a version.
pub fn steps(after: i64) -> Vec<Step> {
    pending(after).map(|(migration, adoption)| step(migration, adoption)).collect()
}

fn step(migration: &Migration, adoption: Option<&Adoption>) -> Step {
    let locks = adoption.map_or(&[] as &[_], |adoption| adoption.locks);
    Step { version: migration.version, name: migration.description.to_string(), locks }
}

fn pending(after: i64) -> impl Iterator<Item = (&'static Migration, Option<&'static Adoption>)> {
    let pending = MIGRATOR.iter().filter(move |migration| migration.version > after);
    pending.map(|migration| (migration, ADOPTIONS.iter().find(|adoption| adoption.version == migration.version)))
}

/// Takes every step that remains. `told` hears of each when it begins, and of its time when it is taken.
///
/// # Errors
/// A sentence. The step that failed has left nothing behind, and those before it are done.
pub async fn adopt(db: &mut PgConnection, mut told: impl FnMut(&Step, Option<Duration>)) -> Result<(), Error> {
    // Two at once: one waits, and then finds that nothing remains.
    db.lock().await?;
    db.ensure_migrations_table(HISTORY).await?;
    for (migration, adoption) in pending(migrate::version(db).await?) {
        let started = Instant::now();
        let step = step(migration, adoption);
        told(&step, None);
        take(db, migration, adoption).await.map_err(|error| explain(migration, error))?;
        told(&step, Some(started.elapsed()));
    }
    db.unlock().await?;
    Ok(())
}

async fn take(db: &mut PgConnection, migration: &Migration, adoption: Option<&Adoption>) -> Result<(), sqlx::Error> {
    let started = Instant::now();
    let mut tx = db.begin().await?;
    // Nobody may wait behind us for long: whoever still uses the tables is told to stop.
    let mut before = "set local lock_timeout = '10s'; set local statement_timeout = 0;".to_owned();
    before.push_str("set local idle_in_transaction_session_timeout = 0; set local maintenance_work_mem = '128MB';");
    if let Some(adoption) = adoption {
        before.push_str(&format!("lock table {} in access exclusive mode;", adoption.locks.join(", ")));
    }
    sqlx::raw_sql(AssertSqlSafe(before + PRELUDE)).execute(&mut *tx).await?;
    sqlx::raw_sql(AssertSqlSafe(sql(migration, adoption))).execute(&mut *tx).await?;
    let insert = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                  values ($1, $2, true, $3, $4)";
    sqlx::query(insert)
        .bind(migration.version)
        .bind(&*migration.description)
        .bind(&*migration.checksum)
        .bind(i64::try_from(started.elapsed().as_nanos()).unwrap_or(i64::MAX))
        .execute(&mut *tx)
        .await?;
    tx.commit().await
}

/// The migration, with a counterpart in the place of each table that is there already.
fn sql(migration: &Migration, adoption: Option<&Adoption>) -> String {
    let mut sql = migration.sql.as_str().to_owned();
    for (table, counterpart) in adoption.map_or(&[] as &[_], |adoption| adoption.counterparts) {
        let create = format!("create table {table} (");
        let found = sql.split_once(&create).and_then(|(before, rest)| Some((before, rest.split_once("\n);\n")?.1)));
        // Without it the statement fails, since the table exists, and a test would say so.
        if let Some((before, behind)) = found {
            sql = format!("{before}{counterpart}{behind}");
        }
    }
    sql
}

fn explain(migration: &Migration, error: sqlx::Error) -> Error {
    let step = format!("step {} ({})", migration.version, migration.description);
    match error.as_database_error().and_then(|error| error.code()).as_deref() {
        Some("55P03") => format!(
            "{step}: somebody uses these tables and did not let go of them for 10 seconds. Is the original still running? \
             Switch it off, and adopt again: what is done stays done"
        )
        .into(),
        _ => format!("{step}: {error}. The step has left nothing behind; adopt again to go on with it").into(),
    }
}
