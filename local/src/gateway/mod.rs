//! API Gateway on one machine: an HTTP API with payload format 2.0 and the `$default` stage, driven by the same
//! template as in AWS.
//!
//! A request becomes the event that AWS would send, the function behind its route is called with that event and nothing
//! else, and its JSON becomes the answer. Functions are injected, so the gateway knows neither what they do nor where
//! they run. Where AWS refuses, this refuses, with the same status and the same body.

mod answer;
mod authorizer;
mod cors;
mod event;
mod intrinsics;
mod invocation;
mod routes;
mod server;
mod template;
mod throttle;

pub use authorizer::{Authorizer, IdentitySource};
pub use cors::Cors;
pub use invocation::{Function, FunctionError, Invocation};
pub use routes::{RoutePath, Segment};
pub use server::{ServerLimits, serve, serve_with};
pub use template::{Route, Template, TemplateError};
pub use throttle::Limit;

use authorizer::{Cache, Verdict};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use bytes::Bytes;
use event::{Arrival, Authorized};
use http::{Method, Request, Response, StatusCode};
use invocation::Target;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;
use throttle::Bucket;

/// The quota on a request's body.
const MAX_BODY: usize = 10 * 1024 * 1024;
/// The quota on the request line and the values of all headers.
const MAX_HEAD: usize = 10_240;

/// The template needs a function, or an authorizer, that was not given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingFunction {
    /// Its logical id, or the authorizer's name.
    pub function: String,
    /// The route, or the authorizer, that calls it.
    pub caller: String,
}

impl fmt::Display for MissingFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} needs {}, and there is no such function", self.caller, self.function)
    }
}

impl std::error::Error for MissingFunction {}

/// The API.
pub struct Gateway {
    template: Template,
    /// One for each of the template's routes, in the same order.
    backends: Vec<Backend>,
    clock: Box<dyn Fn() -> Instant + Send + Sync>,
}

struct Backend {
    target: Target,
    guard: Option<Arc<Guard>>,
    bucket: Option<Bucket>,
}

struct Guard {
    authorizer: Authorizer,
    target: Target,
    cache: Cache,
}

impl Gateway {
    /// Puts `functions`, by the template's logical ids, behind its routes.
    pub fn new(template: Template, functions: HashMap<String, Function>) -> Result<Self, MissingFunction> {
        let target = |name: &str, caller: &str| match (functions.get(name), template.functions.get(name)) {
            (Some(function), Some(timeout)) => {
                Ok(Target { name: name.to_owned(), function: Arc::clone(function), timeout: *timeout })
            }
            _ => Err(MissingFunction { function: name.to_owned(), caller: caller.to_owned() }),
        };
        let mut guards = BTreeMap::new();
        for (name, authorizer) in &template.authorizers {
            let target = target(&authorizer.function, &format!("the authorizer {name}"))?;
            guards.insert(
                name.as_str(),
                Arc::new(Guard { authorizer: authorizer.clone(), target, cache: Cache::default() }),
            );
        }
        let mut backends = Vec::with_capacity(template.routes.len());
        for route in &template.routes {
            let caller = format!("the route {}", route.key);
            let guard = match &route.authorizer {
                Some(name) => Some(
                    guards
                        .get(name.as_str())
                        .cloned()
                        .ok_or_else(|| MissingFunction { function: name.clone(), caller: caller.clone() })?,
                ),
                None => None,
            };
            let target = target(&route.function, &caller)?;
            backends.push(Backend { target, guard, bucket: route.throttle.map(Bucket::new) });
        }
        Ok(Self { template, backends, clock: Box::new(Instant::now) })
    }

