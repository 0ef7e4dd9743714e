//! What `sam build` made, run as Lambda runs it: each function starts, and answers an event of its own.

use std::{fmt, fs, path::Path};

use bytes::Bytes;
use local::platform::TEMPLATE;
use serde::Serialize;
use serde_json::json;
use toolbox::tools::Error;

use crate::{
    events::{Answer, get, post},
    host::Host,
    site::{Filling, PASSWORD, SOMEBODY, Site},
};

const ADMIN: i64 = 1;

/// A line for each function.
#[derive(Serialize)]
pub struct Artefacts(Vec<Artefact>);

#[derive(Serialize)]
struct Artefact {
    function: String,
    bytes: u64,
    first_answer_ms: f64,
    answer: String,
}

/// Calls each function of the template once, with the program that lies in its folder below `built`.
///
/// # Errors
/// Where one does not start, or answers otherwise than it should.
pub async fn run(folder: &Path, tools: &Path, built: &Path) -> Result<Artefacts, Error> {
    let mut site = Site::start(folder, tools, false, Filling { hotels: 10, accounts: 2 }).await?;
    let called = call_all(&mut site, built).await;
    site.end().await?;
    called.map(Artefacts)
}

async fn call_all(site: &mut Site, built: &Path) -> Result<Vec<Artefact>, Error> {
    let parameters = [("WebOrigin".to_owned(), "http://web.test".to_owned())];
    let template = local::gateway::Template::parse(TEMPLATE, &parameters.into())?;
    let mut artefacts = Vec::new();
    for (id, name) in &template.binaries {
        let binary = built.join(id).join("bootstrap");
        let bytes = fs::metadata(&binary).map_err(|error| format!("{}: {error}", binary.display()))?.len();
        let event = event(site, name).await?;
        let answered = Host::new(site.function(name, binary)?).invoke(event).await;
        let answered = answered.map_err(|error| format!("{name}: {error}"))?;
        let start = answered.start.ok_or("the process was there already")?;
        artefacts.push(Artefact {
            function: name.clone(),
            bytes,
            first_answer_ms: start.first_answer.as_secs_f64() * 1000.0,
            answer: expected(name, &answered.payload)?,
        });
    }
    Ok(artefacts)
}

async fn event(site: &mut Site, name: &str) -> Result<Bytes, Error> {
    let path = match name {
        "auth" => {
            let login = json!({ "email": "user2@example.sn", "password": PASSWORD });
            return site.event(post("/api/auth/login/", SOMEBODY, &login)?, None).await;
        }
        "authorizer" => return site.authorizer_event(get("/api/hotels/", SOMEBODY)?).await,
        // Nothing is queued, and so nothing is sent.
        "email-dispatcher" | "migrate" => return Ok(Bytes::from_static(b"{}")),
        "email-events" => {
            let mail = json!({ "messageId": "none", "tags": {} });
            let event =
                json!({ "detail-type": "Email Delivered", "detail": { "eventType": "Delivery", "mail": mail } });
            return Ok(event.to_string().into());
        }
        "dashboard" => "/api/health/".to_owned(),
        name => format!("/api/{name}/"),
    };
    site.event(get(&path, SOMEBODY)?, Some(ADMIN)).await
}

/// What a function answered, in a few words.
fn expected(name: &str, payload: &[u8]) -> Result<String, Error> {
    let text = String::from_utf8_lossy(payload).into_owned();
    let wanted = match name {
        // That nobody is known by such a token.
        "authorizer" => "isAuthorized",
        "email-dispatcher" => "\"sent\":0",
        "email-events" => "null",
        "migrate" => "version",
        _ => {
            return match Answer::read(payload)?.status {
                200 => Ok("200".to_owned()),
                status => Err(format!("{name} answers {status}: {text}").into()),
            };
        }
    };
    if text.contains(wanted) { Ok(text) } else { Err(format!("{name} answers {text}").into()) }
}

impl fmt::Display for Artefacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| function | program | first answer | answer |")?;
        writeln!(f, "|---|---|---|---|")?;
        for Artefact { function, bytes, first_answer_ms, answer } in &self.0 {
            #[expect(clippy::cast_precision_loss, reason = "megabytes")]
            let megabytes = *bytes as f64 / 1e6;
            writeln!(f, "| {function} | {megabytes:.2} MB | {first_answer_ms:.1} ms | `{answer}` |")?;
        }
        Ok(())
    }
}
