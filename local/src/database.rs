//! The database that a command works on: one that is named, that of a running `cargo local up`, or the private one,
//! started for as long as the command takes.

use std::{
    net::IpAddr,
    path::Path,
    time::{Duration, Instant},
};

use shared::config;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tokio::time::sleep;
use toolbox::{
    postgres::{self, Cluster, InUse},
    tools::Error,
};

use crate::up::progress;

/// Another command may be starting or stopping the private server: it is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(50);

/// What a command is told about its database.
#[derive(Debug, clap::Args)]
pub struct Database {
    /// A database, as its owner (else `DATABASE_URL`, else the private one of this checkout)
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,
}

impl Database {
    /// Does something as the owner of the database. The private one is migrated first.
    ///
    /// # Errors
    /// A sentence that says what to do, or that of the work.
    pub async fn with<T>(
        self,
        root: &Path,
        work: impl AsyncFnOnce(PgConnectOptions) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if let Some(owner) = named(self.database_url.as_deref())? {
            return work(owner).await;
        }
        let local = root.join(".local");
        std::fs::create_dir_all(&local)?;
        let (cluster, owner) = private(&local, &local.join("tools")).await?;
        let result = match migrate(&owner).await {
            Ok(()) => work(owner).await,
            Err(error) => Err(error),
        };
        // Stopped whatever came of the work, so that nothing is left running.
        if let Some(cluster) = cluster {
            cluster.stop().await?;
        }
        result
    }
}

/// The database of a URL; an empty one is none.
///
/// # Errors
/// A sentence, where it is no URL of a PostgreSQL database.
pub fn named(url: Option<&str>) -> Result<Option<PgConnectOptions>, Error> {
    let url = url.filter(|url| !url.is_empty());
    let parsed = url
        .map(|url| config::database_url(url).map_err(|problem| format!("--database-url or DATABASE_URL: {problem}")));
    Ok(parsed.transpose()?)
}

/// Whether a server runs on this machine, as far as its address tells: not where a tunnel leads.
pub fn is_on_this_machine(server: &PgConnectOptions) -> bool {
    let host = server.get_host();
    server.get_socket().is_some()
        || host == "localhost"
        || host.starts_with('/')
        || host.trim_matches(['[', ']']).parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Applies migrations to the private database.
///
/// # Errors
/// A sentence that says what to do.
pub async fn migrate(owner: &PgConnectOptions) -> Result<(), Error> {
    use migrate::Error::{Failed, Newer};
    use sqlx::migrate::MigrateError::{VersionMismatch, VersionMissing};
    match migrate::migrate(owner).await {
        Ok(_) => Ok(()),
        Err(error @ (Newer(_) | Failed(VersionMismatch(_) | VersionMissing(_)))) => {
            Err(format!("{error}; to begin with a new private database: cargo local up --reset").into())
        }
        Err(error) => Err(error.into()),
    }
}

async fn private(state: &Path, tools: &Path) -> Result<(Option<Cluster>, PgConnectOptions), Error> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(url) = postgres::running_owner_url(&state.join("postgres"), postgres::DATABASE)? {
            let owner = config::database_url(&url)?;
            if let Ok(connection) = PgConnection::connect_with(&owner).await {
                connection.close().await?;
                return Ok((None, owner));
            }
        }
        match start(state, tools).await {
            Ok(cluster) => {
                let owner = config::database_url(&cluster.owner_url(postgres::DATABASE))?;
                return Ok((Some(cluster), owner));
            }
            Err(error) if error.is::<InUse>() && Instant::now() < deadline => sleep(POLL).await,
            Err(error) => return Err(error),
        }
    }
}

/// Starts the private server of a folder, unless another command has it. Its programs may be in `tools`.
///
/// # Errors
/// [`InUse`], or a sentence that says what to do.
pub async fn start(state: &Path, tools: &Path) -> Result<Cluster, Error> {
    let settings =
        postgres::Settings { folder: &state.join("postgres"), tools, port: None, durable: true, max_connections: 60 };
    Cluster::start(settings, &progress).await
}

/// The same, once no other command has it any more.
///
/// # Errors
/// A sentence that says what to do.
pub async fn start_in_turn(state: &Path, tools: &Path) -> Result<Cluster, Error> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match start(state, tools).await {
            Err(error) if error.is::<InUse>() && Instant::now() < deadline => sleep(POLL).await,
            started => return started,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_server_is_on_this_machine_by_its_address() {
        let local = |url: &str| is_on_this_machine(&named(Some(url)).unwrap().unwrap());
        for url in ["postgres://o@127.0.0.1/red", "postgres://o@localhost:5499/red", "postgres://o@[::1]/red"] {
            assert!(local(url), "{url}");
        }
        assert!(local("postgres:///red?host=/var/run/postgresql&user=o"));
        for host in ["db.example.sn", "10.0.0.7", "localhost.example.sn"] {
            assert!(!local(&format!("postgres://o@{host}/red?sslmode=verify-full")), "{host}");
        }
    }
}
