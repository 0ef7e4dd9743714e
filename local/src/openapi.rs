//! The API's description of itself, as docs/openapi.json holds it and `/api/schema/` serves it.

use std::path::Path;

use shared::openapi::Document;
use toolbox::tools::Error;

/// Where the committed copy is, from the project's root.
pub const PATH: &str = "docs/openapi.json";

/// Draws it from the functions' routes, as indented JSON.
///
/// # Errors
/// What in the code contradicts itself.
pub fn document() -> Result<String, Error> {
    let document = Document::default()
        .with("auth", "Registration, sign-in, sessions and the caller's own account.", &auth::routes())
        .with("users", "Accounts, and the directory of people.", &users::routes())
        .with("emails", "The outbox: queued and sent e-mails, and suppressed addresses.", &emails::routes())
        .with("hotels", "Hotels and their photos.", &hotels::routes())
        .with("tickets", "Support tickets and their comments.", &tickets::routes())
        .with("messages", "Private messages between users.", &messages::routes())
        .with("forms", "Forms and their fields.", &forms::routes())
        .with("entries", "Answers to forms, and the public side of forms.", &entries::routes())
        .with("platform", "The dashboard, the audit, health and this document.", &dashboard::routes())
        .finish(env!("CARGO_PKG_VERSION"))?;
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

/// Renews the committed copy, which the dashboard function embeds when it is compiled next.
///
/// # Errors
/// Where it cannot be written.
pub async fn write(root: &Path) -> Result<(), Error> {
    Ok(tokio::fs::write(root.join(PATH), document()?).await?)
}
