//! Throttling: a token bucket per route, as `DefaultRouteSettings` and `RouteSettings` configure it.
//!
//! A bucket starts full. A limit of zero refuses everything, which is what it does in AWS too.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// How many requests a route takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// Requests at once.
    pub burst: u32,
    /// Requests per second, in the long run.
    pub rate: f64,
}

pub(super) struct Bucket {
    limit: Limit,
    level: Mutex<Level>,
}

struct Level {
    tokens: f64,
    measured: Option<Instant>,
}

impl Bucket {
    pub(super) fn new(limit: Limit) -> Self {
        let level = Level { tokens: f64::from(limit.burst), measured: None };
        Self { limit, level: Mutex::new(level) }
    }

    /// Takes a token, unless there is none.
    pub(super) fn take(&self, now: Instant) -> bool {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let since = level.measured.map_or_else(Default::default, |then| now.saturating_duration_since(then));
        let refilled = level.tokens + since.as_secs_f64() * self.limit.rate;
        level.tokens = refilled.min(f64::from(self.limit.burst));
        level.measured = level.measured.max(Some(now));
        let taken = level.tokens >= 1.0;
        if taken {
            level.tokens -= 1.0;
        }
        taken
    }
}
