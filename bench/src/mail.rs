//! How fast mail leaves: the dispatcher as Lambda runs it, the mailbox in place of SES, and a PostgreSQL that waits for
//! its disk.

use std::{
    fmt,
    net::Ipv4Addr,
    path::Path,
    time::{Duration, Instant},
};

use bytes::Bytes;
use chrono::TimeDelta;
use local::{
    gateway,
    mailbox::{Behaviour, Mailbox},
};
use serde::Serialize;
use shared::{config, db::Db, email::queue};
use tokio::net::TcpListener;
use toolbox::tools::Error;

use crate::{
    host::{Function, Host},
    queries,
    site::{Filling, Site},
    stats,
};

/// What was measured.
#[derive(Debug, Serialize)]
pub struct Figures {
    drains: Vec<Drain>,
    claims: Vec<Claims>,
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
}

/// How often a claim is measured, and then undone.
const CLAIMS: usize = 30;

/// Measures on a PostgreSQL of its own in `folder`. `binaries` is where the dispatcher is.
///
/// # Errors
/// A sentence that says what to do.
pub async fn run(folder: &Path, tools: &Path, binaries: &Path) -> Result<Figures, Error> {
    let site = Site::start(folder, tools, true, Filling { hotels: 0, accounts: 1 }).await?;
    let mut drains = Vec::new();
    for (mails, quota, latency_ms) in [(10_000, 100_000.0, 0), (200, 14.0, 50), (2_000, 200.0, 50)] {
        drains.push(drain(&site, binaries, mails, quota, latency_ms).await?);
    }
    let mut claims = Vec::new();
    for sent_before in [0, 1_000_000] {
        claims.push(claim(&site, sent_before).await?);
    }
    site.end().await?;
    Ok(Figures { drains, claims })
}

async fn drain(site: &Site, binaries: &Path, mails: u32, quota: f64, latency_ms: u64) -> Result<Drain, Error> {
    let mailbox = Mailbox::new();
    mailbox.behave(Behaviour { latency_ms, max_send_rate: quota, ..Behaviour::default() });
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let serving = tokio::spawn(gateway::serve(mailbox.router(None), listener, std::future::pending()));
    let mut function: Function = site.function("email-dispatcher", binaries.join("email-dispatcher"))?;
    function.timeout = Duration::from_secs(120);
    let variables = [
        ("EMAIL_FROM", "no-reply@red.example"),
        ("EMAIL_REPLY_TO", "support@red.example"),
        ("EMAIL_RETENTION_DAYS", "365"),
        ("AWS_ENDPOINT_URL_SESV2", &endpoint),
    ];
    function.variables.extend(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let mut host = Host::new(function);
    // A dispatcher that has nothing to do starts; the next one is warm.
    host.invoke(Bytes::from_static(b"{}")).await?;

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
    Ok(Claims { sent_before, median_ms: stats::median(&took) })
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| mails | quota a second | SES answers in | sent a second | throttled |\n|---|---|---|---|---|")?;
        for drain in &self.drains {
            let Drain { mails, quota, latency_ms, per_second, throttled } = drain;
            writeln!(f, "| {mails} | {quota} | {latency_ms} ms | {per_second:.1} | {throttled} |")?;
        }
        writeln!(f, "\n| sent before | claiming 64 of 1,000 |\n|---|---|")?;
        for Claims { sent_before, median_ms } in &self.claims {
            writeln!(f, "| {sent_before} | {median_ms:.2} ms |")?;
        }
        Ok(())
    }
}
