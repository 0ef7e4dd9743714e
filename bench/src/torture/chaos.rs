//! What is done to the functions and to their database.

use std::{
    fmt,
    path::Path,
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::OptionFuture;
use sqlx::{Connection, PgConnection};
use tokio::{process::Command, time::sleep};
use toolbox::{
    postgres::{DATABASE, PgBouncer},
    tools::Error,
};

use super::{queries, rng::Rng, world::World};
use crate::{queries as common, site::Site};

/// What functions write to.
const TABLES: [&str; 11] = [
    "audit_event",
    "auth_session",
    "emails_email",
    "entries_entry",
    "forms_form",
    "hotels_hotel",
    "idempotency_key",
    "messages_message",
    "row_count",
    "tickets_ticket",
    "users_customuser",
];

/// Something that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Processes are killed one after the other, at work or not.
    Killed,
    /// All processes are killed at once.
    Cold,
    /// Events are killed at a deadline that a lock keeps them past.
    Deadline,
    /// Nobody asks for anything until PostgreSQL has ended every connection of the frozen processes; then everybody does.
    Thawed,
    /// PostgreSQL is stopped and started.
    Restarted,
    /// PostgreSQL is stopped as by a power failure, and started.
    Crashed,
    /// A process of PostgreSQL's is killed, and PostgreSQL recovers.
    BackendKilled,
    /// Some connections are cut.
    CutSome,
    /// All connections are cut.
    CutAll,
    /// A table is locked for less than PostgreSQL's patience.
    LockedBriefly,
    /// A table is locked for longer.
    LockedLong,
    /// Others have every connection that PostgreSQL accepts, and whoever has one loses it.
    Exhausted,
    /// PgBouncer is killed and started.
    PoolerKilled,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Killed,
        Self::Cold,
        Self::Deadline,
        Self::Thawed,
        Self::Restarted,
        Self::Crashed,
        Self::BackendKilled,
        Self::CutSome,
        Self::CutAll,
        Self::LockedBriefly,
        Self::LockedLong,
        Self::Exhausted,
        Self::PoolerKilled,
    ];

    /// Whether it is about processes alone, so that it may come together with another.
    pub fn is_of_processes(self) -> bool {
        matches!(self, Self::Killed | Self::Cold)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Killed => "functions killed",
            Self::Cold => "all functions cold",
            Self::Deadline => "killed at the deadline",
            Self::Thawed => "frozen past idle timeout",
            Self::Restarted => "PostgreSQL restarted",
            Self::Crashed => "PostgreSQL crashed",
            Self::BackendKilled => "backend killed",
            Self::CutSome => "some connections cut",
            Self::CutAll => "all connections cut",
            Self::LockedBriefly => "table locked for 2 s",
            Self::LockedLong => "table locked for 5 s",
            Self::Exhausted => "no connection left",
            Self::PoolerKilled => "PgBouncer killed",
        })
    }
}

/// Whoever does it.
pub struct Chaos<'a> {
    /// The database, which is started again.
    pub site: &'a mut Site,
    /// Where programs are.
    pub tools: &'a Path,
    /// What stands before the database.
    pub pgbouncer: Option<PgBouncer>,
    /// The functions, and who calls them.
    pub world: Arc<World>,
    /// What happens is drawn from here.
    pub rng: Rng,
}

