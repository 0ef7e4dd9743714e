//! What was answered, what was wrong with it, and how soon service was normal again.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use serde::Serialize;

use super::answer::Answer;

/// So many good answers in a row are normal service.
pub const NORMAL: usize = 30;
/// Violations that are told in full, and those of them that begin alike.
const TOLD: usize = 60;
const TOLD_ALIKE: usize = 4;
/// What a report shows of an answer.
const EXCERPT: usize = 400;
/// Answers that are remembered to be shown with a violation.
const REMEMBERED: usize = 4_000;

/// Counts, shared by everybody.
#[derive(Default)]
pub struct Tally(Mutex<Counts>);

/// What was counted.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Counts {
    /// Functions' answers by status.
    pub ours: BTreeMap<u16, u64>,
    /// The gateway's own by status.
    pub platform: BTreeMap<u16, u64>,
    /// Requests that the client gave up.
    pub abandoned: u64,
    /// Requests that were sent again with their Idempotency-Key.
    pub retried: u64,
    /// The longest that an answer took, in seconds, and to what.
    pub slowest: (f64, String),
    /// How many violations there were.
    pub violations: u64,
    /// The first of them.
    pub told: Vec<String>,
    #[serde(skip)]
    seen: BTreeSet<String>,
    #[serde(skip)]
    lately: VecDeque<Seen>,
    #[serde(skip)]
    remembered: VecDeque<String>,
}

/// An answer, as far as it says whether there is service.
#[derive(Clone, Copy, Debug)]
struct Seen {
    asked: Instant,
    answered: Instant,
    is_good: bool,
}

/// How soon there was service again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recovery {
    /// Until the first good answer.
    pub first: Duration,
    /// Until the last of [`NORMAL`] good ones in a row.
    pub normal: Duration,
}

impl Tally {
    /// Counts an answer.
    pub fn answered(&self, request: &str, asked: Instant, answer: &Answer) {
        let mut counts = self.locked();
        let answered = Instant::now();
        let by_status = if answer.is_ours { &mut counts.ours } else { &mut counts.platform };
        *by_status.entry(answer.status).or_default() += 1;
        let took = answered.duration_since(asked).as_secs_f64();
        if took > counts.slowest.0 {
            counts.slowest = (took, request.to_owned());
        }
        counts.lately.push_back(Seen { asked, answered, is_good: answer.is_ours && answer.status < 500 });
        if counts.lately.len() > REMEMBERED {
            counts.lately.pop_front();
        }
        let whose = if answer.is_ours { "" } else { " by the platform" };
        let line = format!("{:>8.2} s  {}{whose} after {took:.2} s  {request}", counts.at(), answer.status);
        counts.remembered.push_back(line);
        if counts.remembered.len() > REMEMBERED {
            counts.remembered.pop_front();
        }
    }

    /// Counts a request that nobody waited for any more.
    pub fn abandoned(&self) {
        self.locked().abandoned += 1;
    }

    /// Counts a request that is sent again.
    pub fn retried(&self) {
        self.locked().retried += 1;
    }

    /// Something that must not be, with the answers lately to requests that had one of `about` in them. What was seen
    /// before is not counted again.
    pub fn violation(&self, what: &str, about: &[String]) {
        let mut counts = self.locked();
        if !counts.seen.insert(what.to_owned()) {
            return;
        }
        counts.violations += 1;
        let beginning = |what: &str| what.chars().filter(|c| !c.is_ascii_digit()).take(24).collect::<String>();
        let alike = counts.told.iter().filter(|told| beginning(told) == beginning(what)).count();
        if counts.told.len() < TOLD && alike < TOLD_ALIKE {
            let mut told = what.to_owned();
            let lines = counts.remembered.iter().filter(|line| about.iter().any(|about| line.contains(about)));
            lines.for_each(|line| told.push_str(&format!("\n      {line}")));
            counts.told.push(told);
        }
    }

    /// An answer that must not be.
    pub fn fault(&self, request: &str, answer: &Answer, what: &str) {
        let excerpt: String = answer.text().chars().take(EXCERPT).collect();
        self.violation(&format!("{what}: {request} was answered {} {excerpt}", answer.status), &[]);
    }

    /// What was counted so far.
    pub fn counts(&self) -> Counts {
        self.locked().clone()
    }

    /// Service since `end`, as soon as it is normal.
    pub fn recovery(&self, end: Instant) -> Option<Recovery> {
        recovery(self.locked().lately.iter().copied(), end)
    }

    fn locked(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    /// Seconds since midnight, to find a line in a function's log.
    fn at(&self) -> f64 {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        now.as_secs_f64() % 86_400.0
    }

    /// All requests that were answered.
    pub fn requests(&self) -> u64 {
        self.ours.values().chain(self.platform.values()).sum()
    }
}

/// Only what was asked after the end of the fault tells whether it is over.
fn recovery(seen: impl Iterator<Item = Seen>, end: Instant) -> Option<Recovery> {
    let (mut first, mut row) = (None, 0);
    for Seen { answered, is_good, .. } in seen.filter(|seen| seen.asked >= end) {
        row = if is_good { row + 1 } else { 0 };
        if is_good && first.is_none() {
            first = Some(answered.duration_since(end));
        }
        if let Some(first) = first
            && row == NORMAL
        {
            return Some(Recovery { first, normal: answered.duration_since(end) });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_is_normal_after_many_good_answers_to_what_was_asked_since() {
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let seen = |asked, is_good| Seen { asked: at(asked), answered: at(asked + 1), is_good };
        let good = |from: u64, count: u64| (from..from + count).map(move |n| seen(n, true));
        assert_eq!(recovery(good(0, 100), at(100)), None);
        assert_eq!(recovery(good(100, 29), at(100)), None);
        let disturbed = good(100, 10).chain([seen(110, false)]).chain(good(111, 30));
        let recovered = Recovery { first: Duration::from_millis(1), normal: Duration::from_millis(41) };
        assert_eq!(recovery(disturbed, at(100)), Some(recovered));
    }
}
