//! What a list costs where there are a thousand rows, and where there are a million.

use std::collections::BTreeMap;

use local::seed::Counts;
use serde::Serialize;
use toolbox::tools::Error;

use crate::{
    cases::ADMIN,
    events::get,
    host::Host,
    measure::{answer, say},
    queries,
    site::{Binaries, SOMEBODY, Site},
    statements,
    stats::median,
};

const WARM_UP: u32 = 5;
const REQUESTS: u32 = 40;
/// As many as there are rows, but no more than these.
const USERS: u32 = 1_000;
const FORMS: u32 = 10;

/// What is asked, of which function. All of it as an administrator but messages, which are everybody's own.
const REQUESTED: [(&str, &str); 22] = [
    ("hotels", "/api/hotels/"),
    ("hotels", "/api/hotels/?search=baobab+dakar"),
    ("hotels", "/api/hotels/?search=pal"),
    ("hotels", "/api/hotels/?city=dakar&rating__gte=4&ordering=-rating"),
    ("hotels", "/api/hotels/?page=last"),
    ("tickets", "/api/tickets/"),
    ("tickets", "/api/tickets/?status=open"),
    ("tickets", "/api/tickets/?status=open&priority=high"),
    ("tickets", "/api/tickets/?search=climatisation"),
    ("tickets", "/api/tickets/?page=last"),
    ("messages", "/api/messages/"),
    ("messages", "/api/messages/?search=merci"),
    ("messages", "/api/messages/?page=last"),
    ("emails", "/api/emails/"),
    ("emails", "/api/emails/?status=failed"),
    ("emails", "/api/emails/?search=diop"),
    ("emails", "/api/emails/?page=last"),
    ("entries", "/api/entries/?form=1"),
    ("entries", "/api/entries/?form=1&search=awa"),
    ("entries", "/api/entries/?form=1&page=last"),
    ("entries", "/api/entries/"),
    ("dashboard", "/api/dashboard/"),
];

/// Times of one request, in milliseconds, by the number of rows.
#[derive(Debug, Default, Serialize)]
pub struct Grown(pub BTreeMap<u32, Times>);

/// Times with so many rows.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Times {
    /// The whole request.
    pub p50: f64,
    /// The statement alone, as `explain (analyze)` has it.
    pub statement: f64,
    /// How much of that goes to counting.
    pub count: f64,
    /// How many rows there are to list.
    pub rows: Option<i64>,
}

/// Fills the database to each of `sizes` in turn (hotels, tickets, messages, e-mails and entries, so many of each) and measures.
///
/// # Errors
/// A sentence that says what to do.
pub async fn run(site: &mut Site, binaries: Binaries<'_>, sizes: &[u32]) -> Result<BTreeMap<String, Grown>, Error> {
    let mut found: BTreeMap<String, Grown> = BTreeMap::new();
    let mut there = 0;
    for size in sizes {
        say(&format!("growth: {size} of each"));
        let more = size.saturating_sub(there);
        let (users, forms) = if there == 0 { (USERS, FORMS) } else { (0, 0) };
        let (hotels, tickets, messages, emails, entries) = (more, more, more, more, more);
        site.fill(&Counts { hotels, users, tickets, messages, forms, entries, emails }).await?;
        there = *size;
        let mut db = site.superuser().await?;
        queries::checkpoint(&mut db).await?;
        let reader = queries::select_busiest_reader(&mut db).await?;
        for (name, path) in REQUESTED {
            let caller = if name == "messages" { reader } else { ADMIN };
            let function = site.function(name, binaries(name))?;
            let event = site.event(get(path, SOMEBODY)?, Some(caller)).await?;
            let asked = statements::of(site, function.clone(), &event, 200).await?;
            let mut host = Host::new(function);
            let (mut measured, mut rows) = (Vec::new(), None);
            for n in 0..WARM_UP + REQUESTS {
                let (took, answer) = answer(&mut host, event.clone(), 200).await?;
                rows = answer.json()["count"].as_i64();
                if n >= WARM_UP {
                    measured.push(took);
                }
            }
            let (mut statement, mut count) = (0.0, 0.0);
            for asked in asked {
                let explained = queries::explain(&mut db, &asked.with_literals()).await?;
                statement += explained["Execution Time"].as_f64().unwrap_or_default();
                count += counting(&explained["Plan"]);
            }
            let times = Times { p50: median(&measured), statement, count, rows };
            found.entry(path.to_owned()).or_default().0.insert(*size, times);
        }
    }
    Ok(found)
}

/// What the part `counted` of a list takes.
fn counting(plan: &serde_json::Value) -> f64 {
    let parts = plan["Plans"].as_array().into_iter().flatten();
    let own = |part: &serde_json::Value| match part["Subplan Name"].as_str() {
        Some("CTE counted") => part["Actual Total Time"].as_f64().unwrap_or_default(),
        _ => counting(part),
    };
    parts.map(own).sum()
}
