//! The passwords of the three roles.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::{APP, OWNER, SUPERUSER};
use crate::tools::Error;

/// Random passwords of the three roles, made with the cluster and kept beside its data.
#[derive(Clone)]
pub(super) struct Passwords {
    pub(super) superuser: String,
    pub(super) owner: String,
    pub(super) app: String,
}

impl Passwords {
    pub(super) fn read_or_make(folder: &Path, cluster_exists: bool) -> Result<Passwords, Error> {
        let path = folder.join("passwords");
        if cluster_exists {
            let text = fs::read_to_string(&path);
            let text = text.map_err(|error| format!("cannot read {}: {error}; {RESET}", path.display()))?;
            let value = |name: &str| {
                let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
                line.map(str::to_owned).ok_or_else(|| format!("{} has no {name}; {RESET}", path.display()))
            };
            return Ok(Passwords { superuser: value(SUPERUSER)?, owner: value(OWNER)?, app: value(APP)? });
        }
        let made = Passwords { superuser: random()?, owner: random()?, app: random()? };
        let text = format!("{SUPERUSER}={}\n{OWNER}={}\n{APP}={}\n", made.superuser, made.owner, made.app);
        create_private(&path)?.write_all(text.as_bytes())?;
        Ok(made)
    }
}

/// Passwords stay out of logs and failed assertions.
impl std::fmt::Debug for Passwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passwords(..)")
    }
}

pub(super) const RESET: &str = "start anew with: cargo local up --reset";

pub(super) fn random() -> Result<String, Error> {
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes).map_err(|error| format!("the system gives no random numbers: {error}"))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// Creates or empties a file that only its owner can read.
pub(super) fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}
