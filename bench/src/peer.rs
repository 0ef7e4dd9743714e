//! Requests over HTTP by several clients at once, to the whole platform and to any other server of the same contract, in
//! turns.
//!
//! The platform is what `cargo local up --release` serves: gateway, authorizer (nothing is kept), function. Only the limits
//! of the template's routes are lifted, since they are far below what is measured.

use std::{
    collections::BTreeMap,
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::future::try_join_all;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use toolbox::tools::Error;

use crate::{
    cases::{CASES, Case},
    measure::{Quantiles, say},
    site::{PASSWORD, Site},
};

/// Clients, each with one request at a time.
const CLIENTS: usize = 4;
const ROUNDS: u32 = 5;
/// How much of a round is not measured yet.
const WARM_UP: f64 = 0.2;

/// A server of the contract, and an administrator there.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Its origin: `http://127.0.0.1:8000`.
    pub url: String,
    /// Who signs in.
    pub email: String,
    /// With what.
    pub password: String,
}

/// What a server does in one case.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Served {
    /// Requests a second, of all clients together.
    pub per_second: f64,
    /// How long one takes, in milliseconds.
    pub times: Quantiles,
}

/// Ours and the other one's, by case.
#[derive(Debug, Serialize)]
pub struct Both {
    /// The platform's.
    pub ours: Served,
    /// The peer's, if there is one.
    pub peer: Option<Served>,
}

/// Measures each case, and signing in, in rounds of so many seconds each. `users` is the number of accounts of our own.
///
/// # Errors
/// A sentence that says what to do.
pub async fn run(site: &Site, users: u32, peer: Option<&Peer>, seconds: f64) -> Result<BTreeMap<String, Both>, Error> {
    let (round, warm_up) = (Duration::from_secs_f64(seconds), Duration::from_secs_f64(seconds * WARM_UP));
    let ours = Platform::start(site)?;
    let administrator =
        Peer { url: ours.url.clone(), email: "user1@example.sn".to_owned(), password: PASSWORD.to_owned() };
    let mut servers = vec![Server::connect(administrator, users.into()).await?];
    if let Some(peer) = peer {
        servers.push(Server::connect(peer.clone(), 0).await?);
    }
    let mut found = BTreeMap::new();
    for case in CASES.iter().map(Some).chain([None]) {
        let name = case.map_or("sign in", |case| case.name);
        let mut measured = vec![(Vec::new(), 0.0); servers.len()];
        let request = case.map(Asked::new);
        for server in &mut servers {
            server.renew().await?;
        }
        for _ in 0..ROUNDS {
            for (server, (times, seconds)) in servers.iter_mut().zip(&mut measured) {
                server.load(request.as_ref(), warm_up).await?;
                let started = Instant::now();
                times.extend(server.load(request.as_ref(), round).await?);
                *seconds += started.elapsed().as_secs_f64();
            }
        }
        say(&format!("over HTTP: {name}"));
        let mut served = measured.iter().map(|(times, seconds)| {
            #[expect(clippy::cast_precision_loss, reason = "a number of requests")]
            let per_second = times.len() as f64 / seconds;
            Served { per_second, times: Quantiles::of(times) }
        });
        let ours = served.next().ok_or("nothing was measured")?;
        found.insert(name.to_owned(), Both { ours, peer: served.next() });
    }
    Ok(found)
}

/// What every client of a case asks.
struct Asked {
    method: Method,
    path: &'static str,
    status: u16,
    body: Option<Value>,
}

impl Asked {
    fn new(case: &Case) -> Self {
        Self { method: case.method(), path: case.path, status: case.status(), body: case.body() }
    }
}

/// A server with somebody who is signed in.
struct Server {
    peer: Peer,
    client: Client<HttpConnector, Full<Bytes>>,
    authorization: String,
    /// Accounts that sign in in turn, since one signs in 30 times in 15 minutes at most. Without any it is the
    /// administrator.
    users: u64,
    sign_ins: AtomicU64,
}

impl Server {
    async fn connect(peer: Peer, users: u64) -> Result<Self, Error> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        let mut server = Self { peer, client, authorization: String::new(), users, sign_ins: AtomicU64::new(0) };
        server.renew().await?;
        Ok(server)
    }

    /// A sign-in by the next account.
    fn next_login(&self) -> Asked {
        let n = self.sign_ins.fetch_add(1, Ordering::Relaxed);
        match n.checked_rem(self.users.saturating_sub(1)) {
            // The first account is the administrator's.
            Some(n) => self.login(&format!("user{}@example.sn", n + 2)),
            None => self.login(&self.peer.email),
        }
    }

    fn login(&self, email: &str) -> Asked {
        let credentials = json!({ "email": email, "password": self.peer.password });
        Asked { method: Method::POST, path: "/api/auth/login/", status: 200, body: Some(credentials) }
    }

    /// Signs in anew, so that no token expires in the middle.
    async fn renew(&mut self) -> Result<(), Error> {
        let answer: Value = serde_json::from_slice(&self.send(&self.login(&self.peer.email)).await?)?;
        let token = ["access", "access_token"].iter().find_map(|name| answer[*name].as_str());
        self.authorization = format!("Bearer {}", token.ok_or("signing in gives no token")?);
        Ok(())
    }

    /// How long each request took, in milliseconds. Without a request it is sign-ins.
    async fn load(&self, asked: Option<&Asked>, time: Duration) -> Result<Vec<f64>, Error> {
        let until = Instant::now() + time;
        let client = async || {
            let mut times = Vec::new();
            while Instant::now() < until {
                let login = asked.is_none().then(|| self.next_login());
                let Some(asked) = asked.or(login.as_ref()) else { continue };
                let started = Instant::now();
                self.send(asked).await?;
                times.push(started.elapsed().as_secs_f64() * 1000.0);
            }
            Ok::<_, Error>(times)
        };
        Ok(try_join_all((0..CLIENTS).map(|_| client())).await?.concat())
    }

    async fn send(&self, asked: &Asked) -> Result<Bytes, Error> {
        let Asked { method, path, status, body } = asked;
        let body = body.as_ref().map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.peer.url))
            .header(header::AUTHORIZATION, &self.authorization)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .body(Full::new(body))?;
        let answer = self.client.request(request).await?;
        let found = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        if found != StatusCode::from_u16(*status)? {
            let said = String::from_utf8_lossy(&body);
            return Err(format!("{}{path} answered {found}: {said:.200}", self.peer.url).into());
        }
        Ok(body)
    }
}

/// The platform in threads of its own, until this is dropped.
struct Platform {
    url: String,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Drop for Platform {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Platform {
    fn start(site: &Site) -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        // Each look at the clock is an hour after the one before: no bucket of a route is ever empty.
        let (started, hours) = (Instant::now(), AtomicU64::new(0));
        let gateway = {
            let _inside = runtime.enter();
            site.gateway()?
                .with_clock(move || started + Duration::from_secs(3600 * hours.fetch_add(1, Ordering::Relaxed)))
        };
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let gateway = Arc::new(gateway);
        runtime.spawn(async move { gateway.serve(TcpListener::from_std(listener)?, std::future::pending()).await });
        Ok(Self { url, runtime: Some(runtime) })
    }
}
