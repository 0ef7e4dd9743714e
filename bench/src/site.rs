//! A PostgreSQL of its own, migrated and filled, and what a function needs to work with it.

use std::{
    net::{IpAddr, Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU16, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use entries::Exports;
use hotels::Images;
use http::Request;
use local::{
    gateway::Gateway,
    keys::Keys,
    platform,
    seed::{self, Counts},
};
use shared::{
    auth::{CurrentUser, Identity, password},
    config,
    db::Db,
    store::Store,
};
use sqlx::{Connection, PgConnection};
use toolbox::{
    postgres::{self, Cluster, DATABASE, Settings},
    tools::Error,
};
use uuid::Uuid;

use crate::{
    events::{Events, WEB_ORIGIN},
    host::Function,
    queries,
};

/// The password of every account.
pub const PASSWORD: &str = "Teranga-2026-Dakar";
/// What stands in an `Authorization` header where nobody reads the token.
pub const SOMEBODY: &str = "Bearer somebody";
/// Where photos would be.
pub const IMAGE_BASE_URL: &str = "http://web.test/media";

const CONNECTIONS: u16 = 150;
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);
const PUBLIC_KEYS: &str = "JWT_PUBLIC_KEYS";

/// Where the program of a function is.
pub type Binaries<'a> = &'a dyn Fn(&str) -> PathBuf;

/// The site. Its folder is removed by [`Site::end`].
pub struct Site {
    folder: PathBuf,
    port: u16,
    durable: bool,
    cluster: Option<Cluster>,
    log: PathBuf,
    app_url: String,
    owner_url: String,
    superuser_url: String,
    password_hash: String,
    keys: Keys,
    events: Events,
}

/// How much there is.
#[derive(Clone, Copy, Debug)]
pub struct Filling {
    /// Hotels, numbered from 1.
    pub hotels: u32,
    /// Accounts, numbered from 1, each with the session of its number. The first one is an administrator's.
    pub accounts: u32,
}

impl Site {
    /// Starts a server in `folder`, in place of what is there, and fills it.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub async fn start(folder: &Path, tools: &Path, durable: bool, filling: Filling) -> Result<Self, Error> {
        postgres::wipe(&folder.join("postgres")).await?;
        std::fs::create_dir_all(folder)?;
        let port = free_port().ok_or("no port between 20000 and 30000 is free")?;
        let cluster = start_cluster(folder, tools, durable, port).await?;
        let owner = config::database_url(&cluster.owner_url(DATABASE))?;
        migrate::migrate(&owner).await?;
        let mut db = PgConnection::connect_with(&owner).await?;
        let hash = password::hash(PASSWORD.to_owned()).await.map_err(|_| "the password could not be hashed")?;
        queries::insert_accounts(&mut db, filling.accounts, &hash).await?;
        queries::insert_hotels(&mut db, filling.hotels).await?;
        queries::vacuum(&mut db).await?;
        db.close().await?;
        Ok(Self {
            folder: folder.to_owned(),
            port,
            durable,
            log: cluster.log(),
            app_url: cluster.app_url(DATABASE),
            owner_url: cluster.owner_url(DATABASE),
            superuser_url: cluster.superuser_url(DATABASE),
            cluster: Some(cluster),
            password_hash: hash,
            keys: Keys::generate()?,
            events: Events::new()?,
        })
    }

    /// Stops the server, cutting what is connected.
    ///
    /// # Errors
    /// Where it does not stop.
    pub async fn stop_database(&mut self) -> Result<(), Error> {
        match self.cluster.take() {
            Some(cluster) => cluster.stop().await,
            None => Ok(()),
        }
    }

    /// Ends the server as a power failure would.
    ///
    /// # Errors
    /// Where it does not end.
    pub async fn crash_database(&mut self) -> Result<(), Error> {
        match self.cluster.take() {
            Some(cluster) => cluster.crash().await,
            None => Ok(()),
        }
    }

    /// Starts the server again, on the same port.
    ///
    /// # Errors
    /// Where it does not start.
    pub async fn start_database(&mut self, tools: &Path) -> Result<(), Error> {
        self.cluster = Some(start_cluster(&self.folder, tools, self.durable, self.port).await?);
        Ok(())
    }

    /// Starts the server again with a gigabyte of its own memory (`shared_buffers`), a quarter of a small server's, as managed
    /// ones have it, instead of the 128 MB that PostgreSQL takes where nobody says anything.
    ///
    /// # Errors
    /// Where it does not start.
    pub async fn enlarge_database(&mut self, tools: &Path) -> Result<(), Error> {
        queries::enlarge_buffers(&mut self.superuser().await?).await?;
        self.stop_database().await?;
        self.start_database(tools).await
    }

    /// Stops the server and removes everything.
    ///
    /// # Errors
    /// Where that fails.
    pub async fn end(mut self) -> Result<(), Error> {
        self.stop_database().await?;
        let folder = self.folder.join("postgres");
        patiently(async || postgres::wipe(&folder).await).await?;
        Ok(std::fs::remove_dir_all(&self.folder)?)
    }

    /// A connection as the superuser.
    ///
    /// # Errors
    /// Where the server is away.
    pub async fn superuser(&self) -> Result<PgConnection, Error> {
        Ok(PgConnection::connect(&self.superuser_url).await?)
    }

    /// The server, unless it is stopped.
    pub fn cluster(&self) -> Option<&Cluster> {
        self.cluster.as_ref()
    }

    /// The database's URL for its owner. It holds the password.
    pub fn owner_url(&self) -> &str {
        &self.owner_url
    }

    /// Where the server, the functions' logs and whatever else is made are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the server says what it has to say.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Adds made-up rows, and statistics about all of them.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub async fn fill(&self, counts: &Counts) -> Result<(), Error> {
        let mut db = PgConnection::connect(&self.owner_url).await?;
        seed::fill(&mut db, counts).await?;
        queries::vacuum(&mut db).await?;
        Ok(db.close().await?)
    }

    /// What is stored of the password of every account.
    pub fn password_hash(&self) -> &str {
        &self.password_hash
    }

    /// The database's URL for the application's role. It holds the password.
    pub fn app_url(&self) -> &str {
        &self.app_url
    }

    /// A function of template.yaml with the variables that it has there.
    ///
    /// # Errors
    /// Where there is no such function or binary.
    pub fn function(&self, name: &str, binary: PathBuf) -> Result<Function, Error> {
        if !binary.is_file() {
            return Err(format!(
                "{} is missing: cargo local bench, or cargo build --release -p {name}",
                binary.display()
            )
            .into());
        }
        let (first, rest) = name.split_at(1);
        let timeout = self.events.timeout(&format!("{}{rest}Function", first.to_uppercase()));
        let mut variables = vec![("DATABASE_URL", self.app_url.clone())];
        if name == "migrate" {
            variables = vec![("MIGRATE_DATABASE_URL", self.owner_url.clone())];
        }
        if matches!(name, "hotels" | "email-dispatcher") {
            // As in AWS, since opening it is part of a start. Nothing here uses it.
            variables.push(("IMAGE_STORE", "s3://nowhere".to_owned()));
        }
        match name {
            "entries" => variables.push(("EXPORT_STORE", "s3://nowhere".to_owned())),
            "hello" => variables.clear(),
            "email-dispatcher" => variables.extend([
                ("EMAIL_FROM", "RED PRODUCT <no-reply@red.example>".to_owned()),
                ("EMAIL_REPLY_TO", "support@red.example".to_owned()),
                ("EMAIL_RETENTION_DAYS", "365".to_owned()),
            ]),
            _ => {}
        }
        if !matches!(name, "hello" | "migrate" | "authorizer" | "email-dispatcher" | "email-events") {
            variables.push(("WEB_ORIGIN", WEB_ORIGIN.to_owned()));
        }
        if matches!(name, "hotels" | "dashboard") {
            variables.push(("IMAGE_BASE_URL", IMAGE_BASE_URL.to_owned()));
        }
        if matches!(name, "auth" | "authorizer") {
            // Only one of them may know the secrets.
            variables
                .extend(self.keys.environment()?.into_iter().filter(|(key, _)| name == "auth" || *key == PUBLIC_KEYS));
            variables.extend([("JWT_ISSUER", WEB_ORIGIN.to_owned()), ("JWT_AUDIENCE", "red-product".to_owned())]);
        }
        if name == "auth" {
            variables.push(("REGISTRATION", "open".to_owned()));
            // Nobody answers there: a mail then leaves with the next minute.
            variables.extend([
                ("DISPATCHER_FUNCTION", "email-dispatcher".to_owned()),
                ("AWS_ENDPOINT_URL_LAMBDA", "http://127.0.0.1:9".to_owned()),
            ]);
        }
        Ok(Function {
            name: name.to_owned(),
            binary,
            // As in template.yaml. Said only: nothing holds them to it.
            memory_mib: if name == "auth" { 1769 } else { 256 },
            timeout: timeout.unwrap_or(Duration::from_secs(25)),
            variables: variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            log: self.folder.join(format!("{name}.log")),
            freezes: false,
            group: None,
        })
    }

    /// The gateway with all functions in this process, as on one machine. Mail stays in the queue.
    ///
    /// # Errors
    /// Where a folder cannot be made.
    pub fn gateway(&self) -> Result<Gateway, Error> {
        let store = |name: &str| {
            let folder = self.folder.join(name);
            std::fs::create_dir_all(&folder)?;
            Ok::<_, Error>(Store::open(&config::Store::Folder(folder))?)
        };
        let database = Db::pool(config::database_url(&self.app_url)?, u32::from(CONNECTIONS / 2));
        let settings = platform::Settings {
            authorizer_database: database.clone(),
            database,
            origin: WEB_ORIGIN.to_owned(),
            web_origin: WEB_ORIGIN.to_owned(),
            images: Images::new(store("images")?, IMAGE_BASE_URL),
            exports: Exports::new(store("exports")?),
            registration: config::Registration::Open,
            edge: config::Edge::default(),
            mail: platform::mail("http://127.0.0.1:9".to_owned()),
            mail_wanted: Arc::default(),
            authorizer_cache_seconds: 0,
        };
        let functions = platform::functions(&settings, &self.keys)?;
        Ok(Gateway::new(platform::template(&settings)?, functions)?)
    }

    /// The event of a request by account `caller`, whom the authorizer found, or by nobody.
    ///
    /// # Errors
    /// Where the gateway answers by itself.
    pub async fn event(&mut self, request: Request<Bytes>, caller: Option<i64>) -> Result<Bytes, Error> {
        self.event_from(request, caller, LOOPBACK).await
    }

    /// The same from an address of its own.
    ///
    /// # Errors
    /// Where the gateway answers by itself.
    pub async fn event_from(
        &mut self,
        request: Request<Bytes>,
        caller: Option<i64>,
        ip: IpAddr,
    ) -> Result<Bytes, Error> {
        let identity = caller.map_or(Identity::Absent, |id| Identity::Known {
            user: CurrentUser { id, session_id: id, is_admin: id == 1 },
            expires_at: i64::MAX,
        });
        self.events.of(request, ip, &identity).await
    }

    /// The event of the authorizer for a request.
    ///
    /// # Errors
    /// Where the gateway answers by itself.
    pub async fn authorizer_event(&mut self, request: Request<Bytes>) -> Result<Bytes, Error> {
        self.events.of_authorizer(request, LOOPBACK).await
    }
}

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

