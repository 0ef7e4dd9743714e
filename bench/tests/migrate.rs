//! The migrate function as Lambda runs it: called by hand, and by CloudFormation in the course of a deployment.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use axum_server::{Router, body::Bytes as Body, http::HeaderMap, routing::put};
use bench::{
    host::{Failure, Host},
    site::{Filling, Site},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[tokio::test]
async fn it_answers_the_version_twice_and_at_once() {
    let test = Test::start("twice").await;
    let (mut one, mut other) = (test.host(), test.host());

    let event = json!({});
    let (first, second) = tokio::join!(invoke(&mut one, &event), invoke(&mut other, &event));

    let first = first.unwrap();
    assert!(first["version"].as_i64().unwrap() > 0);
    assert_eq!(first, second.unwrap());
    test.end().await;
}

#[tokio::test]
async fn a_history_that_is_not_ours_is_refused_with_what_to_do() {
    let test = Test::start("history").await;
    let mut host = test.host();
    let alien = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                 values (9999, 'later', true, '', 0)";
    for (change, expected) in [
        (alien, "9999, which this code does not know: deploy the code that it is from"),
        ("update _sqlx_migrations set checksum = '' where version = 3", "9999, which is not among ours"),
        ("delete from _sqlx_migrations where version = 9999", "migration 3 was edited"),
    ] {
        test.sql(change).await;

        let error = invoke(&mut host, &json!({})).await.unwrap_err();

        assert!(error.contains(expected), "{change}: {error}");
    }
    test.end().await;
}

#[tokio::test]
async fn a_deployment_hears_how_its_migration_went() {
    let test = Test::start("deployment").await;
    let (mut host, cloudformation) = (test.host(), CloudFormation::start().await);

    for (kind, physical_id) in [("Create", None), ("Update", Some("migrations")), ("Delete", Some("migrations"))] {
        invoke(&mut host, &cloudformation.request(kind, physical_id)).await.unwrap();

        assert_eq!(
            cloudformation.heard(),
            json!({
                "Status": "SUCCESS", "PhysicalResourceId": "migrations", "StackId": "arn:stack",
                "RequestId": kind, "LogicalResourceId": "Migration",
            })
        );
    }
    test.end().await;
}

#[tokio::test]
async fn a_deployment_fails_where_its_migration_does() {
    let test = Test::start("failure").await;
    let (mut host, cloudformation) = (test.host(), CloudFormation::start().await);
    test.sql("update _sqlx_migrations set checksum = '' where version = 3").await;

    invoke(&mut host, &cloudformation.request("Update", Some("migrations"))).await.unwrap();

    let heard = cloudformation.heard();
    assert_eq!(heard["Status"], "FAILED");
    assert!(heard["Reason"].as_str().unwrap().contains("migration 3 was edited"), "{heard}");
    test.end().await;
}

#[tokio::test]
async fn a_deployment_that_is_taken_back_finds_a_database_that_is_ahead_of_it() {
    let test = Test::start("back").await;
    let (mut host, cloudformation) = (test.host(), CloudFormation::start().await);
    test.sql(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (9999, 'later', true, '', 0)",
    )
    .await;

    let mut statuses = Vec::new();
    for (kind, physical_id) in [("Update", Some("migrations")), ("Create", None)] {
        invoke(&mut host, &cloudformation.request(kind, physical_id)).await.unwrap();
        statuses.push(cloudformation.heard()["Status"].clone());
    }

    assert_eq!(statuses, ["SUCCESS", "FAILED"]);
    test.end().await;
}

#[tokio::test]
async fn it_makes_the_first_administrator_and_no_second_one() {
    let test = Test::start("administrator").await;
    let mut host = test.host();
    let account = |email: &str, password: &str| json!({ "administrator": { "email": email, "password": password } });

    let weak = invoke(&mut host, &account("fatou@red.example", "fatou")).await.unwrap_err();
    let made = invoke(&mut host, &account("Fatou@red.example", "Teranga-2026-Dakar")).await.unwrap();
    let second = invoke(&mut host, &account("awa@red.example", "Teranga-2026-Dakar")).await.unwrap_err();

    assert!(weak.contains("password"), "{weak}");
    assert_eq!(made, json!({ "administrator": "Fatou@red.example" }));
    assert!(second.contains("there is an administrator already"), "{second}");
    let log = std::fs::read_to_string(test.site.folder().join("migrate.log")).unwrap();
    assert!(!log.contains("Teranga-2026"), "{log}");
    test.end().await;
}

#[tokio::test]
async fn a_call_that_is_half_of_one_does_nothing() {
    let test = Test::start("half").await;
    let mut host = test.host();

    for event in [json!({ "administrator": { "email": "fatou@red.example" } }), json!({ "RequestType": "Create" })] {
        invoke(&mut host, &event).await.unwrap_err();
    }
    test.end().await;
}

struct Test {
    site: Site,
}

impl Test {
    async fn start(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("red-migrate-{}-{name}", std::process::id()));
        let filling = Filling { hotels: 0, accounts: 0 };
        Self { site: Site::start(&folder, &tools(), false, filling).await.unwrap() }
    }

    fn host(&self) -> Host {
        let binary = PathBuf::from(env!("CARGO_BIN_EXE_migrate-under-test"));
        Host::new(self.site.function("migrate", binary).unwrap())
    }

    async fn sql(&self, statement: &'static str) {
        sqlx::raw_sql(statement).execute(&mut self.site.superuser().await.unwrap()).await.unwrap();
    }

    async fn end(self) {
        self.site.end().await.unwrap();
    }
}

/// Where CloudFormation takes answers.
struct CloudFormation {
    url: String,
    answers: Arc<Mutex<Vec<Value>>>,
}

impl CloudFormation {
    async fn start() -> Self {
        let answers = Arc::<Mutex<Vec<Value>>>::default();
        let kept = Arc::clone(&answers);
        let take = put(async move |headers: HeaderMap, body: Body| {
            assert!(!headers.contains_key("content-type"), "the address is signed for none");
            kept.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/answer?X-Amz-Signature=abc", listener.local_addr().unwrap());
        let router = Router::new().route("/answer", take);
        tokio::spawn(async move { axum_server::serve(listener, router).await });
        Self { url, answers }
    }

    fn request(&self, kind: &str, physical_id: Option<&str>) -> Value {
        let mut request = json!({
            "RequestType": kind, "ResponseURL": self.url, "StackId": "arn:stack", "RequestId": kind,
            "ResourceType": "Custom::Migration", "LogicalResourceId": "Migration",
            "ResourceProperties": { "ServiceToken": "arn:function", "Version": "arn:function:1" },
        });
        if let Some(id) = physical_id {
            request["PhysicalResourceId"] = id.into();
        }
        request
    }

    /// The one answer since the last look.
    fn heard(&self) -> Value {
        let answers = std::mem::take(&mut *self.answers.lock().unwrap());
        let [answer] = &answers[..] else { panic!("one answer, not {answers:?}") };
        answer.clone()
    }
}

async fn invoke(host: &mut Host, event: &Value) -> Result<Value, String> {
    match host.invoke(event.to_string().into()).await {
        Ok(answer) => Ok(serde_json::from_slice(&answer.payload).unwrap()),
        Err(Failure::Failed(error)) => Err(error),
        Err(failure) => panic!("{failure}"),
    }
}

fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../.local/tools")
}
