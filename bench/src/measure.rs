//! The figures: how fast a function starts and answers, what it takes, and what its time tells. What each means and
//! what it should be is in docs/performance.md.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use argon2::{
    Argon2,
    password_hash::{PasswordVerifier, phc::PasswordHash},
};
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::process::Command;
use toolbox::tools::Error;

use crate::{
    cases::ADMIN,
    events::{Answer, get, post},
    host::{Function, Host},
    site::{Binaries, PASSWORD, SOMEBODY, Site},
    stats::{mann_whitney, median, quantile},
};

/// Those that people wait for, and one that does nothing.
const FUNCTIONS: [&str; 11] = [
    "hello",
    "auth",
    "authorizer",
    "dashboard",
    "emails",
    "entries",
    "forms",
    "hotels",
    "messages",
    "tickets",
    "users",
];
/// An account that is no administrator's.
const USER: i64 = 2;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Starts of each function.
    pub starts: u32,
    /// Requests to a warm function.
    pub requests: u32,
    /// Pairs of an existing and an unknown account.
    pub pairs: u32,
}

/// What is measured here. Times are in milliseconds, sizes in bytes.
#[derive(Debug, Default, Serialize)]
pub struct Figures {
    /// By function.
    pub starts: BTreeMap<String, StartTimes>,
    /// Resident memory after so many requests, by function.
    pub memory: BTreeMap<String, Option<u64>>,
    /// Size of the binary and of its archive, by function.
    pub sizes: BTreeMap<String, Size>,
    /// Signing in.
    pub login: LoginTimes,
    /// Whether time tells who has an account, by request.
    pub sameness: BTreeMap<String, Sameness>,
    /// From the database's return to the first answer that it gave.
    pub recovery: f64,
}

/// Medians of the starts of a function.
#[derive(Debug, Serialize)]
pub struct StartTimes {
    /// From exec to asking for an event; the connection to the database is there by then.
    pub init: f64,
    /// From exec to the answer to a request with a query.
    pub first_answer: f64,
    /// The slowest of them.
    pub slowest: f64,
}

/// Median and 99th percentile.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Quantiles {
    /// The median.
    pub p50: f64,
    /// The 99th percentile.
    pub p99: f64,
}

impl Quantiles {
    pub(crate) fn of(measured: &[f64]) -> Self {
        Self { p50: median(measured), p99: quantile(measured, 0.99) }
    }
}

/// A binary.
#[derive(Debug, Serialize)]
pub struct Size {
    /// As it is.
    pub binary: u64,
    /// In an archive (deflate 9).
    pub zipped: Option<u64>,
}

/// Signing in, and the verification of the same password alone. Medians of as many of each, in turns.
#[derive(Debug, Default, Serialize)]
pub struct LoginTimes {
    /// The whole request.
    pub login: f64,
    /// Argon2 with the same parameters in this process.
    pub verification: f64,
}

/// The same request for an existing and for an unknown account, in turns.
#[derive(Debug, Serialize)]
pub struct Sameness {
    /// How many of each.
    pub pairs: u32,
    /// The median for an existing account.
    pub known: f64,
    /// The median for an unknown one.
    pub unknown: f64,
    /// How likely two samples without any difference are to differ as much (Mann-Whitney). Below 0.01 time tells.
    pub p: f64,
}

/// Measures on a site with an account for every pair and every request.
///
/// # Errors
/// A sentence that says what to do.
pub async fn run(site: &mut Site, tools: &Path, binaries: Binaries<'_>, options: Options) -> Result<Figures, Error> {
    Bench { site, tools: tools.to_owned(), binaries, options }.run().await
}

struct Bench<'a> {
    site: &'a mut Site,
    tools: PathBuf,
    binaries: Binaries<'a>,
    options: Options,
}

