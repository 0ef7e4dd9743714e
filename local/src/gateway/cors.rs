//! CORS, where the template configures it at the API.
//!
//! The gateway then owns these headers: what a function says about CORS is thrown away. A preflight that no route takes
//! is answered here; one that a route takes goes there, through its authorizer, and only the headers are put on the
//! answer. What the gateway answers by itself (401, 404, 429, 5xx) carries none, which is why a browser reports such an
//! answer as a CORS failure.

use super::intrinsics::Node;
use super::template::TemplateError;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode};

const CORS_HEADERS: [HeaderName; 6] = [
    header::ACCESS_CONTROL_ALLOW_ORIGIN,
    header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
    header::ACCESS_CONTROL_ALLOW_HEADERS,
    header::ACCESS_CONTROL_ALLOW_METHODS,
    header::ACCESS_CONTROL_EXPOSE_HEADERS,
    header::ACCESS_CONTROL_MAX_AGE,
];

/// `CorsConfiguration`, with every header ready to be sent.
#[derive(Clone, Debug, Default)]
pub struct Cors {
    /// Origins that may read answers: exact ones, `*`, `http://*` or `https://*`.
    pub origins: Vec<String>,
    /// `Access-Control-Allow-Methods`.
    pub methods: Option<HeaderValue>,
    /// `Access-Control-Allow-Headers`.
    pub headers: Option<HeaderValue>,
    /// `Access-Control-Expose-Headers`.
    pub expose: Option<HeaderValue>,
    /// `Access-Control-Max-Age`, in seconds.
    pub max_age: Option<HeaderValue>,
    /// Whether `Access-Control-Allow-Credentials` is sent.
    pub credentials: bool,
}

/// Whether a request is one that a browser sends to ask for permission.
pub(super) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS
        && headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

impl Cors {
    pub(super) fn read(node: &Node<'_>) -> Result<Self, TemplateError> {
        let list = |name| -> Result<Vec<String>, TemplateError> {
            match node.get(name)? {
                Some(list) => list.items()?.iter().map(Node::text).collect(),
                None => Ok(Vec::new()),
            }
        };
        let header = |name| -> Result<Option<HeaderValue>, TemplateError> {
            let names = list(name)?;
            let value = (!names.is_empty()).then(|| HeaderValue::try_from(names.join(","))).transpose();
            value.map_err(|_| node.error(format!("{name} does not fit into a header")))
        };
        let max_age = node.get("MaxAge")?.map(|age| age.number(0..=86_400)).transpose()?;
        let cors = Self {
            origins: list("AllowOrigins")?,
            methods: header("AllowMethods")?,
            headers: header("AllowHeaders")?,
            expose: header("ExposeHeaders")?,
            max_age: max_age.map(HeaderValue::from),
            credentials: node.get("AllowCredentials")?.map_or(Ok(false), |flag| flag.flag())?,
        };
        for origin in &cors.origins {
            if origin.is_empty() || (origin.contains('*') && !["*", "http://*", "https://*"].contains(&origin.as_str()))
            {
                return Err(node.error(format!("API Gateway does not accept the origin {origin:?}")));
            }
        }
        if cors.credentials && cors.origins.iter().any(|origin| origin == "*") {
            return Err(node.error("API Gateway does not accept AllowCredentials with the origin *"));
        }
        Ok(cors)
    }

    /// The answer to a preflight that no route takes. An origin that is not allowed learns so from what is missing.
    pub(super) fn preflight<B: Default>(&self, request: &HeaderMap) -> Response<B> {
        let mut response = Response::new(B::default());
        *response.status_mut() = StatusCode::NO_CONTENT;
        self.apply(&Method::OPTIONS, request, response.headers_mut());
        response
    }

    /// Puts this configuration's headers on the answer of an integration, in place of its own.
    pub(super) fn apply(&self, method: &Method, request: &HeaderMap, answer: &mut HeaderMap) {
        for name in CORS_HEADERS {
            answer.remove(name);
        }
        let any = self.origins.iter().any(|origin| origin == "*");
        if !any {
            vary_by_origin(answer);
        }
        let Some(origin) = request.get(header::ORIGIN).filter(|origin| any || self.allows(origin)) else {
            return;
        };
        let allowed = if any { HeaderValue::from_static("*") } else { origin.clone() };
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        if self.credentials {
            answer.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        let rest: &[_] = if is_preflight(method, request) {
            &[
                (header::ACCESS_CONTROL_ALLOW_METHODS, &self.methods),
                (header::ACCESS_CONTROL_ALLOW_HEADERS, &self.headers),
                (header::ACCESS_CONTROL_MAX_AGE, &self.max_age),
            ]
        } else {
            &[(header::ACCESS_CONTROL_EXPOSE_HEADERS, &self.expose)]
        };
        for (name, value) in rest {
            if let Some(value) = value {
                answer.insert(name, value.clone());
            }
        }
    }

    fn allows(&self, origin: &HeaderValue) -> bool {
        self.origins.iter().any(|allowed| match allowed.strip_suffix('*') {
            Some(scheme) => origin.as_bytes().starts_with(scheme.as_bytes()),
            None => origin == allowed,
        })
    }
}

/// Without it a shared cache would hand one origin's answer to another.
fn vary_by_origin(answer: &mut HeaderMap) {
    let covered = answer.get_all(header::VARY).iter().any(|value| {
        let mut names = value.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        names.any(|name| name == b"*" || name.eq_ignore_ascii_case(b"origin"))
    });
    if !covered {
        answer.append(header::VARY, HeaderValue::from_static("Origin"));
    }
}
