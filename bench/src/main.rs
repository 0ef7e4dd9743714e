//! `cargo local bench` builds the release functions and runs this: the figures of docs/performance.md.

use std::{
    fmt::Display,
    path::{Path, PathBuf},
    process::ExitCode,
};

use bench::{
    artefacts,
    peer::Peer,
    plot,
    report::{self, Part},
};
use clap::Parser;
use serde::Serialize;
use toolbox::tools::Error;

/// Measures the release functions on a PostgreSQL of its own.
#[derive(Parser)]
#[command(name = "bench", version)]
struct Cli {
    /// Only these parts
    #[arg(long, value_enum, value_delimiter = ',', value_name = "PARTS")]
    only: Vec<Part>,
    /// Hotels in the database, and a tenth as many users
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(100..=10_000_000))]
    hotels: u32,
    /// Starts of each function, and sign-ins
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    starts: u32,
    /// Requests of each case to a warm function
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(5..=100_000))]
    requests: u32,
    /// Pairs of an existing and an unknown account
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(20..=100_000))]
    pairs: u32,
    /// How long each of five rounds of requests over HTTP takes
    #[arg(long, default_value_t = 2.0, value_name = "SECONDS", value_parser = seconds)]
    seconds: f64,
    /// How many rows of each kind there are, in turn, ever more
    #[arg(long, value_delimiter = ',', value_name = "ROWS", default_value = "1000,100000,1000000")]
    growth: Vec<u32>,
    /// Another server of the same contract, to be measured in turns: http://127.0.0.1:8000
    #[arg(long, value_name = "URL", requires = "peer_email")]
    peer: Option<String>,
    /// An administrator there
    #[arg(long, value_name = "EMAIL", env = "PEER_EMAIL")]
    peer_email: Option<String>,
    /// With this password
    #[arg(long, env = "PEER_PASSWORD", hide_env_values = true, value_name = "PASSWORD", default_value = "")]
    peer_password: String,
    /// Call each function that `sam build` put below this folder once, and nothing else
    #[arg(long, value_name = "FOLDER")]
    artefacts: Option<PathBuf>,
    /// The folder of the functions' binaries [default: this program's own]
    #[arg(long, value_name = "FOLDER")]
    functions: Option<PathBuf>,
    /// Write the figures there as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a picture of them there, as SVG
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<(), Error> {
    let program = std::env::current_exe()?;
    let binaries =
        cli.functions.or_else(|| program.parent().map(Path::to_owned)).ok_or("this program is in no folder")?;
    let local = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.local");
    let (folder, tools) = (local.join("bench"), local.join("tools"));
    if let Some(built) = cli.artefacts {
        return print(&artefacts::run(&folder, &tools, &built).await?, cli.json.as_deref());
    }
    let password = cli.peer_password;
    let peer = cli.peer.zip(cli.peer_email).map(|(url, email)| Peer {
        url: url.trim_end_matches('/').to_owned(),
        email,
        password,
    });
    let options = report::Options {
        parts: cli.only,
        hotels: cli.hotels,
        starts: cli.starts,
        requests: cli.requests,
        pairs: cli.pairs,
        seconds: cli.seconds,
        growth: cli.growth,
        peer,
    };
    let report = report::run(&folder, &tools, &|name| binaries.join(name), options).await?;
    print(&report, cli.json.as_deref())?;
    cli.plot.map_or(Ok(()), |file| plot::draw(&report, &file))
}

/// A time that a round may take.
fn seconds(value: &str) -> Result<f64, String> {
    let seconds = value.parse().ok().filter(|seconds| (0.05..=60.0).contains(seconds));
    seconds.ok_or_else(|| "it must be from 0.05 to 60".to_owned())
}

/// To be seen before they are written: a file that cannot be made must not cost them.
fn print(figures: &(impl Serialize + Display), json: Option<&Path>) -> Result<(), Error> {
    println!("{figures}");
    if let Some(file) = json {
        let written = std::fs::write(file, serde_json::to_string_pretty(figures)?);
        written.map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(())
}
