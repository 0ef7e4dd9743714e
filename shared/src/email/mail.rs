//! The messages that the product sends by itself. They carry plain data only, and are written when they are queued, in
//! the language of the reader. Nothing that a stranger typed stands in a mail to an address that nobody has confirmed:
//! it would be a way to write to anyone in our name.

use crate::text::{Language, Text};

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
    /// To somebody whose ticket somebody else gave another status.
    TicketStatusChanged {
        /// The address of the web application.
        web_origin: &'a str,
        /// The ticket's number.
        ticket: i64,
        /// The status that it has now, in words.
        status: Text,
    },
    /// To somebody on whose ticket somebody else commented. What they said is to be read there.
    TicketCommented {
        /// The address of the web application.
        web_origin: &'a str,
        /// The ticket's number.
        ticket: i64,
    },
}

impl Mail<'_> {
    pub(super) fn subject(&self, language: Language) -> String {
        match (self, language) {
            (Self::Welcome { .. }, Language::French) => "Bienvenue sur RED PRODUCT".into(),
            (Self::Welcome { .. }, Language::English) => "Welcome to RED PRODUCT".into(),
            (Self::PasswordReset { .. }, Language::French) => "Choisissez un nouveau mot de passe".into(),
            (Self::PasswordReset { .. }, Language::English) => "Choose a new password".into(),
            (Self::TicketStatusChanged { ticket, status, .. }, Language::French) => {
                format!("Votre ticket n°\u{a0}{ticket} est {}", status.in_language(language))
            }
            (Self::TicketStatusChanged { ticket, status, .. }, Language::English) => {
                format!("Your ticket no. {ticket} is {}", status.in_language(language))
            }
            (Self::TicketCommented { ticket, .. }, Language::French) => {
                format!("Un commentaire sur votre ticket n°\u{a0}{ticket}")
            }
            (Self::TicketCommented { ticket, .. }, Language::English) => {
                format!("A comment on your ticket no. {ticket}")
            }
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
            (Self::TicketStatusChanged { web_origin, ticket, status }, Language::French) => format!(
                "Bonjour,\n\nVotre ticket n°\u{a0}{ticket} est maintenant {}. Suivez-le ici\u{a0}:\n\
                 {web_origin}/tickets/{ticket}\n\nL'équipe RED PRODUCT\n",
                status.in_language(language),
            ),
            (Self::TicketStatusChanged { web_origin, ticket, status }, Language::English) => format!(
                "Hello,\n\nYour ticket no. {ticket} is now {}. Follow it here:\n\
                 {web_origin}/tickets/{ticket}\n\nThe RED PRODUCT team\n",
                status.in_language(language),
            ),
            (Self::TicketCommented { web_origin, ticket }, Language::French) => format!(
                "Bonjour,\n\nIl y a un nouveau commentaire sur votre ticket n°\u{a0}{ticket}. Lisez-le ici\u{a0}:\n\
                 {web_origin}/tickets/{ticket}\n\nL'équipe RED PRODUCT\n",
            ),
            (Self::TicketCommented { web_origin, ticket }, Language::English) => format!(
                "Hello,\n\nThere is a new comment on your ticket no. {ticket}. Read it here:\n\
                 {web_origin}/tickets/{ticket}\n\nThe RED PRODUCT team\n",
            ),
        }
    }
}
