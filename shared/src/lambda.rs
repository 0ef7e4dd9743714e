//! Between Lambda and a router: an API Gateway event (HTTP API, payload 2.0) in, its response out.
//!
//! AWS and the platform on one machine both go through [`HttpFunction::answer`]. What a newcomer gets wrong: API Gateway
//! delivers the path percent-decoded, so a path is looked at before any library parses it again.

use std::{net::IpAddr, ops::Deref, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{FromRef, FromRequestParts},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header, request::Parts};
use lambda_http::{
    LambdaEvent,
    aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse},
    service_fn,
};
use subtle::ConstantTimeEq;
use tokio::time::Instant;
use tower::ServiceExt;

use crate::{
    auth::Identity,
    config,
    db::{Db, counting_round_trips},
    error::ApiError,
    event::{self, Gzip},
    idempotency::RawBody,
    query::Query,
    routes::{self, RoutePath, Routes},
    text::Language,
};

/// When a request is given up. Above it stand the function's own limit and the gateway's, below it that of a statement.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// What `main` ends with.
pub type Error = lambda_http::Error;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const X_ORIGIN_VERIFY: HeaderName = HeaderName::from_static("x-origin-verify");

/// Logs as Lambda is configured to (`AWS_LAMBDA_LOG_FORMAT`, `AWS_LAMBDA_LOG_LEVEL`). To be called first.
pub fn init_tracing() {
    lambda_http::tracing::init_default_subscriber();
}

/// Answers Lambda's events for as long as the sandbox lives.
///
/// # Errors
/// Where the environment is wrong, or when the Lambda runtime ends.
pub async fn run(function: HttpFunction) -> Result<(), Error> {
    let function = function.behind(config::Edge::from_env()?);
    function.db.warm_up().await;
    let function = &function;
    lambda_runtime::run(service_fn(async move |event| Ok::<_, std::convert::Infallible>(function.answer(event).await)))
        .await
}

/// A function that API Gateway calls: a table of routes and what their handlers need.
#[derive(Clone, Debug)]
pub struct HttpFunction {
    router: Router,
    db: Db,
    edge: Arc<config::Edge>,
    timeout: Duration,
}

impl HttpFunction {
    /// Builds the router.
    pub fn new<S>(routes: Routes<S>, state: S) -> Self
    where
        S: Clone + Send + Sync + 'static,
        Db: FromRef<S>,
    {
        let db = Db::from_ref(&state);
        Self { db, router: routes.into_router(state), edge: Arc::default(), timeout: REQUEST_TIMEOUT }
    }

    /// The same behind CloudFront, which is believed what it says of the client.
    #[must_use]
    pub fn behind(self, edge: config::Edge) -> Self {
        Self { edge: Arc::new(edge), ..self }
    }

    /// Answers one event. It never fails: whatever goes wrong is an answer of the contract.
    pub async fn answer(&self, event: LambdaEvent<ApiGatewayV2httpRequest>) -> ApiGatewayV2httpResponse {
        let started = Instant::now();
        let call = Call::from_event(&event, &self.edge);
        let (mut response, round_trips) = counting_round_trips(self.respond(event.payload, &call)).await;

        let route = response.extensions().get().map_or("(unknown)", |RoutePath(path)| path);
        let status = response.status().as_u16();
        let duration_ms = started.elapsed().as_secs_f64() * 1000.0;
        let request_id = call.request_id.as_str();
        if let Some(error) = response.extensions_mut().remove::<ApiError>() {
            if let Some(cause) = error.cause() {
                tracing::error!(request_id, route, cause = %causes(cause), "request failed");
            }
            response = error.answer(call.language);
        }
        tracing::info!(request_id, method = %call.method, route, status, duration_ms, sql_round_trips = round_trips, "request");

        let headers = response.headers_mut();
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Ok(request_id) = HeaderValue::from_str(request_id) {
            headers.insert(X_REQUEST_ID, request_id);
        }
        event::from_response(response, &call).await
    }

    async fn respond(&self, event: ApiGatewayV2httpRequest, call: &Call) -> Response {
        if call.method == Method::OPTIONS {
            // A preflight came through: the gateway adds the CORS headers.
            return StatusCode::NO_CONTENT.into_response();
        }
        let Some(request) = into_request(event, call) else { return routes::unknown_path(call).into_response() };
        let deadline = Instant::now() + self.timeout;
        let (parts, body) = request.into_parts();
        // A read may be asked for again, so a connection that died since the last request is nobody's problem.
        let again = (parts.method == Method::GET).then(|| parts.clone());

        let response = self.handle(Request::from_parts(parts, Body::from(body)), deadline).await;
        match again {
            Some(parts) if response.extensions().get().is_some_and(ApiError::is_lost_connection) => {
                self.handle(Request::from_parts(parts, Body::empty()), deadline).await
            }
            _ => response,
        }
    }

