//! The web application's files, as CloudFront hands them out from a bucket in AWS: on the origin of the API, with the same
//! headers, and the one page for every address that the application makes up.

use std::{path::PathBuf, sync::Arc};

use axum_server::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    middleware::map_response,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, Version, header};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};
use tower::ServiceExt;
use tower_http::{
    compression::{CompressionLayer, CompressionLevel},
    services::ServeDir,
};

/// What keeps a page from doing more than it should. Whatever serves it elsewhere has to send the same, and over TLS
/// Strict-Transport-Security on top: this is plain HTTP.
const SECURITY_HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
         font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
         manifest-src 'self'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=(), payment=()"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// First segments of paths that are not the application's.
const NOT_PAGES: [&str; 7] = ["api", ".well-known", "media", "exports", "mailbox", "v2", "2015-03-31"];

/// As hard as CloudFront tries, so that what is measured here is what is sent there.
const AS_CLOUDFRONT: CompressionLevel = CompressionLevel::Precise(5);

/// Below it, a file's name changes with its content, so that whoever has it may keep it.
const ASSETS: &str = "/assets/";
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Kept, but asked about each time.
const REVALIDATED: HeaderValue = HeaderValue::from_static("no-cache");
const PAGE: &str = "/index.html";
/// Nothing that a build makes comes near it.
const MAX_FILE: usize = 64 * 1024 * 1024;
/// Less is not worth it.
const LEAST_COMPRESSED: usize = 512;

/// A web application that has been built, or could not be.
#[derive(Clone, Debug)]
pub struct Site {
    folder: PathBuf,
    problem: Arc<str>,
}

impl Site {
    /// The build in `folder`, which need not be there yet, and why it is not there if that is known.
    pub fn new(folder: PathBuf, problem: Option<String>) -> Self {
        let problem = problem.unwrap_or_else(|| "it has not been built, or is being built now".to_owned());
        Self { folder, problem: problem.into() }
    }

    /// Puts the site in front of everything else.
    pub(crate) fn before(self, everything_else: Router) -> Router {
        let compression = CompressionLayer::new().br(true).gzip(true).quality(AS_CLOUDFRONT);
        let compression = compression.compress_when(is_worth_compressing);
        let pages = Router::new().fallback(answer).with_state(self).layer(compression).layer(map_response(secured));
        Router::new().fallback(move |mut request: Request| {
            let is_page = is_page(&request);
            if is_page && request.method() == Method::HEAD {
                // How long a compressed body is going to be is not known, and without it we would say that it is empty.
                request.headers_mut().remove(header::ACCEPT_ENCODING);
            }
            let service = if is_page { pages.clone() } else { everything_else.clone() };
            service.oneshot(request)
        })
    }

    /// The bytes of a file with their media type.
    async fn read(&self, path: &str) -> Result<(Bytes, HeaderValue), StatusCode> {
        let uri = path.parse::<Uri>().map_err(|_| StatusCode::NOT_FOUND)?;
        let mut request = http::Request::new(Body::empty());
        *request.uri_mut() = uri;
        // It takes a path apart and refuses whatever leads out of the folder.
        let files = ServeDir::new(&self.folder).append_index_html_on_directories(false);
        let Ok(found) = files.oneshot(request).await;
        if found.status() != StatusCode::OK {
            return Err(found.status());
        }
        let (parts, body) = found.into_parts();
        let bytes = to_bytes(Body::new(body), MAX_FILE).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
        let media_type = parts.headers.get(header::CONTENT_TYPE).cloned();
        Ok((bytes, media_type.unwrap_or(HeaderValue::from_static("application/octet-stream"))))
    }
}

/// Whether a request is for the application. The gateway decodes a path before it looks for a route, and so is this.
fn is_page(request: &Request) -> bool {
    let first = request.uri().path().split('/').nth(1).unwrap_or_default();
    let first = percent_decode_str(first).decode_utf8_lossy();
    matches!(*request.method(), Method::GET | Method::HEAD) && !NOT_PAGES.contains(&first.as_ref())
}

async fn answer(State(site): State<Site>, request: Request) -> Response {
    let path = request.uri().path();
    let is_asset = path.starts_with(ASSETS);
    let has_extension = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    let path = if is_asset || has_extension { path } else { PAGE };
    let (bytes, media_type) = match site.read(path).await {
        Ok(file) => file,
        Err(StatusCode::NOT_FOUND) if path == PAGE => {
            let text = format!("There is no web application here: {}\n", site.problem);
            return refusal(StatusCode::SERVICE_UNAVAILABLE, text);
        }
        Err(StatusCode::NOT_FOUND) => return refusal(StatusCode::NOT_FOUND, "There is no such file.\n".to_owned()),
        Err(status) => {
            tracing::error!(path, "a file of the web application could not be read");
            return refusal(status, "The file could not be read.\n".to_owned());
        }
    };
    // A weak one: the same for a file and for its compressed forms.
    let tag = format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(&Sha256::digest(&bytes)[..12]));
    let known = is_known(request.headers(), &tag);
    let headers = [
        (header::ETAG, HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("W/\"\""))),
        (header::CACHE_CONTROL, if is_asset { FOREVER } else { REVALIDATED }),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, [(header::CONTENT_TYPE, media_type)], bytes).into_response()
}

fn refusal(status: StatusCode, text: String) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], text).into_response()
}

/// Whether the caller has the very same file. Tags are compared weakly.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim() == "*" || opaque(known) == opaque(tag))
}

/// Adds the headers, except those that the response has already.
pub(crate) async fn secured(mut response: Response) -> Response {
    for (name, value) in SECURITY_HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Photos and fonts are compressed already.
fn is_worth_compressing(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let media_type = text(header::CONTENT_TYPE).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    let is_text =
        media_type.starts_with("text/") || ["javascript", "json", "xml"].iter().any(|kind| media_type.ends_with(kind));
    let length = text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    is_text && length.is_none_or(|length: usize| length >= LEAST_COMPRESSED)
}
