//! A private PostgreSQL server for this checkout: started with us, stopped with us, reachable by nobody else.
//!
//! Everything is under one folder: `data/` (the cluster itself), `passwords` and `log` (both readable by their owner
//! only), `port` (of the last start) and `lock` (held while a [`Cluster`] exists, so that two never share a folder).
//! The server listens on loopback, where every account of the machine could connect; hence the random passwords.
//!
//! A shell between us and the server waits for the end of a pipe that we hold. However we end, even by `kill -9`, the
//! pipe closes and the shell stops the server. Should that fail too, the next start stops what the last one left.
//!
//! PostgreSQL refuses to run as root. Root's server runs as `nobody`, which cannot reach a checkout below root's own
//! home; then the folder is a link to one under `/var/tmp`, named after the checkout (see [`Account::reachable`]).

mod account;
mod leftover;
mod passwords;
mod pgbouncer;
mod programs;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::{sleep, timeout};

pub use leftover::InUse;
pub use pgbouncer::{PgBouncer, Pooling};

use account::Account;
use leftover::{Leftover, Lock, find_leftover, lock, postmaster, stop_leftover};
use passwords::Passwords;
use programs::Programs;

use crate::tools::{self, Error};

/// The role that owns the database and migrates it. It may create databases and roles, as tests need.
pub const OWNER: &str = "red_owner";
/// The role that functions connect as. It may do what migrations grant.
pub const APP: &str = "red_app";
/// The database that a cluster always has.
pub const DATABASE: &str = "red";

const SUPERUSER: &str = "postgres";
const OLDEST_VERSION: u32 = 14;
const EXTENSIONS: [&str; 2] = ["pg_trgm", "unaccent"];
// Recovery after a crash is part of a start; so is a machine that is busy compiling.
const START_TIMEOUT: Duration = Duration::from_secs(60);
const STOP_TIMEOUT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);

/// How a cluster is to be run.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'a> {
    /// Where everything about the cluster is kept, for example `.local/postgres`.
    pub folder: &'a Path,
    /// Where npm's PostgreSQL is installed if the machine has none, for example `.local/tools`.
    pub tools: &'a Path,
    /// The port to listen on. Without one it is any free port, the same as last time if possible.
    pub port: Option<u16>,
    /// Whether a commit survives a power failure. Tests do without and are faster.
    pub durable: bool,
    /// How many connections the server accepts.
    pub max_connections: u16,
}

/// A running server. It ends with this value: at once but unawaited when dropped, awaited with [`Cluster::stop`].
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    port: u16,
    passwords: Passwords,
    server: Child,
    lifeline: Option<ChildStdin>,
    // The last field, so that it is the last to be dropped.
    _lock: Arc<Lock>,
}

impl Cluster {
    /// Starts the server, after making the cluster, its roles and the database if they do not exist yet.
    ///
    /// Programs are taken from `RED_POSTGRES_BIN` (a folder, or `npm`) or else from `PATH`, Debian's folders and npm,
    /// in this order. `progress` is told what takes long.
    pub async fn start(settings: Settings<'_>, progress: &dyn Fn(&str)) -> Result<Cluster, Error> {
        let account = Account::for_server(&settings.folder.join("data")).await?;
        let folder = account.reachable(settings.folder).await?;
        let lock = lock(&folder)?;
        stop_leftover(&folder).await?;

        let data = folder.join("data");
        let programs = Programs::find(&account, &folder, settings.tools, progress).await?;
        let passwords = Passwords::read_or_make(&folder, data.exists())?;
        if !data.exists() {
            progress(&format!("creating a PostgreSQL {} cluster", programs.version));
            programs.init(&account, &folder, &passwords, settings.durable).await?;
        }
        let mut cluster = programs.serve(&account, &folder, Arc::new(lock), passwords, &settings).await?;
        cluster.set_up().await.map_err(|error| cluster.explain(&format!("cannot prepare the cluster: {error}")))?;
        Ok(cluster)
    }

    /// The URL of a database for the role that owns and migrates it. It holds the password: never print it.
    pub fn owner_url(&self, database: &str) -> String {
        url(OWNER, &self.passwords.owner, self.port, database)
    }

