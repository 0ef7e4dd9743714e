//! `cargo local up`: the whole platform in one process, until Ctrl-C. With `--functions`, and in `cargo local watch`, the
//! functions are elsewhere and everything else is the same.

use std::{
    io::{self, IsTerminal, Write},
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::{Duration, Instant},
};

use entries::{Exports, LINK_LIFETIME};
use hotels::Images;
use shared::{config, db::Db, store::Store};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::Notify,
};

use crate::{
    accounts::{self, Credentials},
    addresses::Addresses,
    database,
    edge::{self, MEDIA_PATH},
    gateway::{self, Function, Gateway},
    keys::Keys,
    mailbox::{self, Mailbox},
    platform::{self, Folders},
    private, queries,
    remote::Endpoint,
    site::Site,
    watch::Watch,
};
use toolbox::{
    postgres::{self, Cluster},
    tools::Error,
    web::Web,
};
use url::Url;

pub(crate) const DEFAULT_PORT: u16 = 8080;
/// How many ports after the default one are tried.
const PORTS: u16 = 100;
/// Connections of all functions together. The server accepts some more, for people.
const CONNECTIONS: u32 = 20;
/// How often expired exports are looked for.
const EXPIRY_CHECK: Duration = Duration::from_secs(15);

/// What `up` is told on the command line.
#[derive(Debug, Default, clap::Args)]
pub struct Options {
    /// What is the same wherever the functions are.
    #[command(flatten)]
    pub platform: Platform,
    /// Build and run with optimisations
    #[arg(long)]
    pub release: bool,
    /// Call the functions through Lambda's Invoke API there instead of the ones in here: http://127.0.0.1:9000
    #[arg(long, value_name = "URL")]
    pub functions: Option<Endpoint>,
}

/// The part of the options that has nothing to do with where the functions are.
#[derive(Debug, Default, clap::Args)]
pub struct Platform {
    /// The port to serve on. Without it: 8080, or the next free one
    #[arg(long)]
    pub port: Option<u16>,
    /// Where the private database, keys, photos and exports are. Without it: .local in the checkout
    #[arg(long, value_name = "FOLDER")]
    pub state: Option<PathBuf>,
    /// Where the web application is, if it is elsewhere: http://localhost:5173
    #[arg(long, value_name = "URL")]
    pub web_origin: Option<WebOrigin>,
    /// Neither build the web application nor serve it
    #[arg(long)]
    pub no_web: bool,
    /// The rows of a list's page if the caller names no size. Without it: 10
    #[arg(long, env = "PAGE_SIZE", value_name = "ROWS", value_parser = clap::value_parser!(u64).range(10..=100))]
    pub page_size: Option<u64>,
    /// A PostgreSQL to use instead of a private one, as the owner of the database (else `DATABASE_URL`)
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// Delete the private database first
    #[arg(long, conflicts_with = "database_url")]
    pub reset: bool,
    /// Do not fill an empty database with samples
    #[arg(long)]
    pub no_seed: bool,
    /// Where mail goes: into the mailbox, or through AWS with what the environment says (EMAIL_FROM, AWS_REGION, …)
    #[arg(long, value_enum, default_value = "mailbox")]
    pub ses: Ses,
    /// How long the gateway keeps the authorizer's answers: a session that ends is believed for that long
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=3600))]
    pub authorizer_cache: u32,
}

/// Where a web application is: a scheme, a host and perhaps a port, in the form in which browsers name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebOrigin(String);

impl FromStr for WebOrigin {
    type Err = String;

    fn from_str(value: &str) -> Result<Self, String> {
        let url = Url::parse(value).ok().filter(|url| {
            matches!(url.scheme(), "http" | "https")
                && (url.username(), url.password()) == ("", None)
                && (url.path(), url.query(), url.fragment()) == ("/", None, None)
        });
        url.map(|url| Self(url.origin().ascii_serialization()))
            .ok_or_else(|| "it must look like http://localhost:5173, without a path".to_owned())
    }
}

/// Where mail goes.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
pub enum Ses {
    /// Into the mailbox of this platform.
    #[default]
    Mailbox,
    /// Out, through AWS.
    Real,
}

/// Starts everything, says what is where, serves, and stops everything.
///
/// # Errors
/// A sentence that says what to do.
pub async fn run(root: &Path, options: &Options) -> Result<(), Error> {
    let functions = options.functions.clone().map_or(Functions::Linked, Functions::Elsewhere);
    serve(root, &options.platform, functions).await
}

