//! How fast mail leaves: the dispatcher as Lambda runs it, the mailbox in place of SES, and a PostgreSQL that waits for
//! its disk.

use std::{
    collections::HashMap,
    fmt,
    net::Ipv4Addr,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use axum_server::Router;
use bytes::Bytes;
use chrono::TimeDelta;
use local::{
    gateway,
    mailbox::{self, Behaviour, Mailbox},
};
use serde::Serialize;
use serde_json::json;
use shared::{config, db::Db, email::queue};
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle, time::sleep};
use toolbox::tools::Error;

use crate::{
    events::post,
    host::{Function, Host},
    measure::address,
    queries,
    site::{Binaries, Filling, SOMEBODY, Site},
    stats,
};

/// What was measured.
#[derive(Debug, Serialize)]
pub struct Figures {
    drains: Vec<Drain>,
    claims: Vec<Claims>,
    resets: Resets,
}

/// Emptying the queue.
#[derive(Debug, Serialize)]
struct Drain {
    mails: u32,
    quota: f64,
    latency_ms: u64,
    per_second: f64,
    throttled: u64,
}

/// Claiming 64 of 1,000 mails that wait.
#[derive(Debug, Serialize)]
struct Claims {
    sent_before: u32,
    median_ms: f64,
    /// Pages of the buffer cache that it looks at, of 8 kB.
    buffers: i64,
}

/// From the commit of a request for a reset link to the mailbox, with both functions warm.
#[derive(Debug, Serialize)]
struct Resets {
    requests: u32,
    p50_ms: f64,
    p99_ms: f64,
}

/// How often a claim is measured, and then undone.
const CLAIMS: usize = 30;
/// Requests for reset links.
const RESETS: u32 = 500;
/// How long a mail may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Measures on a PostgreSQL of its own in `folder`.
///
/// # Errors
/// A sentence that says what to do.
pub async fn run(folder: &Path, tools: &Path, binaries: Binaries<'_>) -> Result<Figures, Error> {
    let mut site = Site::start(folder, tools, true, Filling { hotels: 0, accounts: RESETS }).await?;
    queries::track_commits(&mut site.superuser().await?).await?;
    site.stop_database().await?;
    site.start_database(tools).await?;
    let resets = resets(&mut site, binaries).await?;
    let mut drains = Vec::new();
    for (mails, quota, latency_ms) in [(10_000, 100_000.0, 0), (200, 14.0, 50), (2_000, 200.0, 50)] {
        drains.push(drain(&site, binaries, mails, quota, latency_ms).await?);
    }
    let mut claims = Vec::new();
    for sent_before in [0, 1_000_000] {
        claims.push(claim(&site, sent_before).await?);
    }
    site.end().await?;
    Ok(Figures { drains, claims, resets })
}

async fn drain(site: &Site, binaries: Binaries<'_>, mails: u32, quota: f64, latency_ms: u64) -> Result<Drain, Error> {
    let mailbox = Mailbox::new();
    mailbox.behave(Behaviour { latency_ms, max_send_rate: quota, ..Behaviour::default() });
    let (endpoint, serving) = serve(mailbox.router(None)).await?;
    let mut host = dispatcher(site, binaries, &endpoint).await?;

    let mut db = site.superuser().await?;
    queries::replace_emails(&mut db, mails, 0).await?;
    let began = Instant::now();
    while mailbox.accepted() < u64::from(mails) {
        host.invoke(Bytes::from_static(b"{}")).await?;
        if began.elapsed() > Duration::from_secs(600) {
            return Err("the queue does not empty".into());
        }
    }
    let (_, throttled) = mailbox.requests();
    serving.abort();
    // From the first mail to the last: starting costs what it costs once.
    let messages = mailbox.messages();
    let span = match (messages.first(), messages.last()) {
        (Some(first), Some(last)) => last.at - first.at,
        _ => TimeDelta::zero(),
    };
    let per_second = f64::from(mails - 1) / span.as_seconds_f64();
    Ok(Drain { mails, quota, latency_ms, per_second, throttled })
}

async fn serve(router: Router) -> Result<(String, JoinHandle<()>), Error> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let serving = tokio::spawn(async move {
        // It ends only with its task.
        let _ = gateway::serve(router, listener, std::future::pending()).await;
    });
    Ok((endpoint, serving))
}

