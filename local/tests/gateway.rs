//! What the local gateway does with a request, as API Gateway does it, from the outside.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use local::gateway::{Function, FunctionError, Gateway, Invocation, RoutePath, ServerLimits, Template, serve_with};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const TEMPLATE: &str = r#"
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  AuthorizerCacheSeconds: { Type: Number, Default: 60 }
  WebOrigin: { Type: String, Default: "https://red.example" }
Conditions:
  HasOrigin: !Not [!Equals [!Ref WebOrigin, ""]]
Globals:
  Function:
    Timeout: 20
    Environment: { Variables: { SECRET: !ImportValue elsewhere } }
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Identity
        Authorizers:
          Identity:
            FunctionArn: !GetAtt AuthorizerFunction.Arn
            AuthorizerPayloadFormatVersion: "2.0"
            EnableSimpleResponses: true
            EnableFunctionDefaultPermissions: true
            Identity:
              Headers: [Authorization]
              ReauthorizeEvery: !Ref AuthorizerCacheSeconds
      CorsConfiguration:
        AllowOrigins: !If [HasOrigin, [!Sub "${WebOrigin}"], []]
        AllowMethods: [GET, POST, PATCH]
        AllowHeaders: [authorization, content-type]
        ExposeHeaders: [etag, x-request-id]
        MaxAge: 600
      RouteSettings:
        "POST /limited": { ThrottlingBurstLimit: 2, ThrottlingRateLimit: 1 }
  AuthorizerFunction:
    Type: AWS::Serverless::Function
    Properties: { Timeout: 5 }
  HotelsFunction:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Bare: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: ANY, Path: /api/hotels } }
        All: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: any, Path: "/api/hotels/{proxy+}", TimeoutInMillis: 29000 } }
        Preflight: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: OPTIONS, Path: "/api/hotels/{proxy+}", Auth: { Authorizer: NONE } } }
        Implicit: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: OPTIONS, Path: /api/hotels } }
        Tick: { Type: ScheduleV2, Properties: { ScheduleExpression: rate(1 minute) } }
  DashboardFunction:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        All: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: ANY, Path: "/api/hotels/dashboard/{proxy+}" } }
        Guarded: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: ANY, Path: "/guarded/{proxy+}" } }
  OpenFunction:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Any: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: ANY, Path: /open, Auth: { Authorizer: NONE } } }
        Get: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: GET, Path: /only-get, Auth: { Authorizer: NONE } } }
        Limited: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: POST, Path: /limited, Auth: { Authorizer: NONE } } }
        Item: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: GET, Path: "/items/{id}/notes/{note}", Auth: { Authorizer: NONE } } }
        Greedy: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: ANY, Path: "/items/{proxy+}", Auth: { Authorizer: NONE } } }
        Slow: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: GET, Path: /slow, TimeoutInMillis: 50, Auth: { Authorizer: NONE } } }
  UnusedFunction:
    Type: AWS::Serverless::Function
    Condition: Never
    Properties: { Timeout: !ImportValue elsewhere }
"#;

const ORIGIN: &str = "https://red.example";

/// A gateway, and what its functions have been called with.
struct World {
    gateway: Arc<Gateway>,
    calls: Arc<Mutex<Vec<(String, Value)>>>,
    now: Arc<Mutex<Instant>>,
}

/// What a function answers, as a function of its event.
type Reply = fn(&Value) -> Result<Value, FunctionError>;

fn parameters(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn template(pairs: &[(&str, &str)]) -> Template {
    Template::parse(&source(), &parameters(pairs)).unwrap()
}

/// The template as it is deployed: the condition of the unused function added.
fn source() -> String {
    TEMPLATE.replace("Conditions:\n", "Conditions:\n  Never: !Equals [a, b]\n")
}

fn echo(event: &Value) -> Result<Value, FunctionError> {
    Ok(json!({ "statusCode": 200, "headers": { "content-type": "application/json" }, "body": event.to_string() }))
}

fn allow(event: &Value) -> Result<Value, FunctionError> {
    let token = event["identitySource"][0].clone();
    Ok(match token.as_str() {
        Some("denied") => json!({ "isAuthorized": false }),
        Some("broken") => json!({ "isAuthorized": "yes" }),
        Some("list") => json!([true]),
        Some("bare") => json!({ "isAuthorized": true }),
        Some("failing") => return Err(FunctionError::Failed("no".to_owned())),
        _ => {
            json!({ "isAuthorized": true, "context": { "token": token, "user_id": 7, "is_admin": false } })
        }
    })
}

impl World {
    fn new() -> Self {
        Self::of(template(&[]), &[])
    }

    fn answering(reply: Reply) -> Self {
        Self::of(template(&[]), &[("OpenFunction", reply)])
    }

    fn of(template: Template, replies: &[(&str, Reply)]) -> Self {
        let calls = Arc::new(Mutex::new(Vec::new()));
        let mut functions = HashMap::new();
        for id in ["AuthorizerFunction", "HotelsFunction", "DashboardFunction", "OpenFunction"] {
            let given = replies.iter().find(|(name, _)| *name == id).map(|(_, reply)| *reply);
            let reply = given.unwrap_or(if id == "AuthorizerFunction" { allow } else { echo });
            let calls = Arc::clone(&calls);
            functions.insert(
                id.to_owned(),
                function(move |invocation| {
                    let event: Value = serde_json::from_slice(&invocation.event).unwrap();
                    calls.lock().unwrap().push((id.to_owned(), event.clone()));
                    async move { reply(&event).map(|answer| Bytes::from(answer.to_string())) }
                }),
            );
        }
        let now = Arc::new(Mutex::new(Instant::now()));
        let clock = Arc::clone(&now);
        let gateway = Gateway::new(template, functions).unwrap().with_clock(move || *clock.lock().unwrap());
        Self { gateway: Arc::new(gateway), calls, now }
    }

    async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.gateway.handle(request, IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9))).await
    }

    /// The event that an open function gets for a request.
    async fn event(&self, request: Request<Bytes>) -> Value {
        let response = self.send(request).await;
        assert_eq!(response.status(), StatusCode::OK, "{response:?}");
        serde_json::from_slice(response.body()).unwrap()
    }

    async fn status(&self, request: Request<Bytes>) -> u16 {
        self.send(request).await.status().as_u16()
    }

    fn calls_of(&self, function: &str) -> Vec<Value> {
        let calls = self.calls.lock().unwrap();
        calls.iter().filter(|(name, _)| name == function).map(|(_, event)| event.clone()).collect()
    }

    fn pass(&self, time: Duration) {
        *self.now.lock().unwrap() += time;
    }
}

fn function<F, R>(body: F) -> Function
where
    F: Fn(Invocation) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Bytes, FunctionError>> + Send + 'static,
{
    Arc::new(move |invocation| Box::pin(body(invocation)))
}

