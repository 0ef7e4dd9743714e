//! What `cargo local torture` starts. It builds nothing, and needs the functions' programs beside it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use bench::torture::{self, Options, rng::Rng};
use clap::Parser;
use toolbox::tools::Error;
use uuid::Uuid;

#[derive(Parser)]
#[command(name = "torture", version, about = "Functions under everything that can go wrong")]
struct Cli {
    /// How long, at least until everything has gone wrong once
    #[arg(long, default_value_t = 3.0)]
    minutes: f64,
    /// Clients at once
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u8).range(5..=100))]
    clients: u8,
    /// Repeat what was done to them by another run
    #[arg(long)]
    seed: Option<u64>,
    /// Without PgBouncer before the database
    #[arg(long)]
    no_pgbouncer: bool,
    /// Write the report there as JSON too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(Cli { minutes, clients, seed, no_pgbouncer, json }: Cli) -> Result<bool, Error> {
    let program = std::env::current_exe()?;
    let functions = program.parent().ok_or("this program is in no folder")?;
    let local = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.local");
    fs::create_dir_all(&local)?;
    let local = fs::canonicalize(local)?;
    let seed = seed.unwrap_or_else(|| Rng::new(Uuid::new_v4().as_u64_pair().0).number() % 1_000_000);
    let report = torture::run(&Options {
        folder: &local.join("torture"),
        tools: &local.join("tools"),
        functions: &|name| functions.join(name),
        time: Duration::try_from_secs_f64(minutes * 60.0)?,
        clients,
        seed,
        pgbouncer: !no_pgbouncer,
        progress: &|what| eprintln!("· {what}"),
    })
    .await?;
    println!("{report}");
    if let Some(file) = json {
        fs::write(file, serde_json::to_string_pretty(&report)?)?;
    }
    Ok(report.is_success())
}
