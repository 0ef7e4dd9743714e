//! Limits on what strangers may try, counted in the database, since every sandbox sees only its own requests.
//!
//! A count starts with the first attempt, and is forgotten as a whole when its time is over. An attempt is counted
//! before it is made: of many at once none slips through.

use std::{net::IpAddr, time::Duration};

use tokio::time::{Instant, sleep};

use crate::{
    auth::CurrentUser,
    db::{Conn, Db},
    error::ApiError,
};

/// As many characters as the column has.
const MAX_SUBJECT: usize = 320;
/// How long an attempt waits for those under way, some of which may have to wait as well. A request ends after 20 s.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(15);
const SETTLE_POLL: Duration = Duration::from_millis(50);

/// At most `max` attempts of a kind by one subject in `seconds`.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// What is counted.
    pub kind: &'static str,
    /// How many are let through.
    pub max: i32,
    /// How long a count lasts.
    pub seconds: u32,
}

/// Rows that one account creates, of all resources together.
pub const CREATIONS: Limit = Limit { kind: "creation", max: 120, seconds: 60 };
/// Searches by one account, in all lists together: most have no index.
pub const SEARCHES: Limit = Limit { kind: "search", max: 60, seconds: 60 };

/// Counts a row that a user is about to create. Administrators are not limited.
///
/// To be called outside of a transaction, which would keep the account's other requests waiting.
///
/// # Errors
/// [`ApiError::Throttled`] above [`CREATIONS`].
pub async fn count_creation(db: &mut Conn, user: CurrentUser) -> Result<(), ApiError> {
    if user.is_admin { Ok(()) } else { count(db, &[(CREATIONS, user.id.to_string())]).await }
}

/// A limit, and who it is counted for.
pub type Count = (Limit, String);

/// How an attempt ended that [`begin`] counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It stays counted.
    Failed,
    /// It no longer counts.
    Succeeded,
    /// Neither it nor an earlier failure counts any more.
    Forgiven,
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Succeeded => "succeeded",
            Self::Forgiven => "forgiven",
        }
    }
}

/// Counts an attempt against several limits, in their order, and stops at the first that is exceeded: those behind it are
/// not counted. Who is over one limit therefore uses up nobody else's.
///
/// # Errors
/// [`ApiError::Throttled`] where one of them is exceeded.
pub async fn count(db: &mut Conn, attempt: &[Count]) -> Result<(), ApiError> {
    match count_attempt(db, attempt, false).await? {
        Some(seconds) => Err(ApiError::Throttled(seconds)),
        None => Ok(()),
    }
}

/// Counts an attempt like [`count`], as a failure until [`settle`] says how it ended. At a limit it waits for attempts that
/// are under way, since they may succeed.
///
/// # Errors
/// [`ApiError::Throttled`] where one of the limits is exceeded.
pub async fn begin(db: &Db, attempt: &[Count]) -> Result<(), ApiError> {
    let deadline = Instant::now() + SETTLE_TIMEOUT;
    loop {
        // Not kept while waiting: others on this process may need the connection.
        let exceeded = count_attempt(&mut db.acquire().await?, attempt, true).await?;
        match exceeded {
            None => return Ok(()),
            Some(0) if Instant::now() < deadline => sleep(SETTLE_POLL).await,
            Some(seconds) => return Err(ApiError::Throttled(seconds.max(1))),
        }
    }
}

/// Ends an attempt, and counts what its success counts against. The counts are in the order in which they were counted, so
/// that two calls never deadlock.
///
/// # Errors
/// [`ApiError::Throttled`] where one of the limits in `counted` is exceeded. The attempt is settled nevertheless.
pub async fn settle(db: &mut Conn, ended: &[(Count, Outcome)], counted: &[Count]) -> Result<(), ApiError> {
    let outcomes: Vec<String> = ended.iter().map(|(_, outcome)| outcome.name().to_owned()).collect();
    let ended: Vec<Count> = ended.iter().map(|(count, _)| count.clone()).collect();
    let exceeded = sqlx::query_scalar!(
        "select (select count_attempt($4, $5, $6, $7, false)) from settle_attempts($1, $2, $3)",
        &outcomes,
        &kinds(&ended),
        &subjects(&ended),
        &kinds(counted),
        &subjects(counted),
        &seconds(counted),
        &maxima(counted),
    )
    .fetch_one(db)
    .await?;
    match exceeded {
        Some(seconds) => Err(ApiError::Throttled(seconds.unsigned_abs())),
        None => Ok(()),
    }
}

async fn count_attempt(db: &mut Conn, attempt: &[Count], awaits_outcome: bool) -> Result<Option<u64>, ApiError> {
    let exceeded = sqlx::query_scalar!(
        "select count_attempt($1, $2, $3, $4, $5)",
        &kinds(attempt),
        &subjects(attempt),
        &seconds(attempt),
        &maxima(attempt),
        awaits_outcome,
    )
    .fetch_one(db)
    .await?;
    Ok(exceeded.map(i64::unsigned_abs))
}

/// Forgets every attempt of a kind by a subject, alone or together with another subject behind a space.
///
/// # Errors
/// When the database does not answer.
pub async fn forgive_all(db: &mut Conn, counts: &[Count]) -> sqlx::Result<()> {
    sqlx::query!("select forgive_attempts($1, $2)", &kinds(counts), &subjects(counts)).execute(db).await?;
    Ok(())
}

fn kinds(counts: &[Count]) -> Vec<String> {
    counts.iter().map(|(limit, _)| limit.kind.to_owned()).collect()
}

fn seconds(counts: &[Count]) -> Vec<f64> {
    counts.iter().map(|(limit, _)| f64::from(limit.seconds)).collect()
}

fn maxima(counts: &[Count]) -> Vec<i32> {
    counts.iter().map(|(limit, _)| limit.max).collect()
}

fn subjects(counts: &[Count]) -> Vec<String> {
    counts.iter().map(|(_, subject)| subject.chars().filter(|c| *c != '\0').take(MAX_SUBJECT).collect()).collect()
}

/// An address as a subject. Whoever has an IPv6 address has at least a /64 of them, which counts as one.
pub fn address(ip: Option<IpAddr>) -> String {
    match ip.map(|ip| ip.to_canonical()) {
        Some(IpAddr::V4(ip)) => ip.to_string(),
        Some(IpAddr::V6(ip)) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        None => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn an_ipv6_address_counts_as_its_64() {
        let subject = |ip: &str| address(ip.parse().ok());

        assert_eq!(subject("2001:db8:0:1::7"), subject("2001:db8:0:1:ffff::"));
        assert_ne!(subject("2001:db8:0:1::7"), subject("2001:db8:0:2::7"));
        assert_eq!(subject("::ffff:192.0.2.7"), "192.0.2.7");
    }
}
