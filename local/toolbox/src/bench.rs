//! `cargo local bench`: release builds of what is measured, and the program that measures.

use std::{ffi::OsString, path::Path, process::ExitStatus};

use crate::{
    commands::{finish, success},
    tools::{Error, building, until_interrupted},
};

/// What is measured: the functions that somebody waits for, the dispatcher, and a function that does nothing.
const PACKAGES: [&str; 12] = [
    "auth",
    "authorizer",
    "dashboard",
    "email-dispatcher",
    "emails",
    "entries",
    "forms",
    "hello",
    "hotels",
    "messages",
    "tickets",
    "users",
];

/// Builds each function by itself, as it is deployed (built together, cargo gives each of them the features that any of
/// them asks for), then runs the program `bench` with these arguments.
///
/// # Errors
/// Where something cannot be built or started.
pub async fn run(root: &Path, arguments: &[OsString]) -> Result<ExitStatus, Error> {
    until_interrupted(measure(root, arguments)).await
}

async fn measure(root: &Path, arguments: &[OsString]) -> Result<ExitStatus, Error> {
    for package in PACKAGES {
        success(finish(building("cargo", root).args(["build", "--release", "--quiet", "--package", package])).await?)
            .map_err(|error| format!("{package} could not be built: {error}"))?;
    }
    // From where this was called, since that is where its files are to be.
    let mut bench = building("cargo", Path::new("."));
    bench.args(["run", "--release", "--quiet", "--manifest-path"]).arg(root.join("Cargo.toml"));
    bench.args(["--bin", "bench", "--"]).args(arguments);
    Ok(finish(&mut bench).await?)
}
