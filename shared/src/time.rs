//! Times as the API writes and reads them: UTC, RFC 3339, microseconds, `Z`.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serializer;

/// For `#[serde(serialize_with = "shared::time::rfc3339")]`: `2026-11-22T09:05:00.000000Z`.
///
/// # Errors
/// Whatever the serializer runs into.
pub fn rfc3339<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Micros, true))
}
