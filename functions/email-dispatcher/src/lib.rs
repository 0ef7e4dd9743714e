//! Sends what is queued, at the account's rate, and tidies up once an hour.
//!
//! One dispatcher works at a time: who does is a lease in the database, which ends by itself where its holder died. No
//! transaction is open while SES is talked to: a claim commits, mails are sent, and what became of them is written
//! down, each under the number of its claim.

mod pace;
mod queries;
mod ses;

use std::{
    error::Error,
    sync::Arc,
    time::{Duration, SystemTime},
};

use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::{ObjectStore, path::Path};
use shared::{
    config,
    db::{Conn, Db},
    email::queue::{self, Claim, Claimed, Setback},
    store::Store,
};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout, timeout_at},
};
use uuid::Uuid;

use crate::{
    pace::Pace,
    ses::{Outcome, Quota, SEND_TIMEOUT, Ses},
};

/// Sends under way at once: each is a mail that may go out twice if this process dies now. A quarter of a second's worth
/// keeps the account's rate as long as SES answers within that.
const MAX_IN_FLIGHT: usize = 128;
const SECONDS_IN_FLIGHT: f64 = 0.25;
/// How long the first send is waited for before others begin.
const PROBE: Duration = Duration::from_secs(1);
/// Where mails have no reader any more, so many of those behind them are looked at too.
const BURIED: i64 = 1_000;
/// How long a run may take where nobody says when it ends, or what they say is past.
const DEFAULT_TIME: Duration = Duration::from_secs(45);
/// From the last claim to the end there is time for its sends and for writing down what became of them.
const LAST_CLAIM: Duration = Duration::from_secs(SEND_TIMEOUT.as_secs() + 5);
/// How long a statement may take, lost packets included.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(9);
/// Where hotels keep their photos, and from what age on one that no hotel names is an orphan.
const PHOTOS: &str = "hotels";
const PHOTO_AGE: Duration = Duration::from_secs(24 * 60 * 60);
/// S3 lists and deletes so many at once.
const PHOTO_BATCH: usize = 1_000;
/// How long the database is left alone after a failure.
const DATABASE_REST: Duration = Duration::from_millis(250);

/// The dispatcher. It serves one run at a time.
#[derive(Debug)]
pub struct Dispatcher {
    db: Db,
    ses: Ses,
    photos: Store,
    lease: f64,
    retention_days: i32,
}

/// Mails of which it is known what became, but not written down yet.
type Outcomes = Vec<(Claim, Outcome)>;

impl Dispatcher {
    /// Takes a database, how mail is sent, and where photos are kept.
    pub fn new(db: Db, mail: config::Mail, photos: Store) -> Self {
        Self {
            db,
            ses: Ses::new(&mail),
            photos,
            lease: mail.lease_seconds.into(),
            retention_days: i32::try_from(mail.retention_days).unwrap_or(i32::MAX),
        }
    }

    /// Sends what is due until nothing is, or until it is time to end before `deadline`. Answers how many were sent.
    ///
    /// # Errors
    /// What somebody has to look at: SES sends nothing for this account, or the database is away. The mails wait.
    pub async fn run(&self, deadline: SystemTime) -> Result<u64, Box<dyn Error + Send + Sync>> {
        let time = deadline.duration_since(SystemTime::now()).unwrap_or(DEFAULT_TIME);
        let ends = Instant::now() + time;
        let holder = Uuid::new_v4();
        let mut sent = 0;
        while self.lease(holder).await? {
            let worked = self.drain(holder, ends, &mut sent).await;
            let done = self.statement(async |db| queries::give_lease_back(db, holder).await).await?;
            worked?;
            if done || !has_time(ends) {
                break;
            }
        }
        // What an alarm is about: mail that is due, and does not leave.
        let overdue_seconds = self.statement(queries::overdue_seconds).await?;
        tracing::info!(sent, overdue_seconds, "dispatched");
        // Without the lease: mail need not wait for it.
        self.tidy(ends).await?;
        Ok(sent)
    }

