//! `cargo local fuzz`: schemathesis against a whole platform of its own, as the public, a user and an administrator. What it
//! generates from the API's description of itself must never be a failure of ours, nor answered in a way that the
//! description does not have.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
};

use bytes::Bytes;
use http::{Method, header};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use tokio::{net::TcpListener, process::Command, sync::oneshot};
use toolbox::{
    postgres,
    tools::{self, Error},
};

use crate::{
    accounts::{self, Credentials},
    edge,
    gateway::{self, Gateway},
    queries,
    up::{self, Functions, Running},
};

/// What an answer is checked for. That odd data is refused is not among it: like the original, we read `"12"` as 12.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance";
/// Not its stateful phase: it takes an e-mail's `message_id` for the id of a message, and an empty one for a path of its own.
const PHASES: &str = "examples,coverage,fuzzing";
/// What would end or change the caller's own session.
const NOT_OURS_TO_END: &str = "^/api/auth/(logout|change-password|sessions/)";

/// The administrator who asks. An id that is made up soon, as 1 is, would have them change their own password on the way.
const ADMINISTRATOR: i64 = 5_816_273_049;

/// What `fuzz` is told on the command line.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Requests per operation, caller and way of making them up, at most
    #[arg(long, default_value_t = 150)]
    pub examples: u32,
    /// Where to begin with random data; printed by a run that failed
    #[arg(long)]
    pub seed: Option<u128>,
}

/// Runs it. False where it found something.
///
/// # Errors
/// A sentence that says what to do.
pub async fn run(root: &Path, options: &Options) -> Result<bool, Error> {
    let folder = root.join(".local/fuzz");
    fs::create_dir_all(&folder)?;
    let tools = root.join(".local/tools");
    postgres::wipe(&folder.join("postgres")).await?;

    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    let address = listener.local_addr()?;
    let origin = format!("http://{address}");
    let (folders, platform) = (up::folders(&folder)?, up::Platform::default());
    let Running { database, gateway, .. } =
        up::start(root, &folder, &folders, &platform, Functions::Linked, &origin).await?;
    let gateway = Arc::new(gateway);
    let [_, user] = database.accounts.as_ref().ok_or("the database was not empty")?;
    let mut owner = PgConnection::connect(&database.owner).await?;
    let admin = accounts::create_admin(&mut owner, "fuzz@red.example", None).await?;
    queries::renumber_account(&mut owner, &admin.email, ADMINISTRATOR).await?;
    owner.close().await?;

    let callers = [
        ("the public", None),
        ("a user", Some(sign_in(&gateway, address, user).await?)),
        ("an administrator", Some(sign_in(&gateway, address, &admin).await?)),
    ];
    let (end, ended) = oneshot::channel::<()>();
    let router = edge::router(Arc::clone(&gateway), &folders, None)?;
    let server = tokio::spawn(gateway::serve(router, listener, async move { ended.await.unwrap_or_default() }));
    let mut found_nothing = true;
    for (name, token) in &callers {
        up::progress(&format!("as {name}"));
        let mut command = tools::schemathesis(&tools, &up::progress).await?;
        command.current_dir(&folder).args(["run", &format!("{origin}/api/schema/"), "--checks", CHECKS]);
        command.args(["--phases", PHASES]);
        command.args(["--exclude-path-regex", NOT_OURS_TO_END, "--suppress-health-check", "all", "--warnings", "off"]);
        command.args(["--continue-on-failure", "--workers", "2", "--max-examples", &options.examples.to_string()]);
        if let Some(seed) = options.seed {
            command.args(["--seed", &seed.to_string()]);
        }
        if let Some(token) = token {
            command.args(["--header", &format!("Authorization: Bearer {token}")]);
        }
        found_nothing &= succeeds(command).await?;
        if let Some(token) = token {
            let me = send(&gateway, address, Method::GET, "/api/auth/me/", Some(token), &Value::Null).await?;
            if me.status() != 200 {
                let said = String::from_utf8_lossy(me.body());
                return Err(format!("{name} was signed out on the way, so what came after says nothing: {said}").into());
            }
        }
    }

    drop(end);
    server.await??;
    if let Some(cluster) = database.cluster {
        cluster.stop().await?;
    }
    Ok(found_nothing)
}

async fn succeeds(mut command: Command) -> Result<bool, Error> {
    Ok(command.kill_on_drop(true).status().await?.success())
}

async fn sign_in(gateway: &Gateway, peer: SocketAddr, account: &Credentials) -> Result<String, Error> {
    let credentials = json!({ "email": account.email, "password": account.password });
    let answer = send(gateway, peer, Method::POST, "/api/auth/login/", None, &credentials).await?;
    let session: Value = serde_json::from_slice(answer.body())?;
    let token = session["access_token"].as_str().ok_or_else(|| format!("{} cannot sign in", account.email))?;
    Ok(token.to_owned())
}

async fn send(
    gateway: &Gateway,
    peer: SocketAddr,
    method: Method,
    path: &str,
    token: Option<&String>,
    body: &Value,
) -> Result<http::Response<Bytes>, Error> {
    let body = if body.is_null() { Bytes::new() } else { serde_json::to_vec(body)?.into() };
    let mut request = http::Request::builder().method(method).uri(path).header(header::HOST, peer.to_string());
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request.header(header::CONTENT_TYPE, "application/json").body(body)?;
    Ok(gateway.handle(request, peer.ip()).await)
}
