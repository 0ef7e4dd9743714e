//! `cargo local torture`: builds the functions and the program that tortures them, which is in the crate `bench`, and runs
//! it. That crate needs this one, so it cannot be called from here.

use std::env;
use std::ffi::OsString;
use std::path::Path;

use crate::commands::{finish, success};
use crate::tools::{self, Error, until_interrupted};

/// Runs it with these arguments. False where it found something.
///
/// # Errors
/// Where it cannot be built or started, and when it is interrupted.
pub async fn run(root: &Path, arguments: &[OsString]) -> Result<bool, Error> {
    until_interrupted(torture(root, arguments)).await
}

async fn torture(root: &Path, arguments: &[OsString]) -> Result<bool, Error> {
    // Functions are not optimised, and so compare each count with the rows that it counts.
    let mut build = tools::building("cargo", root);
    success(finish(build.args(["build", "--bins"])).await?)?;
    let program = env::current_exe()?.with_file_name("torture");
    let mut torture = tokio::process::Command::new(program);
    Ok(finish(torture.args(arguments)).await?.success())
}
