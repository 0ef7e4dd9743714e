//! A client of the API: it signs in for real, sends requests through the gateway, and checks each answer's form. What it
//! got no answer to may have happened.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Method, Request, header};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{answer::Answer, model::Kind, rng::Rng, world::World};
use crate::site::PASSWORD;

/// The gateway gives a request up after 29 s; an authorizer goes before it.
const LIMIT: Duration = Duration::from_secs(31);
/// Before a request is sent again.
const BACKOFF: Duration = Duration::from_millis(200);
/// How often a request is sent again until its client gives up: service must be normal long before.
const ATTEMPTS: usize = 200;

/// A request.
#[derive(Clone, Debug)]
pub struct Ask {
    method: Method,
    path: String,
    body: Option<Value>,
    key: Option<String>,
    if_match: Option<String>,
    expected: Vec<u16>,
    patience: Duration,
}

impl Ask {
    fn new(method: Method, path: impl Into<String>, body: Option<Value>, expected: u16) -> Self {
        let (path, expected) = (path.into(), vec![expected]);
        Self { method, path, body, key: None, if_match: None, expected, patience: LIMIT * 2 }
    }

    /// A read, which is to be answered 200.
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path, None, 200)
    }

    /// What creates, which is to be answered 201.
    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Self::new(Method::POST, path, Some(body), 201)
    }

    /// A change, which is to be answered 200.
    pub fn patch(path: impl Into<String>, body: Value) -> Self {
        Self::new(Method::PATCH, path, Some(body), 200)
    }

    /// A deletion, which is to be answered 204.
    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path, None, 204)
    }

    /// Is to be answered so instead.
    pub fn to_be(self, status: u16) -> Self {
        Self { expected: vec![status], ..self }
    }

    /// May be answered so as well.
    pub fn or(mut self, status: u16) -> Self {
        self.expected.push(status);
        self
    }

    /// With an Idempotency-Key.
    pub fn key(self, key: Option<String>) -> Self {
        Self { key, ..self }
    }

    /// With a condition.
    pub fn if_match(self, if_match: Option<String>) -> Self {
        Self { if_match, ..self }
    }

    /// Given up after so long.
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }
}

/// What became of a request.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It was done.
    Done(Answer),
    /// It was refused, and nothing was done.
    Refused(Answer),
    /// Nobody knows.
    Unknown,
}

impl Outcome {
    /// The answer where it was done.
    pub fn done(self) -> Option<Answer> {
        match self {
            Self::Done(answer) => Some(answer),
            _ => None,
        }
    }
}

/// Somebody who uses the API.
pub struct Client {
    /// What is shared.
    pub world: Arc<World>,
    /// The account; a visitor, who has none, is a number below 0.
    pub user: i64,
    /// Whether it is an administrator's.
    pub is_admin: bool,
    /// What this client does is drawn from here.
    pub rng: Rng,
    access: String,
    refresh: String,
    ip: IpAddr,
    markers: u64,
}

impl Client {
    /// Not signed in.
    pub fn new(world: Arc<World>, user: i64, is_admin: bool, number: u8, rng: Rng) -> Self {
        let ip = IpAddr::V4(Ipv4Addr::new(10, 0, 0, number));
        Self { world, user, is_admin, rng, access: String::new(), refresh: String::new(), ip, markers: 0 }
    }

    /// Comes from another address from now on.
    pub fn move_on(&mut self) {
        let [.., a, b] = self.rng.number().to_be_bytes();
        self.ip = IpAddr::V4(Ipv4Addr::new(10, 1, a, b));
    }

    /// What every request of this client is sent with.
    pub fn agent(&self) -> String {
        format!("torture-{}", self.user)
    }

    /// A word that no other row has. Its first letters say whose it is.
    pub fn marker(&mut self, letter: char, addition: &str) -> String {
        self.markers += 1;
        format!("{letter}{}{addition}-{}", self.user, self.markers)
    }