/// A gateway whose open function is `body`.
fn gateway_with(body: Function) -> Gateway {
    gateway_of(&source(), "OpenFunction", body)
}

fn gateway_of(yaml: &str, id: &str, body: Function) -> Gateway {
    let other = function(|_| async { Ok(Bytes::from_static(b"{}")) });
    let mut functions: HashMap<String, Function> =
        ["AuthorizerFunction", "HotelsFunction", "DashboardFunction", "OpenFunction"]
            .map(|id| (id.to_owned(), Arc::clone(&other)))
            .into();
    functions.insert(id.to_owned(), body);
    Gateway::new(Template::parse(yaml, &BTreeMap::new()).unwrap(), functions).unwrap()
}

/// A function that says when it was entered and when it has ended, and ends when it is let.
fn gated() -> (Function, Gate) {
    let (entered, has_entered) = tokio::sync::mpsc::unbounded_channel();
    let (ended, has_ended) = tokio::sync::mpsc::unbounded_channel();
    let release = Arc::new(tokio::sync::Notify::new());
    let gate = Arc::clone(&release);
    let function = function(move |_| {
        let (entered, ended, gate) = (entered.clone(), ended.clone(), Arc::clone(&gate));
        async move {
            entered.send(()).unwrap();
            gate.notified().await;
            ended.send(()).unwrap();
            Ok(Bytes::from_static(b"\"done\""))
        }
    });
    (function, Gate { has_entered, has_ended, release })
}

struct Gate {
    has_entered: tokio::sync::mpsc::UnboundedReceiver<()>,
    has_ended: tokio::sync::mpsc::UnboundedReceiver<()>,
    release: Arc<tokio::sync::Notify>,
}

fn request(method: &str, target: &str, headers: &[(&str, &str)]) -> Request<Bytes> {
    let mut builder = Request::builder().method(method).uri(target);
    if !headers.iter().any(|(name, _)| *name == "host") {
        builder = builder.header("host", "localhost:8080");
    }
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Bytes::new()).unwrap()
}

fn get(target: &str) -> Request<Bytes> {
    request("GET", target, &[])
}

fn post(target: &str, content_type: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    request("POST", target, &[("content-type", content_type)]).map(|_| body.into())
}

fn preflight(target: &str, origin: &str) -> Request<Bytes> {
    request("OPTIONS", target, &[("origin", origin), ("access-control-request-method", "GET")])
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

#[track_caller]
fn assert_refused(response: &Response<Bytes>, status: u16, message: &str) {
    assert_eq!(response.status().as_u16(), status);
    assert_eq!(response.body(), &json!({ "message": message }).to_string());
    assert_eq!(text(response.headers(), "content-type"), Some("application/json"));
    assert!(response.headers().contains_key("apigw-requestid"));
    assert!(!response.headers().contains_key("access-control-allow-origin"));
}

#[track_caller]
fn assert_unreadable(yaml: &str, words: &[&str]) {
    let error = Template::parse(yaml, &BTreeMap::new()).unwrap_err().to_string();
    for word in words {
        assert!(error.contains(word), "{error:?} does not say {word:?}");
    }
}

mod the_template {
    use super::*;

    #[test]
    fn is_read_with_its_defaults() {
        let template = template(&[]);
        assert_eq!(template.authorizers["Identity"].ttl, Duration::from_secs(60));
        assert_eq!(template.authorizers["Identity"].function, "AuthorizerFunction");
        assert_eq!(template.cors.as_ref().unwrap().origins, [ORIGIN]);
        assert_eq!(template.functions["HotelsFunction"], Duration::from_secs(20));
        assert_eq!(template.functions["AuthorizerFunction"], Duration::from_secs(5));
        assert!(!template.functions.contains_key("UnusedFunction"));
    }

    #[test]
    fn is_read_with_parameters_in_place_of_its_defaults() {
        let template = template(&[("AuthorizerCacheSeconds", "0"), ("WebOrigin", "")]);
        assert_eq!(template.authorizers["Identity"].ttl, Duration::ZERO);
        assert!(template.cors.as_ref().unwrap().origins.is_empty());
    }

    #[test]
    fn tells_how_long_each_route_may_take() {
        let template = template(&[]);
        let timeout = |path| template.route(&Method::GET, path).unwrap().timeout;
        assert_eq!(timeout("/api/hotels/1"), Duration::from_secs(29));
        assert_eq!(timeout("/api/hotels"), Duration::from_secs(30));
    }

    #[test]
    fn guards_every_route_but_the_open_ones_and_options() {
        let template = template(&[]);
        let authorizer = |method, path| template.route(&method, path).unwrap().authorizer.as_deref();
        assert_eq!(authorizer(Method::GET, "/api/hotels"), Some("Identity"));
        assert_eq!(authorizer(Method::OPTIONS, "/api/hotels/1"), None);
        assert_eq!(authorizer(Method::GET, "/open"), None);
        assert_eq!(authorizer(Method::OPTIONS, "/api/hotels"), None, "SAM leaves the default off OPTIONS");
        assert_eq!(authorizer(Method::OPTIONS, "/guarded/1"), Some("Identity"), "ANY is not OPTIONS");
    }

    #[test]
    fn cannot_have_a_path_that_ends_in_a_slash() {
        let yaml = source().replace("Path: /only-get", "Path: /only-get/");
        assert_unreadable(&yaml, &["/only-get/", "slash", "SAM", "Resources.OpenFunction"]);
    }

    #[test]
    fn cannot_use_a_function_of_cloudformation_that_is_not_understood_where_a_value_is_needed() {
        let yaml = source().replace("!Ref AuthorizerCacheSeconds", "!ImportValue seconds");
        assert_unreadable(&yaml, &["ImportValue", "Resources.Api.Properties.Auth.Authorizers.Identity.Identity"]);
    }

    #[test]
    fn cannot_have_two_routes_with_the_same_key() {
        let yaml = source().replace("Path: /only-get", "Path: /slow");
        assert_unreadable(&yaml, &["GET /slow"]);
    }

    #[test]
    fn cannot_name_what_it_does_not_declare() {
        assert_unreadable(&source().replace("DefaultAuthorizer: Identity", "DefaultAuthorizer: Other"), &["Other"]);
        assert_unreadable(&source().replace("!Ref WebOrigin,", "!Ref Elsewhere,"), &["Elsewhere"]);
        assert_unreadable(&source().replace("POST /limited\"", "GET /limited\""), &["GET /limited", "RouteSettings"]);
        assert_unreadable(
            &source().replace("ApiId: !Ref Api, Method: GET", "ApiId: !Ref Other, Method: GET"),
            &["ApiId"],
        );
        let unknown = Template::parse(&source(), &parameters(&[("Nothing", "1")])).unwrap_err();
        assert!(unknown.to_string().contains("Nothing"));
    }

    #[test]
    fn cannot_ask_for_what_is_not_emulated() {
        assert_unreadable(&source().replace("Version: \"2.0\"", "Version: \"1.0\""), &["2.0"]);
        assert_unreadable(&source().replace("SimpleResponses: true", "SimpleResponses: false"), &["EnableSimple"]);
        assert_unreadable(&source().replace("    Timeout: 20", "    Timeout: 1000"), &["Globals.Function.Timeout"]);
        assert_unreadable(&source().replace("TimeoutInMillis: 29000", "TimeoutInMillis: 31000"), &["30000"]);
        assert_unreadable(
            &source().replace("MaxAge: 600", "AllowCredentials: true").replace("[!Sub \"${WebOrigin}\"]", "['*']"),
            &["AllowCredentials"],
        );
    }

    #[test]
    fn can_be_anything_without_a_panic() {
        for yaml in
            ["", "[]", "a: [", "Resources: 1", "Resources: { A: 1 }", "Resources: { A: { Type: [x] } }", "~", "!Ref x"]
        {
            assert!(Template::parse(yaml, &BTreeMap::new()).is_err(), "{yaml:?}");
        }
    }

    #[test]
    fn needs_every_function_that_it_routes_to() {
        let error = Gateway::new(template(&[]), HashMap::new()).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("AuthorizerFunction"), "{error}");
        let only = function(|_| async { Ok(Bytes::new()) });
        let functions = [("AuthorizerFunction".to_owned(), only)].into();
        let error = Gateway::new(template(&[]), functions).map(|_| ()).unwrap_err();
        assert_eq!(error.function, "HotelsFunction");
        assert!(error.to_string().contains("the route ANY /api/hotels"), "{error}");
    }
}

