//! The messages that the product sends by itself. They carry plain data only, and are written when they are queued, in
//! the language of the reader. Nothing that a stranger typed stands in a mail to an address that nobody has confirmed:
//! it would be a way to write to anyone in our name.

use crate::text::Language;

/// What stands in a body in the place of its secret.
pub const SECRET: &str = "…";

/// A message to one person.
#[derive(Clone, Debug)]
pub enum Mail<'a> {
    /// To a new account.
    Welcome {
        /// Where to sign in: the address of the web application.
        web_origin: &'a str,
    },
    /// To somebody who forgot their password: a link that is good once, for an hour.
    PasswordReset {
        /// The address of the web application.
        web_origin: &'a str,
    },
}

impl Mail<'_> {
    pub(super) fn subject(&self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Welcome { .. }, Language::French) => "Bienvenue sur RED PRODUCT",
            (Self::Welcome { .. }, Language::English) => "Welcome to RED PRODUCT",
            (Self::PasswordReset { .. }, Language::French) => "Choisissez un nouveau mot de passe",
            (Self::PasswordReset { .. }, Language::English) => "Choose a new password",
        }
    }

    pub(super) fn body(&self, language: Language) -> String {
        match (self, language) {
            (Self::Welcome { web_origin }, Language::French) => format!(
                "Bonjour,\n\nVotre compte RED PRODUCT est prêt. Connectez-vous ici\u{a0}:\n{web_origin}/\n\n\
                 L'équipe RED PRODUCT\n",
            ),
            (Self::Welcome { web_origin }, Language::English) => format!(
                "Hello,\n\nYour RED PRODUCT account is ready. Sign in here:\n{web_origin}/\n\n\
                 The RED PRODUCT team\n",
            ),
            (Self::PasswordReset { web_origin }, Language::French) => format!(
                "Bonjour,\n\nChoisissez un nouveau mot de passe ici, dans l'heure\u{a0}:\n\
                 {web_origin}/reset-password?token={SECRET}\n\n\
                 Si vous n'avez rien demandé, ignorez ce message\u{a0}: rien ne change.\n\nL'équipe RED PRODUCT\n",
            ),
            (Self::PasswordReset { web_origin }, Language::English) => format!(
                "Hello,\n\nChoose a new password here, within the hour:\n\
                 {web_origin}/reset-password?token={SECRET}\n\n\
                 If you did not ask for it, ignore this message: nothing changes.\n\nThe RED PRODUCT team\n",
            ),
        }
    }
}
