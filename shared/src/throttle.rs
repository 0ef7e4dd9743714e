//! Limits on what strangers may try, counted in the database, since every sandbox sees only its own requests.
//!
//! A count starts with the first attempt, and is forgotten as a whole when its time is over. An attempt is counted
//! before it is made: of many at once none slips through.

use std::net::IpAddr;

use crate::{auth::CurrentUser, db::Conn, error::ApiError};

/// As many characters as the column has.
const MAX_SUBJECT: usize = 320;

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

/// Counts an attempt against several limits, in their order, and stops at the first that is exceeded: those behind it are
/// not counted. Who is over one limit therefore uses up nobody else's.
///
/// # Errors
/// [`ApiError::Throttled`] where one of them is exceeded.
pub async fn count(db: &mut Conn, attempt: &[Count]) -> Result<(), ApiError> {
    settle(db, &Settlement { counted: attempt, ..Settlement::default() }).await
}

/// What becomes of several counts in one round trip.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settlement<'a> {
    /// One attempt less.
    pub taken_back: &'a [Count],
    /// Forgotten as a whole.
    pub forgiven: &'a [Count],
    /// One attempt more: see [`count`].
    pub counted: &'a [Count],
}

/// Takes back, forgets, and then counts. Counts of one attempt are named in the order in which they were counted, so that
/// no two calls wait for each other.
///
/// # Errors
/// [`ApiError::Throttled`] where one of the limits that are counted is exceeded.
pub async fn settle(db: &mut Conn, settlement: &Settlement<'_>) -> Result<(), ApiError> {
    let Settlement { forgiven, taken_back, counted } = settlement;
    let seconds: Vec<f64> = counted.iter().map(|(limit, _)| f64::from(limit.seconds)).collect();
    let maxima: Vec<i32> = counted.iter().map(|(limit, _)| limit.max).collect();
    let exceeded = sqlx::query_scalar!(
        "select settle_attempts($1, $2, $3, $4, $5, $6, $7, $8)",
        &kinds(taken_back),
        &subjects(taken_back),
        &kinds(forgiven),
        &subjects(forgiven),
        &kinds(counted),
        &subjects(counted),
        &seconds,
        &maxima,
    )
    .fetch_one(db)
    .await?;
    match exceeded {
        Some(seconds) => Err(ApiError::Throttled(seconds.unsigned_abs())),
        None => Ok(()),
    }
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