impl Chaos<'_> {
    /// Everything that can go wrong here, in any order.
    pub fn round(&mut self) -> Vec<Vec<Fault>> {
        let has_pooler = self.pgbouncer.is_some();
        let mut faults: Vec<Fault> =
            Fault::ALL.into_iter().filter(|fault| has_pooler || *fault != Fault::PoolerKilled).collect();
        self.rng.shuffle(&mut faults);
        let mut bursts: Vec<Vec<Fault>> = faults.into_iter().map(|fault| vec![fault]).collect();
        for burst in &mut bursts {
            if !burst[0].is_of_processes() && self.rng.chance(20) {
                burst.push(if self.rng.chance(50) { Fault::Killed } else { Fault::Cold });
            }
        }
        bursts
    }

    /// Does it to them, until it is over. Answers when that was.
    ///
    /// # Errors
    /// Where it cannot be done.
    pub async fn burst(&mut self, faults: &[Fault]) -> Result<Instant, Error> {
        let (world, mut rng) = (Arc::clone(&self.world), Rng::new(self.rng.number()));
        let of_processes = faults.iter().find(|fault| fault.is_of_processes()).copied();
        let processes = OptionFuture::from(of_processes.map(|fault| async move {
            match fault {
                Fault::Cold => world.fleet.kill_all(),
                _ => {
                    for _ in 0..40 {
                        world.fleet.kill_one(&mut rng);
                        sleep(Duration::from_millis(50)).await;
                    }
                }
            }
        }));
        let other = faults.iter().find(|fault| !fault.is_of_processes()).copied();
        let (_, other) = tokio::join!(processes, OptionFuture::from(other.map(|fault| self.other(fault))));
        other.transpose()?;
        Ok(Instant::now())
    }

    async fn other(&mut self, fault: Fault) -> Result<(), Error> {
        let away = Duration::from_millis(200 + self.rng.below(2_000) as u64);
        match fault {
            Fault::Killed | Fault::Cold => {}
            Fault::Deadline => {
                self.world.fleet.set_limit(Some(Duration::from_secs(1)));
                let locked = self.locked(Duration::from_millis(2_500)).await;
                self.world.fleet.set_limit(None);
                // Those that had little time left are ended by now.
                sleep(Duration::from_secs(1)).await;
                locked?;
            }
            Fault::Thawed => self.thawed().await?,
            Fault::Restarted => {
                self.site.stop_database().await?;
                sleep(away).await;
                self.site.start_database(self.tools).await?;
            }
            Fault::Crashed => {
                self.site.crash_database().await?;
                sleep(away).await;
                self.site.start_database(self.tools).await?;
            }
            Fault::BackendKilled => {
                self.kill_backend().await?;
                self.until_it_answers().await?;
            }
            Fault::CutSome => queries::cut(&mut self.site.superuser().await?, 40).await?,
            Fault::CutAll => {
                common::cut_connections(&mut self.site.superuser().await?).await?;
            }
            Fault::LockedBriefly => self.locked(Duration::from_secs(2)).await?,
            Fault::LockedLong => self.locked(Duration::from_secs(5)).await?,
            Fault::Exhausted => self.exhausted().await?,
            Fault::PoolerKilled => {
                if let (Some(pgbouncer), Some(cluster)) = (self.pgbouncer.take(), self.site.cluster()) {
                    let port = pgbouncer.port();
                    pgbouncer.kill().await?;
                    sleep(away).await;
                    self.pgbouncer =
                        Some(PgBouncer::start(cluster, self.tools, super::pooling(Some(port)), &|_| ()).await?);
                }
            }
        }
        Ok(())
    }

    /// A process may have ended by the time that it is to be killed.
    async fn kill_backend(&self) -> Result<(), Error> {
        let mut db = self.site.superuser().await?;
        while let Some(process) = queries::select_backend(&mut db).await? {
            let mut kill = Command::new("kill");
            kill.arg("-KILL").arg(process.to_string()).stderr(Stdio::null());
            if kill.status().await?.success() {
                break;
            }
        }
        Ok(())
    }

    async fn locked(&mut self, time: Duration) -> Result<(), Error> {
        let table = self.rng.pick(&TABLES).unwrap_or_default();
        let mut db = self.site.superuser().await?;
        let mut lock = db.begin().await?;
        queries::lock(&mut lock, table).await?;
        sleep(time).await;
        lock.rollback().await?;
        Ok(())
    }

    async fn thawed(&mut self) -> Result<(), Error> {
        let mut db = self.site.superuser().await?;
        common::limit_idleness(&mut db, 500).await?;
        // Who connects again has that limit.
        common::cut_connections(&mut db).await?;
        sleep(Duration::from_secs(1)).await;
        let still = self.world.turn.write().await;
        sleep(Duration::from_secs(1)).await;
        common::limit_idleness(&mut db, 0).await?;
        drop(still);
        Ok(())
    }

    async fn exhausted(&mut self) -> Result<(), Error> {
        let mut others = Vec::new();
        let mut db = self.site.superuser().await?;
        common::cut_connections(&mut db).await?;
        let deadline = Instant::now() + Duration::from_secs(2);
        while Instant::now() < deadline {
            match PgConnection::connect(self.site.owner_url()).await {
                Ok(other) => others.push(other),
                Err(_) => sleep(Duration::from_millis(100)).await,
            }
        }
        for other in others {
            other.close().await?;
        }
        Ok(())
    }

    async fn until_it_answers(&self) -> Result<(), Error> {
        let deadline = Instant::now() + Duration::from_secs(60);
        // The server needs a moment to notice.
        sleep(Duration::from_millis(200)).await;
        loop {
            match self.site.superuser().await {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() > deadline => {
                    return Err(format!("{DATABASE} does not recover: {error}").into());
                }
                Err(_) => sleep(Duration::from_millis(50)).await,
            }
        }
    }
}
