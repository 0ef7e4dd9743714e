//! PgBouncer in transaction mode before a private server: functions that share fewer connections than they are.
//!
//! Prepared statements, which sqlx makes of every query, need version 1.21. Where the machine has none, Debian's source
//! of a later release than most machines run is built, once. It comes from the machine's own mirror by way of apt, which
//! checks the archive's signature, but in folders of its own: what the machine installs stays as it is.

use std::fs::{self, DirBuilder};
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::str::FromStr;
use std::time::Instant;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::{sleep, timeout};

use super::account::Account;
use super::passwords::create_private;
use super::{APP, Cluster, DATABASE, POLL, START_TIMEOUT, STOP_TIMEOUT, explain, url};
use crate::tools::{self, Error};

const OLDEST_VERSION: (u32, u32) = (1, 21);
/// Debian's release that the source is of.
const RELEASE: &str = "trixie";
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// A running PgBouncer. It ends with this value, like a [`Cluster`], and before the cluster that it leads to.
#[derive(Debug)]
pub struct PgBouncer {
    port: u16,
    child: Child,
    lifeline: Option<ChildStdin>,
    log: PathBuf,
}

/// How PgBouncer is to be run.
#[derive(Debug, Clone, Copy)]
pub struct Pooling {
    /// The port to listen on, if not any that is free.
    pub port: Option<u16>,
    /// How many connections the clients of a database share.
    pub connections: u16,
}

impl PgBouncer {
    /// Starts one that leads to every database of the cluster, for the role that functions use. Its program is that of
    /// the machine, or built in `tools` if need be; `progress` is told so.
    pub async fn start(
        cluster: &Cluster,
        tools: &Path,
        Pooling { port, connections }: Pooling,
        progress: &dyn Fn(&str),
    ) -> Result<PgBouncer, Error> {
        let program = program(tools, progress).await?;
        let account = Account::for_server(&cluster.folder.join("data")).await?;
        let folder = cluster.folder.join("pgbouncer");
        fs::create_dir_all(&folder)?;
        // It refuses to be root, and the other account may not reach where the program is. Copied once: where one of an
        // earlier start still runs, the file cannot be written.
        let copy = folder.join("program");
        if !copy.exists() {
            fs::copy(program, &copy)?;
        }

        let port = match port {
            Some(port) => port,
            None => TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port(),
        };
        let (users, settings, log) = (folder.join("users"), folder.join("settings"), folder.join("log"));
        let password = cluster.app_password();
        create_private(&users)?.write_all(format!("\"{APP}\" \"{password}\"\n").as_bytes())?;
        let text = format!(
            "[databases]\n\
             * = host=127.0.0.1 port={}\n\
             [pgbouncer]\n\
             listen_addr = 127.0.0.1\n\
             listen_port = {port}\n\
             unix_socket_dir =\n\
             auth_type = scram-sha-256\n\
             auth_file = {}\n\
             pool_mode = transaction\n\
             max_prepared_statements = 200\n\
             default_pool_size = {connections}\n\
             max_client_conn = 1000\n\
             query_wait_timeout = 5\n\
             server_login_retry = 1\n\
             server_tls_sslmode = disable\n\
             ; A test's database is dropped at its end, when nobody is connected to it any more.\n\
             server_idle_timeout = 0.2\n",
            cluster.port(),
            users.display(),
        );
        create_private(&settings)?.write_all(text.as_bytes())?;
        for path in [&copy, &users, &settings] {
            account.give(path)?;
        }

        let output = create_private(&log)?;
        let mut command = account.command("sh", &folder);
        command.args(["-c", tools::GUARD, "sh"]).arg(&copy).arg(&settings);
        command.stdin(Stdio::piped()).stdout(output.try_clone()?).stderr(output);
        command.process_group(0).kill_on_drop(false);
        let mut child = command.spawn().map_err(|error| format!("cannot start PgBouncer: {error}"))?;
        let lifeline = child.stdin.take();
        let mut pgbouncer = PgBouncer { port, child, lifeline, log };
        pgbouncer.ready(password).await?;
        Ok(pgbouncer)
    }

