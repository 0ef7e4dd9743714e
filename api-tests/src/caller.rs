use std::{
    net::{IpAddr, Ipv4Addr},
    sync::atomic::{AtomicU32, Ordering},
};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, header};
use serde_json::Value;

use crate::{Answer, TestApp, documentation};

/// Somebody who sends requests.
#[derive(Clone)]
pub struct Caller {
    app: TestApp,
    authorization: Option<String>,
    /// Their address. Everyone has another one, so that nobody uses up anybody else's attempts.
    ip: IpAddr,
    /// The answer to the sign-in.
    pub session: Value,
}

fn next_address() -> IpAddr {
    static LAST: AtomicU32 = AtomicU32::new(u32::from_be_bytes([10, 0, 0, 0]));
    Ipv4Addr::from(LAST.fetch_add(1, Ordering::Relaxed)).into()
}

impl Caller {
    pub(crate) fn new(app: TestApp, authorization: Option<String>) -> Self {
        Self { app, authorization, ip: next_address(), session: Value::Null }
    }

    pub(crate) fn signed_in(app: TestApp, session: Value) -> Self {
        let token = session["access_token"].as_str().expect("an access token");
        Self { app, authorization: Some(format!("Bearer {token}")), ip: next_address(), session }
    }

    /// Their account's id.
    pub fn id(&self) -> i64 {
        self.session["user"]["id"].as_i64().expect("an id")
    }

    /// Their e-mail address.
    pub fn email(&self) -> &str {
        self.session["user"]["email"].as_str().expect("an address")
    }

    /// Their refresh token.
    pub fn refresh_token(&self) -> &str {
        self.session["refresh_token"].as_str().expect("a refresh token")
    }

    /// GET
    pub async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path).send().await
    }

    /// POST
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.request(Method::POST, path).json(&body).send().await
    }

    /// PUT
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.request(Method::PUT, path).json(&body).send().await
    }

    /// PATCH
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.request(Method::PATCH, path).json(&body).send().await
    }

    /// DELETE
    pub async fn delete(&self, path: &str) -> Answer {
        self.request(Method::DELETE, path).send().await
    }

    /// A request with more to say.
    pub fn request(&self, method: Method, path: &str) -> Request {
        let mut request = http::Request::new(Bytes::new());
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().expect("a path");
        let request = Request { app: self.app.clone(), ip: self.ip, request }.header("host", "red.test");
        match &self.authorization {
            Some(authorization) => request.header("authorization", authorization),
            None => request,
        }
    }
}

/// A request that is being written.
pub struct Request {
    app: TestApp,
    ip: IpAddr,
    request: http::Request<Bytes>,
}

impl Request {
    /// Sets a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let name: HeaderName = name.parse().expect("a header's name");
        self.request.headers_mut().insert(name, HeaderValue::from_bytes(value.as_ref()).expect("a header's value"));
        self
    }

    /// Sets the body and that it is JSON.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.body(body.to_string()).header(header::CONTENT_TYPE.as_str(), "application/json")
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        *self.request.body_mut() = body.into();
        self
    }

    /// Sends it through the gateway.
    pub async fn send(self) -> Answer {
        let (method, path) = (self.request.method().clone(), self.request.uri().to_string());
        let answer = self.app.gateway.handle(self.request, self.ip).await;
        documentation::check(&method, &path, &answer, self.app.has_old_rows);
        Answer::new(answer)
    }
}