impl Bench<'_> {
    async fn run(mut self) -> Result<Figures, Error> {
        Ok(Figures {
            sizes: self.sizes().await?,
            starts: self.starts().await?,
            login: self.login().await?,
            sameness: self.sameness().await?,
            memory: self.memory().await?,
            recovery: self.recovery().await?,
        })
    }

    fn function(&self, name: &str) -> Result<Function, Error> {
        self.site.function(name, (self.binaries)(name))
    }

    /// An event for each function that takes it one query.
    async fn simple_event(&mut self, name: &str) -> Result<Bytes, Error> {
        match name {
            "hotels" => self.site.event(get("/api/hotels/7/", SOMEBODY)?, Some(USER)).await,
            "auth" => self.site.event(get("/api/auth/me/", SOMEBODY)?, Some(USER)).await,
            "dashboard" => self.site.event(get("/api/health/", SOMEBODY)?, None).await,
            "messages" => self.site.event(get("/api/messages/unread-count/", SOMEBODY)?, Some(USER)).await,
            "users" => self.site.event(get("/api/users/directory/", SOMEBODY)?, Some(USER)).await,
            // It answers anything.
            "hello" => self.site.event(get("/api/hotels/", SOMEBODY)?, Some(USER)).await,
            "emails" | "entries" | "forms" | "tickets" => {
                self.site.event(get(&format!("/api/{name}/"), SOMEBODY)?, Some(ADMIN)).await
            }
            _ => {
                let login = self.login_event("user2@example.sn", PASSWORD, address(1)).await?;
                let answer = answer(&mut Host::new(self.function("auth")?), login, 200).await?.1;
                let token = answer.json()["access_token"].as_str().map(str::to_owned).unwrap_or_default();
                self.site.authorizer_event(get("/api/hotels/", &format!("Bearer {token}"))?).await
            }
        }
    }

    async fn login_event(&mut self, email: &str, password: &str, ip: IpAddr) -> Result<Bytes, Error> {
        let login = post("/api/auth/login/", SOMEBODY, &json!({ "email": email, "password": password }))?;
        self.site.event_from(login, None, ip).await
    }

    /// The functions take turns, so that no one of them has the quiet minutes for itself.
    async fn starts(&mut self) -> Result<BTreeMap<String, StartTimes>, Error> {
        say("starts");
        let mut measured: BTreeMap<_, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
        let mut events = Vec::new();
        for name in FUNCTIONS {
            events.push((name, self.simple_event(name).await?));
        }
        for _ in 0..self.options.starts {
            for (name, event) in &events {
                let answered = Host::new(self.function(name)?).invoke(event.clone()).await?;
                succeeded(name, &answered.payload)?;
                let start = answered.start.ok_or("the process was there already")?;
                let (inits, answers) = measured.entry((*name).to_owned()).or_default();
                inits.push(milliseconds(start.init));
                answers.push(milliseconds(start.first_answer));
            }
        }
        let times = measured.into_iter().map(|(name, (inits, answers))| {
            let (first_answer, slowest) = (median(&answers), quantile(&answers, 1.0));
            (name, StartTimes { init: median(&inits), first_answer, slowest })
        });
        Ok(times.collect())
    }

    async fn login(&mut self) -> Result<LoginTimes, Error> {
        say("sign-ins");
        let hash = self.site.password_hash().to_owned();
        let hash = PasswordHash::new(&hash).map_err(|error| format!("the hash: {error}"))?;
        let mut host = Host::new(self.function("auth")?);
        let (mut logins, mut verifications) = (Vec::new(), Vec::new());
        for n in 0..5 + self.options.starts {
            // An account each: one signs in thirty times in a quarter of an hour.
            let event = self.login_event(&format!("user{}@example.sn", n + 2), PASSWORD, address(n)).await?;
            let (took, _) = answer(&mut host, event, 200).await?;
            let started = Instant::now();
            let verified = Argon2::default().verify_password(PASSWORD.as_bytes(), &hash);
            let verification = milliseconds(started.elapsed());
            verified.map_err(|error| format!("the password: {error}"))?;
            // The first ones fetch memory that later ones have.
            if n >= 5 {
                logins.push(took);
                verifications.push(verification);
            }
        }
        Ok(LoginTimes { login: median(&logins), verification: median(&verifications) })
    }

    /// Every pair has an account and an address of its own, since both are throttled, and every other pair begins
    /// with the unknown account.
    async fn sameness(&mut self) -> Result<BTreeMap<String, Sameness>, Error> {
        let mut host = Host::new(self.function("auth")?);
        let mut found = BTreeMap::new();
        for (request, status) in [("wrong password", 400), ("forgotten password", 200)] {
            say(request);
            let (mut known, mut unknown) = (Vec::new(), Vec::new());
            for pair in 0..5 + self.options.pairs {
                for half in 0..2 {
                    let is_known = (pair + half) % 2 == 0;
                    // Equally long, so that nothing else differs.
                    let name = if is_known { "user" } else { "nobo" };
                    let email = format!("{name}{}@example.sn", pair + 3);
                    let event = if request == "wrong password" {
                        self.login_event(&email, "Teranga-2026-Thies", address(2 * pair + half)).await?
                    } else {
                        let forgot = post("/api/auth/forgot-password/", SOMEBODY, &json!({ "email": email }))?;
                        self.site.event_from(forgot, None, address(2 * pair + half)).await?
                    };
                    let (took, _) = answer(&mut host, event, status).await?;
                    if pair >= 5 {
                        if is_known { known.push(took) } else { unknown.push(took) }
                    }
                }
            }
            let (pairs, p) = (self.options.pairs, mann_whitney(&known, &unknown));
            let sameness = Sameness { pairs, known: median(&known), unknown: median(&unknown), p };
            found.insert(request.to_owned(), sameness);
        }
        Ok(found)
    }

    async fn memory(&mut self) -> Result<BTreeMap<String, Option<u64>>, Error> {
        let mut memory = BTreeMap::new();
        for name in ["hotels", "auth", "authorizer", "dashboard"] {
            say(&format!("memory of {name}"));
            let mut host = Host::new(self.function(name)?);
            let simple = self.simple_event(name).await?;
            for n in 0..self.options.requests {
                let event = match name {
                    "hotels" if n % 2 == 0 => self.site.event(get("/api/hotels/", SOMEBODY)?, Some(USER)).await?,
                    // All of them hash: that is what its memory goes to.
                    "auth" => self.login_event(&format!("user{}@example.sn", n + 3), PASSWORD, address(n)).await?,
                    _ => simple.clone(),
                };
                succeeded(name, &host.invoke(event).await?.payload)?;
            }
            memory.insert(name.to_owned(), host.resident_memory());
        }
        Ok(memory)
    }

    /// The median of a few times that the database was stopped and started under a function.
    async fn recovery(&mut self) -> Result<f64, Error> {
        say("recovery");
        let mut host = Host::new(self.function("hotels")?);
        let event = self.simple_event("hotels").await?;
        answer(&mut host, event.clone(), 200).await?;
        let mut recoveries = Vec::new();
        for _ in 0..5 {
            self.site.stop_database().await?;
            answer(&mut host, event.clone(), 503).await?;
            self.site.start_database(&self.tools).await?;
            let back = Instant::now();
            while Answer::read(&host.invoke(event.clone()).await?.payload)?.status != 200 {}
            recoveries.push(milliseconds(back.elapsed()));
        }
        Ok(median(&recoveries))
    }

    async fn sizes(&mut self) -> Result<BTreeMap<String, Size>, Error> {
        const ZIP: &str = "
import io, sys, zipfile
archive = io.BytesIO()
with zipfile.ZipFile(archive, 'w', zipfile.ZIP_DEFLATED, compresslevel=9) as file:
    file.write(sys.argv[1], 'bootstrap')
print(len(archive.getvalue()))";
        let mut sizes = BTreeMap::new();
        // What is not optimised is many times as large.
        let functions = if cfg!(debug_assertions) { &[][..] } else { &FUNCTIONS[..] };
        for name in functions {
            let binary = (self.binaries)(name);
            let zip = Command::new("python3").args(["-c", ZIP]).arg(&binary).output().await;
            let zipped = zip.ok().and_then(|said| String::from_utf8_lossy(&said.stdout).trim().parse().ok());
            sizes.insert((*name).to_owned(), Size { binary: std::fs::metadata(&binary)?.len(), zipped });
        }
        Ok(sizes)
    }
}

