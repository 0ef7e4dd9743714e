//! Every mail that the product sends, in both languages, without anything being sent.

use axum_server::{
    extract::Path,
    response::{Html, IntoResponse, Response},
};
use http::StatusCode;
use shared::{
    email::Mail,
    text::{Language, Text},
};

use super::page::SANDBOX;

const ORIGIN: &str = "https://red.example";

/// One of each.
fn samples() -> [(&'static str, Mail<'static>); 5] {
    let status = Text::Own { fr: "fermé", en: "closed" };
    [
        ("welcome", Mail::Welcome { web_origin: ORIGIN }),
        ("password-reset", Mail::PasswordReset { web_origin: ORIGIN }),
        ("password-changed", Mail::PasswordChanged { web_origin: ORIGIN }),
        ("ticket-status-changed", Mail::TicketStatusChanged { web_origin: ORIGIN, ticket: 42, status }),
        ("ticket-commented", Mail::TicketCommented { web_origin: ORIGIN, ticket: 42 }),
    ]
}

pub(super) async fn list() -> Html<String> {
    let mut page = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Mails</title><body \
        style=\"font-family: sans-serif; background: #ddd\"><h1>Every mail</h1>"
        .to_owned();
    for (name, _) in samples() {
        for language in ["fr", "en"] {
            page.push_str(&format!(
                "<figure style=\"display: inline-block; margin: 8px\"><figcaption>{name}, {language}</figcaption>\
                 <iframe sandbox src=\"/mailbox/preview/{name}/{language}\" width=\"390\" height=\"520\"></iframe></figure>"
            ));
        }
    }
    Html(page)
}

pub(super) async fn html(Path((name, language)): Path<(String, String)>) -> Response {
    let Some((_, mail)) = samples().into_iter().find(|(known, _)| *known == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match mail.written(Language::from_code(&language)) {
        Ok(written) => (SANDBOX, Html(written.html)).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
