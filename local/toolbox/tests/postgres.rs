//! What a private PostgreSQL server promises, each test with a cluster of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use sqlx::{Connection, PgConnection};
use toolbox::postgres::{self, Cluster, Found, Settings, Standing};

/// A folder for one test, with a space in its path because checkouts have that too.
struct Checkout(PathBuf);

impl Checkout {
    fn new(name: &str) -> Checkout {
        let folder = std::env::temp_dir().join(format!("red product {} {name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Checkout(folder)
    }

    fn folder(&self) -> PathBuf {
        self.0.join("postgres")
    }

    async fn start(&self) -> Cluster {
        self.try_start(None).await.unwrap()
    }

    async fn try_start(&self, port: Option<u16>) -> Result<Cluster, String> {
        let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.local/tools");
        let settings = Settings { folder: &self.folder(), tools: &tools, port, durable: false, max_connections: 20 };
        Cluster::start(settings, &|_| ()).await.map_err(|error| error.to_string())
    }

    fn server(&self) -> String {
        let note = fs::read_to_string(self.folder().join("data/postmaster.pid")).unwrap();
        note.lines().next().unwrap().to_owned()
    }

    async fn end(self) {
        postgres::wipe(&self.folder()).await.unwrap();
        assert!(!self.folder().exists());
        fs::remove_dir(&self.0).unwrap();
    }
}

async fn query(url: &str, sql: &'static str) -> Result<String, String> {
    let mut connection = PgConnection::connect(url).await.map_err(|error| error.to_string())?;
    let answer = sqlx::query_scalar(sql).fetch_optional(&mut connection).await.map_err(|error| error.to_string())?;
    Ok(answer.unwrap_or_default())
}

#[cfg(target_os = "linux")]
struct Process {
    id: String,
    parent: String,
}

/// Every process that runs, without those that ended and were not waited for yet.
#[cfg(target_os = "linux")]
fn processes() -> Vec<Process> {
    let statuses = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let path = entry.unwrap().path();
        fs::read_to_string(path.join("stat")).ok()
    });
    // `id (name) state parent …`, where the name may hold anything.
    let fields = statuses.filter_map(|status| {
        let (id, _) = status.split_once(' ')?;
        let (_, rest) = status.rsplit_once(") ")?;
        let (state, rest) = rest.split_once(' ')?;
        let (parent, _) = rest.split_once(' ')?;
        (state != "Z").then(|| Process { id: id.to_owned(), parent: parent.to_owned() })
    });
    fields.collect()
}

fn signal(signal: &str, pid: &str) -> bool {
    Command::new("sh").args(["-c", "kill \"$1\" \"$2\"", "sh", signal, pid]).output().unwrap().status.success()
}

#[tokio::test]
async fn a_cluster_has_its_roles_and_keeps_what_was_written_on_the_same_port() {
    let checkout = Checkout::new("roles");
    let cluster = checkout.start().await;
    let port = cluster.port();
    let owner = cluster.owner_url(postgres::DATABASE);
    query(&owner, "create extension pg_trgm").await.unwrap();
    query(&owner, "create extension unaccent").await.unwrap();
    query(&owner, "create table kept as select 'Thiès' as name").await.unwrap();
    query(&owner, "create database another").await.unwrap();
    query(&owner, "create role another nologin").await.unwrap();
    let app = cluster.app_url(postgres::DATABASE);
    for (limit, value) in [
        ("show statement_timeout", "8s"),
        ("show lock_timeout", "4s"),
        ("show idle_in_transaction_session_timeout", "15s"),
    ] {
        assert_eq!(query(&app, limit).await.unwrap(), value, "{limit}");
    }
    assert!(query(&app, "select name from kept").await.unwrap_err().contains("permission denied"));
    cluster.stop().await.unwrap();

    let cluster = checkout.start().await;
    assert_eq!(cluster.port(), port);
    let owner = cluster.owner_url(postgres::DATABASE);
    assert_eq!(query(&owner, "select lower(unaccent(name)) from kept").await.unwrap(), "thies");
    cluster.stop().await.unwrap();
    checkout.end().await;
}

