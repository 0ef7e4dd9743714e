//! The addresses that `up` answers to, and the origins whose pages may use the mailbox and the stand-ins for AWS.
//!
//! The mailbox shows reset links and asks for no token, so pages of other sites must not reach it through a browser on
//! this machine. A page whose name was rebound to 127.0.0.1 is recognised by `Host`, a request across origins by
//! `Origin` and `Sec-Fetch-Site`.

use std::sync::Arc;

use axum_server::{
    Router,
    extract::Request,
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode, header};
use url::Url;

const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// What requests may name in `Host` and `Origin`. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// Values of `Host`, in lower case.
    hosts: Arc<[String]>,
    /// Values of `Origin`.
    origins: Arc<[String]>,
}

impl Addresses {
    /// The loopback names at `port`, and the web application's host at `port` and at its own port.
    pub fn new(port: u16, web_origin: Option<&str>) -> Self {
        let web = web_origin.and_then(|origin| Url::parse(origin).ok());
        let web_host = web.as_ref().and_then(Url::host_str);
        let (mut hosts, mut origins) = (Vec::new(), Vec::new());
        for name in LOOPBACK.into_iter().chain(web_host) {
            hosts.push(format!("{name}:{port}"));
            if port == 80 {
                hosts.push(name.to_owned());
            }
            // As browsers write it: without the port that the scheme implies.
            origins.push(if port == 80 { format!("http://{name}") } else { format!("http://{name}:{port}") });
        }
        if let (Some(web), Some(name)) = (&web, web_host) {
            hosts.extend(web.port_or_known_default().map(|port| format!("{name}:{port}")));
            if web.port().is_none() {
                hosts.push(name.to_owned());
            }
            origins.push(web.origin().ascii_serialization());
        }
        Self { hosts: hosts.into(), origins: origins.into() }
    }

    /// Answers 421 to requests for any other host (RFC 9110, section 15.5.20).
    pub fn guard(&self, router: Router) -> Router {
        let addresses = self.clone();
        router.layer(from_fn(move |request: Request, next: Next| {
            let addresses = addresses.clone();
            async move {
                if addresses.has_host_of(&request) { next.run(request).await } else { addresses.misdirected() }
            }
        }))
    }

    /// Answers 403 to requests that pages of other origins cause.
    pub fn own_pages_only(&self, router: Router) -> Router {
        let addresses = self.clone();
        router.route_layer(from_fn(move |request: Request, next: Next| {
            let addresses = addresses.clone();
            async move { if addresses.has_cause_of(&request) { next.run(request).await } else { foreign() } }
        }))
    }

    /// Whether a request names one of these hosts, in each place where it names a host, and exactly one in `Host`.
    fn has_host_of(&self, request: &Request) -> bool {
        let serves = |name: &[u8]| self.hosts.iter().any(|host| host.as_bytes().eq_ignore_ascii_case(name));
        let mut named = request.headers().get_all(header::HOST).iter();
        let (Some(host), None) = (named.next(), named.next()) else { return false };
        serves(host.as_bytes()) && request.uri().authority().is_none_or(|target| serves(target.as_str().as_bytes()))
    }

    /// Whether a page of one of these origins, a person or a program caused a request.
    fn has_cause_of(&self, request: &Request) -> bool {
        let headers = request.headers();
        let mut origins = headers.get_all(header::ORIGIN).iter().peekable();
        if origins.peek().is_some() {
            return origins.all(|origin| self.origins.iter().any(|own| own.as_bytes() == origin.as_bytes()));
        }
        let every = |name: &str, values: &[&str]| {
            headers.get_all(name).iter().all(|value| values.iter().any(|known| known.as_bytes() == value.as_bytes()))
        };
        // A link to the mailbox shows it to a person and to no script.
        let is_link = matches!(*request.method(), Method::GET | Method::HEAD)
            && headers.contains_key("sec-fetch-mode")
            && every("sec-fetch-mode", &["navigate"])
            && headers.contains_key("sec-fetch-dest")
            && every("sec-fetch-dest", &["document"]);
        is_link || every("sec-fetch-site", &["same-origin", "none"])
    }

    fn misdirected(&self) -> Response {
        let text = format!(
            "Nothing is served under this address. Use one of: {}\n\
             A web application that is elsewhere is named with --web-origin.\n",
            self.origins.join(" ")
        );
        refusal(StatusCode::MISDIRECTED_REQUEST, text)
    }
}

fn foreign() -> Response {
    let text = "Pages of other sites may not use this. Open it in a tab of its own, or call it from a program.\n";
    refusal(StatusCode::FORBIDDEN, text.to_owned())
}

