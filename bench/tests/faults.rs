//! What a function does while its database is away, slow or gone: the hotels function as Lambda runs it, in a process of
//! its own, each test with a PostgreSQL of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};

use bench::{
    events::{Answer, get, post},
    host::{Failure, Host},
    queries,
    site::{Filling, SOMEBODY, Site},
};
use bytes::Bytes;
use serde_json::json;
use sqlx::Connection;

/// How long something may take that has to happen.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks.
const POLL: Duration = Duration::from_millis(20);
const ADMIN: i64 = 1;

#[tokio::test]
async fn a_database_that_goes_and_comes_back_loses_nothing_that_was_acknowledged() {
    let mut test = Test::start("away").await;
    let mut host = test.host();
    let create = test.create().await;
    let answers = Answers::default();
    let writer = tokio::spawn({
        let answers = answers.clone();
        async move {
            while !answers.is_enough() {
                answers.push(answer(&mut host, &create).await);
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    });

    for acknowledged in [5, 10, 15] {
        answers.wait_for(201, acknowledged).await;
        test.site.stop_database().await.unwrap();
        let refused = answers.count(503);
        answers.wait_for(503, refused + 3).await;
        test.site.start_database(&tools()).await.unwrap();
    }
    answers.wait_for(201, 20).await;
    answers.enough();
    writer.await.unwrap();

    let mut created = Vec::new();
    for answer in answers.all() {
        match answer.status {
            201 => created.push(answer.json()["id"].as_i64().unwrap()),
            _ => assert_unavailable(&answer),
        }
    }
    created.sort_unstable();
    let mut db = test.site.superuser().await.unwrap();
    assert_eq!(queries::select_existing_hotels(&mut db, &created).await.unwrap(), created);
    test.end().await;
}

#[tokio::test]
async fn a_function_that_starts_while_the_database_is_away_serves_once_it_is_back() {
    let mut test = Test::start("start").await;
    let (mut host, read) = (test.host(), test.read().await);

    test.site.stop_database().await.unwrap();
    assert_unavailable(&answer(&mut host, &read).await);
    let process = host.process_id();
    test.site.start_database(&tools()).await.unwrap();

    assert_eq!(answer(&mut host, &read).await.status, 200);
    assert_eq!(host.process_id(), process);
    test.end().await;
}

#[tokio::test]
async fn a_connection_that_was_cut_between_two_requests_is_no_readers_problem() {
    let mut test = Test::start("between").await;
    let (mut host, read, create) = (test.host(), test.read().await, test.create().await);
    assert_eq!(answer(&mut host, &read).await.status, 200);

    test.cut().await;
    assert_eq!(answer(&mut host, &read).await.status, 200);

    test.cut().await;
    assert_unavailable(&answer(&mut host, &create).await);
    assert_eq!(answer(&mut host, &create).await.status, 201);
    test.end().await;
}

#[tokio::test]
async fn a_connection_that_is_cut_within_a_request_is_asked_again_by_a_read_and_given_up_by_a_write() {
    let mut test = Test::start("within").await;
    let (mut host, read, create) = (test.host(), test.read().await, test.create().await);
    let mut db = test.site.superuser().await.unwrap();
    let hotels = queries::count_hotels(&mut db).await.unwrap();

    for (event, expected) in [(&read, 200), (&create, 503)] {
        let mut holder = test.site.superuser().await.unwrap();
        let mut lock = holder.begin().await.unwrap();
        queries::lock_hotels(&mut lock).await.unwrap();
        let cut = async {
            until("the function waits for the lock", async || queries::count_waiting(&mut db).await.unwrap() == 1)
                .await;
            assert_eq!(queries::cut_connections(&mut db).await.unwrap(), 1);
            lock.rollback().await.unwrap();
        };
        let (answer, ()) = tokio::join!(answer(&mut host, event), cut);
        assert_eq!(answer.status, expected);
    }

    assert_eq!(queries::count_hotels(&mut db).await.unwrap(), hotels);
    assert_eq!(answer(&mut host, &create).await.status, 201);
    test.end().await;
}

#[tokio::test]
async fn a_sandbox_that_was_frozen_longer_than_its_connection_lived_reads_and_writes() {
    let mut test = Test::start("frozen").await;
    let mut db = test.site.superuser().await.unwrap();
    queries::limit_idleness(&mut db, 200).await.unwrap();
    let (mut host, read, create) = (test.freezing_host(), test.read().await, test.create().await);

    assert_eq!(answer(&mut host, &read).await.status, 200);
    let frozen = SystemTime::now();
    test.wait_for_no_connection().await;
    queries::limit_idleness(&mut db, 0).await.unwrap();
    // After half a minute of the wall clock a function asks its connection whether it is still there. Nothing but time
    // brings that about.
    until("half a minute has passed", async || frozen.elapsed().unwrap() > Duration::from_secs(31)).await;
    assert_eq!(answer(&mut host, &create).await.status, 201);
    assert_eq!(answer(&mut host, &read).await.status, 200);
    assert_eq!(answer(&mut host, &create).await.status, 201);
    test.end().await;
}

#[tokio::test]
async fn a_read_after_a_short_freeze_does_not_notice_that_its_connection_has_ended() {
    let mut test = Test::start("thawed").await;
    let mut db = test.site.superuser().await.unwrap();
    queries::limit_idleness(&mut db, 200).await.unwrap();
    let (mut host, read, create) = (test.freezing_host(), test.read().await, test.create().await);

    assert_eq!(answer(&mut host, &read).await.status, 200);
    test.wait_for_no_connection().await;
    queries::limit_idleness(&mut db, 0).await.unwrap();

    assert_eq!(answer(&mut host, &read).await.status, 200);
    assert_eq!(answer(&mut host, &create).await.status, 201);
    test.end().await;
}

#[tokio::test]
async fn a_process_is_killed_at_its_deadline_and_the_next_event_starts_another() {
    let mut test = Test::start("deadline").await;
    let read = test.read().await;
    let mut function = test.site.function("hotels", binary()).unwrap();
    function.timeout = Duration::from_secs(3);
    let mut host = Host::new(function);
    assert_eq!(answer(&mut host, &read).await.status, 200);

    let mut holder = test.site.superuser().await.unwrap();
    let mut lock = holder.begin().await.unwrap();
    queries::lock_hotels(&mut lock).await.unwrap();
    assert_eq!(host.invoke(read.clone()).await.unwrap_err(), Failure::TimedOut);
    assert_eq!(host.process_id(), None);
    lock.rollback().await.unwrap();

    let answered = host.invoke(read).await.unwrap();
    assert!(answered.start.is_some());
    assert_eq!(Answer::read(&answered.payload).unwrap().status, 200);
    test.end().await;
}

/// A site for one test.
struct Test {
    site: Site,
}

impl Test {
    async fn start(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("red product {} {name}", std::process::id()));
        let filling = Filling { hotels: 100, accounts: 2 };
        Self { site: Site::start(&folder, &tools(), false, filling).await.unwrap() }
    }

    async fn end(self) {
        self.site.end().await.unwrap();
    }

    fn host(&self) -> Host {
        Host::new(self.site.function("hotels", binary()).unwrap())
    }

    fn freezing_host(&self) -> Host {
        let mut function = self.site.function("hotels", binary()).unwrap();
        function.freezes = true;
        Host::new(function)
    }

    async fn read(&mut self) -> Bytes {
        self.site.event(get("/api/hotels/7/", SOMEBODY).unwrap(), Some(ADMIN)).await.unwrap()
    }

    async fn create(&mut self) -> Bytes {
        let hotel = json!({ "name": "Hôtel des pannes", "city": "Dakar", "price_per_night": "10000.00" });
        self.site.event(post("/api/hotels/", SOMEBODY, &hotel).unwrap(), Some(ADMIN)).await.unwrap()
    }

    /// Cuts the function's connection.
    async fn cut(&self) {
        let mut db = self.site.superuser().await.unwrap();
        assert_eq!(queries::cut_connections(&mut db).await.unwrap(), 1);
        self.wait_for_no_connection().await;
    }

    async fn wait_for_no_connection(&self) {
        let mut db = self.site.superuser().await.unwrap();
        until("the connection has ended", async || queries::count_connections(&mut db).await.unwrap() == 0).await;
    }
}

fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../.local/tools")
}

fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_hotels-under-test"))
}

async fn answer(host: &mut Host, event: &Bytes) -> Answer {
    Answer::read(&host.invoke(event.clone()).await.unwrap().payload).unwrap()
}

fn assert_unavailable(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.headers["retry-after"].parse::<u32>().unwrap() > 0, "{answer:?}");
}

async fn until(what: &str, mut has_happened: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !has_happened().await {
        assert!(Instant::now() < deadline, "in vain: {what}");
        tokio::time::sleep(POLL).await;
    }
}

/// What was answered so far, until it is enough.
#[derive(Clone, Default)]
struct Answers(Arc<Mutex<(Vec<Answer>, bool)>>);

impl Answers {
    fn push(&self, answer: Answer) {
        self.0.lock().unwrap().0.push(answer);
    }

    fn count(&self, status: u16) -> usize {
        self.0.lock().unwrap().0.iter().filter(|answer| answer.status == status).count()
    }

    async fn wait_for(&self, status: u16, count: usize) {
        until(&format!("{count} answers with {status}"), async || self.count(status) >= count).await;
    }

    fn enough(&self) {
        self.0.lock().unwrap().1 = true;
    }

    fn is_enough(&self) -> bool {
        self.0.lock().unwrap().1
    }

    fn all(&self) -> Vec<Answer> {
        self.0.lock().unwrap().0.clone()
    }
}