#[tokio::test]
async fn nobody_connects_without_the_password() {
    let checkout = Checkout::new("password");
    let cluster = checkout.start().await;
    for url in [cluster.superuser_url("postgres"), cluster.owner_url("red"), cluster.app_url("red")] {
        let (start, rest) = url.rsplit_once('@').unwrap();
        let role = start.rsplit(':').nth(1).unwrap();
        let without = format!("postgres:{role}:wrong@{rest}");
        assert!(query(&without, "select ''").await.unwrap_err().contains("password"));
    }
    for name in ["passwords", "log"] {
        let mode = fs::metadata(checkout.folder().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert!(!format!("{cluster:?}").contains(cluster.app_password()));
    cluster.stop().await.unwrap();
    checkout.end().await;
}

#[tokio::test]
async fn a_second_start_says_that_the_first_is_running_and_leaves_it_alone() {
    let checkout = Checkout::new("twice");
    let cluster = checkout.start().await;
    assert!(matches!(postgres::standing(&checkout.folder()).await, Standing::InUse));
    assert!(checkout.try_start(None).await.unwrap_err().contains("already running"));
    assert!(postgres::wipe(&checkout.folder()).await.unwrap_err().to_string().contains("already running"));
    assert_eq!(query(&cluster.app_url("red"), "select 'alive'").await.unwrap(), "alive");
    cluster.stop().await.unwrap();
    checkout.end().await;
}

#[tokio::test]
async fn a_server_that_lost_its_starter_ends_and_never_blocks_the_next_start() {
    let checkout = Checkout::new("dropped");
    let cluster = checkout.start().await;
    let url = cluster.app_url("red");
    // What the death of the process does, too: the pipe to the guard closes, the lock is released, nobody waits.
    drop(cluster);
    let cluster = checkout.start().await;
    drop(cluster);
    let deadline = Instant::now() + Duration::from_secs(30);
    while PgConnection::connect(&url).await.is_ok() {
        assert!(Instant::now() < deadline, "the server lives on");
    }
    checkout.end().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_server_whose_guard_was_killed_is_stopped_by_the_next_start() {
    let checkout = Checkout::new("orphan");
    let cluster = checkout.start().await;
    let server = checkout.server();
    let family = processes();
    let guard = family.iter().find(|process| process.id == server).map(|process| process.parent.clone()).unwrap();
    for process in family.iter().filter(|process| process.id == guard || process.parent == guard) {
        if process.id != server {
            signal("-KILL", &process.id);
        }
    }
    drop(cluster);
    assert!(processes().iter().any(|process| process.id == server), "the server should have survived");
    let left = postgres::standing(&checkout.folder()).await;
    assert!(matches!(left, Standing::Leftover(pid) if pid.to_string() == server), "{left:?}");
    assert!(processes().iter().any(|process| process.id == server), "who only looks stops nothing");

    let cluster = checkout.start().await;
    assert!(!processes().iter().any(|process| process.id == server), "the orphan lives on");
    cluster.stop().await.unwrap();
    checkout.end().await;
}

#[tokio::test]
async fn a_killed_server_starts_again_and_a_note_with_a_reused_id_is_no_obstacle() {
    let checkout = Checkout::new("killed");
    let cluster = checkout.start().await;
    signal("-KILL", &checkout.server());
    assert!(cluster.stop().await.unwrap_err().to_string().contains("ended with"));

    let note = checkout.folder().join("data/postmaster.pid");
    let text = fs::read_to_string(&note).unwrap();
    let reused = text.replacen(text.lines().next().unwrap(), &std::process::id().to_string(), 1);
    fs::write(&note, reused).unwrap();
    assert!(matches!(postgres::standing(&checkout.folder()).await, Standing::Free));
    assert!(note.exists());
    let cluster = checkout.start().await;
    cluster.stop().await.unwrap();
    checkout.end().await;
}

#[tokio::test]
async fn who_looks_for_postgresql_finds_what_a_start_takes() {
    let checkout = Checkout::new("found");
    let tools = checkout.0.join("tools");
    let before = postgres::find(&checkout.folder(), &tools).await.unwrap();
    assert!(fs::read_dir(&checkout.0).unwrap().next().is_none());

    let cluster = checkout.start().await;
    let made = fs::read_to_string(checkout.folder().join("data/PG_VERSION")).unwrap();
    // Where npm's is all there is, only a start installs it.
    if let Found::Installed { version, bin } = before {
        assert_eq!(version.to_string(), made.trim());
        assert!(bin.join("postgres").is_file());
        let now = postgres::find(&checkout.folder(), &tools).await.unwrap();
        assert!(matches!(now, Found::Installed { bin: now, .. } if now == bin));
    }
    cluster.stop().await.unwrap();
    checkout.end().await;
}

#[tokio::test]
async fn a_half_made_cluster_is_made_again() {
    let checkout = Checkout::new("half");
    fs::create_dir_all(checkout.folder().join("data.new/base")).unwrap();
    fs::write(checkout.folder().join("password.new"), "half").unwrap();
    let cluster = checkout.start().await;
    assert!(!checkout.folder().join("password.new").exists());
    cluster.stop().await.unwrap();
    checkout.end().await;
}

#[tokio::test]
async fn a_taken_port_is_refused_if_asked_for_and_avoided_otherwise() {
    let checkout = Checkout::new("port");
    let cluster = checkout.start().await;
    let port = cluster.port();
    cluster.stop().await.unwrap();

    let taken = TcpListener::bind(("127.0.0.1", port)).unwrap();
    assert!(checkout.try_start(Some(port)).await.unwrap_err().contains("is taken"));
    let cluster = checkout.start().await;
    assert_ne!(cluster.port(), port);
    cluster.stop().await.unwrap();

    drop(taken);
    let cluster = checkout.try_start(Some(port)).await.unwrap();
    assert_eq!(cluster.port(), port);
    cluster.stop().await.unwrap();
    checkout.end().await;
}

#[tokio::test]
async fn a_server_that_cannot_start_says_why() {
    let checkout = Checkout::new("broken");
    checkout.start().await.stop().await.unwrap();
    let settings = checkout.folder().join("data/postgresql.conf");
    fs::write(&settings, "no_such_setting = on\n").unwrap();
    assert!(checkout.try_start(None).await.unwrap_err().contains("no_such_setting"));
    checkout.end().await;
}