/// What a function answers, and after how many milliseconds.
pub(crate) async fn answer(host: &mut Host, event: Bytes, status: u16) -> Result<(f64, Answer), Error> {
    let answered = host.invoke(event).await?;
    let answer = Answer::read(&answered.payload)?;
    if answer.status != status {
        let said = format!("{answer:?}");
        return Err(format!("{status} was expected: {said:.300}").into());
    }
    Ok((milliseconds(answered.took), answer))
}

/// The authorizer never fails; what it should have found out is who it was.
fn succeeded(name: &str, payload: &[u8]) -> Result<(), Error> {
    let answer: Value = serde_json::from_slice(payload)?;
    let fine = if name == "authorizer" { answer["context"]["is_admin"] == false } else { answer["statusCode"] == 200 };
    if fine { Ok(()) } else { Err(format!("{name} answered {answer}").into()) }
}

pub(crate) fn address(n: u32) -> IpAddr {
    Ipv4Addr::from(u32::from_be_bytes([10, 0, 0, 0]) + n).into()
}

/// Whether every function that is measured is there: none should be missed after minutes.
///
/// # Errors
/// The one that is not.
pub fn check(site: &Site, binaries: Binaries<'_>) -> Result<(), Error> {
    FUNCTIONS.into_iter().try_for_each(|name| site.function(name, binaries(name)).map(drop))
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

pub(crate) fn load() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

pub(crate) fn say(what: &str) {
    eprintln!("· {what}");
}
