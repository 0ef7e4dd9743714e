//! The custom resource by which a deployment migrates the database before it updates a function. CloudFormation waits for
//! an answer at a signed address, and for nothing else: whatever happens is answered.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html>

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request as HttpRequest};
use http_body_util::Full;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgConnectOptions;

use crate::{Error, migrate};

const TIMEOUT: Duration = Duration::from_secs(30);
/// CloudFormation takes no answer above 4 kB.
const MAX_REASON: usize = 1_000;

/// What CloudFormation asks for.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Request {
    request_type: RequestType,
    #[serde(rename = "ResponseURL")]
    response_url: String,
    stack_id: String,
    request_id: String,
    logical_resource_id: String,
    physical_resource_id: Option<String>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
enum RequestType {
    Create,
    Update,
    Delete,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Response<'a> {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    physical_resource_id: &'a str,
    stack_id: &'a str,
    request_id: &'a str,
    logical_resource_id: &'a str,
}

/// Migrates, and tells CloudFormation what came of it.
///
/// # Errors
/// Where CloudFormation cannot be told.
pub async fn answer(request: &Request, database: &PgConnectOptions) -> Result<(), lambda_runtime::Error> {
    let result = match request.request_type {
        // The database stays as it is.
        RequestType::Delete => Ok(()),
        kind => match migrate(database).await {
            // A deployment that is taken back: what newer code has made of the database suits this code too.
            Err(Error::Newer(_)) if kind == RequestType::Update => Ok(()),
            result => result.map(|_| ()),
        },
    };
    if let Err(error) = &result {
        tracing::error!(%error, "the database was not migrated");
    }
    let reason = result.as_ref().err().map(|error| error.to_string().chars().take(MAX_REASON).collect());
    let response = Response {
        status: if result.is_ok() { "SUCCESS" } else { "FAILED" },
        reason,
        // One that changes would have CloudFormation delete the former resource.
        physical_resource_id: request.physical_resource_id.as_deref().unwrap_or("migrations"),
        stack_id: &request.stack_id,
        request_id: &request.request_id,
        logical_resource_id: &request.logical_resource_id,
    };
    put(&request.response_url, serde_json::to_vec(&response)?).await
}

/// Without a media type: the address is signed for none.
async fn put(url: &str, body: Vec<u8>) -> Result<(), lambda_runtime::Error> {
    let connector = HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build();
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let request = HttpRequest::builder().method(Method::PUT).uri(url).body(Full::new(Bytes::from(body)))?;
    let response = tokio::time::timeout(TIMEOUT, client.request(request)).await??;
    match response.status().is_success() {
        true => Ok(()),
        false => Err(format!("CloudFormation refuses the answer: {}", response.status()).into()),
    }
}
