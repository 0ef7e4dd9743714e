//! What a request asks the database, from the server's own log: what pgbench runs is then what the function runs.

use std::{fs, path::Path};

use bytes::Bytes;
use sqlx::Connection;
use toolbox::tools::Error;

use crate::{
    events::Answer,
    host::{Function, Host},
    queries,
    site::Site,
};

/// A statement and the values of its parameters, as PostgreSQL writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// As it was prepared: `$1` is the first parameter.
    pub sql: String,
    /// `None` is null.
    pub parameters: Vec<Option<String>>,
}

impl Statement {
    /// The same with something in the place of each parameter: what this makes of its place, from 0, and its value.
    pub fn replaced(&self, mut by: impl FnMut(usize, Option<&str>) -> String) -> String {
        // From the last one, or `$1` would be found in `$10`.
        let numbered = self.parameters.iter().enumerate().rev();
        numbered
            .fold(self.sql.clone(), |sql, (at, value)| sql.replace(&format!("${}", at + 1), &by(at, value.as_deref())))
    }

    /// The same without parameters.
    #[must_use]
    pub fn with_literals(&self) -> String {
        self.replaced(|_, value| value.map_or("null".to_owned(), |value| format!("'{}'", value.replace('\'', "''"))))
    }
}

/// Calls a function a few times and answers what the last one asked.
///
/// # Errors
/// Where it does not answer with this status.
pub async fn of(site: &Site, function: Function, event: &Bytes, status: u16) -> Result<Vec<Statement>, Error> {
    let mut superuser = site.superuser().await?;
    queries::log_statements(&mut superuser, true).await?;
    let mut host = Host::new(function);
    let mut before = 0;
    // The first one also prepares what it asks.
    for _ in 0..2 {
        before = fs::metadata(site.log())?.len();
        let answer = Answer::read(&host.invoke(event.clone()).await?.payload)?;
        if answer.status != status {
            return Err(format!("{status} was expected: {answer:?}").into());
        }
    }
    queries::log_statements(&mut superuser, false).await?;
    superuser.close().await?;
    let statements = read(&tail(site.log(), before)?);
    if statements.is_empty() { Err("the server's log has no statement of the request".into()) } else { Ok(statements) }
}

fn tail(log: &Path, from: u64) -> Result<String, Error> {
    let log = fs::read(log)?;
    let tail = usize::try_from(from).ok().and_then(|from| log.get(from..)).unwrap_or_default();
    Ok(String::from_utf8_lossy(tail).into_owned())
}

/// Reads lines such as `… LOG:  execute sqlx_s_1: select …` and `… DETAIL:  parameters: $1 = 'a', $2 = NULL`.
fn read(log: &str) -> Vec<Statement> {
    let mut entries: Vec<String> = Vec::new();
    for line in log.lines() {
        match (line.strip_prefix('\t'), entries.last_mut()) {
            // It goes on.
            (Some(more), Some(entry)) => {
                entry.push('\n');
                entry.push_str(more);
            }
            _ => entries.push(line.to_owned()),
        }
    }
    let mut statements: Vec<Statement> = Vec::new();
    for entry in entries {
        if let Some((_, said)) = entry.split_once("LOG:  ") {
            let prepared = || said.strip_prefix("execute ")?.split_once(": ").map(|(_, sql)| sql);
            let sql = said.strip_prefix("statement: ").or_else(prepared);
            statements.extend(sql.map(|sql| Statement { sql: sql.trim().to_owned(), parameters: Vec::new() }));
        } else if let Some((_, values)) = entry.split_once("arameters: ") // capital since PostgreSQL 16
            && let Some(statement) = statements.last_mut()
        {
            statement.parameters = parameters(values);
        }
    }
    statements
}

/// `$1 = 'it''s', $2 = NULL`
fn parameters(mut values: &str) -> Vec<Option<String>> {
    let mut parameters = Vec::new();
    while let Some((_, value)) = values.split_once(" = ") {
        let Some(quoted) = value.strip_prefix('\'') else {
            parameters.push(None);
            values = value;
            continue;
        };
        let doubled = |at: usize| quoted.get(at + 1..at + 2) == Some("'");
        let mut end = quoted.find('\'').unwrap_or(quoted.len());
        while doubled(end) {
            end = quoted[end + 2..].find('\'').map_or(quoted.len(), |next| end + 2 + next);
        }
        parameters.push(Some(quoted[..end].replace("''", "'")));
        values = quoted.get(end + 1..).unwrap_or_default();
    }
    parameters
}

#[cfg(test)]
mod tests {
    use super::{Statement, read};

    #[test]
    fn statements_are_read_as_they_were_asked() {
        let log = "2026-11-22 23:00:00 UTC [7] LOG:  statement: BEGIN\n\
            2026-11-22 23:00:00 UTC [7] LOG:  execute sqlx_s_1: \n\tselect $1::text,\n\t  $2, $3\n\
            2026-11-22 23:00:00 UTC [7] DETAIL:  parameters: $1 = 'l''avenue = ''x'', no', $2 = NULL, $3 = '{1,2}'\n\
            2026-11-22 23:00:00 UTC [7] LOG:  checkpoint starting: time\n";

        let statements = read(log);

        let parameters = vec![Some("l'avenue = 'x', no".to_owned()), None, Some("{1,2}".to_owned())];
        assert_eq!(
            statements,
            [
                Statement { sql: "BEGIN".to_owned(), parameters: Vec::new() },
                Statement { sql: "select $1::text,\n  $2, $3".to_owned(), parameters },
            ]
        );
        assert_eq!(statements[1].with_literals(), "select 'l''avenue = ''x'', no'::text,\n  null, '{1,2}'");
    }
}