    async fn drain(&self, holder: Uuid, ends: Instant, sent: &mut u64) -> Result<(), Box<dyn Error + Send + Sync>> {
        if !self.statement(queue::is_anything_due).await? {
            return Ok(());
        }
        let Quota { rate, mut left } = self.ses.quota().await?;
        let pace = Arc::new(Pace::new(rate));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and counts mails")]
        let in_flight = ((rate * SECONDS_IN_FLIGHT) as usize).clamp(1, MAX_IN_FLIGHT);

        let mut sends: JoinSet<(Claim, Outcome)> = JoinSet::new();
        let mut outcomes = Outcomes::new();
        let renewal = Duration::from_secs_f64(self.lease / 8.0);
        let mut renewed = Instant::now();
        // Mails go one at a time until SES has taken one, or takes its time: where it takes none, one has found that out.
        let mut capacity = 1;
        let began = Instant::now();
        let (mut drained, mut paused) = (false, None);
        loop {
            while let Some(joined) = sends.try_join_next() {
                outcomes.extend(joined.ok());
            }
            for (_, outcome) in &outcomes {
                match outcome {
                    Outcome::Throttled(_) => pace.slow_down(),
                    Outcome::Paused(reason) => {
                        pace.stop();
                        paused = Some(reason.clone());
                    }
                    _ => capacity = in_flight,
                }
            }
            if began.elapsed() > PROBE {
                capacity = in_flight;
            }
            *sent += self.record(&mut outcomes, ends).await;
            if renewed.elapsed() > renewal {
                renewed = Instant::now();
                // Whoever has it now goes on from here.
                drained |= !self.lease(holder).await.unwrap_or(true);
            }

            let goes_on = !drained && paused.is_none() && left > 0 && has_time(ends);
            let free = capacity.saturating_sub(sends.len());
            // A claim for a single place each would cost more than it brings.
            if goes_on && free > 0 && free >= capacity / 4 {
                let wanted = u64::try_from(free).unwrap_or_default().min(left);
                let limit = i64::try_from(wanted).unwrap_or(i64::MAX);
                match self.statement(async |db| queue::claim(db, limit, self.lease).await).await {
                    Ok((taken, claimed)) => {
                        drained = taken == 0;
                        if taken > claimed.len() {
                            // One by one they would hold up the others.
                            self.statement(async |db| queue::bury(db, BURIED).await).await.ok();
                        }
                        left = left.saturating_sub(u64::try_from(claimed.len()).unwrap_or(u64::MAX));
                        let send_by =
                            (Instant::now() + Duration::from_secs_f64(self.lease / 2.0)).min(ends - SEND_TIMEOUT);
                        for mail in claimed {
                            sends.spawn(send(self.ses.clone(), Arc::clone(&pace), mail, send_by));
                        }
                    }
                    // Those that are under way are still to be written down.
                    Err(error) => {
                        tracing::warn!(%error, "the queue does not answer");
                        sleep(DATABASE_REST).await;
                    }
                }
            } else if sends.is_empty() && outcomes.is_empty() {
                break;
            } else if let Ok(Some(joined)) = timeout(renewal.min(PROBE), sends.join_next()).await {
                outcomes.extend(joined.ok());
            }
        }
        match paused {
            Some(reason) => Err(format!("sending is paused: {reason}").into()),
            None if left == 0 => Err("the day's quota is used up".into()),
            None => Ok(()),
        }
    }

    /// Takes or renews the lease that says who works.
    async fn lease(&self, holder: Uuid) -> sqlx::Result<bool> {
        self.statement(async |db| queries::take_lease(db, holder, self.lease / 2.0).await).await
    }

    /// Writes down what became of mails. What cannot be written now stays, until it is too late. Answers how many of them
    /// were sent.
    async fn record(&self, outcomes: &mut Outcomes, ends: Instant) -> u64 {
        let mut recorded = 0;
        let sent: Vec<(Claim, String)> = outcomes
            .iter()
            .filter_map(|(claim, outcome)| match outcome {
                Outcome::Sent(message_id) => Some((*claim, message_id.clone())),
                _ => None,
            })
            .collect();
        if !sent.is_empty() {
            match self.statement(async |db| queue::complete(db, &sent).await).await {
                Ok(()) => {
                    recorded = u64::try_from(sent.len()).unwrap_or_default();
                    outcomes.retain(|(_, outcome)| !matches!(outcome, Outcome::Sent(_)));
                }
                Err(error) => return self.put_off(outcomes, ends, &error).await,
            }
        }
        while let Some((claim, outcome)) = outcomes.last() {
            let (claim, outcome) = (*claim, outcome.clone());
            let written = self
                .statement(async |db| match &outcome {
                    Outcome::Sent(_) => Ok(()),
                    Outcome::Throttled(said) | Outcome::Paused(said) => {
                        queue::release(db, claim, Setback::Postponed, said).await
                    }
                    Outcome::Setback(setback, said) => queue::release(db, claim, *setback, said).await,
                    Outcome::Failed(said) => queue::fail(db, claim, said).await,
                })
                .await;
            match written {
                Ok(()) => outcomes.pop(),
                Err(error) => return recorded + self.put_off(outcomes, ends, &error).await,
            };
            if !matches!(outcome, Outcome::Sent(_)) {
                tracing::warn!(email = claim.id, kind = outcome.kind(), "a mail was not sent");
            }
        }
        recorded
    }

