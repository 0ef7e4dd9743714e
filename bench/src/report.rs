//! The figures as tables for people, each beside its aim.

use std::fmt::{self, Display, Formatter};

use crate::measure::{Figures, Quantiles};

impl Display for Figures {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let [before, after] = self.load.map(|load| load.map_or("unknown".to_owned(), |load| format!("{load:.2}")));
        writeln!(f, "Load of the machine: {before} before, {after} after. Times are in milliseconds.\n")?;

        writeln!(
            f,
            "| function | init | first answer (aim 15) | slowest | MiB resident (aim 12, auth 80) | MB zipped (aim 4.5) |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        for (name, start) in &self.starts {
            let memory = self.memory.get(name).copied().flatten().map_or("?".to_owned(), mebibytes);
            let zipped = self.sizes.get(name).and_then(|size| size.zipped).map_or("?".to_owned(), megabytes);
            let (init, first, slowest) = (start.init, start.first_answer, start.slowest);
            writeln!(f, "| {name} | {init:.1} | {first:.1} | {slowest:.1} | {memory} | {zipped} |")?;
        }

        writeln!(
            f,
            "\n| hotels, warm | p50 | p99 | SQL p50 | SQL p99 | p50 to SQL (aim 2) | the same without what `no query` takes |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|")?;
        let floor = self.warm.get("no query").map_or(0.0, |times| times.function.p50);
        for (request, times) in &self.warm {
            let Quantiles { p50, p99 } = times.function;
            write!(f, "| {request} | {p50:.3} | {p99:.3} |")?;
            match times.sql {
                Some(sql) => {
                    let (whole, rest) = (p50 / sql.p50, (p50 - floor) / sql.p50);
                    writeln!(f, " {:.3} | {:.3} | {whole:.2} | {rest:.2} |", sql.p50, sql.p99)?;
                }
                None => writeln!(f, " | | | |")?,
            }
        }
        if self.warm.values().all(|times| times.sql.is_none()) {
            writeln!(f, "\nThere is no pgbench on this machine: nothing to compare with.")?;
        }

        let (login, verification) = (self.login.login, self.login.verification);
        let share = verification / login;
        writeln!(f, "\nSign-in {login:.1}, Argon2 alone {verification:.1}: {share:.2} (aim at least 0.9).")?;

        writeln!(f, "\nThe database is back, and is asked again after {:.1}.", self.recovery)?;

        writeln!(f, "\n| the same time? | existing account | unknown account | difference | p | pairs |")?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        for (request, times) in &self.sameness {
            let (known, unknown, p) = (times.known, times.unknown, times.p);
            let difference = known - unknown;
            writeln!(f, "| {request} | {known:.3} | {unknown:.3} | {difference:+.3} | {p:.3} | {} |", times.pairs)?;
        }
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "sizes of files and processes")]
fn mebibytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1024.0 / 1024.0)
}

#[expect(clippy::cast_precision_loss, reason = "sizes of files and processes")]
fn megabytes(bytes: u64) -> String {
    format!("{:.2}", bytes as f64 / 1e6)
}