    /// The URL of a database for the role that functions use. It holds the password: never print it.
    pub fn app_url(&self, database: &str) -> String {
        url(APP, &self.passwords.app, self.port, database)
    }

    /// The URL of a database for the superuser. It holds the password: never print it.
    pub fn superuser_url(&self, database: &str) -> String {
        url(SUPERUSER, &self.passwords.superuser, self.port, database)
    }

    /// The password of the role that functions use, for databases whose names are not known yet.
    pub fn app_password(&self) -> &str {
        &self.passwords.app
    }

    /// Where the server says what it has to say.
    pub fn log(&self) -> PathBuf {
        log(&self.folder)
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Stops the server and waits for its end. Open connections are cut, their transactions rolled back.
    pub async fn stop(mut self) -> Result<(), Error> {
        drop(self.lifeline.take());
        match timeout(STOP_TIMEOUT, self.server.wait()).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(self.explain(&format!("PostgreSQL ended with {status}"))),
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(self.explain("PostgreSQL does not stop")),
        }
    }

    /// Ends the server as a power failure would: nothing is written out, and the next start recovers.
    pub async fn crash(mut self) -> Result<(), Error> {
        let process = postmaster(&self.folder.join("data")).ok_or("PostgreSQL says nowhere which process it is")?;
        Command::new("kill").args(["-QUIT", &process.to_string()]).status().await?;
        match timeout(STOP_TIMEOUT, self.server.wait()).await {
            Ok(ended) => Ok(ended.map(drop)?),
            Err(_) => Err(self.explain("PostgreSQL does not end")),
        }
    }

    /// Waits until a connection succeeds.
    async fn ready(&mut self) -> Result<(), Error> {
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            if let Some(status) = self.server.try_wait()? {
                return Err(self.explain(&format!("PostgreSQL does not start ({status})")));
            }
            // A port that another server took has somebody else's answer. Ours then ends and is noticed above.
            match timeout(START_TIMEOUT, PgConnection::connect(&self.superuser_url(SUPERUSER))).await {
                Ok(Ok(connection)) => return Ok(connection.close().await?),
                Ok(Err(error)) if Instant::now() > deadline => {
                    return Err(self.explain(&format!("PostgreSQL does not answer: {error}")));
                }
                Err(_) => return Err(self.explain("PostgreSQL does not answer")),
                Ok(Err(_)) => sleep(POLL).await,
            }
        }
    }

    /// Makes the roles and the database where they are missing.
    async fn set_up(&mut self) -> Result<(), sqlx::Error> {
        let mut connection = PgConnection::connect(&self.superuser_url(SUPERUSER)).await?;
        let roles: Vec<String> = sqlx::query_scalar("select rolname::text from pg_roles where rolname in ($1, $2)")
            .bind(OWNER)
            .bind(APP)
            .fetch_all(&mut connection)
            .await?;
        let databases: Vec<String> = sqlx::query_scalar("select datname::text from pg_database where datname = $1")
            .bind(DATABASE)
            .fetch_all(&mut connection)
            .await?;

        // Utility statements take no parameters. All that is pasted in here is ours, passwords included: they are
        // base64url.
        let mut statements = Vec::new();
        if !roles.iter().any(|role| role == OWNER) {
            let password = &self.passwords.owner;
            statements.push(format!("create role {OWNER} login createdb createrole password '{password}'"));
        }
        if !roles.iter().any(|role| role == APP) {
            let password = &self.passwords.app;
            statements.push(format!("create role {APP} login password '{password}'"));
        }
        // A function has 30 seconds for a request; the database gives up long before.
        statements.push(format!("alter role {APP} set statement_timeout = '8s'"));
        statements.push(format!("alter role {APP} set lock_timeout = '4s'"));
        statements.push(format!("alter role {APP} set idle_in_transaction_session_timeout = '15s'"));
        if databases.is_empty() {
            statements.push(format!("create database {DATABASE} owner {OWNER}"));
        }
        for statement in statements {
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await?;
        }
        connection.close().await
    }

    fn explain(&self, what: &str) -> Error {
        explain(what, &log(&self.folder))
    }
}

