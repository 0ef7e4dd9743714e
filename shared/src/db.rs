//! The database as a request sees it: [`Db`] hands out a [`Conn`], and a [`Conn`] begins a [`Tx`].
//!
//! A Lambda sandbox serves one request at a time and may be frozen for hours between two, so it keeps exactly one
//! connection and replaces it whenever it may have died ([`Db::sandbox`]). sqlx's pool is wrong for that: a permit is
//! lost when a dead connection is dropped, and its timers do not run while a sandbox is frozen. Where many requests
//! share a process, on one machine and in tests, it is right ([`Db::pool`]).

use std::{
    cell::Cell,
    fmt,
    ops::{Deref, DerefMut},
    sync::Arc,
    time::{Duration, SystemTime},
};

use futures_util::{future::BoxFuture, stream::BoxStream};
use sqlx::{
    Connection, Describe, Either, Execute, Executor, PgConnection, PgPool, Postgres, SqlStr,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions, PgQueryResult, PgRow, PgStatement, PgTransactionManager, PgTypeInfo},
};
use sqlx_core::transaction::TransactionManager;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// How long a request waits for a connection, connecting included, before it is answered 503.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// A connection that was idle for longer is asked whether it is still there, by the wall clock: a frozen sandbox has
/// no other.
const TRUSTED_IDLE: Duration = Duration::from_secs(30);
/// How long that question may take.
const PING_TIMEOUT: Duration = Duration::from_millis(500);

/// Applies `migrations/` as the owner of the database. Safe to run twice, and at the same time.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");

tokio::task_local! {
    static METER: Meter;
}

/// What a request has used so far.
#[derive(Default)]
struct Meter {
    round_trips: Cell<u32>,
    holds_connection: Cell<bool>,
}

/// Runs a request and counts its round trips to the database, preparations of new statements included.
pub async fn counting_round_trips<F: Future>(request: F) -> (F::Output, u32) {
    METER
        .scope(Meter::default(), async {
            let output = request.await;
            (output, METER.with(|meter| meter.round_trips.get()))
        })
        .await
}

fn count_round_trips(n: usize) {
    // Outside a request, in a command or a test, nobody counts.
    let _ = METER.try_with(|meter| {
        meter.round_trips.set(meter.round_trips.get() + u32::try_from(n).unwrap_or(u32::MAX));
    });
}

/// Where connections come from. Cheap to clone.
#[derive(Clone)]
pub struct Db(Source);

/// Without the options, which hold a password.
impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db").finish_non_exhaustive()
    }
}

#[derive(Clone)]
enum Source {
    Sandbox { options: Box<PgConnectOptions>, slot: Arc<Mutex<Slot>> },
    Pool(PgPool),
}

struct Slot {
    connection: Option<PgConnection>,
    last_used: SystemTime,
}

impl Db {
    /// One connection, for a process that serves one request at a time. Nothing connects before the first request or
    /// [`Db::warm_up`].
    pub fn sandbox(options: PgConnectOptions) -> Self {
        let slot = Slot { connection: None, last_used: SystemTime::UNIX_EPOCH };
        Self(Source::Sandbox { options: Box::new(options), slot: Arc::new(Mutex::new(slot)) })
    }

    /// A pool, for a process that serves many requests at once.
    pub fn pool(options: PgConnectOptions, max_connections: u32) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // The pool would ping before every use, a round trip; only one that was idle for a while is asked.
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for < Duration::from_secs(1) {
                        return Ok(true);
                    }
                    Ok(tokio::time::timeout(PING_TIMEOUT, connection.ping()).await.is_ok_and(|ping| ping.is_ok()))
                })
            })
            .connect_lazy_with(options);
        Self(Source::Pool(pool))
    }

    /// Connects while Lambda still gives a starting sandbox its full CPU. A database that is away is no reason to fail
    /// the start: the first request connects again.
    pub async fn warm_up(&self) {
        if let Err(error) = self.acquire().await {
            tracing::warn!(%error, "could not connect during start");
        }
    }

    /// A live connection. A request has one at a time: with two it would wait for itself in a sandbox, which a pool
    /// would hide.
    ///
    /// # Errors
    /// [`sqlx::Error::PoolTimedOut`] when there is none within three seconds, else whatever connecting ran into.
    pub async fn acquire(&self) -> sqlx::Result<Conn> {
        if METER.try_with(|meter| meter.holds_connection.get()).unwrap_or_default() {
            return Err(sqlx::Error::Configuration("the request holds a connection already".into()));
        }
        let held = match &self.0 {
            Source::Pool(pool) => Held::Pooled(pool.acquire().await?),
            Source::Sandbox { options, slot } => {
                let live = tokio::time::timeout(ACQUIRE_TIMEOUT, Slot::lock_live(Arc::clone(slot), options)).await;
                Held::Sandbox(live.map_err(|_| sqlx::Error::PoolTimedOut)??)
            }
        };
        Conn::new(held)
    }

    /// Called after each request, before its answer leaves: a sandbox is frozen right after, and a rollback that is
    /// still in the socket's buffer would hold its locks until the next request.
    ///
    /// `broken` says that the connection failed or was abandoned in the middle of a statement; it is thrown away.
    pub async fn settle(&self, broken: bool) {
        // A pool flushes, tests and replaces what is returned to it by itself.
        let Source::Sandbox { slot, .. } = &self.0 else { return };
        let mut slot = slot.lock().await;
        let Some(connection) = slot.connection.as_mut() else { return };
        let keep = !broken && (!connection.should_flush() || is_alive(connection).await);
        if !keep {
            slot.connection = None;
        }
    }
}

