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
    let mut group = Group { leader: child.id(), signal: "TERM" };
    let status = child.wait().await?;
    group.leader = None;
    Ok(status)
}

/// Runs a command, passing on each line that it prints after showing it to `line`.
pub(crate) async fn stream(command: &mut Command, mut line: impl FnMut(&str)) -> io::Result<ExitStatus> {
    let mut child = command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut group = Group { leader: child.id(), signal: "TERM" };
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
    group.leader = None;
    Ok(status)
}

/// Runs a command without showing what it prints, unless it fails.
///
/// # Errors
/// Where it fails, with the first lines that it printed.
pub async fn quiet(command: &mut Command, what: &str) -> Result<(), Error> {
    command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().map_err(|error| format!("{what}: {error}"))?;
    // At once: an npm that is asked to end first undoes what it did, for seconds, and in the way of the next one.
    let mut group = Group { leader: child.id(), signal: "KILL" };
    let output = child.wait_with_output().await?;
    group.leader = None;
    if output.status.success() {
        return Ok(());
    }
    // Which of the two tells what is wrong depends on the tool.
    let said = [output.stderr, output.stdout].map(|bytes| without_colours(&String::from_utf8_lossy(&bytes)));
    let tells = |line: &&str| {
        !line.trim().is_empty() && !["npm warn", "> ", "    at "].iter().any(|start| line.starts_with(start))
    };
    let said: Vec<&str> = said.iter().flat_map(|text| text.lines()).filter(tells).take(LINES).collect();
    Err(format!("{what} failed ({}):\n  {}", output.status, said.join("\n  ")).into())
}

/// A text as it is without a terminal: some tools take no notice that there is none.
pub(crate) fn without_colours(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let command = part.find(|c: char| c.is_ascii_alphabetic()).map_or(part.len(), |end| end + 1);
        plain.push_str(&part[command..]);
    }
    plain
}

/// Whether it worked, as far as a command's status tells.
pub(crate) fn success(status: ExitStatus) -> Result<(), Error> {
    if status.success() { Ok(()) } else { Err(status.to_string().into()) }
}

/// A command and all that it started, ended when dropped before the command was waited for. Ending cargo alone would
/// leave its compilers and tests behind, and ending npm alone what it runs.
struct Group {
    leader: Option<u32>,
    signal: &'static str,
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.leader {
            // Fails if all has ended by itself.
            let end = ["-c", "kill -s \"$1\" -- \"-$2\"", "sh", self.signal, &leader.to_string()];
            let _ = std::process::Command::new("sh").args(end).stderr(Stdio::null()).status();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::without_colours;

    #[test]
    fn a_text_without_colours_is_what_is_read() {
        assert_eq!(without_colours("a\x1b[31mred\x1b[0m, \x1b[38;5;246m│\x1b[0m\x1b[2K"), "ared, │");
        assert_eq!(without_colours("plain [0m"), "plain [0m");
        assert_eq!(without_colours("cut\x1b[38;"), "cut");
    }
}
