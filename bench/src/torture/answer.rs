//! An answer, and whether it is one that the API may give.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Response, StatusCode, header};
use serde_json::Value;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// What the platform answers where a function did not.
const OF_THE_PLATFORM: [u16; 3] = [500, 503, 504];
/// All that a failure of ours says, in English.
const OF_FAILURES: [&str; 2] = ["A server error occurred.", "Service temporarily unavailable. Try again in a moment."];

/// What a client got.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Whether a function gave it, and not the gateway by itself.
    pub is_ours: bool,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; null where it is no JSON.
    pub body: Value,
    text: Bytes,
}

impl Answer {
    /// Reads it.
    pub fn new(response: Response<Bytes>) -> Self {
        let (parts, text) = response.into_parts();
        Self {
            status: parts.status.as_u16(),
            is_ours: parts.headers.contains_key(X_REQUEST_ID),
            body: serde_json::from_slice(&text).unwrap_or_default(),
            headers: parts.headers,
            text,
        }
    }

    /// Its text.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.text)
    }

    /// The row's version, as it is to be sent back.
    pub fn etag(&self) -> Option<String> {
        Some(self.headers.get(header::ETAG)?.to_str().ok()?.to_owned())
    }

    /// The row's version.
    pub fn version(&self) -> Option<i64> {
        self.etag()?.trim_matches('"').parse().ok()
    }

    /// The rows of a list.
    pub fn rows(&self) -> &[Value] {
        self.body["results"].as_array().map_or(&[], Vec::as_slice)
    }

    fn header(&self, name: HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// What the API promises and this answer does not keep, where these statuses are expected of it.
    pub fn fault(&self, expected: &[u16]) -> Option<String> {
        if !self.is_ours {
            // Without an Authorization header the gateway asks nobody.
            let is_its_own = OF_THE_PLATFORM.contains(&self.status) || self.status == 401 && expected.contains(&401);
            let fine = is_its_own && self.body["message"].is_string();
            return (!fine).then(|| "neither a function's answer nor one of the gateway's".to_owned());
        }
        let unavailable = StatusCode::SERVICE_UNAVAILABLE.as_u16();
        if !expected.contains(&self.status) && self.status != unavailable {
            return Some(format!("expected {expected:?}"));
        }
        if self.header(X_REQUEST_ID).is_empty() || self.header(header::CACHE_CONTROL).is_empty() {
            return Some("x-request-id or Cache-Control is missing".to_owned());
        }
        if self.status == 204 {
            return (!self.text.is_empty()).then(|| "204 with a body".to_owned());
        }
        if self.status < 400 {
            return None;
        }
        if !self.header(header::CONTENT_TYPE).starts_with("application/json") || !self.body.is_object() {
            return Some("a refusal that is no JSON object".to_owned());
        }
        let detail = self.body["detail"].as_str();
        if self.status != 400 && detail.is_none() {
            return Some("a refusal without `detail`".to_owned());
        }
        if [429, unavailable].contains(&self.status)
            && self.header(header::RETRY_AFTER).parse::<u32>().ok().is_none_or(|seconds| seconds == 0)
        {
            return Some("Retry-After is missing".to_owned());
        }
        let says_more = self.status >= 500 && !detail.is_some_and(|detail| OF_FAILURES.contains(&detail));
        says_more.then(|| "a failure says more than that it is one".to_owned())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)], body: &'static str) -> Answer {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        Answer::new(response.body(Bytes::from(body)).unwrap())
    }

    const OURS: [(&str, &str); 3] =
        [("x-request-id", "a"), ("cache-control", "no-store"), ("content-type", "application/json")];

    #[test]
    fn what_the_api_promises_has_no_fault() {
        let refusal = r#"{"detail":"Service temporarily unavailable. Try again in a moment."}"#;
        let retry = [OURS.as_slice(), &[("retry-after", "5")]].concat();
        for (answer, expected) in [
            (answer(200, &OURS, r#"{"id":1}"#), [200].as_slice()),
            (answer(204, &OURS, ""), &[204]),
            (answer(404, &OURS, r#"{"detail":"Not found."}"#), &[404]),
            (answer(400, &OURS, r#"{"name":["This field is required."]}"#), &[400]),
            (answer(503, &retry, refusal), &[200]),
            (answer(503, &[], r#"{"message":"Service Unavailable"}"#), &[200]),
        ] {
            assert_eq!(answer.fault(expected), None, "{answer:?}");
        }
    }

    #[test]
    fn whatever_else_it_answers_is_a_fault() {
        let retry = [OURS.as_slice(), &[("retry-after", "5")]].concat();
        for (answer, expected) in [
            (answer(200, &OURS, "{}"), [403].as_slice()),
            (answer(500, &OURS, r#"{"detail":"A server error occurred."}"#), &[200]),
            (answer(200, &OURS[..1], "{}"), &[200]),
            (answer(204, &OURS, "{}"), &[204]),
            (answer(404, &OURS, "[]"), &[404]),
            (answer(404, &OURS, "{}"), &[404]),
            (answer(503, &OURS, r#"{"detail":"Service temporarily unavailable. Try again in a moment."}"#), &[200]),
            (answer(503, &retry, r#"{"detail":"connection refused"}"#), &[200]),
            (answer(503, &[], "upstream"), &[200]),
            (answer(200, &[], "{}"), &[200]),
        ] {
            assert!(answer.fault(expected).is_some(), "{answer:?}");
        }
    }
}
