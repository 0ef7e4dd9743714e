//! The report: its parts, and the tables for people, each figure beside its aim.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
    path::Path,
};

use local::seed::Counts;
use serde::Serialize;
use toolbox::tools::Error;

use crate::{
    cases::{self, CaseTimes},
    export::{self, Export},
    growth::{self, Grown, Times},
    mail,
    measure::{self, Figures, Quantiles, load},
    peer::{self, Both, Peer},
    site::{Binaries, Filling, Site},
};

/// A part of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// Requests to warm functions, against their statements
    Cases,
    /// Requests over HTTP, against the peer if there is one
    Http,
    /// Starts, sizes, memory, sign-ins and what time tells
    Functions,
    /// The same requests with ever more rows
    Growth,
    /// How fast mail leaves
    Mail,
    /// An export of 100,000 entries
    Export,
}

/// What is measured, and how much.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which parts; all where there are none.
    pub parts: Vec<Part>,
    /// Hotels in the database. There are a tenth as many users.
    pub hotels: u32,
    /// Starts of each function, and sign-ins.
    pub starts: u32,
    /// Requests of each case to a warm function.
    pub requests: u32,
    /// Pairs of an existing and an unknown account.
    pub pairs: u32,
    /// How long a round of requests over HTTP takes.
    pub seconds: f64,
    /// How many rows of each kind there are, in turn.
    pub growth: Vec<u32>,
    /// Another server of the same contract.
    pub peer: Option<Peer>,
}

/// All figures. Times are in milliseconds and sizes in bytes where nothing else is said. A part that was not asked for is
/// absent.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// The system's load (of one minute) before and after, where it says so.
    pub load: [Option<f64>; 2],
    /// Processors of the machine.
    pub processors: usize,
    /// Warm functions, by case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cases: Option<BTreeMap<String, CaseTimes>>,
    /// Over HTTP, by case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http: Option<BTreeMap<String, Both>>,
    /// Starts and the rest of what is measured of a function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub functions: Option<Figures>,
    /// By path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub growth: Option<BTreeMap<String, Grown>>,
    /// Mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail: Option<mail::Figures>,
    /// By the number of entries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exports: Option<BTreeMap<u32, Export>>,
}

/// Measures, each part on a PostgreSQL of its own in `folder`.
///
/// # Errors
/// A sentence that says what to do.
pub async fn run(folder: &Path, tools: &Path, binaries: Binaries<'_>, options: Options) -> Result<Report, Error> {
    let wanted = |part: Part| options.parts.is_empty() || options.parts.contains(&part);
    let processors = std::thread::available_parallelism()?.get();
    let mut report = Report { load: [load(), None], processors, ..Report::default() };
    let Options { hotels, starts, requests, pairs, seconds, growth, peer, .. } = &options;
    let site = async |accounts: u32, counts: Counts| {
        let site = Site::start(folder, tools, true, Filling { hotels: 0, accounts }).await?;
        measure::check(&site, binaries)?;
        site.fill(&counts).await?;
        Ok::<_, Error>(site)
    };
    if wanted(Part::Cases) || wanted(Part::Http) || wanted(Part::Functions) {
        let counts =
            Counts { hotels: *hotels, users: hotels / 10, tickets: *hotels, messages: *hotels, ..Counts::default() };
        let accounts = *pairs.max(requests) + 10;
        let mut site = site(accounts, counts).await?;
        if wanted(Part::Cases) {
            report.cases = Some(cases::run(&mut site, binaries, *requests).await?);
        }
        if wanted(Part::Http) {
            report.http = Some(peer::run(&site, accounts, peer.as_ref(), *seconds).await?);
        }
        if wanted(Part::Functions) {
            let options = measure::Options { starts: *starts, requests: *requests, pairs: *pairs };
            report.functions = Some(measure::run(&mut site, tools, binaries, options).await?);
        }
        site.end().await?;
    }
    if wanted(Part::Export) {
        let mut site = site(1, Counts::default()).await?;
        report.exports = Some(export::run(&mut site, binaries).await?);
        site.end().await?;
    }
    if wanted(Part::Mail) {
        report.mail = Some(mail::run(folder, tools, binaries).await?);
    }
    if wanted(Part::Growth) {
        let mut site = site(1, Counts::default()).await?;
        site.enlarge_database(tools).await?;
        report.growth = Some(growth::run(&mut site, binaries, growth).await?);
        site.end().await?;
    }
    report.load[1] = load();
    Ok(report)
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let [before, after] = self.load.map(|load| load.map_or("unknown".to_owned(), |load| format!("{load:.2}")));
        let processors = self.processors;
        writeln!(f, "{processors} processors; load {before} before, {after} after. Times are in milliseconds.")?;
        if let Some(cases) = &self.cases {
            write_cases(f, cases)?;
        }
        if let Some(http) = &self.http {
            write_http(f, http)?;
        }
        if let Some(functions) = &self.functions {
            write_functions(f, functions)?;
        }
        if let Some(growth) = &self.growth {
            write_growth(f, growth)?;
        }
        if let Some(mail) = &self.mail {
            write!(f, "\n{mail}")?;
        }
        if let Some(exports) = &self.exports {
            writeln!(f, "\n| export of entries | MB | seconds | MB/s | most memory, MiB |\n|---|---|---|---|---|")?;
            for (entries, Export { bytes, seconds, peak_memory }) in exports {
                let memory = peak_memory.map_or("?".to_owned(), mebibytes);
                let rate = millions(*bytes) / seconds;
                writeln!(f, "| {entries} | {:.1} | {seconds:.2} | {rate:.1} | {memory} |", millions(*bytes))?;
            }
        }
        Ok(())
    }
}