async fn start_cluster(folder: &Path, tools: &Path, durable: bool, port: u16) -> Result<Cluster, Error> {
    let folder = folder.join("postgres");
    let settings = Settings { folder: &folder, tools, port: Some(port), durable, max_connections: CONNECTIONS };
    patiently(async || Cluster::start(settings, &|_| ()).await).await
}

/// Tries again for a moment where a folder is in use: a process that another thread was just starting has a copy of
/// the lock that we released, until it becomes the program that it is to run.
async fn patiently<T>(mut attempt: impl AsyncFnMut() -> Result<T, Error>) -> Result<T, Error> {
    let deadline = Instant::now() + LOCK_TIMEOUT;
    loop {
        match attempt().await {
            Err(error) if error.to_string().contains("in use") && Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            result => return result,
        }
    }
}

/// Below the ports that the system gives to clients: while the server is away, one of them could get its port, a
/// function's own connection to it included.
fn free_port() -> Option<u16> {
    // Other processes begin elsewhere, and the tests of this one take one each.
    static NEXT: LazyLock<AtomicU16> = LazyLock::new(|| AtomicU16::new(Uuid::new_v4().as_fields().1 % 10_000));
    (0..10_000).find_map(|_| {
        let port = 20_000 + NEXT.fetch_add(1, Ordering::Relaxed) % 10_000;
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok().then_some(port)
    })
}
