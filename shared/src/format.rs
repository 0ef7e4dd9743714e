//! Values as the API writes them, for `#[serde(serialize_with = "…")]`.

use chrono::{DateTime, SecondsFormat, Utc};
use rust_decimal::Decimal;
use serde::Serializer;

/// A time in UTC (RFC 3339) with microseconds: `2026-11-22T09:05:00.000000Z`.
///
/// # Errors
/// Whatever the serializer runs into.
pub fn rfc3339<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Micros, true))
}

/// The same, or null.
///
/// # Errors
/// Whatever the serializer runs into.
pub fn rfc3339_or_null<S: Serializer>(time: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => rfc3339(time, serializer),
        None => serializer.serialize_none(),
    }
}

/// An amount of money, as text with two places, zero included: `45000.00`.
///
/// # Errors
/// Whatever the serializer runs into.
pub fn money<S: Serializer>(amount: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    let mut amount = *amount;
    amount.rescale(2);
    serializer.collect_str(&amount)
}