/// Where the functions are.
pub(crate) enum Functions {
    /// In this process.
    Linked,
    /// Started by somebody else, with an environment of theirs.
    Elsewhere(Endpoint),
    /// Under a `cargo lambda watch` of ours on this port, or on any.
    Watched { port: Option<u16>, concurrency: u8 },
}

/// [`run`], wherever the functions are.
pub(crate) async fn serve(root: &Path, options: &Platform, functions: Functions) -> Result<(), Error> {
    let started = Instant::now();
    let mut interrupted = Box::pin(interrupted()?);
    let state = match &options.state {
        Some(folder) => std::path::absolute(folder)?,
        None => root.join(".local"),
    };
    private::state_folder(&state)?;

    // First of all the port, so that whoever comes early waits instead of being refused.
    let listener = listen(options.port, DEFAULT_PORT, "--port").await?;
    let folders = folders(&state)?;
    let address = listener.local_addr()?;
    let origin = format!("http://{address}");

    let starting = async {
        let site = if options.no_web { None } else { Some(site(root).await) };
        Ok::<_, Error>((site, start(root, &state, &folders, options, functions, &origin).await?))
    };
    let (site, running) = tokio::select! {
        started = starting => started?,
        () = &mut interrupted => return Ok(()),
    };
    let Running { database: Prepared { cluster, accounts, .. }, gateway, mail, mut watch } = running;
    let web = match (&options.web_origin, site.is_some()) {
        (Some(WebOrigin(elsewhere)), _) => Some(elsewhere),
        (None, true) => Some(&origin),
        (None, false) => None,
    };
    announce(web, &origin, accounts.as_ref(), cluster.as_ref().map(|cluster| (cluster, &*state)), started)?;

    let mut lost = None;
    let end = async {
        tokio::select! {
            () = interrupted => {}
            error = ended(&mut watch) => lost = Some(error),
        }
    };
    let schedule = tokio::spawn(mailbox::schedule(mail.dispatcher, Arc::clone(&mail.wanted)));
    let expiry = tokio::spawn(edge::remove_expired_exports(folders.exports.clone(), LINK_LIFETIME, EXPIRY_CHECK));
    let addresses =
        Addresses::new(address.port(), options.web_origin.as_ref().map(|WebOrigin(elsewhere)| &**elsewhere));
    let mailbox = Mailbox::new().router(mail.events).merge(mailbox::invoke_api(mail.wanted));
    let router = edge::router(Arc::new(gateway), &folders, site)?.merge(addresses.own_pages_only(mailbox));
    gateway::serve(addresses.guard(router), listener, end).await?;
    schedule.abort();
    expiry.abort();

    println!("\nstopping");
    if let Some(watch) = watch {
        watch.stop().await?;
    }
    if let Some(cluster) = cluster {
        cluster.stop().await?;
    }
    lost.map_or(Ok(()), Err)
}

/// The web application, built if a source of it has changed. Whatever is in the way of that, the API is served.
async fn site(root: &Path) -> Site {
    let web = Web::of(root);
    let problem = web.build_if_needed(&progress).await.err().map(|error| error.to_string());
    if let Some(problem) = &problem {
        let what = if web.is_there() { "this is an older build of the web application" } else { "no web application" };
        progress(&format!("{what}: {problem}"));
    }
    Site::new(web.dist(), problem)
}

/// Everything behind the port.
pub(crate) struct Running {
    pub(crate) database: Prepared,
    pub(crate) gateway: Gateway,
    mail: MailFunctions,
    watch: Option<Watch>,
}

/// What is called by no route.
struct MailFunctions {
    dispatcher: Option<Function>,
    events: Option<Function>,
    wanted: Arc<Notify>,
}

