//! `cargo local test`, everything that has to hold before a change is done, and `cargo prepare`.
//!
//! Each check runs even if an earlier one failed, and the last line counts them: a Rust test is one, and so is each
//! other step. The tests have a PostgreSQL server of their own, under `.local/test/<process id>`, which is removed
//! afterwards; what a killed run left there is removed by the next one.
//!
//! Queries are checked against the schema when they are compiled. So that a build needs no database, what PostgreSQL
//! said about each one is kept in `.sqlx/`, and `prepare` brings that up to date.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Instant, SystemTime};

use sqlx::migrate::Migrator;
use sqlx::{Connection, PgConnection};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};

use crate::postgres::{self, Cluster, Settings};
use crate::tools::{self, Error};

/// What `cargo local test` is asked to do.
#[derive(Debug, Default)]
pub struct Options {
    /// Passed to the Rust tests, which are then all that runs.
    pub filter: Vec<String>,
}

/// How many checks passed and failed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Checks that passed.
    pub passed: usize,
    /// Checks that failed.
    pub failed: usize,
}

impl Report {
    /// Whether nothing failed.
    pub fn is_success(&self) -> bool {
        self.failed == 0
    }

    fn count(&mut self, passed: bool) {
        if passed {
            self.passed += 1;
        } else {
            self.failed += 1;
        }
    }

    /// Adds what one test program says at its end: `test result: ok. 3 passed; 0 failed; …`.
    fn add_result(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else {
            return;
        };
        for part in result.split(['.', ';']) {
            let mut words = part.split_whitespace();
            if let (Some(Ok(count)), Some(kind)) = (words.next().map(str::parse::<usize>), words.next()) {
                match kind {
                    "passed" => self.passed += count,
                    "failed" => self.failed += count,
                    _ => {}
                }
            }
        }
    }
}

/// Runs the checks on the checkout at `root`, printing each with its time, and the closing line.
pub async fn run(root: &Path, options: Options) -> Result<Report, Error> {
    let run = Run::begin(root).await?;
    let result = tokio::select! {
        report = run.checks(&options) => Ok(report),
        error = interrupted() => Err(error),
    };
    run.end().await?;
    let report = result?;
    println!("{} passed, {} failed", report.passed, report.failed);
    Ok(report)
}

/// Brings `.sqlx/` up to date with queries and migrations, or with `check` only says whether it is.
pub async fn prepare(root: &Path, check: bool) -> Result<(), Error> {
    let run = Run::begin(root).await?;
    let work = async {
        let cluster = run.cluster().await?;
        let result = run.prepare(&cluster, check).await;
        cluster.stop().await?;
        result
    };
    let result = tokio::select! {
        result = work => result,
        error = interrupted() => Err(error),
    };
    run.end().await?;
    result
}

/// Ends with the signal that Ctrl-C or a supervisor sends.
async fn interrupted() -> Error {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return "cannot watch for Ctrl-C".into();
    };
    tokio::select! {
        _ = interrupt.recv() => "interrupted".into(),
        _ = terminate.recv() => "terminated".into(),
    }
}

/// One run's place in the checkout.
struct Run {
    root: PathBuf,
    tools: PathBuf,
    folder: PathBuf,
}

impl Run {
    async fn begin(root: &Path) -> Result<Run, Error> {
        let root = fs::canonicalize(root)?;
        let runs = root.join(".local/test");
        fs::create_dir_all(&runs)?;
        for entry in fs::read_dir(&runs)? {
            // What another run holds, it keeps: removing it fails.
            let _ = discard(&entry?.path()).await;
        }
        let folder = runs.join(std::process::id().to_string());
        fs::create_dir_all(&folder)?;
        Ok(Run { tools: root.join(".local/tools"), root, folder })
    }

    async fn end(self) -> Result<(), Error> {
        discard(&self.folder).await
    }

    async fn cluster(&self) -> Result<Cluster, Error> {
        let folder = self.folder.join("postgres");
        // Test programs run one after the other, each with a pool of 20 for its databases and a few for each test.
        let settings =
            Settings { folder: &folder, tools: &self.tools, port: None, durable: false, max_connections: 200 };
        Cluster::start(settings, &|what| println!("{what}")).await
    }