mod routing {
    use super::*;

    fn key(method: Method, path: &str) -> Option<String> {
        template(&[]).route(&method, path).map(|route| route.key.clone())
    }

    #[test]
    fn prefers_the_method_to_any_at_the_same_path() {
        assert_eq!(key(Method::OPTIONS, "/api/hotels/1").unwrap(), "OPTIONS /api/hotels/{proxy+}");
        assert_eq!(key(Method::GET, "/api/hotels/1").unwrap(), "ANY /api/hotels/{proxy+}");
    }

    #[test]
    fn prefers_a_full_match_with_variables_to_a_greedy_one() {
        assert_eq!(key(Method::GET, "/items/1/notes/2").unwrap(), "GET /items/{id}/notes/{note}");
        assert_eq!(key(Method::GET, "/items/1/notes/2/3").unwrap(), "ANY /items/{proxy+}");
        assert_eq!(key(Method::GET, "/items/1/notes/").unwrap(), "ANY /items/{proxy+}");
        assert_eq!(key(Method::POST, "/items/1/notes/2").unwrap(), "ANY /items/{proxy+}");
    }

    #[test]
    fn prefers_the_longest_greedy_prefix() {
        assert_eq!(key(Method::GET, "/api/hotels/dashboard/x").unwrap(), "ANY /api/hotels/dashboard/{proxy+}");
        assert_eq!(key(Method::GET, "/api/hotels/dashboards/x").unwrap(), "ANY /api/hotels/{proxy+}");
    }

    #[test]
    fn matches_an_empty_rest_but_not_an_absent_one() {
        assert_eq!(key(Method::GET, "/api/hotels/").unwrap(), "ANY /api/hotels/{proxy+}");
        assert_eq!(key(Method::GET, "/api/hotels").unwrap(), "ANY /api/hotels");
        assert_eq!(key(Method::GET, "/items"), None);
    }

    #[test]
    fn lets_head_match_only_head_and_any() {
        assert_eq!(key(Method::HEAD, "/only-get"), None);
        assert_eq!(key(Method::HEAD, "/open").unwrap(), "ANY /open");
    }

    #[test]
    fn falls_back_on_the_default_route() {
        let yaml = source().replace("Method: GET, Path: /only-get, ", "");
        let template = Template::parse(&yaml, &BTreeMap::new()).unwrap();
        let route = template.route(&Method::PUT, "/nowhere").unwrap();
        assert_eq!((route.key.as_str(), &route.path), ("$default", &RoutePath::Default));
        assert_eq!(template.route(&Method::GET, "/open").unwrap().key, "ANY /open");
    }

    #[tokio::test]
    async fn answers_404_where_there_is_no_route() {
        assert_refused(&World::new().send(get("/nowhere")).await, 404, "Not Found");
    }
}

mod the_event {
    use super::*;

    #[tokio::test]
    async fn has_every_field_of_payload_2() {
        let headers = [
            ("accept", "text/html"),
            ("accept", "application/json"),
            ("user-agent", "test/1"),
            ("cookie", "a=1; b=2"),
            ("cookie", "c=3"),
            ("x-amzn-trace-id", "Root=1-2-3"),
            ("connection", "keep-alive"),
            ("te", "trailers"),
        ];
        let world = World::new();
        let mut event =
            world.event(request("GET", "/items/a%20b/notes/%C3%A9?q=1&q=2+3&%C3%A9=%26&flag", &headers)).await;
        let context = event["requestContext"].as_object_mut().unwrap();
        let epoch = context.remove("timeEpoch").unwrap().as_i64().unwrap();
        let time = context.remove("time").unwrap();
        let request_id = context.remove("requestId").unwrap();
        assert!(SystemTime::UNIX_EPOCH + Duration::from_millis(epoch.unsigned_abs()) <= SystemTime::now());
        let seconds = chrono::DateTime::parse_from_str(time.as_str().unwrap(), "%d/%b/%Y:%H:%M:%S %z").unwrap();
        assert_eq!(seconds.timestamp(), epoch / 1000);
        assert_eq!(request_id.as_str().unwrap().len(), 16);
        assert_eq!(
            event,
            json!({
                "version": "2.0",
                "routeKey": "GET /items/{id}/notes/{note}",
                "rawPath": "/items/a b/notes/é",
                "rawQueryString": "q=1&q=2+3&%C3%A9=%26&flag",
                "cookies": ["a=1", "b=2", "c=3"],
                "headers": {
                    "accept": "text/html,application/json",
                    "host": "localhost:8080",
                    "user-agent": "test/1",
                    "x-amzn-trace-id": "Root=1-2-3",
                    "x-forwarded-for": "203.0.113.9",
                    "x-forwarded-port": "8080",
                    "x-forwarded-proto": "http",
                },
                "queryStringParameters": { "q": "1,2 3", "é": "&", "flag": "" },
                "requestContext": {
                    "accountId": "123456789012",
                    "apiId": "local",
                    "domainName": "localhost:8080",
                    "domainPrefix": "localhost",
                    "http": {
                        "method": "GET",
                        "path": "/items/a b/notes/é",
                        "protocol": "HTTP/1.1",
                        "sourceIp": "203.0.113.9",
                        "userAgent": "test/1",
                    },
                    "routeKey": "GET /items/{id}/notes/{note}",
                    "stage": "$default",
                },
                "pathParameters": { "id": "a b", "note": "é" },
                "isBase64Encoded": false,
            })
        );
    }

