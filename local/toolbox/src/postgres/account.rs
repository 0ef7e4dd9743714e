//! The account that the server runs as, which is another one than ours where we are root.

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::{env, fs, io};

use tokio::process::Command;

use super::passwords::RESET;
use crate::tools::{self, Error};

/// The account under which the server and its tools run.
#[derive(Debug, Clone, Copy)]
pub(super) enum Account {
    /// Ours, since we are not root.
    Own,
    /// Another one, since we are root.
    Other { uid: u32, gid: u32 },
}

impl Account {
    pub(super) async fn for_server(data: &Path) -> Result<Account, Error> {
        let uid = tools::run(Command::new("id").arg("-u"), "asking for the current user").await?;
        if uid.trim() != "0" {
            return Ok(Account::Own);
        }
        match fs::metadata(data) {
            Ok(found) if found.uid() == 0 => {
                Err(format!("{} belongs to root, whom PostgreSQL does not serve; {RESET}", data.display()).into())
            }
            // An existing cluster stays with whoever made it: root may start a user's.
            Ok(found) => Ok(Account::Other { uid: found.uid(), gid: found.gid() }),
            // nobody and nogroup, which need no entry in any file and own nothing.
            Err(_) => Ok(Account::Other { uid: 65534, gid: 65534 }),
        }
    }

    pub(super) fn command(self, program: impl AsRef<std::ffi::OsStr>, folder: &Path) -> Command {
        let mut command = Command::new(program);
        if let Account::Other { uid, gid } = self {
            // This drops the supplementary groups as well.
            command.uid(uid).gid(gid);
        }
        for (name, _) in env::vars_os() {
            // PGDATA, PGPORT, PGOPTIONS and their like speak of another server.
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        // Messages in English, since some are read below.
        command.env("LC_ALL", "C").current_dir(folder).stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Gives a path that we made to the account.
    pub(super) fn give(self, path: &Path) -> io::Result<()> {
        match self {
            Account::Own => Ok(()),
            Account::Other { uid, gid } => chown(path, Some(uid), Some(gid)),
        }
    }

    /// Makes `folder` and answers its real path, in which the account can work.
    ///
    /// Where the checkout cannot be reached by the account (below root's home, say), `folder` becomes a link to a
    /// folder under `/var/tmp` that is named after the path of `folder`, so that each checkout has its own. That one
    /// belongs to root: nobody else can put something into it.
    pub(super) async fn reachable(self, folder: &Path) -> Result<PathBuf, Error> {
        let (parent, name) = match (folder.parent(), folder.file_name()) {
            (Some(parent), Some(name)) => (parent, name),
            _ => return Err(format!("{} cannot hold a cluster", folder.display()).into()),
        };
        let denied = |error| format!("cannot use {}: {error} (made by another user?)", folder.display());
        fs::create_dir_all(parent).map_err(denied)?;
        let folder = fs::canonicalize(parent).map_err(denied)?.join(name);
        if !folder.is_symlink() {
            fs::create_dir_all(&folder).map_err(denied)?;
        }
        if matches!(self, Account::Own) {
            return Ok(fs::canonicalize(&folder).map_err(denied)?);
        }

        // The account has to pass through, but need not list it: files in it have modes of their own.
        let passable = fs::Permissions::from_mode(0o711);
        if !folder.is_symlink() {
            fs::set_permissions(&folder, passable.clone()).map_err(denied)?;
            if self.command("true", &folder).status().await.is_ok_and(|status| status.success()) {
                return Ok(folder);
            }
            // Fails, as it should, if an account that could reach it left something here.
            fs::remove_dir(&folder).map_err(|_| {
                format!("{} is out of reach of the account that PostgreSQL runs as; {RESET}", folder.display())
            })?;
        }
        let elsewhere = Path::new("/var/tmp").join(format!("red-product-{:016x}", fnv(folder.as_os_str().as_bytes())));
        match fs::create_dir(&elsewhere) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(denied(error).into());
            }
            _ => {}
        }
        let found = fs::symlink_metadata(&elsewhere)?;
        if !found.is_dir() || found.uid() != 0 {
            return Err(format!("{} is in the way: remove it", elsewhere.display()).into());
        }
        fs::set_permissions(&elsewhere, passable)?;
        // A copied checkout brings a link to the folder of the original along.
        if fs::read_link(&folder).ok().as_ref() != Some(&elsewhere) {
            if folder.is_symlink() {
                fs::remove_file(&folder)?;
            }
            symlink(&elsewhere, &folder)?;
        }
        Ok(elsewhere)
    }
}

/// FNV-1a, which unlike the standard library's hash stays the same in every version.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
