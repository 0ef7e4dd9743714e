//! Commands that start others, which end with us: each has a process group of its own, so that there is one to name.

use std::io::{self, Write};
use std::process::{ExitStatus, Stdio};

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::tools::Error;

/// How much a failed command may say.
const LINES: usize = 12;

/// Runs a command that prints for itself.
pub(crate) async fn finish(command: &mut Command) -> io::Result<ExitStatus> {
    let mut child = command.process_group(0).stdin(Stdio::null()).spawn()?;
    let mut group = Group(child.id());
    let status = child.wait().await?;
    group.0 = None;
    Ok(status)
}

/// Runs a command, passing on each line that it prints after showing it to `line`.
pub(crate) async fn stream(command: &mut Command, mut line: impl FnMut(&str)) -> io::Result<ExitStatus> {
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

/// Runs a command without showing what it prints, unless it fails.
///
/// # Errors
/// Where it fails, with the first lines that it printed.
pub(crate) async fn quiet(command: &mut Command, what: &str) -> Result<(), Error> {
    command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().map_err(|error| format!("{what}: {error}"))?;
    let mut group = Group(child.id());
    let output = child.wait_with_output().await?;
    group.0 = None;
    if output.status.success() {
        return Ok(());
    }
    // Which of the two tells what is wrong depends on the tool.
    let said = [output.stderr, output.stdout].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let tells = |line: &&str| !line.trim().is_empty() && !line.starts_with("npm warn") && !line.starts_with("> ");
    let said: Vec<&str> = said.iter().flat_map(|text| text.lines()).filter(tells).take(LINES).collect();
    Err(format!("{what} failed ({}):\n  {}", output.status, said.join("\n  ")).into())
}

/// Whether it worked, as far as a command's status tells.
pub(crate) fn success(status: ExitStatus) -> Result<(), Error> {
    if status.success() { Ok(()) } else { Err(status.to_string().into()) }
}

/// A command and all that it started, ended when dropped before the command was waited for. Ending cargo alone would
/// leave its compilers and tests behind, and ending npm alone what it runs.
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