/// Where the server of a folder says what it has to say.
fn log(folder: &Path) -> PathBuf {
    folder.join("log")
}

/// An error with the last lines of a log.
fn explain(what: &str, log: &Path) -> Error {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let last = lines[lines.len().saturating_sub(5)..].join("\n  ");
    format!("{what}; the end of {}:\n  {last}", log.display()).into()
}

fn url(role: &str, password: &str, port: u16, database: &str) -> String {
    // Encryption would protect nothing here, and asking for it costs a round trip per connection.
    format!("postgres://{role}:{password}@127.0.0.1:{port}/{database}?sslmode=disable")
}

/// The URL of a database for the role that owns it, where a [`Cluster`] in this folder is running in another process. It
/// holds the password: never print it.
///
/// # Errors
/// Where the cluster's files cannot be read.
pub fn running_owner_url(folder: &Path, database: &str) -> Result<Option<String>, Error> {
    let Ok(folder) = fs::canonicalize(folder) else { return Ok(None) };
    if lock(&folder).is_ok() {
        return Ok(None);
    }
    // A server that is being made for the first time has no port yet.
    let Ok(port) = fs::read_to_string(folder.join("port")) else { return Ok(None) };
    let passwords = Passwords::read_or_make(&folder, true)?;
    Ok(Some(url(OWNER, &passwords.owner, port.trim().parse()?, database)))
}

/// The programs that [`Cluster::start`] would take.
#[derive(Debug)]
pub enum Found {
    /// They are on this machine.
    Installed {
        /// PostgreSQL's, such as 17.
        version: u32,
        /// Their folder.
        bin: PathBuf,
    },
    /// They are to be installed with npm.
    FromNpm,
}

/// Looks for PostgreSQL as [`Cluster::start`] does, and changes nothing.
///
/// # Errors
/// Where what there is cannot be used.
pub async fn find(folder: &Path, tools: &Path) -> Result<Found, Error> {
    // A folder that is yet to be made would be one that the account can enter, as this one is.
    let folder = fs::canonicalize(folder).unwrap_or_else(|_| PathBuf::from("/"));
    let account = Account::for_server(&folder.join("data")).await?;
    Ok(match Programs::search(&account, &folder, tools).await? {
        Some(Programs { version, bin }) => Found::Installed { version, bin },
        None => Found::FromNpm,
    })
}

/// Whether the next [`Cluster::start`] finds its folder free.
#[derive(Debug)]
pub enum Standing {
    /// It does.
    Free,
    /// Another command has it.
    InUse,
    /// A server runs there that nobody stopped, under this process id. The next start stops it.
    Leftover(u32),
    /// Something is in the way: what, and what to do.
    Unclear(String),
}

/// What is running in a cluster's folder. Changes nothing.
pub async fn standing(folder: &Path) -> Standing {
    let Ok(folder) = fs::canonicalize(folder) else { return Standing::Free };
    // Kept while we look: nobody starts a server meanwhile.
    let _lock = match folder.join("lock").exists().then(|| lock(&folder)) {
        Some(Err(error)) if error.is::<InUse>() => return Standing::InUse,
        Some(Err(error)) => return Standing::Unclear(error.to_string()),
        Some(Ok(lock)) => Some(lock),
        None => None,
    };
    match find_leftover(&folder.join("data")).await {
        Leftover::None | Leftover::Note => Standing::Free,
        Leftover::Server(pid) => Standing::Leftover(pid),
        Leftover::Unclear(what) => Standing::Unclear(what),
    }
}

/// Removes a cluster with all that is in it. An error says so if it is in use.
pub async fn wipe(folder: &Path) -> Result<(), Error> {
    let Ok(real) = fs::canonicalize(folder) else {
        // Nothing there, or a link whose target is gone.
        return match fs::remove_file(folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        };
    };
    let lock = lock(&real)?;
    stop_leftover(&real).await?;
    tools::remove(&real).map_err(|error| format!("cannot remove {}: {error}", real.display()))?;
    if folder.is_symlink() {
        fs::remove_file(folder)?;
    }
    drop(lock);
    Ok(())
}