pub(crate) async fn start(
    root: &Path,
    state: &Path,
    folders: &Folders,
    options: &Platform,
    functions: Functions,
    origin: &str,
) -> Result<Running, Error> {
    let mail = match options.ses {
        Ses::Mailbox => platform::mail(origin.to_owned()),
        Ses::Real => config::Mail::from_env()?,
    };
    let prepared = prepare(state, &root.join(".local/tools"), options).await?;
    let keys = Keys::load_or_generate(&keys_file(state))?;
    let database = Db::pool(config::database_url(&prepared.functions)?, CONNECTIONS);
    let settings = platform::Settings {
        authorizer_database: database.clone(),
        database,
        origin: origin.to_owned(),
        web_origin: options.web_origin.as_ref().map_or(origin, |WebOrigin(elsewhere)| elsewhere).to_owned(),
        images: Images::new(open(&folders.images)?, &format!("{origin}{MEDIA_PATH}")),
        exports: Exports::new(open(&folders.exports)?),
        registration: config::Registration::Open,
        edge: options
            .page_size
            .map_or_else(config::Edge::default, |page_size| config::Edge { page_size, ..config::Edge::default() }),
        mail,
        mail_wanted: Arc::default(),
        authorizer_cache_seconds: options.authorizer_cache,
    };
    let template = platform::template(&settings)?;
    let (functions, watch) = match functions {
        Functions::Linked => {
            settings.database.warm_up().await;
            (platform::functions(&settings, &keys)?, None)
        }
        Functions::Elsewhere(endpoint) => (endpoint.functions(&template)?, None),
        Functions::Watched { port, concurrency } => {
            let environment = platform::environment(&settings, &keys, &prepared.functions, &prepared.owner, folders)?;
            let watch = Watch::start(root, port, concurrency, &template, environment).await?;
            (watch.endpoint().functions(&template)?, Some(watch))
        }
    };
    let mail = MailFunctions {
        dispatcher: functions.get(platform::DISPATCHER).cloned(),
        events: functions.get(platform::EVENTS).cloned(),
        wanted: settings.mail_wanted,
    };
    Ok(Running { gateway: Gateway::new(template, functions)?, database: prepared, mail, watch })
}

/// Why the functions are gone, as soon as they are; never where there is nothing to wait for.
async fn ended(watch: &mut Option<Watch>) -> Error {
    match watch {
        Some(watch) => watch.ended().await,
        None => std::future::pending().await,
    }
}

/// Where files are kept. The exports of an earlier start are gone: their links were good for minutes.
pub(crate) fn folders(state: &Path) -> io::Result<Folders> {
    let folders = Folders { images: state.join("images"), exports: state.join("exports") };
    if folders.exports.exists() {
        std::fs::remove_dir_all(&folders.exports)?;
    }
    private::folder(&folders.images)?;
    private::folder(&folders.exports)?;
    Ok(folders)
}

fn open(folder: &Path) -> Result<Store, Error> {
    Ok(Store::open(&config::Store::Folder(folder.to_owned()))?)
}

/// Keys belong to a database: a token of one must not be believed about another.
pub fn keys_file(state: &Path) -> PathBuf {
    state.join("keys.json")
}

/// A migrated database, and what is known about it. The URLs hold passwords: never print them.
pub(crate) struct Prepared {
    pub(crate) cluster: Option<Cluster>,
    /// Its URL as its owner.
    pub(crate) owner: String,
    /// Its URL as the role that functions have.
    functions: String,
    pub(crate) accounts: Option<[Credentials; 2]>,
}

async fn prepare(state: &Path, tools: &Path, options: &Platform) -> Result<Prepared, Error> {
    let named = options.database_url.as_deref().filter(|url| !url.is_empty());
    let (cluster, owner, as_owner) = match (database::named(named)?, named) {
        (Some(as_owner), Some(url)) => {
            let name = as_owner.get_database().unwrap_or_else(|| as_owner.get_username());
            progress(&format!("using the database {name} on {}:{}", as_owner.get_host(), as_owner.get_port()));
            (None, url.to_owned(), as_owner)
        }
        _ => {
            let cluster = start_cluster(state, tools, options.reset).await?;
            let owner = cluster.owner_url(postgres::DATABASE);
            let as_owner = config::database_url(&owner)?;
            (Some(cluster), owner, as_owner)
        }
    };
    let prepared = fill(cluster.as_ref(), &owner, &as_owner, options.no_seed).await;
    match (prepared, cluster) {
        (Ok((functions, accounts)), cluster) => Ok(Prepared { cluster, owner, functions, accounts }),
        (Err(error), Some(cluster)) => {
            cluster.stop().await?;
            Err(error)
        }
        (Err(error), None) => Err(error),
    }
}

/// Migrates and seeds. Answers the URL for functions, and the accounts that were made.
async fn fill(
    cluster: Option<&Cluster>,
    owner: &str,
    as_owner: &PgConnectOptions,
    no_seed: bool,
) -> Result<(String, Option<[Credentials; 2]>), Error> {
    progress("applying migrations");
    database::migrate(as_owner).await?;
    let mut db = PgConnection::connect_with(as_owner).await?;
    let functions = match cluster {
        Some(cluster) => cluster.app_url(postgres::DATABASE),
        None => as_application_role(&mut db, owner).await?,
    };
    let accounts = if no_seed { None } else { accounts::seed(&mut db).await? };
    db.close().await?;
    Ok((functions, accounts))
}

