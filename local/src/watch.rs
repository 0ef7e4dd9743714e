//! `cargo local watch`: the platform with its functions under `cargo lambda watch`, which compiles and starts a function
//! again when a source file changes.
//!
//! A function starts with the first request for it. A request that comes while it is compiled waits for that, for as
//! long as its route's timeout.

use std::{
    io,
    net::SocketAddr,
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tokio::{
    net::TcpStream,
    process::{Child, ChildStdin},
    time::{sleep, timeout},
};
use toolbox::{
    commands::quiet,
    tools::{self, Error, GUARD},
};

use crate::{gateway::Template, remote::Endpoint, up};

pub(crate) const DEFAULT_PORT: u16 = 9000;
/// Quiet like `cargo local up`: without what cargo-lambda says about each process that it stops for a newer one, and
/// without the complaint that a variable of its own causes at each start.
const LOG: &str = "warn,lambda_runtime=error,watchexec=off,cargo_lambda_watch::watcher=off";
const POLL: Duration = Duration::from_millis(20);
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// What `watch` is told on the command line.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// What is the same with functions that are linked in.
    #[command(flatten)]
    pub platform: up::Platform,
    /// The port that cargo-lambda is to use. Without it: 9000, or the next free one
    #[arg(long, value_name = "PORT")]
    pub functions_port: Option<u16>,
    /// How many requests a function answers at once, each with a process of its own; the others wait
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=8))]
    pub concurrency: u8,
}

/// Starts everything, says what is where, serves, and stops everything.
///
/// # Errors
/// A sentence that says what to do.
pub async fn run(root: &Path, options: &Options) -> Result<(), Error> {
    let functions = up::Functions::Watched { port: options.functions_port, concurrency: options.concurrency };
    up::serve(root, &options.platform, functions).await
}

/// A running `cargo lambda watch`. It ends with this value: at once but unawaited when dropped, awaited with
/// [`Watch::stop`].
#[derive(Debug)]
pub struct Watch {
    endpoint: Endpoint,
    guard: Child,
    lifeline: Option<ChildStdin>,
}

impl Watch {
    /// Builds the template's functions and starts cargo-lambda, which is installed if need be, on this port or any.
    /// `environment` is that of every function.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub async fn start(
        root: &Path,
        port: Option<u16>,
        concurrency: u8,
        template: &Template,
        environment: Vec<(&'static str, String)>,
    ) -> Result<Self, Error> {
        let cargo_lambda = tools::cargo_lambda(&root.join(".local/tools"), &up::progress).await?;

        // Now, or the first requests would wait for the compiler.
        up::progress("building the functions");
        let mut build = tools::building("cargo", root);
        build.args(["build", "--quiet"]).args(template.binaries.values().flat_map(|binary| ["--bin", binary]));
        quiet(&mut build, "cargo build").await?;

        up::progress("starting cargo lambda watch");
        // Cargo-lambda cannot take over a port that is bound: what is free a moment before has to do.
        let address = up::listen(port, DEFAULT_PORT, "--functions-port").await?.local_addr()?;
        let mut command = tools::building("sh", root);
        command.args(["-c", GUARD, "sh"]).arg(cargo_lambda);
        command.args(["lambda", "watch", "--quiet", "--disable-cors", "--concurrency", &concurrency.to_string()]);
        command.args(["--invoke-address", &address.ip().to_string(), "--invoke-port", &address.port().to_string()]);
        if std::env::var_os("RUST_LOG").is_none() {
            command.env("RUST_LOG", LOG);
        }
        // Not in our process group: Ctrl-C is for us, and the functions finish what they do before they end.
        command.envs(environment).stdin(Stdio::piped()).process_group(0);
        let mut guard = command.spawn().map_err(|error| format!("cannot start cargo-lambda: {error}"))?;
        let lifeline = guard.stdin.take();
        let endpoint = format!("http://{address}").parse()?;
        let mut watch = Self { endpoint, guard, lifeline };
        watch.listens(address).await?;
        Ok(watch)
    }

    /// Where the functions are.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Waits until cargo-lambda ends by itself, and says so.
    pub async fn ended(&mut self) -> Error {
        ended(self.guard.wait().await)
    }

    /// Stops cargo-lambda with all functions and waits for their end.
    ///
    /// # Errors
    /// Where it does not end.
    pub async fn stop(mut self) -> Result<(), Error> {
        drop(self.lifeline.take());
        match timeout(STOP_TIMEOUT, self.guard.wait()).await {
            Ok(status) => status.map(|_| ()).map_err(Error::from),
            Err(_) => Err("cargo-lambda does not stop".into()),
        }
    }

    async fn listens(&mut self, address: SocketAddr) -> Result<(), Error> {
        while TcpStream::connect(address).await.is_err() {
            if let Some(status) = self.guard.try_wait()? {
                return Err(ended(Ok(status)));
            }
            sleep(POLL).await;
        }
        Ok(())
    }
}

fn ended(status: io::Result<ExitStatus>) -> Error {
    match status {
        Ok(status) => format!("cargo lambda watch ended by itself ({status}): see above").into(),
        Err(error) => error.into(),
    }
}
