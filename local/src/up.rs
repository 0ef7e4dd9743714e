//! `cargo local up`: the whole platform in one process, until Ctrl-C.

use std::{
    io::{self, IsTerminal, Write},
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use shared::{config, db::Db};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use crate::{
    accounts::{self, Credentials},
    keys::Keys,
    platform, queries,
};
use toolbox::{
    postgres::{self, Cluster},
    tools::Error,
};

const DEFAULT_PORT: u16 = 8080;
/// How many ports after the default one are tried.
const PORTS: u16 = 100;
/// Connections of all functions together. The server accepts some more, for people.
const CONNECTIONS: u32 = 20;

/// What `up` is told on the command line.
#[derive(Debug, Default, clap::Args)]
pub struct Options {
    /// The port to serve on. Without it: 8080, or the next free one
    #[arg(long)]
    pub port: Option<u16>,
    /// A PostgreSQL to use instead of a private one, as the owner of the database (else `DATABASE_URL`)
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// Delete the private database first
    #[arg(long, conflicts_with = "database_url")]
    pub reset: bool,
    /// Do not fill an empty database with samples
    #[arg(long)]
    pub no_seed: bool,
    /// Build and run with optimisations
    #[arg(long)]
    pub release: bool,
    /// How long the gateway keeps the authorizer's answers: a session that ends is believed for that long
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=3600))]
    pub authorizer_cache: u32,
}

/// Starts everything, says what is where, serves, and stops everything.
///
/// # Errors
/// A sentence that says what to do.
pub async fn run(root: &Path, options: &Options) -> Result<(), Error> {
    let started = Instant::now();
    let mut interrupted = Box::pin(interrupted()?);
    let local = root.join(".local");
    std::fs::create_dir_all(&local)?;

    // First of all the port, so that whoever comes early waits instead of being refused.
    let listener = listen(options.port).await?;
    let address = listener.local_addr()?;
    let origin = format!("http://{address}");

    let prepared = tokio::select! {
        prepared = prepare(&local, options) => prepared?,
        () = &mut interrupted => return Ok(()),
    };
    let database = Db::pool(prepared.functions, CONNECTIONS);
    let settings = platform::Settings {
        authorizer_database: database.clone(),
        database,
        web_origin: origin.clone(),
        registration: config::Registration::Open,
        authorizer_cache_seconds: options.authorizer_cache,
    };
    let keys = Keys::load_or_generate(&keys_file(&local))?;
    let gateway = Arc::new(platform::gateway(&settings, &keys)?);
    settings.database.warm_up().await;

    announce(&origin, prepared.accounts.as_ref(), prepared.cluster.as_ref(), started)?;
    gateway.serve(listener, interrupted).await?;

    println!("\nstopping");
    if let Some(cluster) = prepared.cluster {
        cluster.stop().await?;
    }
    Ok(())
}

/// Keys belong to a database: a token of one must not be believed about another.
fn keys_file(local: &Path) -> PathBuf {
    local.join("keys.json")
}

/// A migrated database, and what is known about it.
struct Prepared {
    cluster: Option<Cluster>,
    functions: PgConnectOptions,
    accounts: Option<[Credentials; 2]>,
}

async fn prepare(local: &Path, options: &Options) -> Result<Prepared, Error> {
    let (cluster, owner) = match &options.database_url {
        Some(url) => (None, config::database_url(url).map_err(|problem| format!("the database URL: {problem}"))?),
        None => {
            let cluster = start_cluster(local, options.reset).await?;
            let owner = config::database_url(&cluster.owner_url(postgres::DATABASE))?;
            (Some(cluster), owner)
        }
    };
    progress("applying migrations");
    migrate::migrate(&owner).await?;

    let mut db = PgConnection::connect_with(&owner).await?;
    let functions = match &cluster {
        Some(cluster) => config::database_url(&cluster.app_url(postgres::DATABASE))?,
        None => as_application_role(&mut db, owner).await?,
    };
    let accounts = if options.no_seed { None } else { accounts::seed(&mut db).await? };
    db.close().await?;
    Ok(Prepared { cluster, functions, accounts })
}

/// The private database for a command: that of a running `up`, or started for as long as the command takes.
///
/// # Errors
/// A sentence that says what to do.
pub async fn open_cluster(local: &Path) -> Result<(Option<Cluster>, String), Error> {
    if let Some(url) = postgres::running_owner_url(&local.join("postgres"), postgres::DATABASE)? {
        return Ok((None, url));
    }
    let cluster = start_cluster(local, false).await?;
    let url = cluster.owner_url(postgres::DATABASE);
    Ok((Some(cluster), url))
}

async fn start_cluster(local: &Path, reset: bool) -> Result<Cluster, Error> {
    let folder = local.join("postgres");
    if reset {
        progress("deleting the private database and its keys");
        postgres::wipe(&folder).await?;
        if let Err(error) = std::fs::remove_file(keys_file(local))
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error.into());
        }
    }
    progress("starting PostgreSQL");
    let settings = postgres::Settings {
        folder: &folder,
        tools: &local.join("tools"),
        port: None,
        durable: true,
        max_connections: 60,
    };
    Cluster::start(settings, &progress).await
}

/// On a database of somebody else's the application's role has no password of ours; whoever migrated may act as it.
async fn as_application_role(db: &mut PgConnection, owner: PgConnectOptions) -> Result<PgConnectOptions, Error> {
    queries::join_application_role(db).await?;
    Ok(owner.options([("role", postgres::APP), ("statement_timeout", "8s"), ("lock_timeout", "4s")]))
}

async fn listen(port: Option<u16>) -> Result<TcpListener, Error> {
    let candidates = match port {
        Some(port) => port..=port,
        None => DEFAULT_PORT..=DEFAULT_PORT + PORTS,
    };
    for candidate in candidates {
        match TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, candidate))).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(format!("port {candidate}: {error}").into()),
            Ok(listener) => return Ok(listener),
        }
    }
    Err(match port {
        Some(port) => format!("port {port} is taken: choose another with --port").into(),
        None => format!("every port from {DEFAULT_PORT} to {} is taken: choose one with --port", DEFAULT_PORT + PORTS)
            .into(),
    })
}

fn announce(
    origin: &str,
    accounts: Option<&[Credentials; 2]>,
    cluster: Option<&Cluster>,
    started: Instant,
) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "\nRED PRODUCT is ready ({:.1} s)\n", started.elapsed().as_secs_f64())?;
    writeln!(out, "  API         {origin}/api/")?;
    writeln!(out, "  health      {origin}/api/health/")?;
    writeln!(out, "  public keys {origin}/.well-known/jwks.json")?;
    if let Some(cluster) = cluster {
        writeln!(out, "  PostgreSQL  127.0.0.1:{}, private to this checkout", cluster.port())?;
    }
    match accounts {
        Some([admin, user]) => {
            writeln!(out, "\n  Sign in with one of these; the passwords are shown this once:")?;
            writeln!(out, "  administrator  {}  {}", admin.email, admin.password)?;
            writeln!(out, "  user           {}  {}", user.email, user.password)?;
        }
        None => writeln!(out, "\n  Accounts: those of last time, or `cargo local admin create EMAIL`.")?,
    }
    writeln!(out, "\n  Ctrl-C stops everything.")?;
    out.flush()
}

pub(crate) fn progress(what: &str) {
    if io::stderr().is_terminal() {
        eprintln!("\x1b[2m· {what}\x1b[0m");
    } else {
        eprintln!("· {what}");
    }
}

/// Resolves when the process is asked to end.
fn interrupted() -> io::Result<impl Future<Output = ()>> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