    async fn handle(&self, request: Request<Body>, deadline: Instant) -> Response {
        let handler = AssertUnwindSafe(self.router.clone().oneshot(request)).catch_unwind();
        let response = match tokio::time::timeout_at(deadline, handler).await {
            Ok(Ok(Ok(response))) => response,
            Ok(Ok(Err(never))) => match never {},
            Ok(Err(_)) => ApiError::internal("a handler panicked").into_response(),
            Err(_) => ApiError::Unavailable(Arc::from(Box::from("the request took too long"))).into_response(),
        };
        let broken = matches!(response.extensions().get(), Some(ApiError::Unavailable(_) | ApiError::Internal(_)));
        self.db.settle(broken).await;
        response
    }
}

/// What a handler may want to know about the request beside its path and body. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Call(Arc<CallParts>);

/// The fields of a [`Call`].
#[derive(Debug)]
pub struct CallParts {
    /// API Gateway's id of the request.
    pub request_id: String,
    /// `https://` and the host that the client called.
    pub origin: String,
    /// The path as the client called it, with its trailing slash if it had one.
    pub path: String,
    /// The query string.
    pub query: Query,
    /// The language of the answer.
    pub language: Language,
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// The client's `User-Agent`, at most 255 characters of it.
    pub user_agent: String,
    /// What the authorizer found out.
    pub identity: Identity,
    /// The rows of a page if the caller names no size.
    pub page_size: u64,
    /// Whether a page of another site may have sent this without its browser's asking first.
    pub(crate) is_forged: bool,
    pub(crate) method: Method,
    pub(crate) gzip: Gzip,
}

impl Deref for Call {
    type Target = CallParts;

