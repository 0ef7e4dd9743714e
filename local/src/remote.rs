//! Functions that run by themselves, called through Lambda's Invoke API: those under `cargo lambda watch`.
//!
//! There is no timeout here. Whoever calls a function has one and drops the call, which closes its connection.

use std::{collections::HashMap, error::Error, str::FromStr, sync::Arc};

use bytes::Bytes;
use http::{
    HeaderValue, Request, StatusCode, Uri, header,
    uri::{Authority, PathAndQuery, Scheme},
};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde::Deserialize;

use crate::gateway::{Function, FunctionError, Invocation, Template};

/// AWS marks an error that a function answered with.
const FUNCTION_ERROR: &str = "x-amz-function-error";

/// Where an Invoke API is, such as `http://127.0.0.1:9000`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(Authority);

impl FromStr for Endpoint {
    type Err = String;

    fn from_str(value: &str) -> Result<Self, String> {
        let parts = value.parse().map(Uri::into_parts).ok();
        let parts = parts.filter(|parts| {
            parts.scheme == Some(Scheme::HTTP)
                && parts.path_and_query.as_ref().is_none_or(|path| path.as_str() == "/")
                && parts.authority.as_ref().is_some_and(|authority| !authority.as_str().contains('@'))
        });
        parts
            .and_then(|parts| parts.authority)
            .map(Self)
            .ok_or_else(|| "it must look like http://127.0.0.1:9000, without a path".to_owned())
    }
}

impl Endpoint {
    /// The functions of the template by their logical ids. There, a function has the name of its binary.
    ///
    /// # Errors
    /// Where a binary's name could stand in no URL.
    pub fn functions(&self, template: &Template) -> Result<HashMap<String, Function>, http::Error> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        let function = |(id, binary): (&String, &String)| {
            let path = PathAndQuery::try_from(format!("/2015-03-31/functions/{binary}/invocations"))?;
            let uri = Uri::builder().scheme(Scheme::HTTP).authority(self.0.clone()).path_and_query(path).build()?;
            let client = client.clone();
            let function: Function =
                Arc::new(move |invocation| Box::pin(invoke(client.clone(), uri.clone(), invocation)));
            Ok((id.clone(), function))
        };
        template.binaries.iter().map(function).collect()
    }
}

async fn invoke(
    client: Client<HttpConnector, Full<Bytes>>,
    uri: Uri,
    invocation: Invocation,
) -> Result<Bytes, FunctionError> {
    let unavailable = |reason: &str| FunctionError::Unavailable(format!("{uri}: {reason}"));
    let mut request = Request::new(Full::new(invocation.event));
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = uri.clone();
    request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));

    let answer = client.request(request).await.map_err(|error| unavailable(&root_cause(&error)))?;
    let (parts, body) = answer.into_parts();
    let payload = body.collect().await.map_err(|error| unavailable(&root_cause(&error)))?.to_bytes();
    match (parts.status, serde_json::from_slice(&payload)) {
        (StatusCode::OK, _) if !parts.headers.contains_key(FUNCTION_ERROR) => Ok(payload),
        (StatusCode::OK, Ok(Failure { message })) => Err(FunctionError::Failed(message)),
        (StatusCode::OK, Err(_)) => Err(FunctionError::Failed("it does not say why".to_owned())),
        // `cargo lambda watch` has this status instead of the header.
        (StatusCode::INTERNAL_SERVER_ERROR, Ok(Failure { message })) => Err(FunctionError::Failed(message)),
        (status, _) => Err(unavailable(&status.to_string())),
    }
}

/// What a function that fails answers with.
#[derive(Deserialize)]
struct Failure {
    #[serde(rename = "errorMessage")]
    message: String,
}

/// What is behind all errors: "connection refused" rather than "client error".
fn root_cause(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(behind) = cause.source() {
        cause = behind;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::Endpoint;

    #[test]
    fn an_endpoint_is_an_http_address_and_nothing_more() {
        for address in ["http://127.0.0.1:9000", "http://localhost:9000/", "http://[::1]:9000"] {
            assert!(address.parse::<Endpoint>().is_ok(), "{address}");
        }
        for other in
            ["https://127.0.0.1:9000", "127.0.0.1:9000", "http://", "http://a@b", "http://a/b", "http://a?b", ""]
        {
            assert!(other.parse::<Endpoint>().is_err(), "{other}");
        }
    }
}
