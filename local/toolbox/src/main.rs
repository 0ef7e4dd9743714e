//! `cargo prepare`: brings `.sqlx/` up to date with queries and migrations.

use std::{path::Path, process::ExitCode};

#[tokio::main]
async fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    match toolbox::checks::prepare(&root).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
