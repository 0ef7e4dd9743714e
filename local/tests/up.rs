//! `cargo local up` as a program, on a folder of its own and with the web application elsewhere.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::{fs, path::PathBuf, process::Stdio, time::Duration};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::{sleep, timeout},
};
use toolbox::postgres::{self, Standing};

/// Long enough for a busy machine to make a database.
const PATIENCE: Duration = Duration::from_secs(120);
const WEB: &str = "http://web.test:5173";
const PHOTO: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// A running platform, whose folder is gone after the test.
struct Platform {
    state: PathBuf,
    program: Child,
    lines: Lines<BufReader<ChildStdout>>,
    origin: String,
}

impl Platform {
    async fn start(name: &str, options: &[&str]) -> Self {
        let state = std::env::temp_dir().join(format!("red up {} {name}", std::process::id()));
        let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
        command.args(["up", "--port", "0", "--no-web", "--state"]).arg(&state).args(options);
        command.env_remove("DATABASE_URL").stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut program = command.spawn().unwrap();
        let lines = BufReader::new(program.stdout.take().unwrap()).lines();
        let mut platform = Self { state, program, lines, origin: String::new() };
        let api = platform.announced("API").await;
        platform.origin = api[0].strip_suffix("/api/").unwrap().to_owned();
        platform
    }

    /// What stands behind a word in what `up` says.
    async fn announced(&mut self, word: &str) -> Vec<String> {
        loop {
            let line = timeout(PATIENCE, self.lines.next_line()).await.expect("a word").unwrap().expect("a start");
            if let Some(rest) = line.trim_start().strip_prefix(word) {
                return rest.split_whitespace().map(str::to_owned).collect();
            }
        }
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Response<Value> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.origin));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body.into())).unwrap();
        let answer = Client::builder(TokioExecutor::new()).build_http().request(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Response::from_parts(parts, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.ask(Method::POST, path, &[("content-type", "application/json")], body.to_string()).await.into_body()
    }

    /// The files in its folder, as paths below it.
    fn files(&self, folder: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.state.join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { found.push(path) }
            }
        }
        found
    }

    /// Ends it as a supervisor does.
    async fn end(mut self) {
        let id = self.program.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-s", "TERM", &id]).status().await.unwrap().success());
        assert!(timeout(PATIENCE, self.program.wait()).await.expect("an end").unwrap().success());
        assert!(matches!(postgres::standing(&self.state.join("postgres")).await, Standing::Free));
        postgres::wipe(&self.state.join("postgres")).await.unwrap();
        fs::remove_dir_all(&self.state).unwrap();
    }
}

#[tokio::test]
async fn a_platform_keeps_everything_in_its_folder_and_knows_where_the_web_application_is() {
    let mut platform = Platform::start("elsewhere", &["--web-origin", WEB]).await;
    let [email, password] = platform.announced("administrator").await.try_into().unwrap();

    let session = platform.post("/api/auth/login/", json!({ "email": email, "password": password })).await;
    let token = session["access_token"].as_str().unwrap();
    let claims: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap();
    assert_eq!(claims["iss"], WEB);

    let asks = [("origin", WEB), ("access-control-request-method", "GET")];
    let preflight = platform.ask(Method::OPTIONS, "/api/hotels/", &asks, "").await;
    assert_eq!(preflight.headers()["access-control-allow-origin"], WEB);
    let own = platform.origin.clone();
    let preflight = platform.ask(Method::OPTIONS, "/api/hotels/", &[("origin", &own), asks[1]], "").await;
    assert!(!preflight.headers().contains_key("access-control-allow-origin"));

    let bearer = format!("Bearer {token}");
    let hotels = platform.ask(Method::GET, "/api/hotels/", &[("authorization", &bearer)], "").await.into_body();
    let photo = STANDARD.decode(PHOTO).unwrap();
    let headers = [("authorization", bearer.as_str()), ("content-type", "image/png")];
    let path = format!("/api/hotels/{}/image/", hotels["results"][0]["id"]);
    let hotel = platform.ask(Method::PUT, &path, &headers, photo.clone()).await.into_body();
    let image_url = hotel["image_url"].as_str().unwrap_or_else(|| panic!("{hotel}"));
    let below_origin = image_url.strip_prefix(&platform.origin).unwrap_or_else(|| panic!("{image_url}"));
    assert!(platform.ask(Method::GET, below_origin, &[], "").await.status().is_success());

    platform.post("/api/auth/forgot-password/", json!({ "email": email })).await;
    let mails = async {
        loop {
            let mails = platform.ask(Method::GET, "/mailbox/messages", &[], "").await.into_body().to_string();
            if mails.contains("/reset-password?token=") {
                return mails;
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    let mails = timeout(PATIENCE, mails).await.expect("a mail");
    assert!(mails.contains(&format!("{WEB}/reset-password?token=")), "{mails}");

    assert!(platform.state.join("keys.json").is_file());
    assert!(platform.state.join("postgres/data").is_dir());
    assert!(platform.files("images").iter().any(|file| fs::read(file).unwrap() == photo));
    assert!(platform.state.join("exports").is_dir());
    assert!(!platform.state.join("tools").exists(), "programs are shared");
    platform.end().await;
}

#[tokio::test]
async fn a_web_origin_that_is_none_is_refused_before_anything_is_started() {
    let state = std::env::temp_dir().join(format!("red up {} refused", std::process::id()));
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.args(["up", "--no-web", "--web-origin", "http://web.test/app", "--state"]).arg(&state);

    let output = command.stdin(Stdio::null()).output().await.unwrap();

    assert!(!output.status.success() && !state.exists());
    assert!(String::from_utf8_lossy(&output.stderr).contains("without a path"));
}
