//! Functions behind an Invoke API, as `cargo lambda watch` and AWS answer, and as a broken one does not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use local::gateway::{Gateway, Template};
use local::remote::Endpoint;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

const TEMPLATE: &str = "
Globals: { Function: { Timeout: 1 } }
Resources:
  Api: { Type: AWS::Serverless::HttpApi, Properties: {} }
  HotelsFunction:
    Type: AWS::Serverless::Function
    Metadata: { BuildMethod: rust-cargolambda, BuildProperties: { Binary: hotels } }
    Properties:
      Events:
        Patient: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: GET, Path: /patient } }
        Hasty: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: GET, Path: /hasty, TimeoutInMillis: 50 } }
";

/// Long enough for a busy machine, and no test waits for it to pass.
const PATIENCE: Duration = Duration::from_secs(30);

/// An Invoke API that answers one call, with this or never. It ends with what it was sent, once the caller has hung up.
struct InvokeApi {
    endpoint: Endpoint,
    call: JoinHandle<Bytes>,
}

impl InvokeApi {
    async fn answering(answer: Option<Response<Value>>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let call = tokio::spawn(async move {
            let (mut caller, _) = listener.accept().await.unwrap();
            let call = read_request(&mut caller).await;
            if let Some(answer) = answer {
                caller.write_all(&as_bytes(&answer)).await.unwrap();
            }
            let mut rest = [0; 1];
            assert_eq!(caller.read(&mut rest).await.unwrap_or(0), 0, "one call, and then no more");
            call
        });
        Self { endpoint, call }
    }

    /// What the gateway answers with the function behind this API.
    async fn get(&self, path: &str) -> Response<Bytes> {
        let template = Template::parse(TEMPLATE, &BTreeMap::new()).unwrap();
        let functions = self.endpoint.functions(&template).unwrap();
        let gateway = Gateway::new(template, functions).unwrap();
        let request = Request::get(path).header("host", "api.test").body(Bytes::new()).unwrap();
        timeout(PATIENCE, gateway.handle(request, IpAddr::V4(Ipv4Addr::LOCALHOST))).await.expect("an answer")
    }

    /// The call, once its connection is closed.
    async fn call(self) -> Bytes {
        timeout(PATIENCE, self.call).await.expect("a caller that hangs up").unwrap()
    }
}

fn answer(status: u16, body: Value) -> Option<Response<Value>> {
    Some(Response::builder().status(status).body(body).unwrap())
}

/// The head and the body, whose length the head says.
async fn read_request(caller: &mut TcpStream) -> Bytes {
    let mut request = Vec::new();
    loop {
        assert_ne!(caller.read_buf(&mut request).await.unwrap(), 0, "a request that ends");
        let text = String::from_utf8_lossy(&request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if body.len() == length.parse::<usize>().unwrap() {
            return request.into();
        }
    }
}

fn as_bytes(answer: &Response<Value>) -> Vec<u8> {
    let body = answer.body().to_string();
    let mut text = format!("HTTP/1.1 {}\r\ncontent-length: {}\r\n", answer.status(), body.len());
    for (name, value) in answer.headers() {
        text.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    format!("{text}\r\n{body}").into_bytes()
}

#[tokio::test]
async fn a_function_gets_the_event_and_its_answer_is_the_answer() {
    let api = InvokeApi::answering(answer(200, json!({ "statusCode": 201, "body": "made" }))).await;

    let answer = api.get("/patient?page=2").await;

    assert_eq!((answer.status(), answer.body().as_ref()), (StatusCode::CREATED, b"made".as_slice()));
    let call = String::from_utf8(api.call().await.to_vec()).unwrap();
    assert!(call.starts_with("POST /2015-03-31/functions/hotels/invocations HTTP/1.1\r\n"), "{call}");
    let event: Value = serde_json::from_str(call.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!((&event["version"], &event["rawQueryString"]), (&json!("2.0"), &json!("page=2")));
}

#[tokio::test]
async fn an_error_of_the_function_is_a_500_in_either_form() {
    let error = json!({ "errorType": "panic", "errorMessage": "the reason" });
    let mut in_aws = answer(200, error.clone()).unwrap();
    in_aws.headers_mut().insert("x-amz-function-error", "Unhandled".parse().unwrap());
    let under_watch = answer(500, error);

    for form in [Some(in_aws), under_watch] {
        let answer = InvokeApi::answering(form).await.get("/patient").await;

        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(answer.body().as_ref(), br#"{"message":"Internal Server Error"}"#);
    }
}

#[tokio::test]
async fn an_api_that_cannot_call_the_function_is_a_503() {
    let missing = answer(404, json!({ "title": "Missing function" }));
    let broken = answer(500, json!({ "Type": "Service", "Message": "ServiceException" }));

    for cannot in [missing, broken] {
        let answer = InvokeApi::answering(cannot).await.get("/patient").await;

        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}

#[tokio::test]
async fn an_api_that_is_not_there_is_a_503() {
    let api = InvokeApi::answering(None).await;
    api.call.abort();
    assert!(timeout(PATIENCE, api.call).await.unwrap().unwrap_err().is_cancelled());
    let gone = InvokeApi { endpoint: api.endpoint, call: tokio::spawn(async { Bytes::new() }) };

    assert_eq!(gone.get("/patient").await.status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_function_that_hangs_is_cut_off_at_the_routes_timeout_and_its_call_given_up_at_its_own() {
    let api = InvokeApi::answering(None).await;

    assert_eq!(api.get("/hasty").await.status(), StatusCode::SERVICE_UNAVAILABLE);

    // Lambda lets a function run on when nobody waits for it any more, until its own timeout.
    api.call().await;
}

#[tokio::test]
async fn a_function_that_outlasts_its_own_timeout_is_a_500_and_its_call_is_given_up() {
    let api = InvokeApi::answering(None).await;

    assert_eq!(api.get("/patient").await.status(), StatusCode::INTERNAL_SERVER_ERROR);

    api.call().await;
}