    /// Sends a request, and looks at the form of its answer.
    pub async fn call(&self, ask: &Ask) -> Outcome {
        let Ask { method, path, key, if_match, .. } = ask;
        let mut described = format!("{method} {path} by {}", self.user);
        let parts =
            [("", ask.body.as_ref().map(Value::to_string)), ("key ", key.clone()), ("if-match ", if_match.clone())];
        for (name, part) in parts {
            part.iter().for_each(|part| described.push_str(&format!("  {name}{part}")));
        }
        let body = ask.body.as_ref().map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        let mut request = Request::builder()
            .method(ask.method.clone())
            .uri(&ask.path)
            .header(header::HOST, "red.test")
            .header(header::USER_AGENT, self.agent())
            .header(header::ACCEPT_LANGUAGE, "en")
            .header(header::CONTENT_TYPE, "application/json");
        if !self.access.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.access));
        }
        if let Some(key) = &ask.key {
            request = request.header("idempotency-key", key);
        }
        if let Some(if_match) = &ask.if_match {
            request = request.header(header::IF_MATCH, if_match);
        }
        let Ok(request) = request.body(body) else {
            self.world.tally.violation(&format!("no request: {described}"), &[]);
            return Outcome::Unknown;
        };
        let asked = Instant::now();
        let Ok(response) = timeout(ask.patience, self.world.gateway.handle(request, self.ip)).await else {
            match ask.patience > LIMIT {
                true => self.world.tally.violation(&format!("no answer within {LIMIT:?}: {described}"), &[]),
                false => self.world.tally.abandoned(),
            }
            return Outcome::Unknown;
        };
        let answer = Answer::new(response);
        self.world.tally.answered(&described, asked, &answer);
        if asked.elapsed() > LIMIT {
            self.world.tally.fault(&described, &answer, "it took too long");
        }
        if let Some(fault) = answer.fault(&ask.expected) {
            self.world.tally.fault(&described, &answer, &fault);
        }
        match answer.status {
            _ if !answer.is_ours => Outcome::Unknown,
            200..400 => Outcome::Done(answer),
            400..500 => Outcome::Refused(answer),
            _ => Outcome::Unknown,
        }
    }

    /// Sends a request that may be sent again until it is answered. Whether an earlier one may have been done is said too.
    pub async fn insist(&mut self, ask: &Ask) -> (Outcome, bool) {
        for attempt in 0..ATTEMPTS {
            match self.call(ask).await {
                Outcome::Unknown => {
                    self.world.tally.retried();
                    tokio::time::sleep(BACKOFF + BACKOFF.mul_f64(self.rng.below(100) as f64 / 100.0)).await;
                }
                outcome => return (outcome, attempt > 0),
            }
        }
        self.world.tally.violation(&format!("{ATTEMPTS} times in vain: {} {}", ask.method, ask.path), &[]);
        (Outcome::Unknown, true)
    }

    /// A fault of an answer that has the right form.
    pub fn wrong(&self, what: &str, answer: &Answer) {
        self.world.tally.fault(&format!("a request by {}", self.user), answer, what);
    }

    /// Compares what was read with what may be there. Only for registers that nobody else writes meanwhile.
    pub fn compare(&self, marker: &str, registers: &[&str], answer: &Answer) {
        for register in registers {
            let value = answer.body[register].as_str().unwrap_or_default();
            let misread = self.world.model().misread(marker, register, value);
            if let Some(what) = misread {
                self.wrong(&what, answer);
            }
        }
    }

    /// Begins a session, however long that takes.
    pub async fn sign_in(&mut self) {
        (self.access, self.refresh) = Default::default();
        let credentials = json!({ "email": format!("user{}@example.sn", self.user), "password": PASSWORD });
        let ask = Ask::post("/api/auth/login/", credentials).to_be(200);
        if let (Outcome::Done(answer), _) = self.insist(&ask).await {
            self.take(&answer);
            if answer.body["user"]["id"] != json!(self.user) {
                self.wrong("signed in as somebody else", &answer);
            }
        }
    }

    /// Ends the session: its token must be good for nothing then.
    pub async fn sign_out(&mut self) {
        let ask = Ask::post("/api/auth/logout/", json!({ "refresh_token": self.refresh })).to_be(204);
        if let (Outcome::Done(_), _) = self.insist(&ask).await {
            self.call(&Ask::get("/api/auth/me/").to_be(401)).await;
        }
        self.sign_in().await;
    }

    /// Renews the tokens. A rotation whose answer was lost may be asked for again for ten seconds.
    pub async fn renew(&mut self, rotate: bool) {
        let asked = Instant::now();
        let body = json!({ "refresh_token": self.refresh, "rotate": rotate });
        let ask = Ask::post("/api/auth/refresh/", body).to_be(200).or(401);
        match self.insist(&ask).await {
            (Outcome::Done(answer), _) => self.take(&answer),
            (Outcome::Refused(answer), again) => {
                if !rotate || !again || asked.elapsed() < Duration::from_secs(10) {
                    self.wrong("a refresh token of a living session was refused", &answer);
                }
                self.sign_in().await;
            }
            _ => {}
        }
    }

    fn take(&mut self, answer: &Answer) {
        for (name, token) in [("access_token", &mut self.access), ("refresh_token", &mut self.refresh)] {
            if let Some(new) = answer.body[name].as_str() {
                new.clone_into(token);
            }
        }
    }

    /// Creates a row and answers its id once it is acknowledged. With a key it is asked for until it is, and now and then
    /// twice at once, or once more.
    pub async fn create(
        &mut self,
        kind: Kind,
        path: &str,
        marker: &str,
        body: Value,
        registers: &[(&str, &str)],
    ) -> Option<(i64, Answer)> {
        self.world.model().begin_create(kind, marker, registers);
        let key = self.rng.chance(60).then(|| format!("key-{marker}"));
        let keyed = key.is_some();
        let ask = Ask::post(path, body).key(key);
        if keyed && self.rng.chance(10) {
            let (first, second) = tokio::join!(self.call(&ask), self.call(&ask));
            for answer in [first.done(), second.done()].into_iter().flatten() {
                self.acknowledge(marker, &answer);
            }
        }
        let hurried = self.rng.chance(3).then(|| Duration::from_millis(5 + self.rng.below(300) as u64));
        let outcome = match (keyed, hurried) {
            (true, None) => self.insist(&ask).await.0,
            (true, Some(patience)) => {
                self.call(&ask.clone().patience(patience)).await;
                self.insist(&ask).await.0
            }
            (false, None) => self.call(&ask).await,
            (false, Some(patience)) => self.call(&ask.clone().patience(patience)).await,
        };
        match outcome {
            Outcome::Done(answer) => {
                let id = self.acknowledge(marker, &answer)?;
                if keyed && self.rng.chance(10) {
                    let again = self.call(&ask).await.done();
                    if let Some(again) = again {
                        self.acknowledge(marker, &again);
                    }
                    let mut other = ask.to_be(409);
                    if let Some(body) = &mut other.body {
                        body["other"] = json!(true);
                    }
                    self.call(&other).await;
                }
                Some((id, answer))
            }
            Outcome::Refused(_) if !keyed => {
                self.world.model().refused(marker);
                None
            }
            _ => None,
        }
    }

    fn acknowledge(&self, marker: &str, answer: &Answer) -> Option<i64> {
        let id = answer.body["id"].as_i64();
        let wrong = self.world.model().created(marker, id);
        if let Some(wrong) = wrong {
            self.wrong(&wrong, answer);
        }
        if id.is_none() || !answer.text().contains(marker) {
            self.wrong(&format!("an answer to {marker} that is not about it"), answer);
        }
        id
    }

    /// Writes a value, now and then on top of a version alone. Answers what became of it.
    pub async fn write(
        &mut self,
        ask: Ask,
        marker: &str,
        (register, value): (&str, &str),
        etag: Option<String>,
    ) -> Outcome {
        let condition: Option<i64> = etag.as_deref().and_then(|etag| etag.trim_matches('"').parse().ok());
        let write = self.world.model().begin_write(marker, register, value, condition.is_some());
        let ask = ask.if_match(etag);
        let ask = if condition.is_some() { ask.or(412) } else { ask };
        let outcome = self.call(&ask).await;
        match &outcome {
            Outcome::Done(answer) => {
                self.world.model().wrote(&write);
                let written = &answer.body[register];
                let is_same = written.as_str().map_or_else(|| written.to_string(), str::to_owned) == value;
                if !is_same && answer.status == 200 {
                    self.wrong(&format!("{marker}: {register} is not {value:?} after it was written"), answer);
                }
            }
            Outcome::Refused(answer) => {
                let highest = {
                    let mut model = self.world.model();
                    model.not_written(&write);
                    model.highest_version(marker)
                };
                if answer.status == 412 && condition.is_none_or(|version| version >= highest) {
                    self.wrong(&format!("{marker}: nobody can have changed it since version {condition:?}"), answer);
                }
            }
            Outcome::Unknown => {}
        }
        outcome
    }

    /// Deletes a row, asking again where there is no answer. A ticket that somebody has answered stays: 409.
    pub async fn delete(&mut self, path: String, marker: &str) {
        self.world.model().begin_delete(marker);
        let first = self.call(&Ask::delete(path.clone()).or(409)).await;
        let outcome = match first {
            Outcome::Unknown => self.insist(&Ask::delete(path).or(404).or(409)).await.0,
            outcome => outcome,
        };
        match outcome {
            Outcome::Done(_) => self.world.model().deleted(marker),
            Outcome::Refused(answer) if answer.status == 404 => self.world.model().deleted(marker),
            _ => {}
        }
    }
}
