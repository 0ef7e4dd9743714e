//! PostgreSQL's own client as the measure of a function: the same statements, prepared, without anything around them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use sqlx::postgres::PgConnectOptions;
use tokio::process::Command;
use toolbox::tools::Error;

use crate::statements::Statement;

/// The program.
#[derive(Clone, Debug)]
pub struct Pgbench {
    program: PathBuf,
    database: PgConnectOptions,
    password: String,
    folder: PathBuf,
}

impl Pgbench {
    /// Looks among Debian's installations, where it is not on `PATH`, and then there. `folder` is for its files.
    ///
    /// # Errors
    /// Where the URL is none.
    pub async fn find(url: &str, folder: &Path) -> Result<Option<Self>, Error> {
        let password = url.split_once("://").and_then(|(_, rest)| rest.split_once('@')?.0.split_once(':'));
        let Some((_, password)) = password else { return Err("the database URL has no password".into()) };
        let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let debian = versions.map(|version| version.path().join("bin/pgbench"));
        for program in debian.chain([PathBuf::from("pgbench")]) {
            let version = Command::new(&program).arg("--version").output().await;
            if version.is_ok_and(|said| said.status.success()) {
                let (password, folder) = (password.to_owned(), folder.to_owned());
                return Ok(Some(Self { program, database: url.parse()?, password, folder }));
            }
        }
        Ok(None)
    }

    /// Runs statements so many times on one connection, and answers how long each time took, in milliseconds.
    ///
    /// # Errors
    /// What pgbench says.
    pub async fn run(&self, statements: &[Statement], times: u32) -> Result<Vec<f64>, Error> {
        let (script, variables) = script(statements);
        let folder = self.folder.join("pgbench");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("script.sql"), script)?;
        let mut pgbench = Command::new(&self.program);
        pgbench.args(["--no-vacuum", "--protocol=prepared", "--client=1", "--log", "--log-prefix=times"]);
        pgbench.args(variables.into_iter().map(|(name, value)| format!("--define={name}={value}")));
        pgbench.arg(format!("--transactions={times}")).args(["--file", "script.sql"]);
        pgbench.args(["--host", self.database.get_host(), "--username", self.database.get_username()]);
        pgbench.arg(format!("--port={}", self.database.get_port()));
        pgbench.arg(self.database.get_database().unwrap_or("postgres"));
        // Not an argument, which everybody could read.
        pgbench.env("PGPASSWORD", &self.password).env("PGSSLMODE", "disable").current_dir(&folder);
        let said = pgbench.kill_on_drop(true).output().await?;
        if !said.status.success() {
            return Err(format!("pgbench: {}", String::from_utf8_lossy(&said.stderr).trim()).into());
        }

        let mut measured = Vec::new();
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"times.")) {
                // client, transaction, microseconds, …
                let log = fs::read_to_string(path)?;
                let times = log.lines().filter_map(|line| line.split(' ').nth(2)?.parse::<f64>().ok());
                measured.extend(times.map(|microseconds| microseconds / 1000.0));
            }
        }
        Ok(measured)
    }
}

/// The statements with pgbench's variables in the place of their parameters, and what these are. One that is not defined
/// is null.
fn script(statements: &[Statement]) -> (String, Vec<(String, String)>) {
    let (mut script, mut variables) = (String::new(), Vec::new());
    for (at, statement) in statements.iter().enumerate() {
        script += &statement.replaced(|number, value| {
            let name = format!("s{at}p{number}");
            let variable = format!(":{name}");
            variables.extend(value.map(|value| (name, value.to_owned())));
            variable
        });
        script += ";\n";
    }
    (script, variables)
}
