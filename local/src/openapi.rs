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
        .with("auth", &auth::routes())
        .with("users", &users::routes())
        .with("emails", &emails::routes())
        .with("hotels", &hotels::routes())
        .with("tickets", &tickets::routes())
        .with("messages", &messages::routes())
        .with("forms", &forms::routes())
        .with("entries", &entries::routes())
        .with("platform", &dashboard::routes())
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
