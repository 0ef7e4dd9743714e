//! `cargo local test`, everything that has to hold before a change is done, and `cargo prepare`.
//!
//! Each check runs even if an earlier one failed, and the last line counts them: a test is one, and so is each other
//! step. The tests have a PostgreSQL server of their own, under `.local/test/<process id>`, which is removed
//! afterwards; what a killed run left there is removed by the next one.
//!
//! Queries are checked against the schema when they are compiled. So that a build needs no database, what PostgreSQL
//! said about each one is kept in `.sqlx/`, and `prepare` brings that up to date.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::process::Command;

use crate::commands::{finish, quiet, stream, success, without_colours};
use crate::postgres::{self, Cluster, PgBouncer, Pooling, Settings};
use crate::tools::{self, Error, Node, until_interrupted};
use crate::web::Web;

/// What CloudFormation gets.
const TEMPLATES: [&str; 3] = ["template.yaml", "edge.yaml", "database.yaml"];

/// Fewer connections than a test's functions have.
const POOLING: Pooling = Pooling { port: None, connections: 3 };

/// The committed description of the API.
const API_DESCRIPTION: &str = "docs/openapi.json";

/// The types that the web application has of the API, drawn from its description.
const API_TYPES: &str = "web/src/api/schema.d.ts";

/// What `cargo local test` is asked to do.
#[derive(Debug, Default)]
pub struct Options {
    /// Passed to the Rust tests, which are then all that runs.
    pub filter: Vec<String>,
    /// Only the web application's checks.
    pub web: bool,
    /// Only the API's tests, with PgBouncer between functions and their database.
    pub pgbouncer: bool,
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

