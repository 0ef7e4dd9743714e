//! Requests to warm functions, each against the same statements by pgbench and against a function that does nothing.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Request};
use serde::Serialize;
use serde_json::{Value, json};
use toolbox::tools::Error;

use crate::{
    events::{get, post},
    host::Host,
    measure::{Quantiles, answer, say},
    pgbench::Pgbench,
    queries,
    site::{Binaries, SOMEBODY, Site},
    statements,
};

/// Requests before those that are measured.
const WARM_UP: u32 = 20;
/// How often function, pgbench and the empty function take turns.
const ROUNDS: u32 = 5;
/// An administrator's account.
pub(crate) const ADMIN: i64 = 1;

/// What hotels are called that are created to be measured.
const CREATED: &str = "Hôtel des mesures";

/// A request that people make.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// The function that answers it.
    pub(crate) function: &'static str,
    pub(crate) path: &'static str,
    /// Whether it creates a hotel.
    pub(crate) creates: bool,
}

/// What both a platform and a peer are asked.
pub(crate) const CASES: [Case; 6] = [
    Case { name: "hotels", function: "hotels", path: "/api/hotels/", creates: false },
    Case { name: "hotels: search", function: "hotels", path: "/api/hotels/?search=baobab+dakar", creates: false },
    Case {
        name: "hotels: filter, order, page 3",
        function: "hotels",
        path: "/api/hotels/?city=dakar&rating__gte=4&ordering=-rating,price_per_night&page=3",
        creates: false,
    },
    Case { name: "hotel", function: "hotels", path: "/api/hotels/7/", creates: false },
    Case { name: "dashboard", function: "dashboard", path: "/api/dashboard/", creates: false },
    Case { name: "create a hotel", function: "hotels", path: "/api/hotels/", creates: true },
];

impl Case {
    pub(crate) fn method(&self) -> Method {
        if self.creates { Method::POST } else { Method::GET }
    }

    pub(crate) fn status(&self) -> u16 {
        if self.creates { 201 } else { 200 }
    }

    pub(crate) fn body(&self) -> Option<Value> {
        self.creates.then(|| {
            json!({
                "name": CREATED, "description": "Une chambre avec vue.", "city": "Dakar",
                "address": "12, avenue de la Paix", "phone": "+221 33 800 00 00", "email": "contact@example.sn",
                "price_per_night": "45000.00", "rating": 4.5, "rooms_count": 40, "available_rooms": 12,
            })
        })
    }

    fn request(&self) -> Result<Request<Bytes>, Error> {
        match self.body() {
            Some(body) => post(self.path, SOMEBODY, &body),
            None => get(self.path, SOMEBODY),
        }
    }
}

/// How long a case takes, in milliseconds.
#[derive(Debug, Serialize)]
pub struct CaseTimes {
    /// The function's.
    pub function: Quantiles,
    /// The same statements by pgbench on one connection.
    pub sql: Option<Quantiles>,
    /// A function that does nothing, in the same minutes.
    pub empty: Quantiles,
    /// How many statements there are, `begin` and `commit` included.
    pub statements: usize,
}

impl CaseTimes {
    /// One and a half times the statements, and what doing nothing takes.
    #[must_use]
    pub fn aim(&self) -> Option<f64> {
        self.sql.map(|sql| 1.5 * sql.p50 + self.empty.p50)
    }
}

/// Measures every case with so many requests, one after the other.
///
/// # Errors
/// A sentence that says what to do.
pub async fn run(site: &mut Site, binaries: Binaries<'_>, requests: u32) -> Result<BTreeMap<String, CaseTimes>, Error> {
    let pgbench = Pgbench::find(site.app_url(), site.folder()).await?;
    let mut empty = Host::new(site.function("hello", binaries("hello"))?);
    let mut found = BTreeMap::new();
    for case in CASES {
        let function = site.function(case.function, binaries(case.function))?;
        let event = site.event(case.request()?, Some(ADMIN)).await?;
        let statements = statements::of(site, function.clone(), &event, case.status()).await?;
        let (mut host, per_round) = (Host::new(function), requests.div_ceil(ROUNDS));
        let (mut function_times, mut empty_times, mut sql_times) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            for (host, status, times) in
                [(&mut empty, 200, &mut empty_times), (&mut host, case.status(), &mut function_times)]
            {
                for n in 0..WARM_UP + per_round {
                    let (took, _) = answer(host, event.clone(), status).await?;
                    if n >= WARM_UP {
                        times.push(took);
                    }
                }
            }
            if let Some(pgbench) = &pgbench {
                let measured = pgbench.run(&statements, WARM_UP + per_round).await?;
                sql_times.extend(measured.into_iter().skip(WARM_UP as usize));
            }
        }
        say(case.name);
        let sql = (!sql_times.is_empty()).then(|| Quantiles::of(&sql_times));
        let (function, empty) = (Quantiles::of(&function_times), Quantiles::of(&empty_times));
        found.insert(case.name.to_owned(), CaseTimes { function, sql, empty, statements: statements.len() });
    }
    // What is measured next is asked of as many rows.
    let mut db = site.superuser().await?;
    queries::delete_hotels(&mut db, CREATED).await?;
    queries::vacuum(&mut db).await?;
    Ok(found)
}
