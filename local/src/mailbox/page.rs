//! The mailbox as a person sees it.

use askama::Template;
use axum_server::{
    extract::{Path, State},
    response::{Html, IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};

use super::{Mailbox, Message};

/// A mail may contain anything: it is shown without scripts, forms, an origin or the network.
pub(super) const SANDBOX: [(header::HeaderName, &str); 2] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

/// The mailbox's own pages: no scripts, frames and forms of this origin only.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; \
                                       form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Adds what differs from the site's security headers. A mail may contain a reset link, so no page is cached.
pub(super) async fn secured(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[derive(Template)]
#[template(path = "mailbox.html")]
struct ListPage {
    messages: Vec<Message>,
}

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage {
    message: Message,
}

pub(super) async fn list(State(mailbox): State<Mailbox>) -> Response {
    let mut messages = mailbox.messages();
    messages.reverse();
    messages.truncate(200);
    rendered(&ListPage { messages })
}

pub(super) async fn message(State(mailbox): State<Mailbox>, Path(number): Path<u64>) -> Response {
    match mailbox.message(number) {
        Some(message) => rendered(&MessagePage { message }),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

pub(super) async fn html(State(mailbox): State<Mailbox>, Path(number): Path<u64>) -> Response {
    match mailbox.message(number) {
        Some(message) => (SANDBOX, Html(message.html)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

pub(super) async fn text(State(mailbox): State<Mailbox>, Path(number): Path<u64>) -> Response {
    match mailbox.message(number) {
        Some(message) => (SANDBOX, message.text).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// What SES would make of it, as far as a reader's program shows it.
pub(super) async fn source(State(mailbox): State<Mailbox>, Path(number): Path<u64>) -> Response {
    let Some(message) = mailbox.message(number) else { return StatusCode::NOT_FOUND.into_response() };
    let mut source = format!(
        "Date: {}\nMessage-ID: <{}@email.amazonses.com>\nFrom: {}\nReply-To: {}\nTo: {}\nSubject: {}\n",
        message.at.to_rfc2822(),
        message.message_id,
        message.from,
        message.reply_to.join(", "),
        message.to.join(", "),
        message.subject,
    );
    for (name, value) in &message.headers {
        source.push_str(&format!("{name}: {value}\n"));
    }
    for (name, value) in &message.tags {
        source.push_str(&format!("X-SES-MESSAGE-TAGS: {name}={value}\n"));
    }
    source.push_str("MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=\"=part\"\n\n");
    for (media_type, part) in [("text/plain", &message.text), ("text/html", &message.html)] {
        if !part.is_empty() {
            source.push_str(&format!(
                "--=part\nContent-Type: {media_type}; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n\n{part}\n"
            ));
        }
    }
    source.push_str("--=part--\n");
    (SANDBOX, source).into_response()
}

fn rendered(page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
