//! The web application on the origin of the API, as a browser gets it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use axum_server::Router;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Empty};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use local::{
    edge,
    gateway::{self, Gateway, Template},
    mailbox::Mailbox,
    platform::Folders,
    site::Site,
};
use tokio::{net::TcpListener, task::JoinHandle};

/// A gateway without routes: whatever reaches it is its own 404.
const TEMPLATE: &str = "Resources: { Api: { Type: AWS::Serverless::HttpApi, Properties: {} } }";
const PAGE: &str = "<!doctype html><title>RED PRODUCT</title>";
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
                   font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
                   manifest-src 'self'";

/// A platform with a web application that is gone after the test.
struct World {
    folder: PathBuf,
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl World {
    async fn new(name: &str) -> Self {
        Self::with(name, true, None).await
    }

    async fn with(name: &str, is_built: bool, problem: Option<&str>) -> Self {
        let folder = std::env::temp_dir().join(format!("red site {} {name}", std::process::id()));
        let folders = Folders { images: folder.join("images"), exports: folder.join("exports") };
        for made in [&folders.images, &folders.exports, &folder.join("dist/assets")] {
            fs::create_dir_all(made).unwrap();
        }
        let world = |file: &str, content: &str| fs::write(folder.join(file), content).unwrap();
        if is_built {
            world("dist/index.html", PAGE);
        }
        world("dist/favicon.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
        world("dist/manifest.webmanifest", "{}");
        world("dist/assets/app-4f2a.js", &"console.log('RED PRODUCT');\n".repeat(100));
        world("dist/assets/photo-77aa.png", &"\u{1}".repeat(5_000));
        world("secret.txt", "not for you");

        let gateway = Gateway::new(Template::parse(TEMPLATE, &BTreeMap::new()).unwrap(), HashMap::new()).unwrap();
        let site = Site::new(folder.join("dist"), problem.map(str::to_owned));
        Self::serving(edge::router(Arc::new(gateway), &folders, Some(site)).unwrap(), folder).await
    }

    async fn serving(router: Router, folder: PathBuf) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            gateway::serve(router, listener, std::future::pending()).await.unwrap();
        });
        Self { folder, address, server }
    }

    async fn get(&self, path: &str) -> Response<Bytes> {
        self.ask(Method::GET, path, &[]).await
    }

    async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Response<Bytes> {
        let mut request = Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Empty::<Bytes>::new()).unwrap();
        let answer = Client::builder(TokioExecutor::new()).build_http().request(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.server.abort();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

fn is_secured(answer: &Response<Bytes>) -> bool {
    is_secured_by(answer, CSP)
}

fn is_secured_by(answer: &Response<Bytes>, csp: &str) -> bool {
    let headers = answer.headers();
    text(headers, "content-security-policy") == csp
        && text(headers, "x-content-type-options") == "nosniff"
        && text(headers, "referrer-policy") == "same-origin"
        && text(headers, "permissions-policy") == "camera=(), microphone=(), geolocation=(), payment=()"
        && text(headers, "cross-origin-opener-policy") == "same-origin"
        && !headers.contains_key("strict-transport-security")
}

fn is_the_gateways(answer: &Response<Bytes>) -> bool {
    answer.status() == StatusCode::NOT_FOUND && answer.body().as_ref() == br#"{"message":"Not Found"}"#
}

#[tokio::test]
async fn every_address_that_the_application_makes_up_is_its_page() {
    let world = World::new("pages").await;

    for path in
        ["/", "/index.html", "/hotels", "/hotels/", "/hotels/12/edit", "/reset-password?token=a.b", "/%E2%82%AC"]
    {
        let answer = world.get(path).await;

        assert_eq!((answer.status(), answer.body().as_ref()), (StatusCode::OK, PAGE.as_bytes()), "{path}");
        assert_eq!(text(answer.headers(), "content-type"), "text/html", "{path}");
        assert_eq!(text(answer.headers(), "cache-control"), "no-cache", "{path}");
        assert!(is_secured(&answer), "{path}: {:?}", answer.headers());
    }
}

#[tokio::test]
async fn assets_may_be_kept_for_ever_and_other_files_are_asked_about() {
    let world = World::new("files").await;

    for (path, media_type, cache_control) in [
        ("/assets/app-4f2a.js", "text/javascript", "public, max-age=31536000, immutable"),
        ("/assets/photo-77aa.png", "image/png", "public, max-age=31536000, immutable"),
        ("/favicon.svg", "image/svg+xml", "no-cache"),
        ("/manifest.webmanifest", "application/manifest+json", "no-cache"),
    ] {
        let answer = world.get(path).await;

        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(text(answer.headers(), "content-type"), media_type, "{path}");
        assert_eq!(text(answer.headers(), "cache-control"), cache_control, "{path}");
        assert_eq!(answer.body().as_ref(), fs::read(world.folder.join("dist").join(&path[1..])).unwrap(), "{path}");
        assert!(is_secured(&answer), "{path}");
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_is_a_404_that_nobody_keeps() {
    let world = World::new("missing").await;

    for path in ["/missing.js", "/hotels/missing.png", "/assets/app-0000.js", "/assets/none", "/assets/", "/a%00.js"] {
        let answer = world.get(path).await;

        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(text(answer.headers(), "cache-control"), "no-store", "{path}");
        assert!(is_secured(&answer) && !answer.body().starts_with(b"<"), "{path}");
    }
}

#[tokio::test]
async fn no_path_leads_out_of_the_folder() {
    let world = World::new("traversal").await;

    for path in [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
        "/assets/..%5c..%5csecret.txt",
        "/.%2e/secret.txt",
        "//secret.txt",
        &format!("/{}/secret.txt", world.folder.display()).replace(' ', "%20"),
        &format!("/assets/{}/secret.txt", world.folder.display()).replace(' ', "%20"),
        "/assets/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    ] {
        let answer = world.get(path).await;

        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(!answer.body().windows(7).any(|bytes| bytes == b"not for" || bytes == b"root:x:"), "{path}");
    }
    for path in ["/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd"] {
        assert_eq!(world.get(path).await.body().as_ref(), PAGE.as_bytes(), "{path}");
    }
}

#[tokio::test]
async fn pages_of_the_mailbox_have_security_headers_and_are_not_cached() {
    let folder = std::env::temp_dir().join(format!("red site {} mailbox", std::process::id()));
    let world = World::serving(Mailbox::new().router(None), folder).await;
    let own = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'; base-uri 'none'; \
               frame-ancestors 'none'";
    let of_a_mail = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'";

    for (path, csp) in [
        ("/mailbox", own),
        ("/mailbox/", own),
        ("/mailbox/messages", own),
        ("/mailbox/messages/7", own),
        ("/mailbox/messages/7/html", own),
        ("/mailbox/behaviour", own),
        ("/mailbox/preview", own),
        ("/mailbox/preview/welcome/fr", of_a_mail),
    ] {
        let answer = world.get(path).await;
        assert!(is_secured_by(&answer, csp), "{path}: {:?}", answer.headers());
        assert_eq!(text(answer.headers(), "cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn what_is_not_the_applications_is_the_apis() {
    let world = World::new("api").await;

    for path in
        ["/api", "/api/", "/api/nothing/", "/api/app.js", "/%61pi/nothing", "/.well-known/nothing", "/mailbox/nothing"]
    {
        let answer = world.get(path).await;
        assert!(is_the_gateways(&answer), "{path}: {answer:?}");
        assert!(!answer.headers().contains_key("content-security-policy"), "{path}");
    }
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
        assert!(is_the_gateways(&world.ask(method.clone(), "/hotels", &[]).await), "{method}");
    }
    for path in ["/media/hotels/1.png", "/exports/1.csv", "/media/index.html"] {
        let answer = world.get(path).await;
        assert_eq!((answer.status(), answer.body().len()), (StatusCode::NOT_FOUND, 0), "{path}");
    }
}

#[tokio::test]
async fn whoever_has_a_file_is_told_that_it_is_the_same() {
    let world = World::new("etag").await;

    for path in ["/hotels", "/favicon.svg", "/assets/app-4f2a.js"] {
        let first = world.get(path).await;
        let tag = text(first.headers(), "etag");

        for known in [tag, "*", &format!("\"other\", {tag}"), tag.trim_start_matches("W/")] {
            let answer = world.ask(Method::GET, path, &[("if-none-match", known)]).await;

            assert_eq!((answer.status(), answer.body().len()), (StatusCode::NOT_MODIFIED, 0), "{path} {known}");
            assert_eq!(text(answer.headers(), "etag"), tag, "{path}");
            assert_eq!(text(answer.headers(), "cache-control"), text(first.headers(), "cache-control"), "{path}");
            assert!(is_secured(&answer), "{path}");
        }
        let answer = world.ask(Method::GET, path, &[("if-none-match", "W/\"other\"")]).await;
        assert_eq!((answer.status(), answer.body()), (StatusCode::OK, first.body()), "{path}");
    }
}

#[tokio::test]
async fn a_page_that_was_built_again_at_once_has_another_tag() {
    let world = World::new("rebuilt").await;
    let before = world.get("/").await;
    let tag = text(before.headers(), "etag");

    fs::write(world.folder.join("dist/index.html"), PAGE.replace("RED", "red")).unwrap();

    let answer = world.ask(Method::GET, "/", &[("if-none-match", tag)]).await;
    assert_eq!((answer.status(), answer.body().len()), (StatusCode::OK, PAGE.len()));
}

#[tokio::test]
async fn text_is_compressed_as_the_browser_likes_it() {
    let world = World::new("compressed").await;
    let plain = world.get("/assets/app-4f2a.js").await;
    assert_eq!(text(plain.headers(), "content-encoding"), "");

    for (accepted, encoding) in [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("zstd", ""), ("identity", "")] {
        let answer = world.ask(Method::GET, "/assets/app-4f2a.js", &[("accept-encoding", accepted)]).await;

        assert_eq!(text(answer.headers(), "content-encoding"), encoding, "{accepted}");
        assert_eq!(answer.body().len() < plain.body().len() / 4, !encoding.is_empty(), "{accepted}");
        assert_eq!(text(answer.headers(), "vary"), "accept-encoding", "{accepted}");
        assert_eq!(text(answer.headers(), "etag"), text(plain.headers(), "etag"), "{accepted}");
    }
    let photo = world.ask(Method::GET, "/assets/photo-77aa.png", &[("accept-encoding", "br")]).await;
    assert_eq!((text(photo.headers(), "content-encoding"), photo.body().len()), ("", 5_000));
}

#[tokio::test]
async fn head_is_get_without_its_body() {
    let world = World::new("head").await;

    for path in ["/hotels", "/assets/app-4f2a.js", "/missing.js"] {
        let get = world.get(path).await;
        let head = world.ask(Method::HEAD, path, &[("accept-encoding", "br")]).await;

        assert_eq!((head.status(), head.body().len()), (get.status(), 0), "{path}");
        for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::ETAG, header::CACHE_CONTROL] {
            assert_eq!(head.headers().get(&name), get.headers().get(&name), "{path} {name}");
        }
    }
}

#[tokio::test]
async fn without_a_build_every_page_says_why_and_the_api_is_there() {
    let world = World::with("unbuilt", false, Some("install Node.js")).await;

    for path in ["/", "/hotels/12"] {
        let answer = world.get(path).await;

        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(text(answer.headers(), "content-type"), "text/plain; charset=utf-8", "{path}");
        assert!(String::from_utf8_lossy(answer.body()).contains("install Node.js"), "{path}");
        assert!(is_secured(&answer), "{path}");
    }
    assert!(is_the_gateways(&world.get("/api/hotels/").await));
}

#[tokio::test]
async fn a_build_that_comes_later_is_served() {
    let world = World::with("later", false, None).await;
    assert_eq!(world.get("/").await.status(), StatusCode::SERVICE_UNAVAILABLE);

    fs::write(world.folder.join("dist/index.html"), PAGE).unwrap();

    assert_eq!(world.get("/").await.body().as_ref(), PAGE.as_bytes());
}