/// A dispatcher that is warm.
async fn dispatcher(site: &Site, binaries: Binaries<'_>, endpoint: &str) -> Result<Host, Error> {
    let mut function: Function = site.function("email-dispatcher", binaries("email-dispatcher"))?;
    function.timeout = Duration::from_secs(120);
    let variables = [
        ("EMAIL_FROM", "no-reply@red.example"),
        ("EMAIL_REPLY_TO", "support@red.example"),
        ("EMAIL_RETENTION_DAYS", "365"),
        ("AWS_ENDPOINT_URL_SESV2", endpoint),
    ];
    function.variables.extend(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let mut host = Host::new(function);
    // It starts, and has nothing to do.
    host.invoke(Bytes::from_static(b"{}")).await?;
    Ok(host)
}

/// Auth calls the dispatcher as it does in AWS, and the two are processes of their own.
async fn resets(site: &mut Site, binaries: Binaries<'_>) -> Result<Resets, Error> {
    let (mailbox, wanted) = (Mailbox::new(), Arc::new(Notify::new()));
    let (endpoint, serving) = serve(mailbox.router(None).merge(mailbox::invoke_api(Arc::clone(&wanted)))).await?;
    let mut dispatcher = dispatcher(site, binaries, &endpoint).await?;
    let mut function = site.function("auth", binaries("auth"))?;
    function.variables.push(("AWS_ENDPOINT_URL_LAMBDA".to_owned(), endpoint));
    let mut auth = Host::new(function);
    let dispatching = tokio::spawn(async move {
        loop {
            wanted.notified().await;
            if let Err(error) = dispatcher.invoke(Bytes::from_static(b"{}")).await {
                eprintln!("{error}");
            }
        }
    });

    for n in 0..RESETS {
        let body = json!({ "email": format!("user{}@example.sn", n + 1) });
        let forgot = post("/api/auth/forgot-password/", SOMEBODY, &body)?;
        auth.invoke(site.event_from(forgot, None, address(n)).await?).await?;
        let asked = Instant::now();
        while mailbox.accepted() <= n.into() {
            if asked.elapsed() > PATIENCE {
                return Err("a reset link does not arrive".into());
            }
            sleep(Duration::from_millis(1)).await;
        }
    }

    dispatching.abort();
    serving.abort();
    let commits: HashMap<String, _> =
        queries::select_commits_of_resets(&mut site.superuser().await?).await?.into_iter().collect();
    let arrivals = mailbox.messages().into_iter().filter_map(|mail| Some((*commits.get(mail.to.first()?)?, mail.at)));
    let took: Vec<f64> =
        arrivals.map(|(committed, arrived)| (arrived - committed).as_seconds_f64() * 1_000.0).collect();
    if took.len() != mailbox.messages().len() {
        return Err("a mail is to nobody who asked for it".into());
    }
    Ok(Resets { requests: RESETS, p50_ms: stats::median(&took), p99_ms: stats::quantile(&took, 0.99) })
}

async fn claim(site: &Site, sent_before: u32) -> Result<Claims, Error> {
    queries::replace_emails(&mut site.superuser().await?, 1_000, sent_before).await?;
    let db = Db::pool(config::database_url(site.app_url())?, 1);
    let mut conn = db.acquire().await?;
    let mut took = Vec::with_capacity(CLAIMS);
    for _ in 0..CLAIMS {
        let mut tx = conn.begin().await?;
        let began = Instant::now();
        let (taken, _) = queue::claim(&mut tx, 64, 60.0).await?;
        took.push(began.elapsed().as_secs_f64() * 1_000.0);
        drop(tx);
        if taken != 64 {
            return Err(format!("{taken} were claimed").into());
        }
    }
    let mut tx = conn.begin().await?;
    let plan = queries::explain_claim(&mut tx).await?;
    let buffers = ["Shared Hit Blocks", "Shared Read Blocks"].map(|name| plan[0]["Plan"][name].as_i64().unwrap_or(-1));
    Ok(Claims { sent_before, median_ms: stats::median(&took), buffers: buffers.iter().sum() })
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| mails | quota a second | SES answers in | sent a second | throttled |\n|---|---|---|---|---|")?;
        for drain in &self.drains {
            let Drain { mails, quota, latency_ms, per_second, throttled } = drain;
            writeln!(f, "| {mails} | {quota} | {latency_ms} ms | {per_second:.1} | {throttled} |")?;
        }
        writeln!(f, "\n| sent before | claiming 64 of 1,000 | buffers |\n|---|---|---|")?;
        for Claims { sent_before, median_ms, buffers } in &self.claims {
            writeln!(f, "| {sent_before} | {median_ms:.2} ms | {buffers} |")?;
        }
        let Resets { requests, p50_ms, p99_ms } = &self.resets;
        writeln!(f, "\n| reset links | commit to mailbox p50 | p99 |\n|---|---|---|")?;
        writeln!(f, "| {requests} | {p50_ms:.1} ms | {p99_ms:.1} ms |")
    }
}