    /// Replaces the clock that throttling and the authorizers' caches read.
    pub fn with_clock(mut self, clock: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Answers one request.
    pub async fn handle(&self, request: Request<Bytes>, source_ip: IpAddr) -> Response<Bytes> {
        let request_id = request_id();
        let (parts, body) = request.into_parts();
        let response = self.answer(&parts, &body, source_ip, &request_id).await.unwrap_or_else(answer::refusal);
        answer::finish(response, &parts.method, &request_id)
    }

    fn refuse(&self, method: &Method, status: StatusCode) -> Response<Bytes> {
        answer::finish(answer::refusal(status), method, &request_id())
    }

    async fn answer(
        &self,
        parts: &http::request::Parts,
        body: &Bytes,
        source_ip: IpAddr,
        request_id: &str,
    ) -> Result<Response<Bytes>, StatusCode> {
        if event::head_size(parts) > MAX_HEAD {
            return Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
        }
        if body.len() > MAX_BODY {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        let arrival = Arrival::new(parts, source_ip, request_id)?;
        let index = self.template.find(&parts.method, &arrival.path);
        let Some((route, backend)) = index.and_then(|at| self.template.routes.get(at).zip(self.backends.get(at)))
        else {
            return match &self.template.cors {
                Some(cors) if cors::is_preflight(&parts.method, &parts.headers) => Ok(cors.preflight(&parts.headers)),
                _ => Err(StatusCode::NOT_FOUND),
            };
        };
        if let Some(bucket) = &backend.bucket
            && !bucket.take((self.clock)())
        {
            return Err(StatusCode::TOO_MANY_REQUESTS);
        }
        let verdict = match &backend.guard {
            Some(guard) => Some(self.authorize(guard, route, &arrival).await?),
            None => None,
        };
        let authorized = verdict.as_ref().map(|verdict| Authorized { lambda: verdict.context.as_ref() });
        let event = arrival.for_function(route, authorized, body).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
        let payload = backend.target.call(event, route.timeout).await?;
        let mut response = answer::read(&payload).map_err(|error| {
            tracing::error!(function = backend.target.name, error, "the function's answer is malformed");
            StatusCode::INTERNAL_SERVER_ERROR
        })?;
        if let Some(cors) = &self.template.cors {
            cors.apply(&parts.method, &parts.headers, response.headers_mut());
        }
        Ok(response)
    }

    /// What the authorizer says, now or lately. Anything but a yes is a refusal.
    async fn authorize(&self, guard: &Guard, route: &Route, arrival: &Arrival<'_>) -> Result<Arc<Verdict>, StatusCode> {
        let Guard { authorizer, target, cache } = guard;
        let identity = authorizer.identity(arrival).ok_or(StatusCode::UNAUTHORIZED)?;
        let key: Vec<String> = identity.iter().copied().map(str::to_owned).collect();
        let verdict = match cache.get(&key, (self.clock)()) {
            Some(verdict) => verdict,
            None => {
                if !authorizer.permitted {
                    tracing::error!(
                        function = target.name,
                        "API Gateway may not invoke it: EnableFunctionDefaultPermissions is not true"
                    );
                    return Err(StatusCode::INTERNAL_SERVER_ERROR);
                }
                let verdict = Arc::new(ask(target, route, arrival, &identity).await?);
                if !authorizer.ttl.is_zero() {
                    cache.put(key, Arc::clone(&verdict), (self.clock)(), authorizer.ttl);
                }
                verdict
            }
        };
        if verdict.is_authorized { Ok(verdict) } else { Err(StatusCode::FORBIDDEN) }
    }
}

/// Calls an authorizer's function. Whatever goes wrong is a 500.
async fn ask(target: &Target, route: &Route, arrival: &Arrival<'_>, identity: &[&str]) -> Result<Verdict, StatusCode> {
    let failed = StatusCode::INTERNAL_SERVER_ERROR;
    let event = arrival.for_authorizer(route, identity).map_err(|_| failed)?;
    let answer = target.call(event, authorizer::TIMEOUT).await.map_err(|_| failed)?;
    Verdict::read(&answer).ok_or_else(|| {
        tracing::error!(function = target.name, "the authorizer's answer is malformed");
        failed
    })
}

/// Looks like API Gateway's: eleven bytes in sixteen characters.
fn request_id() -> String {
    let bytes = uuid::Uuid::new_v4().into_bytes();
    URL_SAFE.encode(bytes.get(..11).unwrap_or(&bytes))
}
