//! The web application in `web/`: its packages, its build, and what its tests need.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tokio::process::Command;

use crate::commands::{finish, quiet, success};
use crate::tools::{self, Error, Node};

/// What the build is made of, below `web/`.
const SOURCES: [&str; 7] =
    ["src", "public", "index.html", "package.json", "package-lock.json", "vite.config.ts", "tsconfig.json"];
/// A copy of the `package-lock.json` that the packages were installed from.
const INSTALLED_FROM: &str = "node_modules/.installed-from";

/// The web application of a checkout.
#[derive(Debug)]
pub struct Web {
    root: PathBuf,
    folder: PathBuf,
}

impl Web {
    /// That of the checkout at `root`.
    pub fn of(root: &Path) -> Self {
        Self { root: root.to_owned(), folder: root.join("web") }
    }

    /// Where its build is.
    pub fn dist(&self) -> PathBuf {
        self.folder.join("dist")
    }

    /// Whether there is a build, of whatever age.
    pub fn is_there(&self) -> bool {
        self.dist().join("index.html").is_file()
    }

    /// Builds it if there is no build, or one that is older than a source.
    ///
    /// # Errors
    /// What is missing and how to get it, or what the build says first.
    pub async fn build_if_needed(&self, progress: &dyn Fn(&str)) -> Result<(), Error> {
        let _turn = self.turn().await?;
        if self.is_fresh()? {
            return Ok(());
        }
        let node = self.node(progress).await?;
        self.install(&node, progress).await?;
        progress("building the web application");
        quiet(&mut self.script(&node, "build"), "npm run build").await
    }

    /// Builds it, showing what the build prints.
    ///
    /// # Errors
    /// Where that fails.
    pub(crate) async fn build(&self, node: &Node) -> Result<(), Error> {
        let _turn = self.turn().await?;
        success(finish(&mut self.script(node, "build")).await?)
    }

    /// Installs its packages unless they are those that its lock file names.
    ///
    /// # Errors
    /// Where that fails, with the first lines that npm printed.
    pub(crate) async fn packages(&self, node: &Node, progress: &dyn Fn(&str)) -> Result<(), Error> {
        let _turn = self.turn().await?;
        self.install(node, progress).await
    }

    /// Runs `npm run screenshots`, with what the browser tests have.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub(crate) async fn screenshots(&self, progress: &dyn Fn(&str)) -> Result<(), Error> {
        let local = std::env::current_exe()?;
        let node = self.node(progress).await?;
        self.packages(&node, progress).await?;
        let chromium = tools::chromium(progress).await?;
        let mut command = self.script(&node, "screenshots");
        success(finish(command.env("RED_LOCAL", local).env("RED_CHROMIUM", chromium)).await?)
    }

    pub(crate) async fn node(&self, progress: &dyn Fn(&str)) -> Result<Node, Error> {
        tools::node(&self.root.join(".local/tools"), progress).await
    }

    /// A command that runs a script of its `package.json`.
    pub(crate) fn script(&self, node: &Node, name: &str) -> Command {
        self.npm(node, &["run", name])
    }

    pub(crate) fn npm(&self, node: &Node, arguments: &[&str]) -> Command {
        let mut command = node.npm(&self.folder);
        // The API is on the same origin, whatever a developer tries out beside.
        command.args(arguments).env_remove("VITE_API_URL").env_remove("NODE_ENV");
        command
    }

    async fn install(&self, node: &Node, progress: &dyn Fn(&str)) -> Result<(), Error> {
        let (lock, marker) = (self.folder.join("package-lock.json"), self.folder.join(INSTALLED_FROM));
        let wanted = fs::read(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
        if fs::read(&marker).is_ok_and(|installed| installed == wanted) {
            return Ok(());
        }
        progress("installing the packages of the web application");
        // It removes `node_modules` first, and the marker with it.
        quiet(&mut self.npm(node, &["ci", "--include=dev"]), "npm ci").await?;
        Ok(fs::write(&marker, wanted)?)
    }

    fn is_fresh(&self) -> io::Result<bool> {
        let Ok(built) = fs::metadata(self.dist().join("index.html")).and_then(|file| file.modified()) else {
            return Ok(false);
        };
        for source in SOURCES {
            if newest(&self.folder.join(source))?.is_some_and(|changed| changed > built) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Of several commands in this checkout, one installs or builds.
    async fn turn(&self) -> Result<fs::File, Error> {
        tools::turn(&self.root.join(".local/web")).await
    }
}

/// When a file, or a folder with what is in it, was changed last. A folder's own time tells of what is gone from it.
fn newest(path: &Path) -> io::Result<Option<SystemTime>> {
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        metadata => metadata?,
    };
    let mut newest_yet = Some(metadata.modified()?);
    if metadata.is_dir() {
        for entry in fs::read_dir(path)? {
            newest_yet = newest_yet.max(newest(&entry?.path())?);
        }
    }
    Ok(newest_yet)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::time::Duration;

    use super::*;

    /// A checkout with a web application that was built a minute after its sources were written.
    struct Checkout(PathBuf);

    impl Checkout {
        fn built(name: &str) -> Self {
            let root = std::env::temp_dir().join(format!("red web {} {name}", std::process::id()));
            for file in ["src/pages/home.tsx", "public/favicon.svg", "package-lock.json", "index.html"] {
                Self::write(&root.join("web").join(file));
            }
            Self::write(&root.join("web/dist/index.html"));
            let checkout = Self(root);
            checkout.date("dist/index.html", 60);
            checkout
        }

        fn write(path: &Path) {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }

        /// Makes it look as if this was changed so many seconds from now.
        fn date(&self, path: &str, seconds: u64) {
            let file = fs::File::open(self.0.join("web").join(path)).unwrap();
            file.set_modified(SystemTime::now() + Duration::from_secs(seconds)).unwrap();
        }

        fn is_fresh(&self) -> bool {
            Web::of(&self.0).is_fresh().unwrap()
        }
    }

    impl Drop for Checkout {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_build_is_fresh_until_a_source_is_newer() {
        for source in ["src/pages/home.tsx", "public/favicon.svg", "package-lock.json", "index.html", "src/pages"] {
            let checkout = Checkout::built("source");
            assert!(checkout.is_fresh(), "before {source} changes");

            checkout.date(source, 120);

            assert!(!checkout.is_fresh(), "{source}");
        }
    }

    #[test]
    fn what_is_no_source_makes_no_build_old() {
        let checkout = Checkout::built("other");
        Checkout::write(&checkout.0.join("web/tests/home.spec.ts"));

        checkout.date("tests/home.spec.ts", 120);

        assert!(checkout.is_fresh());
    }

    #[test]
    fn without_a_page_there_is_no_build() {
        let checkout = Checkout::built("gone");

        fs::remove_file(checkout.0.join("web/dist/index.html")).unwrap();

        assert!(!checkout.is_fresh());
        assert!(!Web::of(&checkout.0).is_there());
    }

    #[tokio::test]
    async fn a_build_that_is_fresh_needs_nothing_to_be_installed() {
        let checkout = Checkout::built("built");
        let said = std::sync::Mutex::new(Vec::new());

        let built = Web::of(&checkout.0).build_if_needed(&|what| said.lock().unwrap().push(what.to_owned())).await;

        assert!(built.is_ok());
        assert!(said.into_inner().unwrap().is_empty());
        assert!(!checkout.0.join(".local/tools").exists());
    }
}
