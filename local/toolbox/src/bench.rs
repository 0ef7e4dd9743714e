//! `cargo local bench`: release builds of what is measured, and the program that measures.

use std::{ffi::OsString, fs, path::Path, process::ExitStatus};

use crate::{
    commands::{finish, success},
    tools::{Error, building},
};

/// Builds each function by itself, as it is deployed (built together, cargo gives each of them the features that any of
/// them asks for), then runs the program `bench` with these arguments.
///
/// # Errors
/// Where something cannot be built or started.
pub async fn run(root: &Path, arguments: &[OsString]) -> Result<ExitStatus, Error> {
    let mut packages = vec!["hello".to_owned()];
    for entry in fs::read_dir(root.join("functions"))? {
        packages.extend(entry?.file_name().into_string().ok());
    }
    packages.sort();
    for package in &packages {
        success(finish(building("cargo", root).args(["build", "--release", "--quiet", "--package", package])).await?)
            .map_err(|error| format!("{package} could not be built: {error}"))?;
    }
    let mut bench = building("cargo", root);
    bench.args(["run", "--release", "--quiet", "--bin", "bench", "--"]).args(arguments);
    Ok(finish(&mut bench).await?)
}