fn refusal(status: StatusCode, text: String) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], text).into_response()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use axum_server::{body::Body, routing::any};
    use tower::ServiceExt;

    use super::*;

    /// The status of a request through everything, where the path `/mailbox` is one of the guarded tools.
    async fn status(web: Option<&str>, target: &str, method: &str, headers: &[(&str, &str)]) -> u16 {
        let addresses = Addresses::new(8080, web);
        let tools = Router::new().route("/mailbox", any(async || "mails"));
        let router = addresses.guard(Router::new().fallback(async || "else").merge(addresses.own_pages_only(tools)));
        let mut request = http::Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status().as_u16()
    }

    #[tokio::test]
    async fn only_the_loopback_names_and_the_web_origin_are_served() {
        let web = Some("https://red.example");
        for host in [
            "127.0.0.1:8080",
            "localhost:8080",
            "LocalHost:8080",
            "[::1]:8080",
            "red.example",
            "red.example:443",
            "red.example:8080",
        ] {
            assert_eq!(status(web, "/", "GET", &[("host", host)]).await, 200, "{host}");
        }
        for host in [
            "rebind.example:8080",
            "localhost:8080.evil.example",
            "localhost.evil.example:8080",
            "127.0.0.1.nip.io:8080",
            "localhost",
            "localhost:",
            "localhost:80",
            "localhost:08080",
            "localhost.:8080",
            "127.0.0.1:5432",
            "127.1:8080",
            "127.0.0.2:8080",
            "2130706433:8080",
            "0x7f.0.0.1:8080",
            "0.0.0.0:8080",
            "[::]:8080",
            "[0:0:0:0:0:0:0:1]:8080",
            "[::ffff:127.0.0.1]:8080",
            "localhost:8080@evil.example",
            "evil@localhost:8080",
            "localhost:8080,evil.example",
            "red.example:80",
            "",
        ] {
            for path in ["/", "/mailbox", "/api/health/", "/media/x.jpg"] {
                assert_eq!(status(web, path, "GET", &[("host", host)]).await, 421, "{host}{path}");
            }
        }
        assert_eq!(status(None, "/", "GET", &[("host", "red.example")]).await, 421);
    }

    #[tokio::test]
    async fn each_place_that_names_a_host_must_name_one_of_ours() {
        let own = ("host", "localhost:8080");
        assert_eq!(status(None, "/", "GET", &[]).await, 421, "no Host, as in HTTP/1.0");
        assert_eq!(status(None, "/", "GET", &[own, own]).await, 421);
        assert_eq!(status(None, "/", "GET", &[own, ("host", "rebind.example:8080")]).await, 421);
        assert_eq!(status(None, "http://rebind.example:8080/", "GET", &[own]).await, 421);
        assert_eq!(status(None, "http://a@localhost:8080/", "GET", &[own]).await, 421);
        assert_eq!(status(None, "http://127.0.0.1:8080/", "GET", &[own]).await, 200);
    }

    #[tokio::test]
    async fn only_own_pages_people_and_programs_use_the_mailbox() {
        let web = Some("http://web.test:5173");
        let host = ("host", "127.0.0.1:8080");
        let navigation = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
        for (method, headers, expected) in [
            ("POST", vec![], 200),
            ("POST", vec![("origin", "http://127.0.0.1:8080")], 200),
            ("POST", vec![("origin", "http://localhost:8080"), ("sec-fetch-site", "cross-site")], 200),
            ("PUT", vec![("origin", "http://web.test:5173")], 200),
            ("GET", vec![("sec-fetch-site", "none")], 200),
            ("GET", vec![("sec-fetch-site", "same-origin")], 200),
            ("GET", vec![("sec-fetch-site", "cross-site"), navigation[0], navigation[1]], 200),
            ("POST", vec![("sec-fetch-site", "cross-site"), navigation[0], navigation[1]], 403),
            ("GET", vec![("sec-fetch-site", "cross-site"), navigation[0], ("sec-fetch-dest", "iframe")], 403),
            ("GET", vec![("sec-fetch-site", "cross-site")], 403),
            ("GET", vec![("sec-fetch-site", "same-site")], 403),
            ("POST", vec![("sec-fetch-site", "same-site")], 403),
            ("POST", vec![("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")], 403),
            ("GET", vec![("origin", "http://evil.test")], 403),
            ("POST", vec![("origin", "null")], 403),
            ("POST", vec![("origin", "")], 403),
            ("POST", vec![("origin", "http://localhost:5173"), ("sec-fetch-site", "same-origin")], 403),
            ("POST", vec![("origin", "https://127.0.0.1:8080")], 403),
            ("DELETE", vec![("origin", "http://127.0.0.1:8080.evil.test")], 403),
            ("POST", vec![("origin", "http://127.0.0.1:8080"), ("origin", "http://evil.test")], 403),
        ] {
            let headers: Vec<_> = [host].into_iter().chain(headers).collect();
            assert_eq!(status(web, "/mailbox", method, &headers).await, expected, "{method} {headers:?}");
            assert_eq!(status(web, "/api/health/", method, &headers).await, 200, "only the tools are guarded so");
        }
    }

    #[test]
    fn at_port_80_the_names_need_no_port() {
        let addresses = Addresses::new(80, None);
        let request = |host: &str| http::Request::builder().header("host", host).body(Body::empty()).unwrap();
        assert!(addresses.has_host_of(&request("localhost")) && addresses.has_host_of(&request("localhost:80")));
        assert!(addresses.origins.contains(&"http://localhost".to_owned()));
    }
}
