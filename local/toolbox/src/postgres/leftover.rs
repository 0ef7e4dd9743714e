//! What an earlier run left: a lock that somebody holds, or a server that nobody does.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Instant;
use std::{fmt, iter};

use tokio::process::Command;
use tokio::time::sleep;

use super::{POLL, STOP_TIMEOUT};
use crate::tools::Error;

/// Where a server notes its process.
const NOTE: &str = "postmaster.pid";

/// Another process has the cluster.
#[derive(Debug)]
pub struct InUse(PathBuf);

impl fmt::Display for InUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the database in {} is in use: cargo local is already running here", self.0.display())
    }
}

impl std::error::Error for InUse {}

/// A folder that is ours alone until this is dropped, or until we end, however we end.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file is not enough: a process that is just being started, by any thread of ours, has it open too
        // until its own program runs.
        let _ = self.0.unlock();
    }
}

/// Takes the folder for us alone.
pub(super) fn lock(folder: &Path) -> Result<Lock, Error> {
    let path = folder.join("lock");
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = file.map_err(|error| format!("cannot open {}: {error} (made by another user?)", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(InUse(folder.to_owned()).into()),
        Err(TryLockError::Error(error)) => Err(format!("cannot lock {}: {error}", path.display()).into()),
    }
}

/// Stops a server that outlived the process which started it, and clears what would make the next one refuse to start.
pub(super) async fn stop_leftover(folder: &Path) -> Result<(), Error> {
    let data = folder.join("data");
    let deadline = Instant::now() + STOP_TIMEOUT;
    let mut asked = false;
    loop {
        let pid = match find_leftover(&data).await {
            // PostgreSQL itself sees to a note of a process that is gone.
            Leftover::None => return Ok(()),
            // PostgreSQL would take that process for the server.
            Leftover::Note => return Ok(fs::remove_file(data.join(NOTE))?),
            Leftover::Unclear(error) => return Err(error.into()),
            Leftover::Server(pid) if Instant::now() > deadline => {
                return Err(format!("PostgreSQL of an earlier run (process {pid}) does not stop: end it").into());
            }
            Leftover::Server(pid) => pid,
        };
        if !asked {
            // May fail, if it ends just now.
            let _ = Command::new("sh").args(["-c", "kill -INT \"$1\"", "sh", &pid.to_string()]).output().await;
            asked = true;
        }
        sleep(POLL).await;
    }
}

/// What an earlier server left in its data folder.
pub(super) enum Leftover {
    None,
    /// A note with the id of a process that is gone; another program has it since.
    Note,
    /// Itself: nobody stopped it.
    Server(u32),
    /// Something that only a person can judge: what it is, and what to do.
    Unclear(String),
}

pub(super) async fn find_leftover(data: &Path) -> Leftover {
    let Some(pid) = postmaster(data) else { return Leftover::None };
    match Process::find(pid, data).await {
        Process::Gone => Leftover::None,
        Process::Stranger => Leftover::Note,
        Process::Server => Leftover::Server(pid),
        Process::Unclear => {
            let which = format!("{} names process {pid}, another PostgreSQL", data.join(NOTE).display());
            Leftover::Unclear(format!("{which}: stop that one, or remove this file if it serves other data"))
        }
    }
}

/// The process that a data folder names as its server.
pub(super) fn postmaster(data: &Path) -> Option<u32> {
    fs::read_to_string(data.join(NOTE)).ok()?.lines().next()?.trim().parse().ok()
}

/// What a process is to a data folder.
enum Process {
    Gone,
    Server,
    Stranger,
    Unclear,
}

impl Process {
    async fn find(pid: u32, data: &Path) -> Process {
        let Some(arguments) = arguments(pid).await else {
            return Process::Gone;
        };
        let program = arguments.first().map(|program| Path::new(program).file_name() == Some("postgres".as_ref()));
        if program != Some(true) {
            return Process::Stranger;
        }
        let served = arguments.iter().skip_while(|argument| *argument != "-D").nth(1).map(Path::new);
        match served {
            Some(served) if served == data => Process::Server,
            Some(served) if postmaster(served) == Some(pid) => Process::Stranger,
            _ => Process::Unclear,
        }
    }
}

/// The command line of a process, or nothing if there is no such process.
async fn arguments(pid: u32) -> Option<Vec<String>> {
    if Path::new("/proc/self/cmdline").exists() {
        let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        // Empty for a process that has ended but was not waited for.
        let line = String::from_utf8_lossy(&line).into_owned();
        return (!line.is_empty()).then(|| line.split('\0').map(str::to_owned).collect());
    }
    let output = Command::new("ps").args(["-o", "args=", "-p", &pid.to_string()]).output().await.ok()?;
    let line = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    // One string with spaces between: the program, and the folder between the two options that we give first.
    let (program, rest) = line.split_once(" -D ").unwrap_or((&line, ""));
    let folder = rest.split(" -p ").next().unwrap_or_default();
    let found = iter::once(program).chain(["-D", folder]).map(str::to_owned).collect();
    (!line.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_lock_ends_with_its_value_though_a_process_being_started_shares_its_file() {
        let folder = std::env::temp_dir().join(format!("red product {} lock", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let held = lock(&folder).unwrap();
        let shared = held.0.try_clone().unwrap();
        assert!(lock(&folder).unwrap_err().is::<InUse>());
        drop(held);
        drop(lock(&folder).unwrap());
        drop(shared);
        fs::remove_dir_all(&folder).unwrap();
    }
}
