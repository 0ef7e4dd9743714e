//! Dispatchers that are killed (`kill -9`) at every point of their work, as processes that a host calls as Lambda does,
//! with a PostgreSQL of its own and the mailbox that stands in for SES. No mail is lost, and no more are doubled than
//! were under way (SES had them, and that was not written down) when a process died.
//!
//! `CRASH_MAILS=5000 CRASH_KILLS=200` asks for the long form.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use bench::{
    host::{Function, Host},
    site::{Filling, Site},
};
use bytes::Bytes;
use futures_util::future::join_all;
use local::{
    gateway,
    mailbox::{Behaviour, Mailbox},
};
use sqlx::{Connection, PgConnection};
use tokio::{net::TcpListener, time::sleep};

/// How long everything may take that has to happen.
const PATIENCE: Duration = Duration::from_secs(600);
const POLL: Duration = Duration::from_millis(1);
/// How long SES takes to answer.
const LATENCY: Duration = Duration::from_millis(8);

#[tokio::test(flavor = "multi_thread")]
async fn one_dispatcher_that_is_killed_again_and_again_loses_no_mail() {
    let mut test = Test::start("one", 1).await;
    test.kill_again_and_again(number("CRASH_MAILS", 300), number("CRASH_KILLS", 16)).await;
    test.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn four_dispatchers_that_are_killed_again_and_again_lose_no_mail() {
    let mut test = Test::start("four", 4).await;
    test.kill_again_and_again(number("CRASH_MAILS", 300), number("CRASH_KILLS", 16)).await;
    test.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_and_comes_back_loses_no_mail() {
    let mut test = Test::start("database", 1).await;
    let mails = number("CRASH_MAILS", 300);
    test.queue(mails).await;
    for _ in 0..3 {
        let so_far = test.mailbox.accepted();
        let Test { site, hosts, mailbox, .. } = &mut test;
        let restart = async {
            // Where few are left, a server that stops when nothing is under way is as good.
            let wanted = (so_far + 20).min(u64::try_from(mails).unwrap());
            until("some are sent", async || mailbox.accepted() >= wanted).await;
            site.stop_database().await.unwrap();
            sleep(Duration::from_millis(300)).await;
            site.start_database(&tools()).await.unwrap();
            sleep(Duration::from_millis(300)).await;
        };
        tokio::select! {
            () = work(hosts) => unreachable!("it never ends"),
            () = restart => {}
        }
        // What was under way is cut off with the dispatcher here, too.
        test.kill().await;
    }
    test.finish(mails).await;
    test.end().await;
}

struct Test {
    site: Site,
    mailbox: Mailbox,
    hosts: Vec<Host>,
    /// The mails up to this number have been judged.
    judged: u64,
    under_way: usize,
    kills: usize,
}

impl Test {
    async fn start(name: &str, dispatchers: usize) -> Self {
        let folder = std::env::temp_dir().join(format!("red-crash-{name}-{}", std::process::id()));
        let site = Site::start(&folder, &tools(), true, Filling { hotels: 0, accounts: 1 }).await.unwrap();
        let mailbox = Mailbox::new();
        let latency_ms = u64::try_from(LATENCY.as_millis()).unwrap();
        mailbox.behave(Behaviour { latency_ms, max_send_rate: 100.0, ..Behaviour::default() });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(gateway::serve(mailbox.router(None), listener, std::future::pending()));
        let variables = [
            ("DATABASE_URL", site.app_url()),
            ("EMAIL_FROM", "no-reply@red.example"),
            ("EMAIL_REPLY_TO", "support@red.example"),
            ("EMAIL_RETENTION_DAYS", "365"),
            ("EMAIL_LEASE_SECONDS", "1"),
            ("AWS_ENDPOINT_URL_SESV2", &endpoint),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let host = |number: usize| {
            Host::new(Function {
                name: "email-dispatcher".to_owned(),
                binary: PathBuf::from(env!("CARGO_BIN_EXE_dispatcher-under-test")),
                memory_mib: 256,
                timeout: Duration::from_secs(120),
                variables: variables.to_vec(),
                log: site.folder().join(format!("dispatcher-{number}.log")),
                freezes: false,
            })
        };
        let hosts = (0..dispatchers).map(host).collect();
        Self { site, mailbox, hosts, judged: 0, under_way: 0, kills: 0 }
    }

    async fn end(self) {
        drop(self.hosts);
        self.site.end().await.unwrap();
    }

    async fn queue(&mut self, mails: usize) {
        let insert = "insert into emails_email (recipient, subject, body)
                      select 'reader' || n || '@example.sn', 'Objet', 'Bonjour' from generate_series(1, $1) as n";
        let mut db = self.site.superuser().await.unwrap();
        sqlx::query(insert).bind(i64::try_from(mails).unwrap()).execute(&mut db).await.unwrap();
    }

    async fn kill_again_and_again(&mut self, mails: usize, kills: usize) {
        self.queue(mails).await;
        for kill in 0..kills {
            let Self { site, mailbox, hosts, .. } = &mut *self;
            let moment = moment(kill, site, mailbox);
            tokio::select! {
                () = work(hosts) => unreachable!("it never ends"),
                () = moment => {}
            }
            self.kill().await;
        }
        assert_eq!(self.kills, kills);
        self.finish(mails).await;
    }

    /// Kills every dispatcher, and counts what SES has and nobody has written down.
    async fn kill(&mut self) {
        for host in &mut self.hosts {
            host.kill();
        }
        self.kills += 1;
        let mut db = self.site.superuser().await.unwrap();
        // A statement of the dead may still be running.
        let active = "select count(*) from pg_stat_activity where usename = 'red_app' and state <> 'idle'";
        until("the dead are quiet", async || {
            sqlx::query_scalar::<_, i64>(active).fetch_one(&mut db).await.unwrap() == 0
        })
        .await;
        sleep(2 * LATENCY).await;
        let sent = sent(&mut db).await;
        let judged = self.judged;
        for message in self.mailbox.messages().iter().filter(|message| message.number > judged) {
            self.judged = message.number;
            self.under_way += usize::from(!sent.contains(&message.tags["email_id"]));
        }
    }

    /// Lets them work in peace, until every mail is sent, and compares.
    async fn finish(&mut self, mails: usize) {
        let mut db = self.site.superuser().await.unwrap();
        let hosts = &mut self.hosts;
        tokio::select! {
            () = work(hosts) => unreachable!("it never ends"),
            () = until("every mail is sent", async || {
                sleep(50 * POLL).await;
                sent(&mut db).await.len() == mails
            }) => {}
        }

        let mut copies: BTreeMap<String, usize> = BTreeMap::new();
        for message in self.mailbox.messages() {
            *copies.entry(message.tags["email_id"].clone()).or_default() += 1;
        }
        let total: usize = copies.values().sum();
        let doubled = total - mails;
        println!("{mails} mails, {} kills: {} under way then, {doubled} doubled, 0 lost", self.kills, self.under_way);
        assert_eq!(copies.len(), mails, "none is lost");
        assert!(doubled <= self.under_way, "{doubled} doubled, {} under way", self.under_way);
        db.close().await.unwrap();
    }
}

/// Calls the dispatchers again and again. Dropped in the middle of a call, it kills them.
async fn work(hosts: &mut [Host]) {
    loop {
        // A call that fails (the database is away) is followed by another.
        let _ = join_all(hosts.iter_mut().map(|host| host.invoke(Bytes::from_static(b"{}")))).await;
        sleep(Duration::from_millis(20)).await;
    }
}

/// Resolves when it is time to kill: at another point of the work each time.
async fn moment(kill: usize, site: &Site, mailbox: &Mailbox) {
    // Different each time, and the same in each run.
    let chance = u64::try_from(kill).unwrap().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
    let so_far = mailbox.accepted();
    let taken = async |more: u64| {
        until("SES takes mail", async || mailbox.accepted() >= so_far + more).await;
    };
    match kill % 4 {
        // While it starts, takes the lease, claims, before and after the commit.
        0 => sleep(Duration::from_millis(chance % 120)).await,
        // SES has taken a mail and not answered yet; others are being sent.
        1 => taken(1 + chance % 12).await,
        // The answers are there, and are being written down.
        2 => {
            taken(1 + chance % 12).await;
            sleep(LATENCY + Duration::from_micros(chance % 4_000)).await;
        }
        // Writing them down waits for somebody.
        _ => {
            taken(1 + chance % 12).await;
            let mut db = site.superuser().await.unwrap();
            let mut lock = db.begin().await.unwrap();
            let hold = "select id from emails_email where status = 'sending' for update";
            sqlx::query(hold).execute(&mut *lock).await.unwrap();
            sleep(LATENCY + Duration::from_millis(5)).await;
            lock.rollback().await.unwrap();
        }
    }
}

async fn sent(db: &mut PgConnection) -> BTreeSet<String> {
    let select = "select id::text from emails_email where status = 'sent'";
    sqlx::query_scalar(select).fetch_all(db).await.unwrap().into_iter().collect()
}

fn number(variable: &str, default: usize) -> usize {
    std::env::var(variable).map_or(default, |value| value.parse().expect("a number"))
}

fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../.local/tools")
}

async fn until(what: &str, mut has_happened: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !has_happened().await {
        assert!(Instant::now() < deadline, "in vain: {what}");
        sleep(POLL).await;
    }
}
