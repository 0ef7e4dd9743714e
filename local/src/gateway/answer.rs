//! The way back: a function's JSON as an HTTP answer, and the answers that the gateway gives by itself.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

const REQUEST_ID: HeaderName = HeaderName::from_static("apigw-requestid");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const PLAIN: HeaderValue = HeaderValue::from_static("text/plain;charset=UTF-8");

/// Headers that the connection to the client decides on.
const NOT_PASSED_ON: [&str; 8] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Why a function's answer is none, for the log.
pub(super) type Malformed = Box<dyn std::error::Error + Send + Sync>;

/// The fields of payload 2.0 that matter. They stay raw until it is known that this is one, for an object without a
/// `statusCode` is a body and may have fields of the same names.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields<'a> {
    #[serde(borrow)]
    status_code: Option<&'a RawValue>,
    #[serde(borrow)]
    headers: Option<&'a RawValue>,
    #[serde(borrow)]
    cookies: Option<&'a RawValue>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
    #[serde(borrow)]
    is_base64_encoded: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Number(serde_json::Number),
    Flag(bool),
}

impl Scalar {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
        }
    }
}

/// Reads what a function returned.
pub(super) fn read(json: &Bytes) -> Result<Response<Bytes>, Malformed> {
    // Serde would read a list as the fields in order.
    let is_object = json.trim_ascii_start().starts_with(b"{");
    let fields = if is_object { Some(serde_json::from_slice::<Fields<'_>>(json)?) } else { None };
    match fields {
        Some(Fields { status_code: Some(status), headers, cookies, body, is_base64_encoded }) => {
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = read_status(status)?;
            read_headers(response.headers_mut(), headers, cookies)?;
            let encoded = is_base64_encoded.map_or(Ok(false), |flag| serde_json::from_str(flag.get()))?;
            *response.body_mut() = read_body(body, encoded)?;
            if !response.body().is_empty() {
                response.headers_mut().entry(header::CONTENT_TYPE).or_insert(PLAIN);
            }
            Ok(response)
        }
        _ => inferred(json),
    }
}

/// An answer without a status is a body; a JSON string stands for its characters.
fn inferred(json: &Bytes) -> Result<Response<Bytes>, Malformed> {
    let _valid: &RawValue = serde_json::from_slice(json)?;
    let body = match json.trim_ascii_start().starts_with(b"\"") {
        true => Bytes::from(serde_json::from_slice::<String>(json)?),
        false => json.clone(),
    };
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    Ok(response)
}

fn read_status(status: &RawValue) -> Result<StatusCode, Malformed> {
    let code = serde_json::from_str::<Scalar>(status.get())?.into_text();
    let code = code.parse().ok().and_then(|code| StatusCode::from_u16(code).ok());
    // An informational status would leave the client waiting for another one.
    code.filter(|code| (200..600).contains(&code.as_u16())).ok_or_else(|| "its status is none".into())
}

fn read_headers(to: &mut HeaderMap, headers: Option<&RawValue>, cookies: Option<&RawValue>) -> Result<(), Malformed> {
    let headers = headers.map(|headers| serde_json::from_str::<BTreeMap<String, Scalar>>(headers.get()));
    for (name, value) in headers.transpose()?.unwrap_or_default() {
        let name = HeaderName::try_from(name)?;
        let value = HeaderValue::try_from(value.into_text().into_bytes())?;
        if !NOT_PASSED_ON.contains(&name.as_str()) {
            to.append(name, value);
        }
    }
    let cookies = cookies.map(|cookies| serde_json::from_str::<Vec<String>>(cookies.get()));
    for cookie in cookies.transpose()?.unwrap_or_default() {
        let cookie = HeaderValue::try_from(cookie.into_bytes())?;
        to.append(header::SET_COOKIE, cookie);
    }
    Ok(())
}

fn read_body(body: Option<&RawValue>, encoded: bool) -> Result<Bytes, Malformed> {
    let Some(body) = body else {
        return Ok(Bytes::new());
    };
    let text = serde_json::from_str::<String>(body.get())?;
    Ok(if encoded { STANDARD.decode(text)?.into() } else { text.into() })
}

/// The gateway's own answer: a status and a message, and no CORS headers.
pub(super) fn refusal(status: StatusCode) -> Response<Bytes> {
    let message = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "Request Entity Too Large",
        other => other.canonical_reason().unwrap_or("Internal Server Error"),
    };
    let mut response = Response::new(Bytes::from(format!(r#"{{"message":"{message}"}}"#)));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

/// What every answer has in common, whoever made it.
pub(super) fn finish(mut response: Response<Bytes>, method: &Method, request_id: &str) -> Response<Bytes> {
    if let Ok(request_id) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert(REQUEST_ID, request_id);
    }
    let claimed = response.headers_mut().remove(header::CONTENT_LENGTH);
    let claimed = claimed.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let bodiless = [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&response.status());
    if method == Method::HEAD && !bodiless {
        // A function that answers HEAD by itself has left the body out already and says how long it would be.
        let length = response.body().len() as u64;
        if let Some(length) = if length == 0 { claimed } else { Some(length) } {
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
    }
    if method == Method::HEAD || bodiless {
        *response.body_mut() = Bytes::new();
    }
    response
}