    #[tokio::test]
    async fn leaves_out_what_the_request_does_not_have() {
        let event = World::new().event(get("/open")).await;
        for absent in ["cookies", "queryStringParameters", "pathParameters", "stageVariables", "body"] {
            assert!(event.get(absent).is_none(), "{absent}");
        }
        assert!(event["requestContext"].get("authorizer").is_none());
        assert_eq!(event["rawQueryString"], "");
        assert_eq!(event["requestContext"]["http"]["userAgent"], "");
    }

    #[tokio::test]
    async fn is_one_that_the_lambda_runtime_reads() {
        let body = json!({ "name": "Terrou-Bi" }).to_string();
        let event = World::new().event(post("/open?a=1", "application/json", body.clone())).await;
        let request = lambda_http::request::from_str(&event.to_string()).unwrap();
        assert_eq!(request.uri().path_and_query().unwrap(), "/open?a=1");
        assert_eq!(request.method(), Method::POST);
        assert_eq!(request.body().as_ref(), body.as_bytes());
    }

    #[tokio::test]
    async fn has_the_rest_of_the_path_as_the_greedy_parameter() {
        let world = World::new();
        assert_eq!(world.event(get("/items/a/b")).await["pathParameters"], json!({ "proxy": "a/b" }));
        assert_eq!(world.event(get("/items/")).await["pathParameters"], json!({ "proxy": "" }));
    }

    #[tokio::test]
    async fn has_the_body_as_text_only_for_the_types_that_aws_leaves_alone() {
        let world = World::new();
        for kind in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "text/csv",
            "application/xml",
            "application/javascript",
        ] {
            let event = world.event(post("/open", kind, "é")).await;
            assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("é"), &json!(false)), "{kind}");
        }
        for kind in
            ["image/png", "application/x-www-form-urlencoded", "application/problem+json", "multipart/form-data", ""]
        {
            let event = world.event(post("/open", kind, "é")).await;
            assert_eq!(
                (&event["body"], &event["isBase64Encoded"]),
                (&json!(STANDARD.encode("é")), &json!(true)),
                "{kind}"
            );
        }
    }

    #[tokio::test]
    async fn has_the_body_in_base64_where_it_is_no_text_after_all() {
        let event = World::new().event(post("/open", "application/json", vec![0xff, 0xfe])).await;
        assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("//4="), &json!(true)));
    }

    #[tokio::test]
    async fn appends_the_caller_to_the_addresses_that_the_request_claims() {
        let headers = [("x-forwarded-for", "10.0.0.1"), ("x-forwarded-proto", "https"), ("x-forwarded-port", "443")];
        let event = World::new().event(request("GET", "/open", &headers)).await;
        assert_eq!(event["headers"]["x-forwarded-for"], "10.0.0.1, 203.0.113.9");
        assert_eq!(event["headers"]["x-forwarded-proto"], "http");
        assert_eq!(event["headers"]["x-forwarded-port"], "8080");
    }

    #[tokio::test]
    async fn names_an_ipv4_caller_as_such_when_it_comes_over_ipv6() {
        let mapped = IpAddr::V6(Ipv4Addr::LOCALHOST.to_ipv6_mapped());
        let response = World::new().gateway.handle(get("/open"), mapped).await;
        let event: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(event["requestContext"]["http"]["sourceIp"], "127.0.0.1");
        let response = World::new().gateway.handle(get("/open"), IpAddr::V6(Ipv6Addr::LOCALHOST)).await;
        let event: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(event["requestContext"]["http"]["sourceIp"], "::1");
    }

    #[tokio::test]
    async fn takes_only_a_host_that_is_one() {
        let world = World::new();
        for host in ["red.example", "red.example:443", "127.0.0.1:8080", "[::1]:8080", "[::1]"] {
            assert_eq!(world.status(request("GET", "/open", &[("host", host)])).await, 200, "{host}");
        }
        for host in [
            "",
            "a b",
            "a/b",
            "a@b",
            "red.example:",
            "red.example:x",
            "a:1:2",
            "[::1",
            "[x]:1",
            "[::1]x",
            ":80",
            "a:99999",
        ] {
            let response = world.send(request("GET", "/open", &[("host", host)])).await;
            assert_refused(&response, 400, "Bad Request");
        }
        let twice = request("GET", "/open", &[("host", "a.example"), ("host", "b.example")]);
        assert_refused(&world.send(twice).await, 400, "Bad Request");
        let none = Request::builder().uri("/open").body(Bytes::new()).unwrap();
        assert_refused(&world.send(none).await, 400, "Bad Request");
    }

    #[tokio::test]
    async fn takes_only_a_path_that_can_be_decoded() {
        let world = World::new();
        for path in ["/items/%", "/items/%2", "/items/%zz", "/items/%ff", "/items/%C3", "/items/%+f"] {
            assert_refused(&world.send(get(path)).await, 400, "Bad Request");
        }
        assert_eq!(world.event(get("/items/%2e%2e%2fx%3Fy%23")).await["rawPath"], "/items/../x?y#");
        assert_eq!(world.event(get("/items/%2500")).await["rawPath"], "/items/%00");
    }
}

mod the_authorizer {
    use super::*;

    fn hotels(token: &str) -> Request<Bytes> {
        request("GET", "/api/hotels/1", &[("authorization", token)])
    }

