//! The messages that the product sends by itself. They carry plain data only, and are written when they are queued, in
//! the language of the reader. Nothing that a stranger typed stands in a mail to an address that nobody has confirmed:
//! it would be a way to write to anyone in our name.

use askama::Template;

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
    /// To somebody whose password was changed, by whomever.
    PasswordChanged {
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

/// A message as it is queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The subject.
    pub subject: String,
    /// The body as text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// What a message says. Both templates show the same.
struct Letter {
    subject: String,
    news: String,
    /// What the link is for, in a text that has no buttons.
    lead: &'static str,
    link: String,
    button: &'static str,
    note: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    language: &'a str,
    greeting: &'a str,
    subject: &'a str,
    news: &'a str,
    link: &'a str,
    button: &'a str,
    note: Option<&'a str>,
    signature: &'a str,
}

#[derive(Template)]
#[template(path = "mail.txt")]
struct Plain<'a> {
    greeting: &'a str,
    news: &'a str,
    lead: &'a str,
    link: &'a str,
    note: Option<&'a str>,
    signature: &'a str,
}

impl Mail<'_> {
    /// Writes it in a language.
    ///
    /// # Errors
    /// Where a template cannot be filled in, which no data makes happen.
    pub fn written(&self, language: Language) -> Result<Written, askama::Error> {
        let letter = self.letter(language);
        let (greeting, signature) = match language {
            Language::French => ("Bonjour,", "L'équipe RED PRODUCT"),
            Language::English => ("Hello,", "The RED PRODUCT team"),
        };
        let Letter { news, lead, link, button, note, .. } = &letter;
        let (news, link, note) = (news.as_str(), link.as_str(), *note);
        let text = Plain { greeting, news, lead, link, note, signature }.render()?;
        let html =
            Html { language: language.code(), greeting, subject: &letter.subject, news, link, button, note, signature };
        Ok(Written { text, html: html.render()?, subject: letter.subject })
    }

    fn letter(&self, language: Language) -> Letter {
        let in_words = |fr: &'static str, en: &'static str| match language {
            Language::French => fr,
            Language::English => en,
        };
        match self {
            Self::Welcome { web_origin } => Letter {
                subject: in_words("Bienvenue sur RED PRODUCT", "Welcome to RED PRODUCT").to_owned(),
                news: in_words("Votre compte RED PRODUCT est prêt.", "Your RED PRODUCT account is ready.").to_owned(),
                lead: in_words("Connectez-vous ici\u{a0}:", "Sign in here:"),
                link: format!("{web_origin}/"),
                button: in_words("Se connecter", "Sign in"),
                note: None,
            },
            Self::PasswordReset { web_origin } => Letter {
                subject: in_words("Choisissez un nouveau mot de passe", "Choose a new password").to_owned(),
                news: in_words(
                    "Vous avez oublié votre mot de passe\u{a0}? Ce lien est valable une heure.",
                    "You forgot your password? This link is good for an hour.",
                )
                .to_owned(),
                lead: in_words("Choisissez-en un nouveau ici\u{a0}:", "Choose a new one here:"),
                link: format!("{web_origin}/reset-password?token={SECRET}"),
                button: in_words("Choisir un mot de passe", "Choose a password"),
                note: Some(in_words(
                    "Si vous n'avez rien demandé, ignorez ce message\u{a0}: rien ne change.",
                    "If you did not ask for it, ignore this message: nothing changes.",
                )),
            },
            Self::PasswordChanged { web_origin } => Letter {
                subject: in_words("Votre mot de passe a changé", "Your password was changed").to_owned(),
                news: in_words(
                    "Le mot de passe de votre compte RED PRODUCT vient d'être changé.",
                    "The password of your RED PRODUCT account has just been changed.",
                )
                .to_owned(),
                lead: in_words(
                    "Si ce n'était pas vous, choisissez-en un nouveau ici\u{a0}:",
                    "If it was not you, choose a new one here:",
                ),
                link: format!("{web_origin}/forgot-password"),
                button: in_words("Ce n'était pas moi", "It was not me"),
                note: Some(in_words(
                    "Si c'était vous, vous n'avez rien à faire.",
                    "If it was you, there is nothing to do.",
                )),
            },
            Self::TicketStatusChanged { web_origin, ticket, status } => {
                let status = status.in_language(language);
                let (subject, news) = match language {
                    Language::French => (
                        format!("Votre ticket n°\u{a0}{ticket} est {status}"),
                        format!("Votre ticket n°\u{a0}{ticket} est maintenant {status}."),
                    ),
                    Language::English => (
                        format!("Your ticket no. {ticket} is {status}"),
                        format!("Your ticket no. {ticket} is now {status}."),
                    ),
                };
                Letter {
                    subject,
                    news,
                    lead: in_words("Suivez-le ici\u{a0}:", "Follow it here:"),
                    link: format!("{web_origin}/tickets/{ticket}"),
                    button: in_words("Voir le ticket", "Open the ticket"),
                    note: None,
                }
            }
            Self::TicketCommented { web_origin, ticket } => {
                let (subject, news) = match language {
                    Language::French => (
                        format!("Un commentaire sur votre ticket n°\u{a0}{ticket}"),
                        format!("Il y a un nouveau commentaire sur votre ticket n°\u{a0}{ticket}."),
                    ),
                    Language::English => (
                        format!("A comment on your ticket no. {ticket}"),
                        format!("There is a new comment on your ticket no. {ticket}."),
                    ),
                };
                Letter {
                    subject,
                    news,
                    lead: in_words("Lisez-le ici\u{a0}:", "Read it here:"),
                    link: format!("{web_origin}/tickets/{ticket}"),
                    button: in_words("Lire le commentaire", "Read the comment"),
                    note: None,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Mail, SECRET};
    use crate::text::{Language, Text};

    #[test]
    fn what_is_filled_in_cannot_become_markup() {
        let status = Text::Own { fr: "<b>clos</b> & \"fini\"", en: "<b>closed</b>" };
        let mail = Mail::TicketStatusChanged { web_origin: "https://red.example", ticket: 7, status };

        let written = mail.written(Language::French).unwrap();

        assert!(written.text.contains("est maintenant <b>clos</b> & \"fini\"."), "{}", written.text);
        assert!(!written.html.contains("<b>") && written.html.contains("&#60;b&#62;clos"), "{}", written.html);
    }

    #[test]
    fn a_reset_has_the_place_of_its_secret_in_text_and_html() {
        let mail = Mail::PasswordReset { web_origin: "https://red.example" };

        for language in [Language::French, Language::English] {
            let written = mail.written(language).unwrap();
            let link = format!("https://red.example/reset-password?token={SECRET}");
            assert!(written.text.contains(&format!("\n{link}\n")), "{}", written.text);
            assert!(written.html.contains(&format!("href=\"{link}\"")), "{}", written.html);
            assert!(written.html.contains(&format!("<html lang=\"{}\">", language.code())));
        }
    }
}

#[cfg(test)]
mod properties {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::Mail;
    use crate::{
        properties::text,
        text::{Language, Text},
    };

    proptest! {
        #[test]
        fn nothing_that_is_filled_in_changes_what_the_mail_is_made_of(value in text(), ticket in any::<i64>()) {
            let mail = |status: &str| {
                let status = Text::Verbatim(status.to_owned());
                Mail::TicketStatusChanged { web_origin: "https://red.example", ticket, status }.written(Language::English).unwrap()
            };
            let tags = |html: &str| html.matches('<').count() + html.matches('>').count() + html.matches('"').count();

            prop_assert_eq!(tags(&mail(&value).html), tags(&mail("closed").html), "{}", value);
        }
    }
}
