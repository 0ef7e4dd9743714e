//! `cargo local adopt`: a database of the original (Django) becomes one of this platform, in place. A report first, then the
//! question whether there is a backup, then the steps, then what was done.

mod found;
mod images;
mod steps;

use std::{
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use hotels::Images;
use shared::{config, store::Store};
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use toolbox::tools::Error;

pub use self::{
    found::{Finding, Found, count_rows, examine},
    images::{Left, Outcome, adopt as adopt_images},
    steps::{Step, adopt, steps},
};
use crate::database;

/// What `adopt` is told on the command line.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Options {
    #[command(subcommand)]
    then: Option<Then>,
    #[command(flatten)]
    database: Original,
    /// Say what was found and what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask: there is a backup, and the original is switched off
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Then {
    /// Store the photos of an adopted database
    Images {
        #[command(flatten)]
        database: Original,
        /// The original's media folder, if its photos are files
        #[arg(long, value_name = "FOLDER")]
        media: Option<PathBuf>,
        /// Where photos are stored: s3://bucket or file:///folder (else .local/images of this checkout)
        #[arg(long, env = "IMAGE_STORE", value_name = "STORE")]
        image_store: Option<config::Store>,
    },
}

#[derive(Debug, clap::Args)]
struct Original {
    /// The original's database, as its owner (or set DATABASE_URL: a command line can be seen by others)
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
}

impl Original {
    fn options(&self) -> Result<PgConnectOptions, Error> {
        database::named(self.database_url.as_deref())?
            .ok_or_else(|| "which database? --database-url, or DATABASE_URL".into())
    }
}

/// Does it all.
///
/// # Errors
/// A sentence that says what to do.
pub async fn run(root: &Path, options: &Options) -> Result<(), Error> {
    match &options.then {
        None => adopt_database(&options.database.options()?, options).await,
        Some(Then::Images { database, media, image_store }) => {
            let mut db = PgConnection::connect_with(&database.options()?).await?;
            let store = image_store.clone().unwrap_or_else(|| config::Store::Folder(root.join(".local/images")));
            if let config::Store::Folder(folder) = &store {
                std::fs::create_dir_all(folder)?;
            }
            let outcome = adopt_images(&mut db, &Images::new(Store::open(&store)?, ""), media.as_deref()).await?;
            db.close().await?;
            for Left { hotel, name, reason } in &outcome.left {
                println!("left: hotel {hotel} ({name}): {reason}");
            }
            println!("{} photos stored, {} left as they are", outcome.stored, outcome.left.len());
            Ok(())
        }
    }
}

async fn adopt_database(original: &PgConnectOptions, options: &Options) -> Result<(), Error> {
    let mut db = PgConnection::connect_with(original).await?;
    let Finding::Original(found) = examine(&mut db, original).await? else {
        println!("this database is adopted already: there is nothing to do");
        return Ok(());
    };
    println!("{found}");
    println!("First make a backup and keep it. Going back means restoring it:\n\n  {}\n", backup(original));
    if options.dry_run {
        println!("nothing was changed (--dry-run)");
        return Ok(());
    }
    if !options.yes {
        confirm(original)?;
    }

    let started = Instant::now();
    let total = steps(0).len();
    adopt(&mut db, |Step { version, name, .. }, taken| match taken {
        None => print_now(&format!("  step {version:2} of {total}  {name:14}")),
        Some(time) => println!("{:>10}", seconds(time)),
    })
    .await
    .inspect_err(|_| println!())?;
    print_now("  statistics");
    // Plans are made from statistics, which know nothing of the new columns and indexes yet.
    let rows = count_rows(&mut db).await?;
    let tables: Vec<_> = rows.iter().map(|(table, _)| *table).collect();
    sqlx::raw_sql(AssertSqlSafe(format!("vacuum (analyze) {}", tables.join(", ")))).execute(&mut db).await?;
    println!("\n\nThe database is adopted ({}). It now has", seconds(started.elapsed()));
    for (table, rows) in rows {
        println!("  {table:20} {rows:>12}");
    }
    println!("\nThen: cargo local adopt images (photos), and the rest of docs/moving-over.md");
    db.close().await?;
    Ok(())
}

/// A part of a line, which is to be seen while the rest is not known yet.
fn print_now(text: &str) {
    print!("{text}");
    // A terminal that is gone is no reason to stop.
    let _ = io::stdout().flush();
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// The command that makes a backup. It asks for the password itself.
fn backup(database: &PgConnectOptions) -> String {
    let name = name(database);
    let place =
        database.get_socket().map_or_else(|| database.get_host().to_owned(), |socket| socket.display().to_string());
    format!(
        "pg_dump --format=custom --file=before-the-move.dump --host={place} --port={} --username={} --dbname={name}",
        database.get_port(),
        database.get_username(),
    )
}

fn name(database: &PgConnectOptions) -> &str {
    database.get_database().unwrap_or_else(|| database.get_username())
}

fn confirm(database: &PgConnectOptions) -> Result<(), Error> {
    if !io::stdin().is_terminal() {
        return Err("nobody can be asked here. If there is a backup and the original is switched off: --yes".into());
    }
    let name = name(database);
    print!("Is there a backup, and is the original switched off? Then type the name of the database ({name}): ");
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    if answer.trim() == name { Ok(()) } else { Err("nothing was changed".into()) }
}
