//! Limits on what strangers may try, counted in the database, since every sandbox sees only its own requests.
//!
//! A count starts with the first attempt, and is forgotten as a whole when its time is over. An attempt is counted
//! before it is made: of many at once none slips through.

use std::net::IpAddr;

use crate::{db::Conn, error::ApiError};

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

/// Counts an attempt against several limits at once.
///
/// # Errors
/// [`ApiError::Throttled`] where one of them is exceeded.
pub async fn count(db: &mut Conn, attempt: &[(Limit, String)]) -> Result<(), ApiError> {
    let kinds: Vec<String> = attempt.iter().map(|(limit, _)| limit.kind.to_owned()).collect();
    let subjects: Vec<String> = attempt.iter().map(|(_, subject)| subject.chars().take(254).collect()).collect();
    let seconds: Vec<f64> = attempt.iter().map(|(limit, _)| f64::from(limit.seconds)).collect();
    let counts = sqlx::query!(
        r#"
        insert into auth_attempt as attempt (kind, subject, count, expires_at)
        select kind, subject, 1, now() + make_interval(secs => seconds)
        from unnest($1::text[], $2::text[], $3::float8[]) as given (kind, subject, seconds)
        on conflict (kind, subject) do update
        set count = case when attempt.expires_at <= now() then 1 else attempt.count + 1 end,
            expires_at = case when attempt.expires_at <= now() then excluded.expires_at else attempt.expires_at end
        returning kind, count, ceil(extract(epoch from expires_at - now()))::bigint as "seconds_left!"
        "#,
        &kinds,
        &subjects,
        &seconds,
    )
    .fetch_all(db)
    .await?;
    let exceeded =
        counts.iter().filter(|row| attempt.iter().any(|(limit, _)| limit.kind == row.kind && row.count > limit.max));
    match exceeded.map(|row| row.seconds_left.max(1).unsigned_abs()).max() {
        Some(seconds) => Err(ApiError::Throttled(seconds)),
        None => Ok(()),
    }
}

/// Forgets every attempt of a kind by a subject.
///
/// # Errors
/// When the database does not answer.
pub async fn forgive(db: &mut Conn, limit: Limit, subject: &str) -> sqlx::Result<()> {
    sqlx::query!("delete from auth_attempt where kind = $1 and subject = left($2, 254)", limit.kind, subject)
        .execute(db)
        .await?;
    Ok(())
}

/// Takes one attempt back.
///
/// # Errors
/// When the database does not answer.
pub async fn take_back(db: &mut Conn, limit: Limit, subject: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "update auth_attempt set count = count - 1 where kind = $1 and subject = left($2, 254) and count > 0",
        limit.kind,
        subject,
    )
    .execute(db)
    .await?;
    Ok(())
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