    /// Whether there is one that [`PgBouncer::start`] would not have to build.
    pub async fn is_here(tools: &Path) -> bool {
        find(tools).await.is_some()
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends it as a crash would.
    pub async fn kill(mut self) -> Result<(), Error> {
        if let Some(group) = self.child.id() {
            Command::new("kill").args(["-KILL", "--", &format!("-{group}")]).status().await?;
        }
        self.child.wait().await?;
        Ok(())
    }

    /// Stops it and waits for its end.
    pub async fn stop(mut self) -> Result<(), Error> {
        drop(self.lifeline.take());
        match timeout(STOP_TIMEOUT, self.child.wait()).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(explain(&format!("PgBouncer ended with {status}"), &self.log)),
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(explain("PgBouncer does not stop", &self.log)),
        }
    }

    /// Waits until a connection through it succeeds.
    async fn ready(&mut self, password: &str) -> Result<(), Error> {
        // It knows no such parameter; functions do not send it either.
        let options = PgConnectOptions::from_str(&url(APP, password, self.port, DATABASE))?.extra_float_digits(None);
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Err(explain(&format!("PgBouncer does not start ({status})"), &self.log));
            }
            match timeout(START_TIMEOUT, PgConnection::connect_with(&options)).await {
                Ok(Ok(connection)) => return Ok(connection.close().await?),
                Ok(Err(error)) if Instant::now() > deadline => {
                    return Err(explain(&format!("PgBouncer does not answer: {error}"), &self.log));
                }
                Err(_) => return Err(explain("PgBouncer does not answer", &self.log)),
                Ok(Err(_)) => sleep(POLL).await,
            }
        }
    }
}

/// The program, where there is one that is new enough: the machine's, or one that was built in `tools`.
async fn find(tools: &Path) -> Option<PathBuf> {
    // Debian's is where only root looks.
    for folder in tools::on_path(&["pgbouncer"]).into_iter().chain([PathBuf::from("/usr/sbin")]) {
        let program = folder.join("pgbouncer");
        let said = tools::says(Command::new(&program).arg("--version")).await;
        if said.is_some_and(|said| version(&said) >= OLDEST_VERSION) {
            return Some(program);
        }
    }
    Some(built_in(tools).join("pgbouncer")).filter(|program| program.exists())
}

fn built_in(tools: &Path) -> PathBuf {
    tools.join(format!("pgbouncer-{RELEASE}"))
}

/// The same, built in `tools` if need be.
async fn program(tools: &Path, progress: &dyn Fn(&str)) -> Result<PathBuf, Error> {
    if let Some(program) = find(tools).await {
        return Ok(program);
    }
    let complete = built_in(tools);
    let program = complete.join("pgbouncer");
    let _turn = tools::turn(tools).await?;
    if !complete.exists() {
        // Its makefile takes no path with a space, which a checkout's may have.
        let workshop = std::env::temp_dir().join(format!("red-pgbouncer-{}", std::process::id()));
        DirBuilder::new().mode(0o700).create(&workshop)?;
        let built = build(&workshop, progress).await;
        let partial = tools.join("partial-pgbouncer");
        let kept = built.and_then(|()| {
            tools::remove(&partial)?;
            fs::create_dir(&partial)?;
            fs::copy(workshop.join("source/pgbouncer"), partial.join("pgbouncer"))?;
            Ok(fs::rename(&partial, &complete)?)
        });
        tools::remove(&workshop)?;
        kept.map_err(|error| {
            let (major, minor) = OLDEST_VERSION;
            format!("there is no PgBouncer {major}.{minor} or newer, and none can be built: {error}")
        })?;
    }
    Ok(program)
}

