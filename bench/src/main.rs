//! `cargo run --release --bin bench`: the figures of docs/performance.md. It builds nothing but itself.

use std::{
    fmt::Display,
    path::{Path, PathBuf},
    process::ExitCode,
};

use bench::{artefacts, mail, measure};
use clap::Parser;
use serde::Serialize;
use toolbox::tools::Error;

/// Measures the release functions on a PostgreSQL of its own.
///
/// Build each of them first, by itself, as it is deployed: cargo build --release -p hotels, then auth, authorizer and
/// dashboard.
#[derive(Parser)]
#[command(name = "bench", version)]
struct Cli {
    /// Hotels in the database
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(100..=10_000_000))]
    hotels: u32,
    /// Starts of each function, and sign-ins
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    starts: u32,
    /// Requests to each warm function
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    requests: u32,
    /// Pairs of an existing and an unknown account
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(20..=100_000))]
    pairs: u32,
    /// Measure how fast mail leaves, and nothing else
    #[arg(long)]
    mail: bool,
    /// Call each function that `sam build` put below this folder once, and nothing else
    #[arg(long, value_name = "FOLDER")]
    artefacts: Option<PathBuf>,
    /// The folder of the functions' binaries [default: this program's own]
    #[arg(long, value_name = "FOLDER")]
    functions: Option<PathBuf>,
    /// Print JSON instead of tables
    #[arg(long)]
    json: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<(), Error> {
    let Cli { hotels, starts, requests, pairs, mail, artefacts, functions, json } = cli;
    let program = std::env::current_exe()?;
    let binaries = functions.or_else(|| program.parent().map(Path::to_owned)).ok_or("this program is in no folder")?;
    let local = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.local");
    if let Some(built) = artefacts {
        let called = artefacts::run(&local.join("bench"), &local.join("tools"), &built).await?;
        return print(&called, json);
    }
    if mail {
        let figures = mail::run(&local.join("bench"), &local.join("tools"), &binaries).await?;
        return print(&figures, json);
    }
    let options = measure::Options { hotels, starts, requests, pairs };
    let figures = measure::run(&local.join("bench"), &local.join("tools"), &binaries, options).await?;
    print(&figures, json)
}

fn print(figures: &(impl Serialize + Display), json: bool) -> Result<(), Error> {
    if json {
        println!("{}", serde_json::to_string_pretty(figures)?);
    } else {
        println!("{figures}");
    }
    Ok(())
}