fn write_cases(f: &mut Formatter<'_>, cases: &BTreeMap<String, CaseTimes>) -> fmt::Result {
    writeln!(
        f,
        "\n| warm function | p50 | p99 | statements | SQL p50 | SQL p99 | empty p50 | aim: 1.5 × SQL + empty | p50 to the aim |\n\
         |---|---|---|---|---|---|---|---|---|"
    )?;
    for (name, times) in cases {
        let Quantiles { p50, p99 } = times.function;
        let (statements, empty) = (times.statements, times.empty.p50);
        write!(f, "| {name} | {p50:.3} | {p99:.3} | {statements} |")?;
        match times.sql.zip(times.aim()) {
            Some((sql, aim)) => {
                writeln!(f, " {:.3} | {:.3} | {empty:.3} | {aim:.3} | {:.2} |", sql.p50, sql.p99, p50 / aim)?;
            }
            None => writeln!(f, " no pgbench | | {empty:.3} | | |")?,
        }
    }
    Ok(())
}

fn write_http(f: &mut Formatter<'_>, http: &BTreeMap<String, Both>) -> fmt::Result {
    let peer = http.values().any(|both| both.peer.is_some());
    write!(f, "\n| over HTTP | requests a second | p50 | p99 |")?;
    if peer {
        write!(f, " peer's requests a second | p50 | p99 | more (aim 10 ×) | our p99 to its p50 (aim below 1) |")?;
    }
    writeln!(f, "\n|---|---|---|---|{}", if peer { "---|---|---|---|---|" } else { "" })?;
    for (name, Both { ours, peer }) in http {
        let Quantiles { p50, p99 } = ours.times;
        write!(f, "| {name} | {:.0} | {p50:.2} | {p99:.2} |", ours.per_second)?;
        if let Some(peer) = peer {
            let (more, faster) = (ours.per_second / peer.per_second, p99 / peer.times.p50);
            let Quantiles { p50, p99 } = peer.times;
            write!(f, " {:.0} | {p50:.2} | {p99:.2} | {more:.1} × | {faster:.2} |", peer.per_second)?;
        }
        writeln!(f)?;
    }
    Ok(())
}

fn write_functions(f: &mut Formatter<'_>, figures: &Figures) -> fmt::Result {
    writeln!(
        f,
        "\n| function | init | first answer | more than `hello` (aim 10) | slowest | MiB resident | MB zipped |\n\
         |---|---|---|---|---|---|---|"
    )?;
    let floor = figures.starts.get("hello").map_or(0.0, |start| start.first_answer);
    for (name, start) in &figures.starts {
        let memory = figures.memory.get(name).copied().flatten().map_or(String::new(), mebibytes);
        let zipped = figures.sizes.get(name).and_then(|size| size.zipped);
        let zipped = zipped.map_or("?".to_owned(), |bytes| format!("{:.2}", millions(bytes)));
        let (init, first, slowest) = (start.init, start.first_answer, start.slowest);
        let more = first - floor;
        writeln!(f, "| {name} | {init:.1} | {first:.1} | {more:.1} | {slowest:.1} | {memory} | {zipped} |")?;
    }
    let (login, verification) = (figures.login.login, figures.login.verification);
    let share = verification / login;
    writeln!(f, "\nSign-in {login:.1}, Argon2 alone {verification:.1}: {share:.2} (aim at least 0.9).")?;
    writeln!(f, "The database is back, and is asked again after {:.1}.", figures.recovery)?;

    writeln!(f, "\n| the same time? | existing account | unknown account | difference | p | pairs |")?;
    writeln!(f, "|---|---|---|---|---|---|")?;
    for (request, times) in &figures.sameness {
        let (known, unknown, p) = (times.known, times.unknown, times.p);
        let difference = known - unknown;
        writeln!(f, "| {request} | {known:.3} | {unknown:.3} | {difference:+.3} | {p:.3} | {} |", times.pairs)?;
    }
    Ok(())
}

fn write_growth(f: &mut Formatter<'_>, growth: &BTreeMap<String, Grown>) -> fmt::Result {
    let sizes: Vec<u32> = growth.values().next().into_iter().flat_map(|Grown(times)| times.keys().copied()).collect();
    write!(f, "\n| GET, p50 with so many rows of each kind |")?;
    sizes.iter().try_for_each(|size| write!(f, " {size} |"))?;
    writeln!(f, " last to first | rows alone, last to first | counting, in the last | count |")?;
    writeln!(f, "|---|{}---|---|---|---|", "---|".repeat(sizes.len()))?;
    for (path, Grown(times)) in growth {
        write!(f, "| {path} |")?;
        times.values().try_for_each(|times| write!(f, " {:.2} |", times.p50))?;
        if let (Some((_, first)), Some((_, last))) = (times.first_key_value(), times.last_key_value()) {
            let rows = |times: &Times| times.statement - times.count;
            let count = last.rows.map_or(String::new(), |rows| rows.to_string());
            let (whole, rows) = (last.p50 / first.p50, rows(last) / rows(first));
            write!(f, " {whole:.1} | {rows:.1} | {:.1} | {count} |", last.count)?;
        }
        writeln!(f)?;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "sizes of files and processes")]
fn mebibytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1024.0 / 1024.0)
}

#[expect(clippy::cast_precision_loss, reason = "sizes of files and processes")]
fn millions(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