/// From `PgBouncer 1.24.1`, the first line of several; of anything else, the oldest.
fn version(said: &str) -> (u32, u32) {
    let version = said.lines().next().and_then(|line| line.strip_prefix("PgBouncer ")).unwrap_or_default();
    let mut numbers = version.split('.').map_while(|number| number.parse().ok());
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

/// Builds `source/pgbouncer` in a folder.
async fn build(folder: &Path, progress: &dyn Fn(&str)) -> Result<(), Error> {
    if tools::on_path(&["apt-get"]).is_empty() {
        return Err("its source is got with apt, which is not here".into());
    }
    let mut packages = Vec::new();
    for (program, package) in [("cc", "gcc"), ("make", "make"), ("pkg-config", "pkg-config")] {
        if tools::on_path(&[program]).is_empty() {
            packages.push(package);
        }
    }
    if tools::says(Command::new("pkg-config").args(["--exists", "libevent"])).await.is_none() {
        packages.push("libevent-dev");
    }
    if !packages.is_empty() && !tools::apt_install("what PgBouncer is built with", &packages, progress).await? {
        return Err(format!("it needs what root can install: apt install {}", packages.join(" ")).into());
    }

    progress("building PgBouncer");
    let source = folder.join("source");
    fs::create_dir_all(&source)?;
    let archive = download(folder).await?;
    let mut unpack = Command::new("tar");
    unpack.arg("-xf").arg(archive).args(["--strip-components=1", "-C"]).arg(&source);
    tools::run(&mut unpack, "unpacking PgBouncer").await?;
    let mut configure = Command::new("./configure");
    configure.args(["--without-openssl", "--without-cares", "--disable-evdns"]).current_dir(&source);
    tools::run(&mut configure, "preparing the build of PgBouncer").await?;
    tools::run(Command::new("make").arg("pgbouncer").current_dir(&source), "building PgBouncer").await?;
    Ok(())
}

/// Gets the source from the first of the machine's mirrors that has Debian's release, signed by Debian.
async fn download(folder: &Path) -> Result<PathBuf, Error> {
    let mut list = Command::new("apt-get");
    list.args(["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]);
    let list = tools::run(&mut list, "asking apt for its mirrors").await?;
    let mut mirrors: Vec<&str> = list.lines().collect();
    mirrors.sort_unstable();
    mirrors.dedup();

    let sources = folder.join("sources.list");
    let places = [("lists", "Dir::State::lists"), ("cache", "Dir::Cache")];
    for (place, _) in places {
        fs::create_dir_all(folder.join(place))?;
    }
    let apt = |arguments: &[&str]| {
        let mut apt = Command::new("apt-get");
        apt.arg("-o").arg(format!("Dir::Etc::sourcelist={}", sources.display()));
        for (place, option) in places {
            apt.arg("-o").arg(format!("{option}={}", folder.join(place).display()));
        }
        // Its own account could not write here.
        apt.args(["-o", "Dir::Etc::sourceparts=/dev/null", "-o", "APT::Sandbox::User=root", "-qq"]);
        apt.args(arguments).current_dir(folder);
        apt
    };
    let mut found = Err("apt knows no mirror".into());
    for mirror in mirrors {
        fs::write(&sources, format!("deb-src [signed-by={KEYRING}] {mirror} {RELEASE} main\n"))?;
        found = tools::run(&mut apt(&["update"]), &format!("looking for Debian's {RELEASE}")).await;
        if found.is_ok() {
            break;
        }
    }
    found?;
    tools::run(&mut apt(&["source", "--download-only", "pgbouncer"]), "getting the source of PgBouncer").await?;
    let files = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    let mut archives = files.filter(|path| path.to_string_lossy().contains(".orig.tar."));
    archives.next().ok_or_else(|| "apt got no source of PgBouncer".into())
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn the_version_of_pgbouncer_is_what_it_says() {
        assert_eq!(version("PgBouncer 1.24.1\nlibevent 2.1.12-stable\nadns: c-ares 1.34.5"), (1, 24));
        assert_eq!(version("PgBouncer 1.9\n"), (1, 9));
        assert_eq!(version("bash: pgbouncer: command not found"), (0, 0));
    }
}
