//! Every e-mail template in both languages, without sending anything.

use axum_server::{
    extract::Path,
    response::{Html, IntoResponse, Response},
};
use http::StatusCode;
use shared::{
    email::{Mail, Ticket, TicketNews, Written},
    text::{Language, Text},
};

use super::page::SANDBOX;

const ORIGIN: &str = "https://red.example";
const STATUS: Text = Text::Own { fr: "fermé", en: "closed" };
const LONG_TITLE: &str =
    "La climatisation de la chambre 12 fuit sur le parquet depuis hier soir, et le technicien est absent";
/// A mail that a person wrote.
const LETTER: &str = "Bonjour Awa,

Votre réservation est confirmée\u{a0}: vous trouverez le plan d'accès à l'adresse \
    https://red.example/hotels/12/acces?langue=fr&depart=dakar.
Arrivée à partir de 14\u{a0}h.

À demain,
  Moussa <réception> & l'équipe";

/// One of each template, and texts that are hard to show.
fn samples() -> Vec<(&'static str, Option<Mail<'static>>)> {
    let changed = |first_name, title| Mail::TicketStatusChanged {
        web_origin: ORIGIN,
        first_name,
        ticket: Ticket { id: 42, title },
        status: STATUS,
    };
    let account = |has_new_password, is_admin| Mail::AccountChanged {
        web_origin: ORIGIN,
        first_name: "Awa",
        has_new_password,
        is_admin,
    };
    let ticket = Ticket { id: 42, title: "Climatisation en panne" };
    let news = |news| Mail::TicketNews { web_origin: ORIGIN, ticket, news };
    vec![
        ("welcome", Some(Mail::Welcome { web_origin: ORIGIN })),
        ("password-reset", Some(Mail::PasswordReset { web_origin: ORIGIN, first_name: "Awa" })),
        ("password-changed", Some(Mail::PasswordChanged { web_origin: ORIGIN, first_name: "N'Deye" })),
        ("invitation", Some(Mail::Invitation { web_origin: ORIGIN, first_name: "Awa" })),
        ("account-created", Some(Mail::AccountCreated { web_origin: ORIGIN, first_name: "Awa" })),
        ("new-password", Some(account(true, None))),
        ("promoted", Some(account(false, Some(true)))),
        ("demoted", Some(account(false, Some(false)))),
        ("promoted-with-new-password", Some(account(true, Some(true)))),
        ("ticket-opened", Some(news(TicketNews::Opened))),
        ("ticket-answered", Some(news(TicketNews::Commented))),
        ("ticket-reopened", Some(news(TicketNews::Reopened))),
        ("ticket-status-changed", Some(changed("Awa", "Climatisation en panne"))),
        ("ticket-long-title", Some(changed("Marie-Antoinette Coumba Aïssatou", LONG_TITLE))),
        ("ticket-quotes", Some(changed("\"Awa\"", "\"Fuite\" d'eau & <odeur>"))),
        ("ticket-link-in-title", Some(changed("", "Voir example.com"))),
        (
            "ticket-commented",
            Some(Mail::TicketCommented {
                web_origin: ORIGIN,
                first_name: "Awa",
                ticket: Ticket { id: 42, title: "Climatisation en panne" },
            }),
        ),
        ("by-a-person", None),
    ]
}

pub(super) async fn list() -> Html<String> {
    let mut page = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>E-mail templates</title><body \
        style=\"font-family: sans-serif; background: #ddd\"><h1>E-mail templates</h1>"
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
    let written = match samples().into_iter().find(|(known, _)| *known == name) {
        Some((_, Some(mail))) => mail.written(Language::from_code(&language)),
        Some((_, None)) => Written::by_a_person("Votre réservation", LETTER),
        None => return StatusCode::NOT_FOUND.into_response(),
    };
    match written {
        Ok(written) => (SANDBOX, Html(written.html)).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
