//! What came out.

use std::{collections::BTreeMap, fmt, sync::atomic::Ordering, time::Duration};

use serde::Serialize;

use super::{
    chaos::Fault,
    tally::{Counts, NORMAL, Recovery},
    world::World,
};
use crate::stats::{median, quantile};

/// A report, to be read or as JSON.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// What everything was drawn from.
    pub seed: u64,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Rows and changes that were acknowledged, each of which was looked for.
    pub acknowledged: usize,
    /// What was answered, and what was wrong.
    pub answers: Counts,
    /// Processes that were started, killed, and killed at their deadline.
    pub processes: [u64; 3],
    /// Events that found no sandbox.
    pub turned_away: u64,
    /// How soon service was normal after each fault.
    pub recoveries: BTreeMap<String, Recoveries>,
}

/// How soon, in seconds.
#[derive(Debug, Default, Serialize)]
pub struct Recoveries {
    /// Until the first good answer, each time.
    pub first: Vec<f64>,
    /// Until service was normal, each time.
    pub normal: Vec<f64>,
}

impl Report {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    pub(super) fn recovered(&mut self, faults: &[Fault], recovery: Recovery) {
        let what = match faults {
            [fault] => fault.to_string(),
            _ => "two faults at once".to_owned(),
        };
        let recoveries = self.recoveries.entry(what).or_default();
        recoveries.first.push(recovery.first.as_secs_f64());
        recoveries.normal.push(recovery.normal.as_secs_f64());
    }

    pub(super) fn finish(&mut self, world: &World, took: Duration) {
        let noted = world.fleet.noted();
        self.seconds = took.as_secs_f64();
        self.acknowledged = world.model().acknowledged();
        self.answers = world.tally.counts();
        self.processes = [&noted.started, &noted.killed, &noted.timed_out].map(|count| count.load(Ordering::Relaxed));
        self.turned_away = noted.turned_away.load(Ordering::Relaxed);
    }

    /// Whether nothing was wrong.
    pub fn is_success(&self) -> bool {
        self.answers.violations == 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts { ours, platform, abandoned, retried, slowest, violations, told, .. } = &self.answers;
        let statuses = |counts: &BTreeMap<u16, u64>| {
            let counts: Vec<String> = counts.iter().map(|(status, count)| format!("{status}: {count}")).collect();
            counts.join(", ")
        };
        let [started, killed, timed_out] = self.processes;
        writeln!(f, "{:.0} s, seed {}", self.seconds, self.seed)?;
        writeln!(
            f,
            "requests      {} ({:.0} a second)",
            self.answers.requests(),
            self.answers.requests() as f64 / self.seconds
        )?;
        writeln!(f, "  functions'  {}", statuses(ours))?;
        writeln!(f, "  gateway's   {}", statuses(platform))?;
        writeln!(
            f,
            "  given up by their client {abandoned}, sent again {retried}, found no sandbox {}",
            self.turned_away
        )?;
        writeln!(f, "  slowest     {:.1} s", slowest.0)?;
        writeln!(f, "rows          {} acknowledged and looked for", self.acknowledged)?;
        writeln!(f, "processes     {started} started, {killed} killed, {timed_out} killed at their deadline")?;
        writeln!(f, "\n{:<26}{:>6}{:>18}{:>22}", "fault", "times", "first answer", format!("{NORMAL} in a row"))?;
        writeln!(f, "{:<26}{:>6}{:>18}{:>22}", "", "", "median, worst (s)", "median, worst (s)")?;
        for (fault, Recoveries { first, normal }) in &self.recoveries {
            let of = |times: &[f64]| format!("{:.2}, {:.2}", median(times), quantile(times, 1.0));
            writeln!(f, "{fault:<26}{:>6}{:>18}{:>22}", first.len(), of(first), of(normal))?;
        }
        writeln!(f, "\n{violations} violations")?;
        for (number, what) in (1..).zip(told) {
            writeln!(f, "{number:>4}  {what}")?;
        }
        Ok(())
    }
}