    /// Adds the tests that a step counted. What fails without a test that failed is a failure as well: something that does
    /// not compile, or does not live to count its tests.
    fn add(&mut self, tests: Report, result: &Result<(), Error>) {
        self.passed += tests.passed;
        self.failed += tests.failed;
        if result.is_err() && tests.failed == 0 {
            self.count(false);
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
    let result = until_interrupted(async { Ok(run.checks(&options).await) }).await;
    run.end().await?;
    let report = result?;
    println!("{} passed, {} failed", report.passed, report.failed);
    Ok(report)
}

/// Brings `.sqlx/` up to date with queries and migrations.
pub async fn prepare(root: &Path) -> Result<(), Error> {
    let run = Run::begin(root).await?;
    let work = async {
        let cluster = run.cluster().await?;
        let result = run.prepare(&cluster).await;
        cluster.stop().await?;
        result
    };
    let result = until_interrupted(work).await;
    run.end().await?;
    result
}

/// Takes pictures of the web application, with what its browser tests have.
pub async fn screenshots(root: &Path) -> Result<(), Error> {
    let web = Web::of(root);
    until_interrupted(web.screenshots(&|what| println!("{what}"))).await
}

/// One run's place in the checkout.
struct Run {
    root: PathBuf,
    tools: PathBuf,
    folder: PathBuf,
    /// The program that this is, which browser tests start a platform with.
    local: PathBuf,
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
        // Asked for now: after a test has built another one, it would be the one that is gone.
        let local = std::env::current_exe()?;
        Ok(Run { tools: root.join(".local/tools"), root, folder, local })
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

    /// Applies the migrations to the database that every new one is a copy of. Each test has a new one, and finds nothing
    /// left to be applied.
    async fn migrate_template(&self, cluster: &Cluster) -> Result<(), Error> {
        let mut superuser = PgConnection::connect(&cluster.superuser_url(postgres::DATABASE)).await?;
        let own = format!("alter database template1 owner to {}", postgres::OWNER);
        sqlx::raw_sql(AssertSqlSafe(own)).execute(&mut superuser).await?;
        superuser.close().await?;
        self.migrate(&cluster.owner_url("template1")).await
    }

    async fn migrate(&self, url: &str) -> Result<(), Error> {
        let mut connection = PgConnection::connect(url).await?;
        let migrations = Migrator::new(self.root.join("migrations")).await?;
        migrations.run(&mut connection).await.map_err(|error| format!("the migrations fail: {error}"))?;
        Ok(connection.close().await?)
    }

    async fn checks(&self, options: &Options) -> Report {
        let mut report = Report::default();
        if options.web {
            if let Some(node) = self.web(&mut report).await {
                self.browser(&mut report, &node).await;
            }
            return report;
        }
        let everything = options.filter.is_empty() && !options.pgbouncer;
        let cluster = match self.cluster().await {
            Ok(cluster) => cluster,
            Err(error) => {
                println!("no database for the tests: {error}");
                report.count(false);
                return report;
            }
        };
        if let Err(error) = self.migrate_template(&cluster).await {
            // Each test says so, too.
            println!("{error}");
        }
        let mut node = None;
        if everything {
            // One of them mostly waits for downloads, the other one for single crates. Tests run by themselves afterwards,
            // since some measure time.
            let mut tools = Report::default();
            let (rust, web) = (self.rust(&mut report, &cluster), self.tools(&mut tools));
            node = tokio::join!(rust, web).1;
            report.passed += tools.passed;
            report.failed += tools.failed;
        }
        if options.pgbouncer {
            self.pooled_tests(&mut report, &cluster, &options.filter).await;
        } else {
            self.tests(&mut report, self.cargo_test(&cluster, &[], &options.filter), &options.filter).await;
        }
        if let Err(error) = cluster.stop().await {
            println!("{error}");
            report.count(false);
        }
        if let Some(node) = node {
            self.browser(&mut report, &node).await;
        }
        report
    }

    /// What cargo checks without running tests, and at last compiles them.
    async fn rust(&self, report: &mut Report, cluster: &Cluster) {
        self.command(report, "format", self.cargo(&["fmt", "--all", "--check"])).await;
        let clippy = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
        let mut queries: Result<PathBuf, Error> = Err("not compared, because clippy failed".into());
        let lint = async {
            queries = Ok(self.compile_queries(cluster, &clippy).await?.1);
            Ok(())
        };
        self.step(report, "clippy", lint).await;
        self.step(report, "queries", async { compare_queries(&self.root.join(".sqlx"), &queries?) }).await;
        // Whether it fails is counted when the tests are run.
        let mut compile = self.cargo_test(cluster, &["--no-run"], &[]);
        if let Err(error) = finish(&mut compile).await {
            println!("compiling the tests: {error}");
        }
    }

    /// The checks that other tools make. Answers the Node.js that the browser tests need, unless they cannot run.
    async fn tools(&self, report: &mut Report) -> Option<Node> {
        self.step(report, "templates", self.templates()).await;
        self.step(report, "policies", self.policies()).await;
        self.api_description(report).await;
        match tools::template_tests(&self.tools, "deploy", &|what| println!("{what}")).await {
            Ok(mut tests) => {
                tests.current_dir(&self.root);
                self.suite(report, "template tests", tests, unittest).await;
            }
            Err(error) => self.step(report, "template tests", async { Err(error) }).await,
        }
        let node = self.web(report).await?;
        // Whether it can be installed is counted when it is needed.
        let _ = tools::chromium(&|what| println!("{what}")).await;
        Some(node)
    }

    /// The web application's checks but those in a browser. Answers the Node.js that those need, if there is a web
    /// application to open. Where its packages are not there, that is the one failure.
    async fn web(&self, report: &mut Report) -> Option<Node> {
        let web = Web::of(&self.root);
        let progress = |what: &str| println!("{what}");
        let mut node = None;
        let packages = async {
            let found = web.node(&progress).await?;
            web.packages(&found, &progress).await?;
            node = Some(found);
            Ok(())
        };
        self.step(report, "web packages", packages).await;
        let Some(node) = node else {
            println!("without its packages, the web application's other checks say nothing");
            return None;
        };
        self.command(report, "web lint", web.script(&node, "lint")).await;
        self.command(report, "web types", web.script(&node, "check")).await;
        self.step(report, "web API types", self.api_types(&web, &node)).await;
        self.suite(report, "web unit tests", web.script(&node, "test"), vitest).await;
        let mut builds = true;
        let build = async {
            let result = web.build(&node).await;
            builds = result.is_ok();
            result
        };
        self.step(report, "web build", build).await;
        if !builds {
            println!("browser tests: not run, since there is no web application to open");
            return None;
        }
        Some(node)
    }

    /// The browser tests.
    async fn browser(&self, report: &mut Report, node: &Node) {
        let chromium = match tools::chromium(&|what| println!("{what}")).await {
            Ok(chromium) => chromium,
            Err(error) => {
                println!("browser tests: FAILED: {error}");
                report.count(false);
                return;
            }
        };
        let mut browser = Web::of(&self.root).script(node, "browser");
        browser.env("RED_LOCAL", &self.local).env("RED_CHROMIUM", chromium);
        self.suite(report, "browser tests", browser, playwright).await;
    }

    /// Lints the committed description of the API, and generates a client from it. The web application's checks compile
    /// another one.
    async fn api_description(&self, report: &mut Report) {
        let progress = |what: &str| println!("{what}");
        let lint = async {
            let node = Web::of(&self.root).node(&progress).await?;
            let mut spectral = tools::spectral(&self.tools, &node, &progress).await?;
            spectral.args(["lint", API_DESCRIPTION, "--ruleset", ".spectral.yaml", "--fail-severity", "warn"]);
            success(finish(spectral.current_dir(&self.root)).await?)
        };
        self.step(report, "API description (spectral)", lint).await;
        let lint = async {
            let node = Web::of(&self.root).node(&progress).await?;
            let mut redocly = tools::redocly(&self.tools, &node, &progress).await?;
            redocly.args(["lint", API_DESCRIPTION, "--config", ".redocly.yaml"]);
            quiet(redocly.current_dir(&self.root), "redocly").await
        };
        self.step(report, "API description (redocly)", lint).await;
        let client = async {
            let folder = self.folder.join("python_client");
            let mut generate = tools::openapi_python_client(&self.tools, &progress).await?;
            generate.args(["generate", "--meta", "none", "--fail-on-warning", "--path", API_DESCRIPTION]);
            generate.args(["--config", ".openapi-python-client.yaml", "--output-path"]).arg(&folder);
            quiet(generate.current_dir(&self.root), "openapi-python-client").await?;
            let mut import = tools::generated_python_client(&self.tools, &progress).await?;
            quiet(import.arg(&folder), "importing the generated Python client").await
        };
        self.step(report, "API client (Python)", client).await;
    }

    /// Whether the types that the web application has of the API are those of the API's description: what the script
    /// writes in a folder with nothing but a copy of what it reads.
    async fn api_types(&self, web: &Web, node: &Node) -> Result<(), Error> {
        let copy = self.folder.join("types");
        for folder in ["docs", "web/src/api"] {
            fs::create_dir_all(copy.join(folder))?;
        }
        for file in [API_DESCRIPTION, "web/package.json"] {
            fs::copy(self.root.join(file), copy.join(file))?;
        }
        symlink(self.root.join("web/node_modules"), copy.join("web/node_modules"))?;
        quiet(web.script(node, "types").current_dir(copy.join("web")), "npm run types").await?;
        let [fresh, kept] = [&copy, &self.root].map(|root| fs::read(root.join(API_TYPES)).ok());
        match fresh.is_some() && fresh == kept {
            true => Ok(()),
            false => Err(format!("{API_TYPES} is not up to date, run in web/: npm run types").into()),
        }
    }

    /// Runs tests that are not Rust, passing on what they print. `counts` finds what they say about their number.
    async fn suite(&self, report: &mut Report, name: &str, mut command: Command, counts: fn(&str) -> Option<Report>) {
        println!("{name} …");
        let started = Instant::now();
        command.env("CI", "1").env("NO_COLOR", "1").env_remove("FORCE_COLOR");
        let mut said = String::new();
        let result = stream(&mut command, |line| said.push_str(&without_colours(line)))
            .await
            .map_err(Error::from)
            .and_then(success);
        let (tests, result) = match counts(&said) {
            Some(tests) if result.is_ok() && !tests.is_success() => (tests, Err("not all tests passed".into())),
            Some(tests) => (tests, result),
            None => (Report::default(), result.and(Err("it does not say how many tests passed".into()))),
        };
        report.add(tests, &result);
        let seconds = started.elapsed().as_secs_f32();
        match result {
            Ok(()) => println!("{name}: {} passed ({seconds:.1} s)", tests.passed),
            Err(error) => println!("{name}: FAILED ({seconds:.1} s): {error}"),
        }
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

    async fn templates(&self) -> Result<(), Error> {
        let mut lint = tools::cfn_lint(&self.tools, &|what| println!("{what}")).await?;
        // A warning is an error: cfn-lint says so by its exit code.
        lint.args(TEMPLATES).current_dir(&self.root);
        success(finish(&mut lint).await?)
    }

    async fn policies(&self) -> Result<(), Error> {
        let mut checkov = tools::checkov(&self.tools, &|what| println!("{what}")).await?;
        checkov.args(["--config-file", ".checkov.yaml"]).current_dir(&self.root);
        checkov.args(TEMPLATES.iter().flat_map(|template| ["--file", template]));
        success(finish(&mut checkov).await?)
    }

    /// The API's tests, with PgBouncer between functions and their database. What migrates, and tests themselves, connect
    /// to the server.
    async fn pooled_tests(&self, report: &mut Report, cluster: &Cluster, filter: &[String]) {
        let pgbouncer = match PgBouncer::start(cluster, &self.tools, POOLING, &|what| println!("{what}")).await {
            Ok(pgbouncer) => pgbouncer,
            Err(error) => {
                println!("{error}");
                report.count(false);
                return;
            }
        };
        let mut command = self.cargo_test(cluster, &["--test", "api"], filter);
        command.env("TEST_APP_PORT", pgbouncer.port().to_string());
        self.tests(report, command, filter).await;
        if let Err(error) = pgbouncer.stop().await {
            println!("{error}");
            report.count(false);
        }
    }

    /// The Rust tests of the workspace, or those that `only` names, on a server.
    fn cargo_test(&self, cluster: &Cluster, only: &[&str], filter: &[String]) -> Command {
        let mut command = self.cargo(&["test", "--workspace", "--no-fail-fast"]);
        command.args(only).arg("--").args(filter);
        command.env("DATABASE_URL", cluster.owner_url(postgres::DATABASE));
        // Tests connect as the application's role to databases that they make themselves.
        command.env("TEST_APP_PASSWORD", cluster.app_password());
        command.env_remove("TEST_APP_PORT");
        command
    }

    /// Runs Rust tests, passing on what they print.
    async fn tests(&self, report: &mut Report, mut command: Command, filter: &[String]) {
        println!("tests …");
        let started = Instant::now();
        let mut tests = Report::default();
        let result = stream(&mut command, |line| tests.add_result(line)).await.map_err(Error::from).and_then(success);
        let result = match result {
            Ok(()) if tests == Report::default() && !filter.is_empty() => Err("no test has such a name".into()),
            result => result,
        };
        report.add(tests, &result);
        let seconds = started.elapsed().as_secs_f32();
        match result {
            Ok(()) => println!("tests: passed ({seconds:.1} s)"),
            Err(error) => println!("tests: FAILED ({seconds:.1} s): {error}"),
        }
    }

    /// Brings `.sqlx/` up to date.
    async fn prepare(&self, cluster: &Cluster) -> Result<(), Error> {
        let arguments = ["check", "--quiet", "--workspace", "--all-targets"];
        let (touched, fresh) = self.compile_queries(cluster, &arguments).await?;
        let kept = self.root.join(".sqlx");
        let (old, new) = (metadata(&kept)?, metadata(&fresh)?);
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

    /// Compiles every query against an empty, migrated database, with cargo and these `arguments`. Answers the folder of
    /// the queries' metadata.
    async fn compile_queries(&self, cluster: &Cluster, arguments: &[&str]) -> Result<(Touched, PathBuf), Error> {
        // A database of its own: the tests' one keeps the name that they expect.
        let mut owner = PgConnection::connect(&cluster.owner_url(postgres::DATABASE)).await?;
        sqlx::raw_sql("drop database if exists red_queries").execute(&mut owner).await?;
        sqlx::raw_sql("create database red_queries template template0").execute(&mut owner).await?;
        owner.close().await?;
        let url = cluster.owner_url("red_queries");
        self.migrate(&url).await?;

        let fresh = self.folder.join("queries");
        fs::create_dir_all(&fresh)?;
        let touched = Touched::sources_with_queries(&self.root)?;
        let mut command = self.cargo(arguments);
        command.env("SQLX_OFFLINE", "false").env("SQLX_OFFLINE_DIR", &fresh).env("DATABASE_URL", &url);
        success(finish(&mut command).await?)?;
        Ok((touched, fresh))
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

/// What vitest says at its end: `Tests  1 failed | 12 passed | 2 skipped (15)`.
fn vitest(said: &str) -> Option<Report> {
    let line = said.lines().rev().find_map(|line| line.trim_start().strip_prefix("Tests  "))?;
    let mut report = Report::default();
    for part in line.split('|') {
        let mut words = part.split_whitespace();
        let count = words.next()?.parse().ok()?;
        match words.next()? {
            "passed" => report.passed = count,
            "failed" => report.failed = count,
            _ => {}
        }
    }
    Some(report)
}

/// What Python's unittest says at its end: `Ran 28 tests in 0.1s`, and `FAILED (failures=2, errors=1)`.
fn unittest(said: &str) -> Option<Report> {
    let total: usize =
        said.lines().rev().find_map(|line| line.strip_prefix("Ran "))?.split(' ').next()?.parse().ok()?;
    let outcomes = said.lines().rev().find_map(|line| line.strip_prefix("FAILED (")).unwrap_or_default();
    let counts = outcomes.trim_end_matches(')').split(", ").filter_map(|outcome| {
        let (kind, count) = outcome.split_once('=')?;
        (kind != "skipped").then(|| count.parse::<usize>().ok()).flatten()
    });
    let failed = counts.sum();
    // Parts of a test fail each for itself.
    (total > 0).then(|| Report { passed: total.saturating_sub(failed), failed })
}

/// What Playwright says at its end, a line for each outcome: `  34 passed (1.2m)`. A test that passes only when it is
/// repeated has failed, and so has one that was not run for another's failure.
fn playwright(said: &str) -> Option<Report> {
    let mut outcomes = BTreeMap::new();
    for line in said.lines() {
        let line = line.trim();
        let Some((count, outcome)) = line.split_once(' ') else { continue };
        let Ok(count) = count.parse::<usize>() else { continue };
        let (outcome, _) = outcome.split_once(" (").unwrap_or((outcome, ""));
        if ["passed", "failed", "flaky", "interrupted", "did not run"].contains(&outcome) {
            // The last one is that of the whole.
            outcomes.insert(outcome, count);
        }
    }
    let passed = outcomes.remove("passed");
    (passed.is_some() || !outcomes.is_empty())
        .then(|| Report { passed: passed.unwrap_or(0), failed: outcomes.values().sum() })
}

/// Whether the metadata of queries in the folder `kept` is the `fresh` one.
fn compare_queries(kept: &Path, fresh: &Path) -> Result<(), Error> {
    let (old, new) = (metadata(kept)?, metadata(fresh)?);
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differing: Vec<String> = names
        .into_iter()
        .filter_map(|name| match (old.get(name), new.get(name)) {
            (None, _) => Some(format!("missing: {name}")),
            (_, None) => Some(format!("no longer used: {name}")),
            (old, new) if old != new => Some(format!("changed: {name}")),
            _ => None,
        })
        .collect();
    if differing.is_empty() {
        return Ok(());
    }
    let list = differing.join("\n  ");
    Err(format!(".sqlx is not up to date, run: cargo prepare\n  {list}").into())
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
    use super::{Report, playwright, unittest, vitest};

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

    #[test]
    fn vitest_counts_its_tests_in_one_line() {
        let said = "\n Test Files  1 failed | 2 passed (3)\n      Tests  1 failed | 12 passed | 2 skipped (15)\n   Start at  …\n";
        assert_eq!(vitest(said), Some(Report { passed: 12, failed: 1 }));
        assert_eq!(vitest("      Tests  12 passed (12)\n"), Some(Report { passed: 12, failed: 0 }));
        assert_eq!(vitest("      Tests  no tests\n"), None);
        assert_eq!(vitest("Error: Cannot find module\n"), None);
    }

    #[test]
    fn unittest_counts_its_tests_in_two_lines() {
        let said = "..F\nRan 28 tests in 0.109s\n\nFAILED (failures=2, errors=1, skipped=3)\n";
        assert_eq!(unittest(said), Some(Report { passed: 25, failed: 3 }));
        assert_eq!(unittest("Ran 28 tests in 0.109s\n\nOK\n"), Some(Report { passed: 28, failed: 0 }));
        assert_eq!(unittest("Ran 0 tests in 0.000s\n\nNO TESTS RAN\n"), None);
        assert_eq!(unittest("ModuleNotFoundError: No module named 'yaml'\n"), None);
    }

    #[test]
    fn playwright_counts_its_tests_in_a_line_per_outcome() {
        let said = "  ✓  1 home.spec.ts:3:1 › opens (1.2s)\n  1 failed\n    home.spec.ts:9:1 › closes\n  2 flaky\n    a\n    b\n  \
                    1 interrupted\n  1 skipped\n  3 did not run\n  34 passed (1.2m)\n";
        assert_eq!(playwright(said), Some(Report { passed: 34, failed: 7 }));
        assert_eq!(playwright("\n  34 passed (1.2m)\n"), Some(Report { passed: 34, failed: 0 }));
        assert_eq!(playwright("  1 failed\n    a.spec.ts\n"), Some(Report { passed: 0, failed: 1 }));
        assert_eq!(playwright("Error: No tests found\n"), None);
    }
}
