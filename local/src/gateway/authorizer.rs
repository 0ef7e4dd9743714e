//! Lambda authorizers with payload 2.0 and simple responses.
//!
//! A request without its identity source never reaches the function. What the function says, yes or no, is kept for the
//! time that the template sets, for every route behind the same authorizer; what goes wrong is not kept.

use super::event::Arrival;
use super::intrinsics::Node;
use super::template::TemplateError;
use http::HeaderName;
use serde_json::{Map, Value};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The quota for an authorizer's answer, whatever its function's own timeout.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);

const CACHED: usize = 1_000;

/// One authorizer of the API.
#[derive(Clone, Debug)]
pub struct Authorizer {
    /// The logical id of the function.
    pub function: String,
    /// What a request must bring before the function is asked, and the key of its cache.
    pub identity: Vec<IdentitySource>,
    /// How long an answer is kept; zero is not at all.
    pub ttl: Duration,
    /// Whether API Gateway may invoke the function. Without `EnableFunctionDefaultPermissions` every request is a 500.
    pub permitted: bool,
}

/// Where a request carries its identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentitySource {
    /// `$request.header.<name>`
    Header(HeaderName),
    /// `$request.querystring.<name>`
    Query(String),
}

impl Authorizer {
    pub(super) fn read(node: &Node<'_>) -> Result<Self, TemplateError> {
        let version = node.require("AuthorizerPayloadFormatVersion")?;
        // An unquoted 2.0 reaches us as a number.
        if !["2.0", "2"].contains(&version.text()?.as_str()) {
            return Err(version.error("only payload format version 2.0 is emulated"));
        }
        let flag = |name| node.get(name)?.map_or(Ok(false), |flag| flag.flag());
        if !flag("EnableSimpleResponses")? {
            return Err(node.error("only simple responses are emulated: EnableSimpleResponses must be true"));
        }
        let mut identity = Vec::new();
        let mut ttl = Duration::ZERO;
        if let Some(sources) = node.get("Identity")? {
            for (kind, node) in sources.entries()? {
                match kind {
                    "Headers" => {
                        for header in node.items()? {
                            let name = HeaderName::from_bytes(header.text()?.as_bytes());
                            let name = name.map_err(|_| header.error("expected the name of a header"))?;
                            identity.push(IdentitySource::Header(name));
                        }
                    }
                    "QueryStrings" => {
                        for name in node.items()? {
                            identity.push(IdentitySource::Query(name.text()?));
                        }
                    }
                    "ReauthorizeEvery" => ttl = Duration::from_secs(node.number(0..=3_600)?.into()),
                    _ => return Err(node.error("this source of identity is not emulated")),
                }
            }
        }
        if identity.is_empty() && !ttl.is_zero() {
            return Err(node.error("a cache needs an identity source"));
        }
        let function = node.require("FunctionArn")?.resource()?;
        Ok(Self { function, identity, ttl, permitted: flag("EnableFunctionDefaultPermissions")? })
    }

    /// The values of the identity sources, unless one is missing or empty.
    pub(super) fn identity<'a>(&self, arrival: &'a Arrival<'_>) -> Option<Vec<&'a str>> {
        let values = self.identity.iter().map(|source| match source {
            IdentitySource::Header(name) => arrival.headers.get(name.as_str()).map(AsRef::as_ref),
            IdentitySource::Query(name) => arrival.query.get(name.as_str()).map(String::as_str),
        });
        values.map(|value| value.filter(|value| !value.trim().is_empty())).collect()
    }
}

/// What an authorizer's function answers.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) is_authorized: bool,
    pub(super) context: Option<Map<String, Value>>,
}

impl Verdict {
    /// Reads a simple response, unless it is malformed.
    pub(super) fn read(json: &[u8]) -> Option<Self> {
        let mut answer: Map<String, Value> = serde_json::from_slice(json).ok()?;
        let is_authorized = answer.get("isAuthorized")?.as_bool()?;
        let context = match answer.remove("context") {
            None | Some(Value::Null) => None,
            Some(Value::Object(context)) => Some(context),
            Some(_) => return None,
        };
        Some(Self { is_authorized, context })
    }
}

/// What was decided lately, by identity.
///
/// Every entry lives equally long, so the queue is in the order in which entries end.
#[derive(Default)]
pub(super) struct Cache(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    verdicts: HashMap<Arc<[String]>, (Instant, Arc<Verdict>)>,
    ends: VecDeque<(Instant, Arc<[String]>)>,
}

impl Cache {
    pub(super) fn get(&self, identity: &[String], now: Instant) -> Option<Arc<Verdict>> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (end, verdict) = entries.verdicts.get(identity)?;
        (now < *end).then(|| Arc::clone(verdict))
    }

    pub(super) fn put(&self, identity: Vec<String>, verdict: Arc<Verdict>, now: Instant, ttl: Duration) {
        let Some(end) = now.checked_add(ttl) else {
            return;
        };
        let identity: Arc<[String]> = identity.into();
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.verdicts.insert(Arc::clone(&identity), (end, verdict));
        entries.ends.push_back((end, identity));
        while let Some((end, _)) = entries.ends.front() {
            if now < *end && entries.ends.len() <= CACHED {
                break;
            }
            if let Some((end, identity)) = entries.ends.pop_front()
                && entries.verdicts.get(&identity).is_some_and(|(newest, _)| *newest == end)
            {
                entries.verdicts.remove(&identity);
            }
        }
    }
}
