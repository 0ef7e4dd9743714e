//! The request as an event: payload format 2.0, for functions and for authorizers.
//!
//! `Arrival` is what both have in common, read once; an event borrows from it and is serialised in one go. Paths arrive
//! percent-decoded, as they do from the `$default` stage, while the query string keeps its encoding.

use super::intrinsics::{ACCOUNT, REGION};
use super::template::Route;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{self, HeaderMap};
use http::request::Parts;
use http::{StatusCode, Version};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::SystemTime;

const API: &str = "local";
const STAGE: &str = "$default";
const TRACE_ID: &str = "x-amzn-trace-id";

/// Headers that speak of one connection, and the one that has a field of its own.
const NOT_PASSED_ON: [&str; 10] = [
    "connection",
    "cookie",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A request that the gateway accepts, with everything that does not depend on its route.
pub(super) struct Arrival<'r> {
    pub(super) path: Cow<'r, str>,
    pub(super) headers: BTreeMap<&'r str, Cow<'r, str>>,
    pub(super) query: BTreeMap<Cow<'r, str>, String>,
    parts: &'r Parts,
    cookies: Vec<Cow<'r, str>>,
    domain: &'r str,
    domain_prefix: &'r str,
    source_ip: String,
    request_id: &'r str,
    time: DateTime<Utc>,
}

/// What an authorizer said about the caller.
#[derive(Serialize)]
pub(super) struct Authorized<'a> {
    /// Null where the authorizer gave no context.
    pub(super) lambda: Option<&'a serde_json::Map<String, serde_json::Value>>,
}

impl<'r> Arrival<'r> {
    pub(super) fn new(parts: &'r Parts, source_ip: IpAddr, request_id: &'r str) -> Result<Self, StatusCode> {
        let path = decode(parts.uri.path()).ok_or(StatusCode::BAD_REQUEST)?;
        let domain = host(parts).ok_or(StatusCode::BAD_REQUEST)?;
        let (name, port) = split_host(domain).ok_or(StatusCode::BAD_REQUEST)?;
        let time = DateTime::<Utc>::from(SystemTime::now());
        let source_ip = source_ip.to_canonical().to_string();

        let mut headers = BTreeMap::new();
        for name in parts.headers.keys() {
            if !NOT_PASSED_ON.contains(&name.as_str()) {
                headers.insert(name.as_str(), joined(&parts.headers, name.as_str()));
            }
        }
        headers.insert("host", Cow::Borrowed(domain));
        let forwarded = match headers.get("x-forwarded-for") {
            Some(earlier) => format!("{earlier}, {source_ip}"),
            None => source_ip.clone(),
        };
        headers.insert("x-forwarded-for", Cow::Owned(forwarded));
        headers.insert("x-forwarded-port", Cow::Borrowed(port.unwrap_or("80")));
        headers.insert("x-forwarded-proto", Cow::Borrowed("http"));
        headers.entry(TRACE_ID).or_insert_with(|| {
            let trace = uuid::Uuid::new_v4().simple().to_string();
            Cow::Owned(format!("Root=1-{:08x}-{}", time.timestamp(), trace.get(..24).unwrap_or(&trace)))
        });

        let mut query = BTreeMap::<_, String>::new();
        for (name, value) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
            let values = query.entry(name);
            values.and_modify(|values| values.extend([",", &value])).or_insert_with(|| value.into_owned());
        }
        let cookies = parts.headers.get_all(header::COOKIE).iter();
        let cookies = cookies.flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
        let cookies = cookies.map(|cookie| String::from_utf8_lossy(cookie.trim_ascii()));
        let cookies = cookies.filter(|cookie| !cookie.is_empty()).collect();
        let domain_prefix = name.split('.').next().unwrap_or(name);
        Ok(Self { path, headers, query, parts, cookies, domain, domain_prefix, source_ip, request_id, time })
    }

    /// The event that a route's function gets.
    pub(super) fn for_function(
        &self,
        route: &Route,
        authorized: Option<Authorized<'_>>,
        body: &[u8],
    ) -> serde_json::Result<Bytes> {
        let text = std::str::from_utf8(body).ok().filter(|_| is_text(&self.parts.headers));
        let encoded = text.is_none() && !body.is_empty();
        let text = text.map_or_else(|| Cow::Owned(STANDARD.encode(body)), Cow::Borrowed);
        let event = Event {
            body: (!body.is_empty()).then_some(&text),
            is_base64_encoded: Some(encoded),
            ..self.event(route, authorized)
        };
        serde_json::to_vec(&event).map(Bytes::from)
    }

    /// The event that the authorizer of a route gets.
    pub(super) fn for_authorizer(&self, route: &Route, identity: &[&str]) -> serde_json::Result<Bytes> {
        let (method, path) = (&self.parts.method, &self.path);
        let event = Event {
            kind: Some("REQUEST"),
            route_arn: Some(format!("arn:aws:execute-api:{REGION}:{ACCOUNT}:{API}/{STAGE}/{method}{path}")),
            identity_source: Some(identity),
            ..self.event(route, None)
        };
        serde_json::to_vec(&event).map(Bytes::from)
    }

    fn event<'a>(&'a self, route: &'a Route, authorizer: Option<Authorized<'a>>) -> Event<'a> {
        Event {
            version: "2.0",
            kind: None,
            route_arn: None,
            identity_source: None,
            route_key: &route.key,
            raw_path: &self.path,
            raw_query_string: self.parts.uri.query().unwrap_or_default(),
            cookies: &self.cookies,
            headers: &self.headers,
            query_string_parameters: &self.query,
            request_context: Context {
                account_id: ACCOUNT,
                api_id: API,
                authorizer,
                domain_name: self.domain,
                domain_prefix: self.domain_prefix,
                http: Http {
                    method: self.parts.method.as_str(),
                    path: &self.path,
                    protocol: protocol(self.parts.version),
                    source_ip: &self.source_ip,
                    user_agent: self.headers.get("user-agent").map_or("", AsRef::as_ref),
                },
                request_id: self.request_id,
                route_key: &route.key,
                stage: STAGE,
                time: self.time.format("%d/%b/%Y:%H:%M:%S +0000").to_string(),
                time_epoch: self.time.timestamp_millis(),
            },
            path_parameters: route.path.parameters(&self.path),
            body: None,
            is_base64_encoded: None,
        }
    }
}

