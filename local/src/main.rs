//! `cargo local`: RED PRODUCT on one machine.

use std::{
    ffi::OsString,
    io::{self, IsTerminal, Read},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use chrono::Utc;
use clap::{Parser, Subcommand};
use local::{
    accounts, adopt,
    database::Database,
    doctor, fuzz,
    keys::{self, Step},
    openapi, secrets, seed, up, watch,
};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use toolbox::{
    bench, checks,
    postgres::{self, Standing},
    tools::Error,
    torture,
};
use tracing_subscriber::EnvFilter;

#[derive(Parser)]
#[command(name = "cargo local", bin_name = "cargo local", about = "RED PRODUCT on one machine", version)]
struct Cli {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run the whole platform until Ctrl-C
    Up(up::Options),
    /// The same, but compile a function again when its source changes
    Watch(watch::Options),
    /// Run every check, or only the Rust tests with a name
    Test {
        /// Part of the names of the tests to run
        filter: Vec<String>,
        /// Only the web application's checks
        #[arg(long, conflicts_with = "filter")]
        web: bool,
        /// Only the API's tests, through PgBouncer in transaction mode
        #[arg(long, conflicts_with = "web")]
        pgbouncer: bool,
    },
    /// Take pictures of the web application's pages
    Screenshots,
    /// Bring a database up to date
    Migrate {
        #[command(flatten)]
        database: Database,
    },
    /// Make a database of the original (Django) one of this platform, in place
    Adopt(adopt::Options),
    /// Try the whole API with made-up requests
    Fuzz(fuzz::Options),
    /// Measure how fast the functions are, built with optimisations
    #[command(disable_help_flag = true)]
    Bench {
        /// What `--help` lists, once everything is built
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<OsString>,
    },
    /// Try functions in processes of their own under everything that can go wrong
    #[command(disable_help_flag = true)]
    Torture {
        /// What `--help` lists, once everything is built
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<OsString>,
    },
    /// Write docs/openapi.json anew
    Openapi,
    /// Add made-up rows: those asked for, or a small set
    Seed {
        #[command(flatten)]
        counts: seed::Counts,
        /// Also on another machine's database
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        database: Database,
    },
    /// Manage administrators
    #[command(subcommand)]
    Admin(Admin),
    /// Manage the keys of tokens
    #[command(subcommand)]
    Keys(Keys),
    /// Make, or rotate, the secret of a deployment, which Secrets Manager keeps
    #[command(subcommand)]
    Secrets(Secrets),
    /// Say what this machine lacks, and how to get it
    Doctor(doctor::Options),
}

#[derive(Subcommand)]
enum Secrets {
    /// Print a new secret as JSON; nothing else keeps it
    Make {
        /// The database, as the application's role
        #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
        database_url: String,
        /// The same database, as its owner
        #[arg(long, env = "MIGRATE_DATABASE_URL", hide_env_values = true, value_name = "URL")]
        migrate_database_url: String,
    },
    /// Read a secret, take the next of the two steps of a rotation of its keys, and print it
    Rotate {
        /// Even if that signs out whoever has a token of the key before
        #[arg(long)]
        sign_out: bool,
    },
}

#[derive(Subcommand)]
enum Keys {
    /// Take the next of the two steps of a rotation: publish a new key, or sign with it
    Rotate {
        /// Even if that signs out whoever has a token of the key before
        #[arg(long)]
        sign_out: bool,
    },
}

#[derive(Subcommand)]
enum Admin {
    /// Make a new administrator; the password is printed unless it was given
    Create {
        email: String,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
        #[command(flatten)]
        database: Database,
    },
    /// Make somebody with an account an administrator
    Promote {
        email: String,
        #[command(flatten)]
        database: Database,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn")))
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
    match run(Cli::parse().command).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(task: Task) -> Result<ExitCode, Error> {
    let root = root()?;
    match task {
        Task::Up(options) if options.release && cfg!(debug_assertions) => return Err(run_optimised(&root)),
        Task::Up(options) => up::run(&root, &options).await?,
        Task::Watch(options) => watch::run(&root, &options).await?,
        Task::Test { filter, web, pgbouncer } => {
            let report = checks::run(&root, checks::Options { filter, web, pgbouncer }).await?;
            return Ok(if report.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Task::Migrate { database } => {
            let version = database.with(&root, async |owner| Ok(migrate::migrate(&owner).await?)).await?;
            println!("the schema is at version {version}");
        }
        Task::Adopt(options) => adopt::run(&root, &options).await?,
        Task::Fuzz(options) => {
            return Ok(if fuzz::run(&root, &options).await? { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Task::Bench { options } => {
            let status = bench::run(&root, &options).await?;
            return Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Task::Torture { options } => {
            return Ok(if torture::run(&root, &options).await? { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Task::Screenshots => checks::screenshots(&root).await?,
        Task::Openapi => openapi::write(&root).await?,
        Task::Seed { counts, yes, database } => {
            let counts = counts.or_demo();
            let seeded = database.with(&root, async |owner| seed::run(&owner, &counts, yes).await).await?;
            println!("{counts}");
            if let Some(accounts::Credentials { email, password }) = seeded {
                println!("sign in as {email}  {password}  (every seeded user has that password)");
                println!("to see what an administrator sees: cargo local admin promote {email}");
            }
        }
        Task::Secrets(Secrets::Make { database_url, migrate_database_url }) => {
            println!("{}", secrets::make(&database_url, &migrate_database_url)?);
        }
        Task::Secrets(Secrets::Rotate { sign_out }) => {
            let (secret, step) = secrets::rotate(&io::read_to_string(io::stdin())?, Utc::now(), sign_out)?;
            eprintln!("{step}; what is printed is to be deployed");
            println!("{secret}");
        }
        Task::Keys(Keys::Rotate { sign_out }) => rotate_keys(&root.join(".local"), sign_out).await?,
        Task::Doctor(options) => {
            let sound = doctor::run(&root, &options).await?;
            return Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Task::Admin(Admin::Create { email, password_stdin, database }) => {
            let password = if password_stdin { Some(read_password()?) } else { None };
            let given = password.is_some();
            let create = async |owner: PgConnectOptions| {
                accounts::create_admin(&mut PgConnection::connect_with(&owner).await?, &email, password).await
            };
            let created = database.with(&root, create).await?;
            match given {
                true => println!("administrator {}", created.email),
                false => println!("administrator {}  {}", created.email, created.password),
            }
        }
        Task::Admin(Admin::Promote { email, database }) => {
            let email = email.trim();
            let promote = async |owner: PgConnectOptions| {
                accounts::promote_admin(&mut PgConnection::connect_with(&owner).await?, email).await
            };
            database.with(&root, promote).await?;
            println!("{email} is an administrator");
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn rotate_keys(local: &Path, sign_out: bool) -> Result<(), Error> {
    let step = keys::rotate(&up::keys_file(local), Utc::now(), sign_out)?;
    println!("{step}");
    let next = match step {
        Step::Published { .. } => {
            "after 5 minutes everybody has the new public key, and `cargo local keys rotate` makes it sign"
        }
        Step::Signs { .. } => {
            "nothing: nobody is signed out. The old key's last tokens expire 7 days after the restart"
        }
    };
    let running = match postgres::standing(&local.join("postgres")).await {
        Standing::InUse => "one of them is running now",
        _ => "none is running on the private database",
    };
    println!("now:  restart `cargo local up` and `watch` of this checkout, which read keys at their start; {running}");
    println!("then: {next}");
    Ok(())
}

/// One line, without its end.
fn read_password() -> io::Result<String> {
    let mut password = String::new();
    io::stdin().read_to_string(&mut password)?;
    Ok(password.trim_end_matches(['\r', '\n']).to_owned())
}

/// The checkout that this was built in.
fn root() -> Result<PathBuf, Error> {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = crate_folder.parent().ok_or("the crate `local` has no folder above it")?;
    Ok(root.to_owned())
}

/// Becomes the same command, built with optimisations.
fn run_optimised(root: &Path) -> Error {
    let error = Command::new(env!("CARGO"))
        .args(["run", "--release", "--bin", "local", "--"])
        .args(std::env::args_os().skip(1))
        .current_dir(root)
        .exec();
    format!("cannot run cargo: {error}").into()
}
