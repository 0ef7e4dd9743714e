//! Dispatchers that are killed (`kill -9`) at every point of their work, as processes that a host calls as Lambda does,
//! with a PostgreSQL of its own and the mailbox that stands in for SES; SES that fails in every way it can; PostgreSQL
//! that goes and comes back. No mail is lost, and a mail has a second copy only where the first was under way (SES had
//! it, and that was not written down) when a process died, or where nobody was told that SES had it.
//!
//! `CRASH_MAILS=5000 CRASH_KILLS=200` asks for the long form; with `--nocapture` each part prints what it counted.

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
    mailbox::{Behaviour, Fault, Mailbox, Message},
};
use sqlx::{Connection, PgConnection};
use tokio::{
    net::TcpListener,
    time::{sleep, timeout},
};

/// How long everything may take that has to happen.
const PATIENCE: Duration = Duration::from_secs(600);
const POLL: Duration = Duration::from_millis(1);
/// How long SES takes to answer.
const LATENCY: Duration = Duration::from_millis(30);

#[tokio::test(flavor = "multi_thread")]
async fn one_dispatcher_that_is_killed_again_and_again_loses_no_mail() {
    let mut test = Test::start("one", 1).await;
    test.kill_again_and_again(number("CRASH_MAILS", 200), number("CRASH_KILLS", 10)).await;
    test.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn four_dispatchers_that_are_killed_again_and_again_lose_no_mail() {
    let mut test = Test::start("four", 4).await;
    test.kill_again_and_again(number("CRASH_MAILS", 200), number("CRASH_KILLS", 10)).await;
    test.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_becomes_of_a_send_no_mail_is_lost() {
    let faults = [
        (Fault::Fail, 10),
        (Fault::Reject, 3),
        (Fault::Reset, 10),
        (Fault::Hang, 10),
        (Fault::AcceptThenHang, 10),
        (Fault::AcceptThenReset, 10),
    ];
    go_wrong("sends", &faults).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_stops_ses_no_mail_is_lost() {
    // These are found out one by one.
    go_wrong("account", &[(Fault::Throttle, 1), (Fault::Quota, 3), (Fault::Suspend, 3), (Fault::RefuseIdentity, 3)])
        .await;
}

/// Each fault happens to so many sends in a row, again and again.
async fn go_wrong(name: &str, faults: &[(Fault, u64)]) {
    let mut test = Test::start(name, 1).await;
    let (mails, kills) = (number("CRASH_MAILS", 400) / 10, number("CRASH_KILLS", 10) / 10);
    for (fault, times) in faults {
        test.go_wrong(*fault, *times, mails, kills).await;
    }
    test.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_and_comes_back_loses_no_mail() {
    let mut test = Test::start("database", 1).await;
    let (mails, restarts) = (number("CRASH_MAILS", 300), number("CRASH_KILLS", 40) / 10);
    test.queue(mails).await;
    for restart in 0..restarts {
        let Test { site, hosts, mailbox, .. } = &mut test;
        let restarted = async {
            // Where few are left, a server that stops when nothing is under way is as good.
            let more = async |more: u64| {
                let wanted = mailbox.accepted() + more;
                let _ = timeout(Duration::from_secs(5), until("some are sent", async || mailbox.accepted() >= wanted))
                    .await;
            };
            more(20).await;
            site.stop_database().await.unwrap();
            sleep(Duration::from_millis(300)).await;
            site.start_database(&tools()).await.unwrap();
            // Every other dispatcher is cut off with its database; the others live on and write down what they know.
            if restart % 2 == 0 {
                more(20).await;
            }
        };
        tokio::select! {
            () = work(hosts) => unreachable!("it never ends"),
            () = restarted => {}
        }
        test.kill(None).await;
    }
    test.finish(&format!("{restarts} restarts of PostgreSQL"), 0).await;
    test.end().await;
}

struct Test {
    site: Site,
    mailbox: Mailbox,
    hosts: Vec<Host>,
    /// How many mails were queued, and how many processes have been killed in turn.
    mails: usize,
    kills: usize,
    /// The messages that SES had and nobody had written down when a process died.
    under_way: BTreeSet<u64>,
}

/// A point at which processes die.
struct Moment {
    /// What keeps the statement from going on that is to be interrupted.
    lock: Option<PgConnection>,
    /// Whether that statement dies too; it may also be done after the death of whoever sent it.
    cut: bool,
}

impl Test {
    async fn start(name: &str, dispatchers: usize) -> Self {
        let folder = std::env::temp_dir().join(format!("red-crash-{name}-{}", std::process::id()));
        let site = Site::start(&folder, &tools(), true, Filling { hotels: 0, accounts: 1 }).await.unwrap();
        let mailbox = Mailbox::new();
        mailbox.behave(behaviour());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(gateway::serve(mailbox.router(None), listener, std::future::pending()));
        let photos = format!("file://{}", site.folder().display());
        let variables = [
            ("DATABASE_URL", site.app_url()),
            ("EMAIL_FROM", "no-reply@red.example"),
            ("EMAIL_REPLY_TO", "support@red.example"),
            ("EMAIL_RETENTION_DAYS", "365"),
            ("EMAIL_LEASE_SECONDS", "1"),
            ("IMAGE_STORE", &photos),
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
                group: None,
            })
        };
        let hosts = (0..dispatchers).map(host).collect();
        Self { site, mailbox, hosts, mails: 0, kills: 0, under_way: BTreeSet::new() }
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
        self.mails += mails;
    }

    async fn kill_again_and_again(&mut self, mails: usize, kills: usize) {
        self.queue(mails).await;
        for kill in 0..kills {
            let Self { site, mailbox, hosts, .. } = &mut *self;
            let moment = tokio::select! {
                () = work(hosts) => unreachable!("it never ends"),
                moment = moment(kill, site, mailbox) => moment,
            };
            self.kill(Some(moment)).await;
        }
        let dispatchers = self.hosts.len();
        self.finish(&format!("dispatchers: {dispatchers}"), 0).await;
    }

    /// So many sends go wrong, and in the middle of that the process dies; and once more, and it lives on.
    async fn go_wrong(&mut self, fault: Fault, times: u64, mails: usize, kills: usize) {
        self.forget().await;
        self.queue(mails).await;
        let mut refused = 0;
        for round in 0..=kills {
            self.mailbox.behave(Behaviour { fault: Some(fault), times: Some(times), ..behaviour() });
            let before = self.mailbox.accepted();
            let mailbox = self.mailbox.clone();
            let Self { site, hosts, .. } = &mut *self;
            let left = || mailbox.behaviour().times.unwrap_or_default();
            let last = round == kills;
            let moment = async {
                // An account that is suspended is not asked to send anything.
                let some = if last { 0 } else { times / 2 };
                let patience = Duration::from_secs(if fault == Fault::Suspend { 1 } else { 20 });
                let _ = timeout(patience, until("it goes wrong", async || left() <= some)).await;
                if !last {
                    let _ = timeout(Duration::from_millis(500), moment(round, site, &mailbox)).await;
                }
            };
            tokio::select! {
                () = work(hosts) => unreachable!("it never ends"),
                () = moment => {}
            }
            if fault == Fault::Suspend {
                assert_eq!(self.mailbox.accepted(), before, "an account that is suspended sends nothing");
            } else {
                assert!(left() < times, "{fault:?} did not happen");
            }
            refused += if fault == Fault::Reject { times - left() } else { 0 };
            if !last {
                self.kill(None).await;
            }
        }
        self.mailbox.behave(behaviour());
        self.finish(&format!("{fault:?}"), refused).await;
    }

    /// Begins anew.
    async fn forget(&mut self) {
        let mut db = self.site.superuser().await.unwrap();
        sqlx::query("delete from emails_email").execute(&mut db).await.unwrap();
        self.mailbox.clear();
        self.under_way.clear();
        (self.mails, self.kills) = (0, 0);
    }

    /// Kills every dispatcher, and finds out what SES has and nobody has written down.
    async fn kill(&mut self, moment: Option<Moment>) {
        for host in &mut self.hosts {
            host.kill();
        }
        self.kills += 1;
        let mut db = self.site.superuser().await.unwrap();
        if let Some(Moment { lock, cut }) = moment {
            if cut {
                bench::queries::cut_connections(&mut db).await.unwrap();
            }
            if let Some(lock) = lock {
                lock.close().await.unwrap();
            }
        }
        // A statement of the dead may still be running.
        let active = "select count(*) from pg_stat_activity where usename = 'red_app' and state <> 'idle'";
        until("the dead are quiet", async || {
            sqlx::query_scalar::<_, i64>(active).fetch_one(&mut db).await.unwrap() == 0
        })
        .await;
        sleep(2 * LATENCY).await;
        let known = message_ids(&mut db).await;
        // Of copies of the same mail only the last can have been under way.
        let last: BTreeMap<String, Message> =
            self.mailbox.messages().into_iter().map(|message| (message.tags["email_id"].clone(), message)).collect();
        let unknown = last.into_values().filter(|message| !known.contains(&message.message_id));
        self.under_way.extend(unknown.map(|message| message.number));
    }

    /// Lets them work in peace until nothing is left to do, and compares. So many sends were `refused` for good; a refusal
    /// that nobody lived to write down is asked for again.
    async fn finish(&mut self, what: &str, refused: u64) {
        let mut db = self.site.superuser().await.unwrap();
        let hosts = &mut self.hosts;
        let left = "select count(*) from emails_email where status in ('pending', 'sending')";
        // What failed would wait for up to half a minute.
        let hurry =
            "update emails_email set next_attempt_at = now() where status = 'pending' and next_attempt_at > now()";
        tokio::select! {
            () = work(hosts) => unreachable!("it never ends"),
            () = until("nothing is left to do", async || {
                sleep(50 * POLL).await;
                sqlx::query(hurry).execute(&mut db).await.unwrap();
                sqlx::query_scalar::<_, i64>(left).fetch_one(&mut db).await.unwrap() == 0
            }) => {}
        }

        let failed = "select id::text from emails_email where status = 'failed' and last_error like 'MessageRejected%'";
        let failed: Vec<String> = sqlx::query_scalar(failed).fetch_all(&mut db).await.unwrap();
        let mut copies: BTreeMap<String, Vec<Message>> = BTreeMap::new();
        for message in self.mailbox.messages() {
            copies.entry(message.tags["email_id"].clone()).or_default().push(message);
        }
        let unanswered = copies.values().flatten().filter(|message| !message.answered);
        let excused: BTreeSet<u64> =
            unanswered.map(|message| message.number).chain(self.under_way.iter().copied()).collect();
        let earlier: BTreeSet<u64> =
            copies.values().flat_map(|copies| &copies[..copies.len() - 1]).map(|message| message.number).collect();
        let given_up = failed.iter().filter(|id| !copies.contains_key(*id)).count();
        let lost = self.mails - copies.len() - given_up;
        let Self { mails, kills, under_way, .. } = &*self;
        println!(
            "{what}: {mails} mails, {kills} kills, {} under way then; {} under way or never answered; \
             {} doubled, {given_up} refused, {lost} lost",
            under_way.len(),
            excused.len(),
            earlier.len(),
        );
        assert_eq!(lost, 0, "{what}: every mail reaches the mailbox, or SES refused it");
        let unexcused: Vec<_> = earlier.difference(&excused).collect();
        assert!(unexcused.is_empty(), "{what}: sent again for no reason: {unexcused:?}");
        assert!(failed.len() as u64 <= refused, "{what}: {} failed, {refused} refused", failed.len());
        let last: BTreeSet<String> =
            copies.into_values().filter_map(|mut copies| copies.pop()).map(|message| message.message_id).collect();
        assert!(message_ids(&mut db).await.is_subset(&last), "{what}: the last copy is the one that is written down");
        db.close().await.unwrap();
    }
}

fn behaviour() -> Behaviour {
    let latency_ms = u64::try_from(LATENCY.as_millis()).unwrap();
    Behaviour { latency_ms, max_send_rate: 100.0, ..Behaviour::default() }
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
async fn moment(kill: usize, site: &Site, mailbox: &Mailbox) -> Moment {
    // Different each time, and the same in each run.
    let chance = u64::try_from(kill).unwrap().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
    let mut db = site.superuser().await.unwrap();
    let so_far = mailbox.accepted();
    let taken = async || {
        let wanted = so_far + 1 + chance % 12;
        until("SES takes mail", async || mailbox.accepted() >= wanted).await;
    };
    let cut = chance % 2 == 0;
    match kill % 5 {
        // Before the claim's commit.
        0 => {
            let lock = locked(site, "lock table emails_email in share mode").await;
            until("a claim waits", async || bench::queries::count_waiting(&mut db).await.unwrap() > 0).await;
            Moment { lock: Some(lock), cut }
        }
        // After it.
        1 => {
            let claimed = "select max(next_attempt_at) from emails_email where status = 'sending'";
            let latest: Option<chrono::DateTime<chrono::Utc>> =
                sqlx::query_scalar(claimed).fetch_one(&mut db).await.unwrap();
            until("a claim is committed", async || {
                sqlx::query_scalar::<_, Option<_>>(claimed).fetch_one(&mut db).await.unwrap() > latest
            })
            .await;
            Moment { lock: None, cut }
        }
        // While it sends; SES has taken a mail and not answered yet.
        2 => {
            taken().await;
            Moment { lock: None, cut }
        }
        // The answers are there, and are about to be written down.
        3 => {
            taken().await;
            sleep(LATENCY + Duration::from_micros(chance % 4_000)).await;
            Moment { lock: None, cut }
        }
        // While they are being written down.
        _ => {
            taken().await;
            loop {
                let lock = locked(site, "select id from emails_email where status = 'sending' for update").await;
                let waits =
                    until("a completion waits", async || bench::queries::count_waiting(&mut db).await.unwrap() > 0);
                // Where nothing was being sent just then, nothing is locked.
                if timeout(10 * LATENCY, waits).await.is_ok() {
                    return Moment { lock: Some(lock), cut };
                }
            }
        }
    }
}

/// A connection that holds what the statement locks until it is closed.
async fn locked(site: &Site, statement: &'static str) -> PgConnection {
    let mut db = site.superuser().await.unwrap();
    sqlx::raw_sql("begin").execute(&mut db).await.unwrap();
    sqlx::raw_sql(statement).execute(&mut db).await.unwrap();
    db
}

/// The messages that are written down as sent.
async fn message_ids(db: &mut PgConnection) -> BTreeSet<String> {
    let select = "select message_id from emails_email where status = 'sent'";
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