async fn start_cluster(state: &Path, tools: &Path, reset: bool) -> Result<Cluster, Error> {
    let folder = state.join("postgres");
    if reset {
        progress("deleting the private database and its keys");
        postgres::wipe(&folder).await?;
        if let Err(error) = std::fs::remove_file(keys_file(state))
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error.into());
        }
    }
    progress("starting PostgreSQL");
    database::start_in_turn(state, tools).await
}

/// On a database of somebody else's the application's role has no password of ours; whoever migrated may act as it.
async fn as_application_role(db: &mut PgConnection, owner: &str) -> Result<String, Error> {
    if !queries::may_act_as_application(db).await? {
        queries::join_application_role(db).await.map_err(|error| {
            format!("{error}; ask whoever administers that server to: grant red_app to the owner of the database")
        })?;
    }
    let separator = if owner.contains('?') { '&' } else { '?' };
    let role = postgres::APP;
    Ok(format!("{owner}{separator}options[role]={role}&options[statement_timeout]=8s&options[lock_timeout]=4s"))
}

/// Takes this port, or the first free one from `default` on, which `flag` chooses.
pub(crate) async fn listen(port: Option<u16>, default: u16, flag: &str) -> Result<TcpListener, Error> {
    let listener = first_free(port, default, flag).await?;
    let found = listener.local_addr()?.port();
    if found != default && port.is_none() {
        progress(&format!("port {default} is taken, so this is {found}"));
    }
    Ok(listener)
}

/// The same, without a word.
pub(crate) async fn first_free(port: Option<u16>, default: u16, flag: &str) -> Result<TcpListener, Error> {
    let candidates = match port {
        Some(port) => port..=port,
        None => default..=default + PORTS,
    };
    for candidate in candidates {
        match TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, candidate))).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(format!("port {candidate}: {error}").into()),
            Ok(listener) => return Ok(listener),
        }
    }
    Err(match port {
        Some(port) => format!("port {port} is taken: choose another with {flag}").into(),
        None => format!("every port from {default} to {} is taken: choose one with {flag}", default + PORTS).into(),
    })
}

fn announce(
    web: Option<&String>,
    origin: &str,
    accounts: Option<&[Credentials; 2]>,
    cluster: Option<(&Cluster, &Path)>,
    started: Instant,
) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "\nRED PRODUCT is ready ({:.1} s)\n", started.elapsed().as_secs_f64())?;
    if let Some(web) = web {
        writeln!(out, "  web application  {web}/")?;
    }
    writeln!(out, "  API              {origin}/api/")?;
    writeln!(out, "  described        {origin}/api/docs/")?;
    writeln!(out, "  health           {origin}/api/health/")?;
    writeln!(out, "  mailbox          {origin}/mailbox")?;
    writeln!(out, "  public keys      {origin}/.well-known/jwks.json")?;
    if let Some((cluster, state)) = cluster {
        writeln!(out, "  PostgreSQL       127.0.0.1:{}, private, in {}", cluster.port(), state.display())?;
    }
    match accounts {
        Some([admin, user]) => {
            writeln!(out, "\n  Sign in with one of these; the passwords are shown this once:")?;
            writeln!(out, "  administrator  {}  {}", admin.email, admin.password)?;
            writeln!(out, "  user           {}  {}", user.email, user.password)?;
        }
        None => {
            writeln!(out, "\n  Accounts: those that there were, or make one with `cargo local admin create EMAIL`.")?
        }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::WebOrigin;

    #[test]
    fn a_web_origin_is_kept_as_browsers_name_it() {
        for (given, kept) in [
            ("http://localhost:5173", "http://localhost:5173"),
            ("https://Red.Example/", "https://red.example"),
            ("https://red.example:443", "https://red.example"),
            ("http://[::1]:5173", "http://[::1]:5173"),
        ] {
            assert_eq!(given.parse::<WebOrigin>().unwrap().0, kept);
        }
    }

    #[test]
    fn a_web_origin_is_nothing_but_an_origin() {
        for other in [
            "",
            "*",
            "null",
            "localhost:5173",
            "ftp://red.example",
            "http://a/b",
            "http://a?b",
            "http://a#b",
            "http://a@b",
            "http://:b@c",
            "file:///web",
        ] {
            assert!(other.parse::<WebOrigin>().is_err(), "{other}");
        }
    }
}