    async fn put_off(&self, outcomes: &mut Outcomes, ends: Instant, error: &sqlx::Error) -> u64 {
        tracing::warn!(%error, "what became of mails cannot be written down");
        if Instant::now() + DATABASE_REST < ends {
            sleep(DATABASE_REST).await;
        } else {
            // Their leases end, and then it is unknown what became of them.
            outcomes.clear();
        }
        0
    }

    /// Once an hour, what nobody else would remove, a batch at a time.
    async fn tidy(&self, ends: Instant) -> sqlx::Result<()> {
        if !has_time(ends) || !self.statement(queries::begin_tidying).await? {
            return Ok(());
        }
        while has_time(ends) {
            let deleted = self.statement(queries::delete_sessions).await?
                + self.statement(queries::delete_password_resets).await?
                + self.statement(queries::delete_attempts).await?
                + self.statement(queries::delete_idempotency_keys).await?
                + self.statement(async |db| queries::delete_emails(db, self.retention_days).await).await?;
            if deleted == 0 {
                break;
            }
            tracing::info!(deleted, "tidied");
        }
        // Mail does not depend on photos: this is no reason for an alarm.
        if let Err(error) = self.tidy_photos(ends).await {
            tracing::warn!(%error, "photos that nobody needs could not be removed");
        }
        Ok(())
    }

    /// Removes photos that no hotel names: what interruptions left between a photo and its row. One that was stored a
    /// day ago is not about to be named any more.
    async fn tidy_photos(&self, ends: Instant) -> Result<(), Box<dyn Error + Send + Sync>> {
        let yesterday = SystemTime::now() - PHOTO_AGE;
        let mut batches = self.photos.objects.list(Some(&Path::from(PHOTOS))).try_chunks(PHOTO_BATCH);
        while has_time(ends)
            && let Some(batch) = batches.try_next().await?
        {
            let old = batch.iter().filter(|photo| SystemTime::from(photo.last_modified) < yesterday);
            let keys: Vec<String> = old.map(|photo| photo.location.to_string()).collect();
            let orphans = self.statement(async |db| queries::select_orphaned_photos(db, &keys).await).await?;
            let deleted = orphans.len();
            let orphans = orphans.into_iter().map(|key| Ok(Path::from(key)));
            let mut deletions = self.photos.objects.delete_stream(stream::iter(orphans).boxed());
            while deletions.try_next().await?.is_some() {}
            tracing::info!(deleted, "photos tidied");
        }
        Ok(())
    }

    /// Runs one statement on a live connection. After a failure the connection is not used again.
    async fn statement<T>(&self, statement: impl AsyncFnOnce(&mut Conn) -> sqlx::Result<T>) -> sqlx::Result<T> {
        let run = async { statement(&mut self.db.acquire().await?).await };
        let result = timeout(STATEMENT_TIMEOUT, run).await.unwrap_or(Err(sqlx::Error::PoolTimedOut));
        if result.is_err() {
            self.db.settle(true).await;
        }
        result
    }
}

/// Sends a mail when it is its turn, unless that comes too late.
async fn send(ses: Ses, pace: Arc<Pace>, mail: Claimed, send_by: Instant) -> (Claim, Outcome) {
    let outcome = match timeout_at(send_by, pace.turn()).await {
        Ok(true) => ses.send(&mail).await,
        _ => Outcome::Setback(Setback::Postponed, String::new()),
    };
    (mail.claim, outcome)
}

/// Whether what is begun now can be ended in time.
fn has_time(ends: Instant) -> bool {
    Instant::now() + LAST_CLAIM < ends
}