    #[tokio::test]
    async fn is_not_called_without_its_identity_source() {
        let world = World::new();
        assert_refused(&world.send(get("/api/hotels/1")).await, 401, "Unauthorized");
        assert_refused(&world.send(hotels("")).await, 401, "Unauthorized");
        assert!(world.calls.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn gets_the_request_as_payload_2() {
        let world = World::new();
        let headers = [("authorization", "Bearer x"), ("cookie", "a=1")];
        assert_eq!(world.status(request("POST", "/api/hotels/a%20b?q=1", &headers).map(|_| "body".into())).await, 200);
        let event = &world.calls_of("AuthorizerFunction")[0];
        assert_eq!(event["version"], "2.0");
        assert_eq!(event["type"], "REQUEST");
        assert_eq!(event["routeArn"], "arn:aws:execute-api:us-east-1:123456789012:local/$default/POST/api/hotels/a b");
        assert_eq!(event["identitySource"], json!(["Bearer x"]));
        assert_eq!(event["routeKey"], "ANY /api/hotels/{proxy+}");
        assert_eq!(event["rawPath"], "/api/hotels/a b");
        assert_eq!(event["rawQueryString"], "q=1");
        assert_eq!(event["cookies"], json!(["a=1"]));
        assert_eq!(event["headers"]["authorization"], "Bearer x");
        assert_eq!(event["queryStringParameters"], json!({ "q": "1" }));
        assert_eq!(event["pathParameters"], json!({ "proxy": "a b" }));
        assert_eq!(event["requestContext"]["http"]["method"], "POST");
        assert!(event.get("body").is_none() && event.get("isBase64Encoded").is_none());
        assert!(event["requestContext"].get("authorizer").is_none());
    }

    #[tokio::test]
    async fn gives_its_context_to_the_function() {
        let world = World::new();
        let event = world.event(hotels("Bearer x")).await;
        let context = json!({ "lambda": { "token": "Bearer x", "user_id": 7, "is_admin": false } });
        assert_eq!(event["requestContext"]["authorizer"], context);
        let asked = &world.calls_of("AuthorizerFunction")[0];
        assert_eq!(asked["requestContext"]["requestId"], event["requestContext"]["requestId"]);
    }

    #[tokio::test]
    async fn may_give_no_context() {
        let event = World::new().event(hotels("bare")).await;
        assert_eq!(event["requestContext"]["authorizer"], json!({ "lambda": null }));
    }

    #[tokio::test]
    async fn turns_a_denial_into_403_and_everything_that_goes_wrong_into_500() {
        let world = World::new();
        assert_refused(&world.send(hotels("denied")).await, 403, "Forbidden");
        for token in ["broken", "list", "failing"] {
            assert_refused(&world.send(hotels(token)).await, 500, "Internal Server Error");
        }
        assert!(world.calls_of("HotelsFunction").is_empty());
    }

    #[tokio::test]
    async fn is_asked_once_per_identity_until_its_answer_is_old() {
        let world = World::new();
        for token in ["one", "one", "two", "denied", "denied"] {
            world.send(hotels(token)).await;
        }
        assert_eq!(world.calls_of("AuthorizerFunction").len(), 3);
        let other_route = request("GET", "/guarded/1", &[("authorization", "one")]);
        assert_eq!(world.event(other_route).await["requestContext"]["authorizer"]["lambda"]["token"], "one");
        world.pass(Duration::from_secs(59));
        world.send(hotels("one")).await;
        assert_eq!(world.calls_of("AuthorizerFunction").len(), 3);
        world.pass(Duration::from_secs(1));
        world.send(hotels("one")).await;
        assert_eq!(world.calls_of("AuthorizerFunction").len(), 4);
    }

    #[tokio::test]
    async fn is_asked_again_after_it_failed() {
        let world = World::new();
        for _ in 0..2 {
            assert_eq!(world.status(hotels("failing")).await, 500);
        }
        assert_eq!(world.calls_of("AuthorizerFunction").len(), 2);
    }

    #[tokio::test]
    async fn is_asked_every_time_without_a_cache() {
        let world = World::of(template(&[("AuthorizerCacheSeconds", "0")]), &[]);
        for _ in 0..2 {
            world.send(hotels("one")).await;
        }
        assert_eq!(world.calls_of("AuthorizerFunction").len(), 2);
    }

    #[tokio::test]
    async fn is_remembered_for_a_bounded_number_of_callers() {
        let world = World::new();
        for caller in 0..=1_000 {
            world.send(hotels(&format!("caller {caller}"))).await;
        }
        world.send(hotels("caller 1000")).await;
        assert_eq!(world.calls_of("AuthorizerFunction").len(), 1_001);
        world.send(hotels("caller 0")).await;
        assert_eq!(world.calls_of("AuthorizerFunction").len(), 1_002);
    }

    #[tokio::test]
    async fn that_the_api_may_not_invoke_is_a_500() {
        let yaml = source().replace("            EnableFunctionDefaultPermissions: true\n", "");
        let world = World::of(Template::parse(&yaml, &BTreeMap::new()).unwrap(), &[]);
        assert_refused(&world.send(hotels("one")).await, 500, "Internal Server Error");
        assert_refused(&world.send(get("/api/hotels")).await, 401, "Unauthorized");
        assert!(world.calls.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn that_never_answers_is_a_500() {
        let yaml = source().replace("Timeout: 5 }", "Timeout: 1 }");
        let gateway = gateway_of(&yaml, "AuthorizerFunction", function(|_| std::future::pending()));
        let response = gateway.handle(hotels("one"), IpAddr::V4(Ipv4Addr::LOCALHOST)).await;
        assert_refused(&response, 500, "Internal Server Error");
    }
}

mod cors {
    use super::*;

    #[tokio::test]
    async fn answers_a_preflight_that_no_route_takes() {
        let world = World::new();
        for path in ["/only-get", "/nowhere"] {
            let response = world.send(preflight(path, ORIGIN)).await;
            assert_eq!(response.status(), StatusCode::NO_CONTENT);
            assert!(response.body().is_empty());
            let headers = response.headers();
            assert_eq!(text(headers, "access-control-allow-origin"), Some(ORIGIN));
            assert_eq!(text(headers, "access-control-allow-methods"), Some("GET,POST,PATCH"));
            assert_eq!(text(headers, "access-control-allow-headers"), Some("authorization,content-type"));
            assert_eq!(text(headers, "access-control-max-age"), Some("600"));
            assert_eq!(text(headers, "access-control-expose-headers"), None);
            assert_eq!(text(headers, "access-control-allow-credentials"), None);
            assert_eq!(text(headers, "vary"), Some("Origin"));
            assert!(headers.contains_key("apigw-requestid"));
        }
        assert!(world.calls.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn tells_another_origin_nothing() {
        let response = World::new().send(preflight("/only-get", "https://other.example")).await;
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        assert!(!response.headers().keys().any(|name| name.as_str().starts_with("access-control")));
    }

    #[tokio::test]
    async fn takes_only_a_preflight_for_one() {
        let world = World::new();
        let origin_only = request("OPTIONS", "/only-get", &[("origin", ORIGIN)]);
        assert_refused(&world.send(origin_only).await, 404, "Not Found");
    }

    #[tokio::test]
    async fn sends_a_preflight_to_the_route_that_takes_it_authorizer_included() {
        let world = World::new();
        assert_refused(&world.send(preflight("/guarded/1", ORIGIN)).await, 401, "Unauthorized");
        let response = world.send(preflight("/api/hotels/1", ORIGIN)).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(text(response.headers(), "access-control-allow-methods"), Some("GET,POST,PATCH"));
        assert_eq!(world.calls_of("HotelsFunction").len(), 1);
    }

    #[tokio::test]
    async fn puts_its_headers_in_place_of_the_functions() {
        let world = World::answering(|_| {
            let own = json!({ "access-control-allow-origin": "*", "Access-Control-Allow-Methods": "PUT", "vary": "Accept-Language" });
            Ok(json!({ "statusCode": 201, "headers": own }))
        });
        let response = world.send(request("POST", "/open", &[("origin", ORIGIN)])).await;
        let headers = response.headers();
        assert_eq!(text(headers, "access-control-allow-origin"), Some(ORIGIN));
        assert_eq!(text(headers, "access-control-expose-headers"), Some("etag,x-request-id"));
        assert_eq!(text(headers, "access-control-allow-methods"), None);
        let vary: Vec<_> = headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(vary, ["Accept-Language", "Origin"]);

        let other = world.send(request("POST", "/open", &[("origin", "https://other.example")])).await;
        assert_eq!(text(other.headers(), "access-control-allow-origin"), None);
    }

    #[tokio::test]
    async fn leaves_what_the_gateway_answers_alone() {
        let world = World::answering(|_| Err(FunctionError::Failed("no".to_owned())));
        for (path, status) in [("/open", 500), ("/nowhere", 404), ("/api/hotels", 401)] {
            let response = world.send(request("GET", path, &[("origin", ORIGIN)])).await;
            assert_eq!(response.status().as_u16(), status);
            assert_eq!(text(response.headers(), "access-control-allow-origin"), None);
        }
    }

    #[tokio::test]
    async fn may_allow_every_origin_or_every_secure_one() {
        let with = |origin: &str| {
            let yaml = source().replace("[!Sub \"${WebOrigin}\"]", &format!("[\"{origin}\"]"));
            World::of(Template::parse(&yaml, &BTreeMap::new()).unwrap(), &[])
        };
        let any = with("*").send(request("GET", "/open", &[("origin", "http://x.example")])).await;
        assert_eq!(text(any.headers(), "access-control-allow-origin"), Some("*"));
        assert_eq!(text(any.headers(), "vary"), None);
        let secure = with("https://*");
        for (origin, allowed) in [("https://x.example", Some("https://x.example")), ("http://x.example", None)] {
            let response = secure.send(request("GET", "/open", &[("origin", origin)])).await;
            assert_eq!(text(response.headers(), "access-control-allow-origin"), allowed);
        }
    }

    #[tokio::test]
    async fn is_the_functions_own_business_where_the_api_does_not_configure_it() {
        let yaml = source().replace("CorsConfiguration:", "Description:");
        let reply: Reply = |_| Ok(json!({ "statusCode": 200, "headers": { "access-control-allow-origin": "*" } }));
        let world = World::of(Template::parse(&yaml, &BTreeMap::new()).unwrap(), &[("OpenFunction", reply)]);
        let response = world.send(request("GET", "/open", &[("origin", ORIGIN)])).await;
        assert_eq!(text(response.headers(), "access-control-allow-origin"), Some("*"));
        assert_eq!(world.status(preflight("/only-get", ORIGIN)).await, 404);
    }
}

mod an_answer {
    use super::*;

    async fn of(reply: Reply) -> Response<Bytes> {
        World::answering(reply).send(get("/open")).await
    }

    #[tokio::test]
    async fn has_what_the_function_says() {
        let response = of(|_| {
            Ok(json!({
                "statusCode": 201,
                "headers": { "X-Count": 3, "x-flag": true, "Location": "/x", "connection": "close", "transfer-encoding": "chunked", "content-length": "99" },
                "multiValueHeaders": { "x-many": ["a", "b"] },
                "cookies": ["a=1; Secure", "b=2"],
                "body": "é",
            }))
        })
        .await;
        let headers = response.headers();
        assert_eq!(response.status(), StatusCode::CREATED);
        assert_eq!(response.body(), "é");
        assert_eq!((text(headers, "x-count"), text(headers, "x-flag")), (Some("3"), Some("true")));
        assert_eq!(text(headers, "location"), Some("/x"));
        assert_eq!(text(headers, "content-type"), Some("text/plain;charset=UTF-8"));
        let cookies: Vec<_> = headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(cookies, ["a=1; Secure", "b=2"]);
        for dropped in ["x-many", "connection", "transfer-encoding", "content-length"] {
            assert!(!headers.contains_key(dropped), "{dropped}");
        }
        assert!(headers.contains_key("apigw-requestid"));
    }

    #[tokio::test]
    async fn may_be_bytes_in_base64() {
        let response = of(|_| Ok(json!({ "statusCode": 200, "body": "//4=", "isBase64Encoded": true }))).await;
        assert_eq!(response.body().as_ref(), [0xff, 0xfe]);
    }

    #[tokio::test]
    async fn without_a_status_is_a_body() {
        let reply: Reply = |_| Ok(json!({ "message": "hello", "headers": 3, "body": [1] }));
        let response = of(reply).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(text(response.headers(), "content-type"), Some("application/json"));
        assert_eq!(serde_json::from_slice::<Value>(response.body()).unwrap(), reply(&Value::Null).unwrap());
        assert_eq!(of(|_| Ok(json!([404, {}]))).await.body(), "[404,{}]");
        assert_eq!(of(|_| Ok(json!(null))).await.body(), "null");
        assert_eq!(of(|_| Ok(json!("Hello from Lambda!"))).await.body(), "Hello from Lambda!");
    }

    #[tokio::test]
    async fn that_is_malformed_is_a_500() {
        let replies: [Reply; 10] = [
            |_| Ok(json!({ "statusCode": "ok" })),
            |_| Ok(json!({ "statusCode": 99 })),
            |_| Ok(json!({ "statusCode": 101 })),
            |_| Ok(json!({ "statusCode": 1000 })),
            |_| Ok(json!({ "statusCode": 200, "body": { "a": 1 } })),
            |_| Ok(json!({ "statusCode": 200, "headers": { "a b": "c" } })),
            |_| Ok(json!({ "statusCode": 200, "headers": { "a": "b\r\nc: d" } })),
            |_| Ok(json!({ "statusCode": 200, "headers": { "a": ["b"] } })),
            |_| Ok(json!({ "statusCode": 200, "cookies": "a=1" })),
            |_| Ok(json!({ "statusCode": 200, "body": "%", "isBase64Encoded": true })),
        ];
        for reply in replies {
            assert_refused(&of(reply).await, 500, "Internal Server Error");
        }
        for json in ["", "{", "{\"statusCode\":200", "nonsense"] {
            let gateway = gateway_with(function(move |_| async move { Ok(Bytes::from_static(json.as_bytes())) }));
            let response = gateway.handle(get("/open"), IpAddr::V4(Ipv4Addr::LOCALHOST)).await;
            assert_refused(&response, 500, "Internal Server Error");
        }
    }

    #[tokio::test]
    async fn of_a_function_that_fails_is_a_500() {
        assert_refused(&of(|_| Err(FunctionError::Failed("no".into()))).await, 500, "Internal Server Error");
        assert_refused(&of(|_| panic!("the function")).await, 500, "Internal Server Error");
    }

    #[tokio::test]
    async fn of_a_function_that_cannot_be_reached_is_a_503() {
        let response = of(|_| Err(FunctionError::Unavailable("refused".into()))).await;
        assert_refused(&response, 503, "Service Unavailable");
    }

    #[tokio::test]
    async fn to_head_has_the_length_of_the_body_and_no_body() {
        let head = |reply| async move { World::answering(reply).send(request("HEAD", "/open", &[])).await };
        let response = head(|_| Ok(json!({ "statusCode": 200, "body": "12345" }))).await;
        assert_eq!((response.body().len(), text(response.headers(), "content-length")), (0, Some("5")));
        let response = head(|_| Ok(json!({ "statusCode": 200, "headers": { "content-length": "7" } }))).await;
        assert_eq!((response.body().len(), text(response.headers(), "content-length")), (0, Some("7")));
        let response = head(|_| Ok(json!({ "statusCode": 200, "headers": { "content-length": "x" } }))).await;
        assert_eq!(text(response.headers(), "content-length"), None);
        let response = World::new().send(request("HEAD", "/nowhere", &[])).await;
        assert_eq!((response.status().as_u16(), response.body().len()), (404, 0));
        assert_eq!(text(response.headers(), "content-length"), Some("23"));
    }

    #[tokio::test]
    async fn with_204_has_no_body() {
        let response = of(|_| Ok(json!({ "statusCode": 204, "body": "x" }))).await;
        assert_eq!((response.status().as_u16(), response.body().len()), (204, 0));
    }
}

mod time {
    use super::*;

    #[tokio::test]
    async fn that_the_route_allows_ends_in_503_and_the_function_runs_on() {
        let (function, mut gate) = gated();
        let response = gateway_with(function).handle(get("/slow"), IpAddr::V4(Ipv4Addr::LOCALHOST)).await;
        assert_refused(&response, 503, "Service Unavailable");
        gate.release.notify_one();
        gate.has_ended.recv().await.unwrap();
    }

    #[tokio::test]
    async fn that_the_function_allows_itself_ends_in_500() {
        let yaml = source().replace("    Timeout: 20", "    Timeout: 1");
        let gateway = gateway_of(&yaml, "OpenFunction", function(|_| std::future::pending()));
        let response = gateway.handle(get("/open"), IpAddr::V4(Ipv4Addr::LOCALHOST)).await;
        assert_refused(&response, 500, "Internal Server Error");
    }

    #[tokio::test]
    async fn does_not_end_a_function_whose_caller_has_gone() {
        let (function, mut gate) = gated();
        let gateway = gateway_with(function);
        tokio::select! {
            _ = gateway.handle(get("/open"), IpAddr::V4(Ipv4Addr::LOCALHOST)) => panic!("it cannot have ended"),
            entered = gate.has_entered.recv() => entered.unwrap(),
        }
        gate.release.notify_one();
        gate.has_ended.recv().await.unwrap();
    }

    #[tokio::test]
    async fn is_told_to_the_function_with_an_id_of_its_own() {
        let (seen, invocations) = std::sync::mpsc::channel();
        let gateway = gateway_with(function(move |invocation: Invocation| {
            seen.send((invocation.request_id, invocation.deadline)).unwrap();
            async { Ok(Bytes::from_static(b"{}")) }
        }));
        let before = SystemTime::now();
        gateway.handle(get("/slow"), IpAddr::V4(Ipv4Addr::LOCALHOST)).await;
        let (request_id, deadline) = invocations.recv().unwrap();
        let timeout = Duration::from_secs(20);
        assert!(before + timeout <= deadline && deadline <= SystemTime::now() + timeout);
        assert!(uuid::Uuid::parse_str(&request_id).is_ok());
    }
}

mod limits {
    use super::*;

    const MAX_EVENT: usize = 6_291_556;

    #[tokio::test]
    async fn refuse_a_body_over_ten_megabytes() {
        let body = vec![b'x'; 10 * 1024 * 1024 + 1];
        let response = World::new().send(post("/open", "text/plain", body)).await;
        assert_refused(&response, 413, "Request Entity Too Large");
    }

    #[tokio::test]
    async fn refuse_an_event_that_lambda_would_not_take() {
        let gateway = gateway_with(function(|_| async { Ok(Bytes::from_static(b"{}")) }));
        let send =
            |length| gateway.handle(post("/open", "image/png", vec![0; length]), IpAddr::V4(Ipv4Addr::LOCALHOST));
        assert_refused(&send(MAX_EVENT / 4 * 3).await, 413, "Request Entity Too Large");
        assert_eq!(send(MAX_EVENT / 4 * 3 - 1024).await.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn refuse_an_answer_that_lambda_would_not_take() {
        for (length, status) in [(MAX_EVENT, 200), (MAX_EVENT + 1, 500)] {
            let answer = Bytes::from(format!("\"{}\"", "x".repeat(length - 2)));
            let gateway = gateway_with(function(move |_| std::future::ready(Ok(answer.clone()))));
            let response = gateway.handle(get("/open"), IpAddr::V4(Ipv4Addr::LOCALHOST)).await;
            assert_eq!(response.status().as_u16(), status);
        }
    }

    #[tokio::test]
    async fn refuse_headers_over_ten_kilobytes() {
        let world = World::new();
        let fixed = "GET /open HTTP/1.1".len() + "localhost:8080".len();
        for (length, status) in [(10_240 - fixed, 200), (10_241 - fixed, 431)] {
            let response = world.send(request("GET", "/open", &[("x-long", &"x".repeat(length))])).await;
            assert_eq!(response.status().as_u16(), status);
        }
        let response = world.send(get(&format!("/open?{}", "x".repeat(10_240)))).await;
        assert_refused(&response, 431, "Request Header Fields Too Large");
    }

    #[tokio::test]
    async fn throttle_a_route_by_its_own_bucket() {
        let world = World::new();
        let limited = || post("/limited", "text/plain", "x");
        assert_eq!(world.status(limited()).await, 200);
        assert_eq!(world.status(limited()).await, 200);
        assert_refused(&world.send(limited()).await, 429, "Too Many Requests");
        assert_eq!(world.status(get("/open")).await, 200);
        world.pass(Duration::from_millis(1_500));
        assert_eq!(world.status(limited()).await, 200);
        assert_eq!(world.status(limited()).await, 429);
        world.pass(Duration::from_secs(3_600));
        assert_eq!(world.status(limited()).await, 200);
        assert_eq!(world.status(limited()).await, 200);
        assert_eq!(world.status(limited()).await, 429);
    }

    #[tokio::test]
    async fn throttle_every_route_by_the_default_where_it_has_none_of_its_own() {
        let settings =
            "DefaultRouteSettings: { ThrottlingBurstLimit: 1, ThrottlingRateLimit: 0.5 }\n      RouteSettings:";
        let yaml = source().replace("RouteSettings:", settings);
        let world = World::of(Template::parse(&yaml, &BTreeMap::new()).unwrap(), &[]);
        assert_eq!(world.status(get("/open")).await, 200);
        assert_eq!(world.status(get("/open")).await, 429);
        assert_eq!(world.status(get("/only-get")).await, 200);
        world.pass(Duration::from_secs(2));
        assert_eq!(world.status(get("/open")).await, 200);
        for _ in 0..2 {
            assert_eq!(world.status(post("/limited", "text/plain", "x")).await, 200);
        }
    }
}

mod the_server {
    use super::*;

    struct Server {
        address: std::net::SocketAddr,
        stop: tokio::sync::oneshot::Sender<()>,
        running: tokio::task::JoinHandle<std::io::Result<()>>,
    }

    async fn start(gateway: Arc<Gateway>) -> Server {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let running = tokio::spawn(gateway.serve(listener, async move {
            stopped.await.ok();
        }));
        Server { address, stop, running }
    }

    async fn exchange(address: std::net::SocketAddr, head: &str, body: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(format!("{head}\r\nhost: {address}\r\nconnection: close\r\n\r\n").as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()
    }

    #[tokio::test]
    async fn answers_over_http_and_stops_when_it_is_told() {
        let server = start(World::new().gateway).await;
        let answer = exchange(server.address, "GET /items/x%20y HTTP/1.1", b"").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("apigw-requestid: "), "{answer}");
        let event: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
        assert_eq!(event["rawPath"], "/items/x y");
        assert_eq!(event["requestContext"]["http"]["sourceIp"], "127.0.0.1");
        server.stop.send(()).unwrap();
        server.running.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn lets_a_request_under_way_finish() {
        let (function, mut gate) = gated();
        let gateway = gateway_with(function);
        let server = start(Arc::new(gateway)).await;
        let client = tokio::spawn(exchange(server.address, "GET /open HTTP/1.1", b""));
        gate.has_entered.recv().await.unwrap();
        server.stop.send(()).unwrap();
        gate.release.notify_one();
        assert!(client.await.unwrap().ends_with("done"));
        server.running.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn reads_no_more_of_a_body_than_it_takes() {
        let server = start(World::new().gateway).await;
        let length = 10 * 1024 * 1024 + 1;
        let head = format!("POST /open HTTP/1.1\r\ncontent-length: {length}");
        let answer = exchange(server.address, &head, &vec![b'x'; length]).await;
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        assert!(answer.ends_with(r#"{"message":"Request Entity Too Large"}"#), "{answer}");
    }

    #[tokio::test]
    async fn sends_the_length_but_no_body_to_head() {
        let server = start(World::new().gateway).await;
        let answer = exchange(server.address, "HEAD /nowhere HTTP/1.1", b"").await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
        assert!(answer.contains("content-length: 23\r\n"), "{answer}");
        assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    }

    /// A server that gives up soon.
    async fn impatient(limits: ServerLimits) -> std::net::SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve_with(limits, World::new().gateway.router(), listener, std::future::pending()));
        address
    }

    /// What comes until the server closes the connection.
    async fn until_closed(mut stream: TcpStream) -> String {
        let mut answer = Vec::new();
        let closed = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut answer)).await;
        let _ = closed.expect("the connection is closed");
        String::from_utf8(answer).unwrap()
    }

    #[tokio::test]
    async fn closes_connections_whose_head_or_next_request_does_not_come() {
        let limits = ServerLimits { head: Duration::from_millis(200), ..ServerLimits::default() };
        let address = impatient(limits).await;
        let mut streams = Vec::new();
        for _ in 0..100 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"GET /open HTTP/1.1\r\nhost: local").await.unwrap();
            streams.push(stream);
        }
        streams.push(TcpStream::connect(address).await.unwrap());
        for stream in streams {
            assert!(!until_closed(stream).await.contains("200 OK"));
        }
        let mut idle = TcpStream::connect(address).await.unwrap();
        idle.write_all(format!("GET /open HTTP/1.1\r\nhost: {address}\r\n\r\n").as_bytes()).await.unwrap();
        assert!(until_closed(idle).await.starts_with("HTTP/1.1 200 OK"), "answered, then closed");
    }

    #[tokio::test]
    async fn answers_408_where_a_body_does_not_come() {
        let limits = ServerLimits { request: Duration::from_millis(200), ..ServerLimits::default() };
        let address = impatient(limits).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!("POST /open HTTP/1.1\r\nhost: {address}\r\ncontent-length: 10\r\n\r\nhalf");
        stream.write_all(head.as_bytes()).await.unwrap();
        assert!(until_closed(stream).await.starts_with("HTTP/1.1 408 "));
    }

    #[tokio::test]
    async fn takes_more_clients_as_others_are_given_up() {
        let limits = ServerLimits { connections: 1, head: Duration::from_millis(200), ..ServerLimits::default() };
        let address = impatient(limits).await;
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(b"GET /op").await.unwrap();
        let answer = exchange(address, "GET /open HTTP/1.1", b"").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        until_closed(slow).await;
    }
}

mod the_limits_of_the_deployed_template {
    use super::*;
    use local::platform::TEMPLATE;

    const DEAR: [&str; 5] = ["auth/login", "auth/register", "auth/forgot-password", "auth/reset-password", "token"];
    const NEEDED: [&str; 4] = ["auth/refresh", "auth/token/refresh", "token/refresh", "auth/logout"];

    fn gateway() -> Gateway {
        let template = Template::parse(TEMPLATE, &parameters(&[("WebOrigin", "https://red.example")])).unwrap();
        let functions = template
            .functions
            .keys()
            .map(|id| (id.clone(), function(|_: Invocation| async { Ok(Bytes::from_static(b"{}")) })));
        let functions = functions.collect();
        let now = Instant::now();
        Gateway::new(template, functions).unwrap().with_clock(move || now)
    }

    #[tokio::test]
    async fn a_flood_of_one_route_of_auth_leaves_each_other_usable() {
        let routes = DEAR.into_iter().chain(NEEDED).chain(["auth/elsewhere"]);
        for flooded in routes.clone() {
            let gateway = gateway();
            let status = async |path: &str| gateway.handle(get(path), Ipv4Addr::LOCALHOST.into()).await.status();
            for path in [format!("/api/{flooded}"), format!("/api/{flooded}/")] {
                while status(&path).await != StatusCode::TOO_MANY_REQUESTS {}
            }
            for other in routes.clone().filter(|other| *other != flooded) {
                for path in [format!("/api/{other}"), format!("/api/{other}/")] {
                    assert_eq!(status(&path).await, StatusCode::OK, "{path} while {flooded} is flooded");
                }
            }
        }
    }
}