    fn deref(&self) -> &CallParts {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for Call {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get().cloned().ok_or_else(|| ApiError::internal("a request without its call"))
    }
}

impl Call {
    fn from_event(event: &LambdaEvent<ApiGatewayV2httpRequest>, edge: &config::Edge) -> Self {
        let request = &event.payload;
        let context = &request.request_context;
        let header =
            |name: HeaderName| request.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let scheme = match header(HeaderName::from_static("x-forwarded-proto")) {
            "http" => "http",
            _ => "https",
        };
        let path = request.raw_path.as_deref().unwrap_or_default();
        // API Gateway sees CloudFront as the client, under its own name, and without the slash at the end of a path.
        let viewer = |name| match is_from_edge(header(X_ORIGIN_VERIFY), edge) {
            true => Some(header(HeaderName::from_static(name))).filter(|value| !value.is_empty()),
            false => None,
        };
        let host = viewer("x-viewer-host").or(context.domain_name.as_deref()).unwrap_or_default();
        let ip = viewer("x-viewer-ip").or(context.http.source_ip.as_deref());
        let viewer_path = viewer("x-viewer-path").filter(|seen| seen.strip_suffix('/') == Some(path));
        let user_agent = request.headers.get(header::USER_AGENT).map_or(&[][..], HeaderValue::as_bytes);
        let identity = context
            .authorizer
            .as_ref()
            .map_or(Identity::Absent, |authorizer| Identity::from_context(&authorizer.fields));
        let origin = format!("{scheme}://{host}");
        Self(Arc::new(CallParts {
            is_forged: is_forged(&context.http.method, &request.headers, &origin, edge),
            request_id: context.request_id.clone().unwrap_or_else(|| event.context.request_id.clone()),
            origin,
            path: viewer_path.unwrap_or(path).to_owned(),
            query: Query::parse(request.raw_query_string.as_deref().unwrap_or_default()),
            language: Language::preferred(header(header::ACCEPT_LANGUAGE)),
            ip: ip.and_then(|ip| ip.parse().ok()),
            user_agent: String::from_utf8_lossy(user_agent).chars().take(255).collect(),
            identity,
            page_size: edge.page_size,
            method: context.http.method.clone(),
            gzip: Gzip::read(&request.headers),
        }))
    }
}

/// Whether a request is one that a browser sends for a page of another site without a preflight: it writes, its `Origin`
/// is neither the host that was called nor the web application, and its type is none or one that an HTML form can send.
fn is_forged(method: &Method, headers: &HeaderMap, own: &str, edge: &config::Edge) -> bool {
    let is_own = |origin: &HeaderValue| {
        let is = |own: &str| origin.as_bytes().eq_ignore_ascii_case(own.as_bytes());
        is(own) || edge.web_origin.as_deref().is_some_and(is)
    };
    let needs_no_preflight = |value: &HeaderValue| {
        let media_type = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        ["", "text/plain", "multipart/form-data", "application/x-www-form-urlencoded"]
            .iter()
            .any(|simple| media_type.eq_ignore_ascii_case(simple.as_bytes()))
    };
    matches!(*method, Method::POST | Method::PUT | Method::PATCH | Method::DELETE)
        && headers.get_all(header::ORIGIN).iter().any(|origin| !is_own(origin))
        && headers.get(header::CONTENT_TYPE).is_none_or(needs_no_preflight)
}

/// Whether a request came through our CloudFront, which adds a secret to it.
fn is_from_edge(secret: &str, edge: &config::Edge) -> bool {
    edge.origin_verify.as_ref().is_some_and(|own| own.as_bytes().ct_eq(secret.as_bytes()).into())
}

/// The event as an HTTP request, with the path's trailing slash gone, or nothing for a path that no route could have.
/// The query string stays behind: a handler reads it from the [`Call`].
fn into_request(event: ApiGatewayV2httpRequest, call: &Call) -> Option<Request<Bytes>> {
    if !is_plain(&call.path) {
        return None;
    }
    let path = call.path.trim_end_matches('/');
    let body = match event.body {
        Some(body) if event.is_base64_encoded => Bytes::from(STANDARD.decode(body).ok()?),
        Some(body) => Bytes::from(body),
        None => Bytes::new(),
    };
    // HEAD is GET, whose answer loses its body at the end: so all of its headers are the same.
    let method = if call.method == Method::HEAD { Method::GET } else { call.method.clone() };
    let mut request = Request::builder()
        .method(method)
        .uri(if path.is_empty() { "/" } else { path })
        .extension(call.clone())
        .extension(RawBody(body.clone()))
        .body(body)
        .ok()?;
    *request.headers_mut() = event.headers;
    Some(request)
}

/// Whether a decoded path is made of what our routes are made of. Everything else (`%2e` decoded to `.`, `%3f` to `?`,
/// doubled slashes, NUL) could mean one thing to the gateway and another to a URL parser.
fn is_plain(path: &str) -> bool {
    path.starts_with('/')
        && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._~/-".contains(&byte))
        && !path.contains("..")
        && !path.contains("//")
        && !path.split('/').any(|segment| segment == ".")
}

/// An error and everything behind it, for the log. Some libraries write what is behind an error into it themselves.
fn causes(error: &(dyn std::error::Error + Send + Sync + 'static)) -> String {
    let mut text = error.to_string();
    let mut behind = error.source();
    while let Some(error) = behind {
        let cause = error.to_string();
        if !text.ends_with(&cause) {
            text = format!("{text}: {cause}");
        }
        behind = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use std::sync::atomic::{AtomicBool, Ordering};

    use lambda_http::{Context, aws_lambda_events::encodings::Body as EventBody};
    use serde_json::json;

    use super::*;
    use crate::{extract::NoContent, routes::Access::Public, text::Text};

    async fn hang() -> Result<NoContent, ApiError> {
        std::future::pending().await
    }

    async fn panic() -> Result<NoContent, ApiError> {
        panic!("as a test")
    }

    async fn lose_connection_once() -> Result<NoContent, ApiError> {
        static IS_LOST: AtomicBool = AtomicBool::new(false);
        if IS_LOST.swap(true, Ordering::Relaxed) {
            return std::future::pending().await;
        }
        tokio::time::sleep(Duration::from_millis(750)).await;
        Err(sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into()).into())
    }

    #[tokio::test]
    async fn a_request_that_takes_too_long_is_503_and_one_that_panics_500() {
        let db = Db::sandbox(config::database_url("postgres://red_app@127.0.0.1:1/red").unwrap());
        let routes = Routes::new().get("/api/hang", Public, hang).get("/api/panic", Public, panic);
        let function = HttpFunction::new(routes, db);
        assert_eq!(function.timeout, Duration::from_secs(20));
        let function = HttpFunction { timeout: Duration::from_millis(50), ..function };

        for (path, status, text) in [("/api/hang", 503, Text::Unavailable), ("/api/panic", 500, Text::ServerError)] {
            let event = json!({ "rawPath": path, "requestContext": { "http": { "method": "GET" } }, "headers": {} });
            let event = serde_json::from_value(event).unwrap();
            let answer = function.answer(LambdaEvent::new(event, Context::default())).await;

            let Some(EventBody::Text(body)) = &answer.body else { panic!("no body") };
            let detail = text.in_language(Language::French);
            assert_eq!((answer.status_code, body.as_str()), (status, json!({ "detail": detail }).to_string().as_str()));
        }
    }

    #[tokio::test]
    async fn a_read_that_is_asked_again_has_one_deadline_for_both() {
        let timeout = Duration::from_secs(1);
        let db = Db::sandbox(config::database_url("postgres://red_app@127.0.0.1:1/red").unwrap());
        let function = HttpFunction::new(Routes::new().get("/api/lost", Public, lose_connection_once), db);
        let function = HttpFunction { timeout, ..function };
        let event = json!({ "rawPath": "/api/lost", "requestContext": { "http": { "method": "GET" } }, "headers": {} });

        let started = Instant::now();
        let event = serde_json::from_value(event).unwrap();
        let answer = function.answer(LambdaEvent::new(event, Context::default())).await;
        assert_eq!(answer.status_code, 503);
        let elapsed = started.elapsed();
        assert!(elapsed >= timeout && elapsed < timeout * 3 / 2, "{elapsed:?}");
    }
}
