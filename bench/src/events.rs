//! Events as API Gateway makes them, and what functions answer to them.
//!
//! The gateway on one machine makes them from a request, with functions behind it that only keep what they are given.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, header};
use local::{
    gateway::{Function, Gateway, Invocation, Template},
    platform,
};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::auth::Identity;
use toolbox::tools::Error;

/// The origin of the web application, which the tokens are issued by.
pub const WEB_ORIGIN: &str = "http://web.test";

/// Makes events.
pub struct Events {
    gateway: Gateway,
    timeouts: BTreeMap<String, Duration>,
    identity: Arc<Mutex<Value>>,
    kept: Arc<Mutex<Kept>>,
}

/// What the gateway called last, by the functions' logical ids.
type Kept = HashMap<String, Bytes>;

impl Events {
    /// Reads template.yaml.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn new() -> Result<Self, Error> {
        let parameters = BTreeMap::from([
            ("WebOrigin".to_owned(), WEB_ORIGIN.to_owned()),
            ("AuthorizerCacheSeconds".to_owned(), "0".to_owned()),
        ]);
        let template = Template::parse(platform::TEMPLATE, &parameters)?;
        let timeouts = template.functions.clone();
        let (identity, kept) = (Arc::new(Mutex::new(json!({}))), Arc::new(Mutex::new(Kept::new())));
        let keeping = timeouts.keys().map(|id| (id.clone(), keeping(id.clone(), &identity, &kept)));
        let gateway = Gateway::new(template, keeping.collect())?;
        Ok(Self { gateway, timeouts, identity, kept })
    }

    /// The event that the function behind a request gets when its authorizer finds out who that is.
    ///
    /// # Errors
    /// Where the gateway answers by itself.
    pub async fn of(&mut self, request: Request<Bytes>, ip: IpAddr, identity: &Identity) -> Result<Bytes, Error> {
        let called = self.called(request, ip, identity).await?;
        let event = called.into_iter().find(|(id, _)| id != AUTHORIZER).map(|(_, event)| event);
        event.ok_or_else(|| "the gateway called no function".into())
    }

    /// The event that the authorizer of a request gets.
    ///
    /// # Errors
    /// Where there is none.
    pub async fn of_authorizer(&mut self, request: Request<Bytes>, ip: IpAddr) -> Result<Bytes, Error> {
        let mut called = self.called(request, ip, &Identity::Absent).await?;
        called.remove(AUTHORIZER).ok_or_else(|| "the gateway called no authorizer".into())
    }

    /// How long the template lets a function run.
    pub fn timeout(&self, logical_id: &str) -> Option<Duration> {
        self.timeouts.get(logical_id).copied()
    }

    async fn called(&mut self, request: Request<Bytes>, ip: IpAddr, identity: &Identity) -> Result<Kept, Error> {
        *self.identity.lock().unwrap_or_else(PoisonError::into_inner) = identity.to_context();
        self.gateway.handle(request, ip).await;
        Ok(std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

const AUTHORIZER: &str = "AuthorizerFunction";

fn keeping(id: String, identity: &Arc<Mutex<Value>>, kept: &Arc<Mutex<Kept>>) -> Function {
    let (identity, kept) = (Arc::clone(identity), Arc::clone(kept));
    Arc::new(move |invocation: Invocation| {
        kept.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), invocation.event);
        let context = identity.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // What an authorizer answers; a function may answer any JSON.
        let answer = json!({ "isAuthorized": true, "context": context }).to_string();
        Box::pin(async move { Ok(Bytes::from(answer)) })
    })
}

/// A request without a body, by somebody with this `Authorization` header.
///
/// # Errors
/// Where the path is none.
pub fn get(path: &str, authorization: &str) -> Result<Request<Bytes>, Error> {
    request(Method::GET, path, authorization, Bytes::new())
}

/// A request with a JSON body.
///
/// # Errors
/// Where the path is none.
pub fn post(path: &str, authorization: &str, body: &Value) -> Result<Request<Bytes>, Error> {
    request(Method::POST, path, authorization, Bytes::from(body.to_string()))
}

fn request(method: Method, path: &str, authorization: &str, body: Bytes) -> Result<Request<Bytes>, Error> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "red.test")
        .header(header::AUTHORIZATION, authorization)
        .header(header::USER_AGENT, "bench")
        .header(header::ACCEPT_LANGUAGE, "en")
        .header(header::CONTENT_TYPE, "application/json")
        .body(body)?;
    Ok(request)
}

/// A function's answer, as API Gateway reads it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The status.
    #[serde(rename = "statusCode")]
    pub status: u16,
    /// The headers, in lower case.
    pub headers: BTreeMap<String, String>,
    body: Option<String>,
}

impl Answer {
    /// Reads it.
    ///
    /// # Errors
    /// Where it is none.
    pub fn read(payload: &[u8]) -> Result<Self, Error> {
        Ok(serde_json::from_slice(payload)?)
    }

    /// The body; null where it is no JSON.
    pub fn json(&self) -> Value {
        self.body.as_deref().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default()
    }
}
