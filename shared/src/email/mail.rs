//! The messages that the product sends by itself. They carry plain data only, and are written when they are queued, in
//! the language of the reader.

use crate::text::Language;

/// What stands in a body in the place of its secret.
pub const SECRET: &str = "…";

/// A message to one person.
#[derive(Clone, Debug)]
pub enum Mail<'a> {
    /// To a new account.
    Welcome {
        /// May be empty.
        first_name: &'a str,
        /// Where to sign in: the address of the web application.
        web_origin: &'a str,
    },
    /// To somebody who forgot their password: a link that is good once, for an hour.
    PasswordReset {
        /// May be empty.
        first_name: &'a str,
        /// The address of the web application.
        web_origin: &'a str,
    },
}

impl Mail<'_> {
    pub(super) fn subject(&self, language: Language) -> String {
        match (self, language) {
            (Self::Welcome { .. }, Language::French) => "Bienvenue sur RED PRODUCT".to_owned(),
            (Self::Welcome { .. }, Language::English) => "Welcome to RED PRODUCT".to_owned(),
            (Self::PasswordReset { .. }, Language::French) => "Choisissez un nouveau mot de passe".to_owned(),
            (Self::PasswordReset { .. }, Language::English) => "Choose a new password".to_owned(),
        }
    }

    pub(super) fn body(&self, language: Language) -> String {
        match (self, language) {
            (Self::Welcome { first_name, web_origin }, Language::French) => format!(
                "{}\n\nVotre compte RED PRODUCT est prêt. Connectez-vous ici\u{a0}:\n{web_origin}/\n\nL'équipe RED PRODUCT\n",
                salutation("Bonjour", first_name),
            ),
            (Self::Welcome { first_name, web_origin }, Language::English) => format!(
                "{}\n\nYour RED PRODUCT account is ready. Sign in here:\n{web_origin}/\n\nThe RED PRODUCT team\n",
                salutation("Hello", first_name),
            ),
            (Self::PasswordReset { first_name, web_origin }, Language::French) => format!(
                "{}\n\nChoisissez un nouveau mot de passe ici, dans l'heure\u{a0}:\n\
                 {web_origin}/reset-password?token={SECRET}\n\n\
                 Si vous n'avez rien demandé, ignorez ce message\u{a0}: rien ne change.\n\nL'équipe RED PRODUCT\n",
                salutation("Bonjour", first_name),
            ),
            (Self::PasswordReset { first_name, web_origin }, Language::English) => format!(
                "{}\n\nChoose a new password here, within the hour:\n\
                 {web_origin}/reset-password?token={SECRET}\n\n\
                 If you did not ask for it, ignore this message: nothing changes.\n\nThe RED PRODUCT team\n",
                salutation("Hello", first_name),
            ),
        }
    }
}

fn salutation(greeting: &str, name: &str) -> String {
    if name.is_empty() { format!("{greeting},") } else { format!("{greeting} {name},") }
}
