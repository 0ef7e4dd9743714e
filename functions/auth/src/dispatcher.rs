//! Calling the dispatcher, so that a link that somebody waits for leaves now and not within a minute. It is called
//! asynchronously: Lambda says that it has understood, and we go on.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use shared::config::{Aws, DispatcherCall};
use tokio::{sync::Notify, time::timeout};

/// Whoever asked for a link waits no longer than this for what comes by itself within a minute.
const TIMEOUT: Duration = Duration::from_secs(2);

/// How the dispatcher is called. Cheap to clone.
#[derive(Clone)]
pub enum Dispatcher {
    /// Through Lambda's Invoke API.
    Lambda(Arc<Invocation>),
    /// In the same process, on one machine.
    Local(Arc<Notify>),
}

/// A call through Lambda's Invoke API, signed by hand: an SDK for one request would double this function.
pub struct Invocation {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    uri: String,
    aws: Aws,
}

type Error = Box<dyn std::error::Error + Send + Sync>;

impl Dispatcher {
    /// Calls through Lambda, as it is configured. Nothing connects before the first call.
    pub fn lambda(call: DispatcherCall) -> Self {
        let connector = HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build();
        let endpoint = call.endpoint.unwrap_or_else(|| format!("https://lambda.{}.amazonaws.com", call.aws.region));
        Self::Lambda(Arc::new(Invocation {
            client: Client::builder(TokioExecutor::new()).build(connector),
            uri: format!("{endpoint}/2015-03-31/functions/{}/invocations", call.function.replace(':', "%3A")),
            aws: call.aws,
        }))
    }

    /// Calls it. Where that fails the mail leaves a little later: nobody is told.
    pub(crate) async fn call(&self) {
        let called = match self {
            Self::Local(called) => {
                called.notify_one();
                return;
            }
            Self::Lambda(invocation) => timeout(TIMEOUT, invocation.send()).await,
        };
        match called {
            Ok(Ok(StatusCode::ACCEPTED)) => {}
            Ok(Ok(status)) => tracing::warn!(status = status.as_u16(), "the dispatcher could not be called"),
            Ok(Err(error)) => tracing::warn!(error, "the dispatcher could not be called"),
            Err(_) => tracing::warn!("the dispatcher could not be called in time"),
        }
    }
}

impl Invocation {
    async fn send(&self) -> Result<StatusCode, Error> {
        let response = self.client.request(self.request(SystemTime::now())?).await?;
        Ok(response.status())
    }

    fn request(&self, now: SystemTime) -> Result<Request<Full<Bytes>>, Error> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(&self.uri)
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-amz-invocation-type", "Event")
            .body(Full::new(Bytes::from_static(b"{}")))?;
        let Aws { access_key_id, secret_access_key, session_token, region } = self.aws.clone();
        let identity = Credentials::new(access_key_id, secret_access_key, session_token, None, "environment").into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&region)
            .name("lambda")
            .time(now)
            .settings(SigningSettings::default())
            .build()?;
        let headers = request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let signable = SignableRequest::new("POST", &self.uri, headers, SignableBody::Bytes(b"{}"))?;
        let (instructions, _) = sign(signable, &params.into())?.into_parts();
        instructions.apply_to_request_http1x(&mut request);
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use std::time::{Duration, UNIX_EPOCH};

    use shared::config::{Aws, DispatcherCall};

    use super::Dispatcher;

    #[test]
    fn the_call_is_asynchronous_and_signed() {
        let aws = Aws {
            region: "eu-west-1".to_owned(),
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret_access_key: "secret".to_owned(),
            session_token: Some("token".to_owned()),
        };
        let function = "arn:aws:lambda:eu-west-1:123456789012:function:dispatcher".to_owned();
        let Dispatcher::Lambda(call) = Dispatcher::lambda(DispatcherCall { function, endpoint: None, aws }) else {
            panic!("a call through Lambda");
        };

        let request = call.request(UNIX_EPOCH + Duration::from_secs(1_800_000_000)).unwrap();

        let path =
            "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Adispatcher/invocations";
        assert_eq!(request.uri().to_string(), format!("https://lambda.eu-west-1.amazonaws.com{path}"));
        let header = |name| request.headers()[name].to_str().unwrap();
        assert_eq!((header("x-amz-invocation-type"), header("x-amz-security-token")), ("Event", "token"));
        let authorization = header("authorization");
        assert!(
            authorization.starts_with(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20270115/eu-west-1/lambda/aws4_request, SignedHeaders="
            ),
            "{authorization}"
        );
        for signed in ["content-type", "host", "x-amz-date", "x-amz-invocation-type", "x-amz-security-token"] {
            assert!(authorization.contains(signed), "{authorization}");
        }
    }
}