    async fn checks(&self, options: &Options) -> Report {
        let mut report = Report::default();
        if options.filter.is_empty() {
            self.command(&mut report, "format", self.cargo(&["fmt", "--all", "--check"])).await;
            let clippy = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
            self.command(&mut report, "clippy", self.cargo(&clippy)).await;
            self.step(&mut report, "template", self.template()).await;
        }
        let cluster = match self.cluster().await {
            Ok(cluster) => cluster,
            Err(error) => {
                println!("no database for the tests: {error}");
                report.count(false);
                return report;
            }
        };
        if options.filter.is_empty() {
            self.step(&mut report, "queries", self.prepare(&cluster, true)).await;
        }
        self.tests(&mut report, &cluster, &options.filter).await;
        if let Err(error) = cluster.stop().await {
            println!("{error}");
            report.count(false);
        }
        report
    }

    async fn command(&self, report: &mut Report, name: &str, mut command: Command) {
        self.step(report, name, async { success(finish(&mut command).await?) }).await;
    }

    async fn step(&self, report: &mut Report, name: &str, work: impl Future<Output = Result<(), Error>>) {
        println!("{name} …");
        let started = Instant::now();
        let result = work.await;
        report.count(result.is_ok());
        let seconds = started.elapsed().as_secs_f32();
        match result {
            Ok(()) => println!("{name}: passed ({seconds:.1} s)"),
            Err(error) => println!("{name}: FAILED ({seconds:.1} s): {error}"),
        }
    }

    async fn template(&self) -> Result<(), Error> {
        let mut lint = tools::cfn_lint(&self.tools, &|what| println!("{what}")).await?;
        lint.arg("template.yaml").current_dir(&self.root);
        success(finish(&mut lint).await?)
    }

    /// Runs the Rust tests, passing on what they print.
    async fn tests(&self, report: &mut Report, cluster: &Cluster, filter: &[String]) {
        println!("tests …");
        let started = Instant::now();
        let mut command = self.cargo(&["test", "--workspace", "--no-fail-fast", "--"]);
        command.args(filter);
        command.env("DATABASE_URL", cluster.owner_url(postgres::DATABASE));
        // Tests connect as the application's role to databases that they make themselves.
        command.env("TEST_APP_PASSWORD", cluster.app_password());
        let mut tests = Report::default();
        let result = stream(&mut command, |line| tests.add_result(line)).await.map_err(Error::from).and_then(success);
        let result = match result {
            Ok(()) if tests == Report::default() && !filter.is_empty() => Err("no test has such a name".into()),
            result => result,
        };
        report.passed += tests.passed;
        report.failed += tests.failed;
        // Something that does not compile or does not live to count its tests is a failure as well.
        if result.is_err() && tests.failed == 0 {
            report.count(false);
        }
        let seconds = started.elapsed().as_secs_f32();
        match result {
            Ok(()) => println!("tests: passed ({seconds:.1} s)"),
            Err(error) => println!("tests: FAILED ({seconds:.1} s): {error}"),
        }
    }

    /// Compiles every query against an empty, migrated database and compares or replaces `.sqlx/`.
    async fn prepare(&self, cluster: &Cluster, check: bool) -> Result<(), Error> {
        // A database of its own: the tests' one keeps the name that they expect.
        let mut owner = PgConnection::connect(&cluster.owner_url(postgres::DATABASE)).await?;
        sqlx::raw_sql("drop database if exists red_queries").execute(&mut owner).await?;
        sqlx::raw_sql("create database red_queries").execute(&mut owner).await?;
        owner.close().await?;
        let url = cluster.owner_url("red_queries");
        let mut connection = PgConnection::connect(&url).await?;
        let migrations = Migrator::new(self.root.join("migrations")).await?;
        migrations.run(&mut connection).await.map_err(|error| format!("the migrations fail: {error}"))?;
        connection.close().await?;

        let fresh = self.folder.join("queries");
        fs::create_dir_all(&fresh)?;
        let touched = Touched::sources_with_queries(&self.root)?;
        let mut command = self.cargo(&["check", "--quiet", "--workspace", "--all-targets"]);
        command.env("SQLX_OFFLINE", "false").env("SQLX_OFFLINE_DIR", &fresh).env("DATABASE_URL", &url);
        success(finish(&mut command).await?)?;

        let kept = self.root.join(".sqlx");
        let (old, new) = (metadata(&kept)?, metadata(&fresh)?);
        if check {
            let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
            names.sort();
            names.dedup();
            let differing: Vec<String> = names
                .into_iter()
                .filter_map(|name| match (old.get(name), new.get(name)) {
                    (None, _) => Some(format!("missing: {name}")),
                    (_, None) => Some(format!("no longer used: {name}")),
                    (old, new) if old != new => Some(format!("changed: {name}")),
                    _ => None,
                })
                .collect();
            if !differing.is_empty() {
                let list = differing.join("\n  ");
                return Err(format!(".sqlx is not up to date, run: cargo prepare\n  {list}").into());
            }
            return Ok(());
        }
        if old != new {
            // What was compiled with the old metadata has to be compiled again.
            touched.keep();
        }
        fs::create_dir_all(&kept)?;
        for name in old.keys().filter(|name| !new.contains_key(*name)) {
            fs::remove_file(kept.join(name))?;
        }
        for (name, content) in new.iter().filter(|(name, content)| old.get(*name) != Some(*content)) {
            fs::write(kept.join(name), content)?;
        }
        println!("{} queries in .sqlx", new.len());
        Ok(())
    }

