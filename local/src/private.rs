//! Folders and files that other accounts of the machine must not read, whatever the umask was when they were made.

use std::{
    fs::{self, DirBuilder, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::Path,
};

/// Files in the state folder that hold secrets.
const SECRETS: [&str; 2] = ["keys.json", "postgres/passwords"];

/// Makes the folder of a platform's state, or takes write access from other accounts where it exists. Its secrets become
/// readable by this account only.
///
/// # Errors
/// Where it cannot be made or changed.
pub fn state_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        let mode = fs::metadata(folder)?.permissions().mode();
        // A shared folder such as /tmp (with the sticky bit) stays as it is.
        if mode & 0o022 != 0 && mode & 0o1000 == 0 {
            fs::set_permissions(folder, Permissions::from_mode(mode & 0o7755))?;
        }
    } else {
        if let Some(above) = folder.parent() {
            fs::create_dir_all(above)?;
        }
        // Where this account is root, PostgreSQL runs as another one, which has to pass through.
        make(folder, 0o711)?;
    }
    for secret in SECRETS {
        match fs::symlink_metadata(folder.join(secret)) {
            Ok(found) if found.is_file() && found.permissions().mode() & 0o077 != 0 => {
                fs::set_permissions(folder.join(secret), Permissions::from_mode(0o600))?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Makes a folder that only this account can enter, or makes an existing one so.
///
/// # Errors
/// Where it cannot be made or changed.
pub fn folder(folder: &Path) -> io::Result<()> {
    make(folder, 0o700)
}

fn make(folder: &Path, mode: u32) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(mode).create(folder)?;
    fs::set_permissions(folder, Permissions::from_mode(mode))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    struct Scratch(std::path::PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("red private {} {name}", std::process::id()));
            fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_folder_of_files_is_closed_to_other_accounts_also_if_it_was_open() {
        let scratch = Scratch::new("files");
        for (name, before) in [("new", None), ("open", Some(0o755)), ("wide", Some(0o777)), ("closed", Some(0o700))] {
            let path = scratch.0.join(name);
            if let Some(before) = before {
                fs::create_dir(&path).unwrap();
                fs::set_permissions(&path, Permissions::from_mode(before)).unwrap();
                fs::write(path.join("photo.jpg"), "kept").unwrap();
            }

            folder(&path).unwrap();

            assert_eq!(mode(&path), 0o700, "{name}");
            assert_eq!(path.join("photo.jpg").exists(), before.is_some());
        }
    }

    #[test]
    fn other_accounts_can_neither_write_to_the_state_nor_read_its_secrets() {
        let scratch = Scratch::new("state");
        let state = scratch.0.join("made/below");
        state_folder(&state).unwrap();
        assert_eq!(mode(&state), 0o711);

        fs::set_permissions(&state, Permissions::from_mode(0o777)).unwrap();
        fs::create_dir(state.join("postgres")).unwrap();
        for secret in SECRETS {
            fs::write(state.join(secret), "secret").unwrap();
            fs::set_permissions(state.join(secret), Permissions::from_mode(0o644)).unwrap();
        }
        state_folder(&state).unwrap();

        assert_eq!(mode(&state), 0o755);
        for secret in SECRETS {
            assert_eq!(mode(&state.join(secret)), 0o600, "{secret}");
        }
    }

    #[test]
    fn a_shared_folder_that_is_named_as_the_state_stays_shared() {
        let scratch = Scratch::new("shared");
        fs::set_permissions(&scratch.0, Permissions::from_mode(0o1777)).unwrap();

        state_folder(&scratch.0).unwrap();

        assert_eq!(mode(&scratch.0), 0o1777);
    }
}