impl Slot {
    async fn lock_live(slot: Arc<Mutex<Self>>, options: &PgConnectOptions) -> sqlx::Result<OwnedMutexGuard<Self>> {
        let mut slot = slot.lock_owned().await;
        let trusted = slot.last_used.elapsed().is_ok_and(|idle| idle < TRUSTED_IDLE);
        if let Some(connection) = slot.connection.as_mut()
            && !trusted
            && !is_alive(connection).await
        {
            slot.connection = None;
        }
        if slot.connection.is_none() {
            slot.connection = Some(PgConnection::connect_with(options).await?);
        }
        Ok(slot)
    }
}

async fn is_alive(connection: &mut PgConnection) -> bool {
    count_round_trips(1);
    tokio::time::timeout(PING_TIMEOUT, connection.ping()).await.is_ok_and(|ping| ping.is_ok())
}

/// A connection for the length of a request. It counts its round trips; it goes back when dropped.
pub struct Conn {
    held: Held,
    /// Statements that the server had prepared when this was taken: every further one costs a round trip.
    prepared: usize,
    /// True while a `begin` is on its way: sqlx hands back a connection whose `begin` was cancelled in an open
    /// transaction (launchbadge/sqlx#4393), so such a connection is not used again.
    beginning: bool,
}

enum Held {
    Pooled(PoolConnection<Postgres>),
    Sandbox(OwnedMutexGuard<Slot>),
}

impl Conn {
    fn new(mut held: Held) -> sqlx::Result<Self> {
        let prepared = held.connection()?.cached_statements_size();
        let _ = METER.try_with(|meter| meter.holds_connection.set(true));
        Ok(Self { held, prepared, beginning: false })
    }

    /// Begins a transaction. It is rolled back unless it is committed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin(&mut self) -> sqlx::Result<Tx<'_>> {
        count_round_trips(1);
        self.beginning = true;
        PgTransactionManager::begin(self.held.connection()?, None).await?;
        self.beginning = false;
        Ok(Tx { conn: self, open: true })
    }

    fn connection(&mut self) -> sqlx::Result<&mut PgConnection> {
        count_round_trips(1);
        self.held.connection()
    }
}

impl Held {
    fn connection(&mut self) -> sqlx::Result<&mut PgConnection> {
        match self {
            Held::Pooled(connection) => Ok(connection),
            Held::Sandbox(slot) => slot.connection.as_mut().ok_or(sqlx::Error::PoolClosed),
        }
    }
}

impl fmt::Debug for Conn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conn").finish_non_exhaustive()
    }
}

impl Drop for Conn {
    fn drop(&mut self) {
        let _ = METER.try_with(|meter| meter.holds_connection.set(false));
        let Ok(connection) = self.held.connection() else { return };
        count_round_trips(connection.cached_statements_size().saturating_sub(self.prepared));
        match &mut self.held {
            Held::Pooled(connection) if self.beginning => connection.close_on_drop(),
            Held::Pooled(_) => {}
            Held::Sandbox(slot) if self.beginning => slot.connection = None,
            Held::Sandbox(slot) => slot.last_used = SystemTime::now(),
        }
    }
}

/// A transaction: a [`Conn`] whose statements hold together. Dropped without a commit, it rolls back.
#[derive(Debug)]
pub struct Tx<'c> {
    conn: &'c mut Conn,
    open: bool,
}

impl Tx<'_> {
    /// Makes everything that was done in it permanent.
    ///
    /// # Errors
    /// When the database does not answer (whether it committed is then unknown) or a deferred constraint fails.
    pub async fn commit(mut self) -> sqlx::Result<()> {
        let connection = self.conn.connection()?;
        PgTransactionManager::commit(connection).await?;
        self.open = false;
        Ok(())
    }
}

impl Drop for Tx<'_> {
    fn drop(&mut self) {
        if self.open
            && let Ok(connection) = self.conn.held.connection()
        {
            PgTransactionManager::start_rollback(connection);
        }
    }
}

impl Deref for Tx<'_> {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        self.conn
    }
}

impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Conn {
        self.conn
    }
}

impl<'c> Executor<'c> for &'c mut Conn {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, sqlx::Result<Either<PgQueryResult, PgRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        match self.connection() {
            Ok(connection) => connection.fetch_many(query),
            Err(error) => Box::pin(futures_util::stream::iter([Err(error)])),
        }
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, sqlx::Result<Option<PgRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        match self.connection() {
            Ok(connection) => connection.fetch_optional(query),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }

    fn prepare_with<'e>(self, sql: SqlStr, parameters: &'e [PgTypeInfo]) -> BoxFuture<'e, sqlx::Result<PgStatement>>
    where
        'c: 'e,
    {
        match self.connection() {
            Ok(connection) => connection.prepare_with(sql, parameters),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, sqlx::Result<Describe<Postgres>>>
    where
        'c: 'e,
    {
        match self.connection() {
            Ok(connection) => connection.describe(sql),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }
}