    /// A cargo command on the checkout.
    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = tools::building("cargo", &self.root);
        command.args(arguments);
        command
    }
}

/// Removes what a run left, unless its server is in use.
async fn discard(folder: &Path) -> Result<(), Error> {
    postgres::wipe(&folder.join("postgres")).await?;
    Ok(tools::remove(folder)?)
}

fn success(status: ExitStatus) -> Result<(), Error> {
    if status.success() { Ok(()) } else { Err(status.to_string().into()) }
}

/// Runs a command that prints for itself.
async fn finish(command: &mut Command) -> io::Result<ExitStatus> {
    let mut child = command.process_group(0).stdin(Stdio::null()).spawn()?;
    let mut group = Group(child.id());
    let status = child.wait().await?;
    group.0 = None;
    Ok(status)
}

/// Runs a command, passing on each line that it prints after showing it to `line`.
async fn stream(command: &mut Command, mut line: impl FnMut(&str)) -> io::Result<ExitStatus> {
    let mut child = command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut group = Group(child.id());
    if let Some(output) = child.stdout.take() {
        let mut output = BufReader::new(output);
        let mut bytes = Vec::new();
        while output.read_until(b'\n', &mut bytes).await? > 0 {
            io::stdout().write_all(&bytes)?;
            line(&String::from_utf8_lossy(&bytes));
            bytes.clear();
        }
    }
    let status = child.wait().await?;
    group.0 = None;
    Ok(status)
}

/// A command and all that it started, ended when dropped before the command was waited for. Ending cargo alone would
/// leave its compilers and tests behind, and each command has its own group so that there is one to name.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            // Fails if all has ended by itself.
            let end = ["-c", "kill -s TERM -- \"-$1\"", "sh", &leader.to_string()];
            let _ = std::process::Command::new("sh").args(end).stderr(Stdio::null()).status();
        }
    }
}

/// The files in a folder of query metadata by name, none if there is no such folder.
fn metadata(folder: &Path) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(files),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        files.insert(entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path())?);
    }
    Ok(files)
}

/// Sources with queries, which cargo takes for changed as long as this value lives.
///
/// Cargo does not know that a query depends on a database. Their times are put back so that nothing else, neither the
/// next build nor clippy, compiles them again for it.
struct Touched(Vec<(PathBuf, SystemTime)>, SystemTime);

impl Touched {
    fn sources_with_queries(root: &Path) -> io::Result<Touched> {
        let mut touched = Touched(Vec::new(), SystemTime::now());
        let mut folders = vec![root.join("shared"), root.join("functions"), root.join("local"), root.join("api-tests")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let text = fs::read_to_string(&path)?;
                    // Also for `query_as!`, `query_scalar!` and `query_file!`, unchecked or not.
                    let has_query = text.split("query").skip(1).any(|rest| {
                        let name = rest.trim_start_matches(|c: char| c.is_ascii_lowercase() || c == '_');
                        name.starts_with('!')
                    });
                    if has_query {
                        let file = File::open(&path)?;
                        let before = file.metadata()?.modified()?;
                        touched.0.push((path, before));
                        file.set_modified(touched.1)?;
                    }
                }
            }
        }
        Ok(touched)
    }

    /// Leaves them changed.
    fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for Touched {
    fn drop(&mut self) {
        for (path, before) in &self.0 {
            let Ok(file) = File::open(path) else { continue };
            // Not if somebody edited it meanwhile, which cargo has to notice.
            if file.metadata().and_then(|found| found.modified()).is_ok_and(|now| now == self.1) {
                // At worst the file is compiled once more.
                let _ = file.set_modified(*before);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Report;

    #[test]
    fn results_of_test_programs_add_up() {
        let mut report = Report::default();
        report.add_result("running 5 tests");
        report
            .add_result("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s");
        report.add_result(
            "test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1s",
        );
        assert_eq!(report, Report { passed: 7, failed: 2 });
    }
}