/// The size that the quota on headers counts: the request line and every header's value.
pub(super) fn head_size(parts: &Parts) -> usize {
    let target = parts.uri.path_and_query().map_or(1, |target| target.as_str().len());
    let line = parts.method.as_str().len() + target + "  HTTP/1.1".len();
    line + parts.headers.values().map(|value| value.len()).sum::<usize>()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    version: &'static str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    route_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_source: Option<&'a [&'a str]>,
    route_key: &'a str,
    raw_path: &'a str,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    cookies: &'a [Cow<'a, str>],
    headers: &'a BTreeMap<&'a str, Cow<'a, str>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query_string_parameters: &'a BTreeMap<Cow<'a, str>, String>,
    request_context: Context<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    path_parameters: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_base64_encoded: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'a> {
    account_id: &'static str,
    api_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer: Option<Authorized<'a>>,
    domain_name: &'a str,
    domain_prefix: &'a str,
    http: Http<'a>,
    request_id: &'a str,
    route_key: &'a str,
    stage: &'static str,
    time: String,
    time_epoch: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    method: &'a str,
    path: &'a str,
    protocol: &'static str,
    source_ip: &'a str,
    user_agent: &'a str,
}

fn decode(path: &str) -> Option<Cow<'_, str>> {
    let mut escapes = path.as_bytes().split(|byte| *byte == b'%').skip(1);
    let sound = escapes.all(|rest| rest.get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)));
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8().ok();
    decoded.filter(|_| sound && path.starts_with('/'))
}

fn host(parts: &Parts) -> Option<&str> {
    let mut named = parts.headers.get_all(header::HOST).iter();
    match (named.next(), named.next()) {
        (Some(host), None) => host.to_str().ok(),
        (None, _) => parts.uri.authority().map(http::uri::Authority::as_str),
        (Some(_), Some(_)) => None,
    }
}

/// The name and the port in a host; `None` where it is not a valid one.
fn split_host(host: &str) -> Option<(&str, Option<&str>)> {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => {
            let (address, rest) = rest.split_once(']')?;
            address.parse::<Ipv6Addr>().ok()?;
            (address, if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) })
        }
        None => {
            let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
            let valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
            (name.bytes().all(valid).then_some(name)?, port)
        }
    };
    let numeric = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    (!name.is_empty() && port.is_none_or(numeric)).then_some((name, port))
}

fn joined<'r>(headers: &'r HeaderMap, name: &'r str) -> Cow<'r, str> {
    let mut values = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    let first = values.next().unwrap_or_default();
    values.fold(first, |joined, value| joined + "," + value)
}

/// Found by calling AWS, not by reading: these are the only types whose bodies it leaves as they are. Forms and
/// `application/problem+json` are base64 there, and so is whatever has no type.
fn is_text(headers: &HeaderMap) -> bool {
    let essence = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = essence.and_then(|value| value.split(';').next()).unwrap_or_default().trim().to_ascii_lowercase();
    essence.starts_with("text/")
        || ["application/json", "application/javascript", "application/xml"].contains(&essence.as_str())
}

fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "HTTP/0.9",
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2.0",
        Version::HTTP_3 => "HTTP/3.0",
        _ => "HTTP/1.1",
    }
}
