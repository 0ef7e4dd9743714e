//! The messages that the product sends by itself, and the form of those that a person writes.
//!
//! The product's own are written when they are queued, in the reader's language. They repeat a first name or a title only
//! in the short form of [`super::excerpt`]; the welcome mail repeats nothing, since a stranger typed everything in it.

use askama::Template;

use super::{
    excerpt,
    plain::{self, Part},
};
use crate::text::{Language, Text};

/// What stands in a body in the place of its secret.
pub const SECRET: &str = "…";

/// The length of a preview line that is taken from a text, in characters.
const PREVIEW: usize = 140;

/// The length of an HTML document's title, in characters.
const MAX_HTML_TITLE: usize = 150;

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
        /// The reader's first name, as stored.
        first_name: &'a str,
    },
    /// To somebody whose password was changed, by whomever.
    PasswordChanged {
        /// The address of the web application.
        web_origin: &'a str,
        /// The reader's first name, as stored.
        first_name: &'a str,
    },
    /// To somebody for whom an administrator made an account: a link to choose a password, good once, for seven days.
    Invitation {
        /// The address of the web application.
        web_origin: &'a str,
        /// The reader's first name, as stored.
        first_name: &'a str,
    },
    /// To somebody for whom an administrator made an account with a password.
    AccountCreated {
        /// The address of the web application.
        web_origin: &'a str,
        /// The reader's first name, as stored.
        first_name: &'a str,
    },
    /// To somebody for whom an administrator set a new password, a new role, or both.
    AccountChanged {
        /// The address of the web application.
        web_origin: &'a str,
        /// The reader's first name, as stored.
        first_name: &'a str,
        /// Whether there is a new password.
        has_new_password: bool,
        /// Whether they are an administrator now, if that changed.
        is_admin: Option<bool>,
    },
    /// To somebody whose ticket somebody else gave another status.
    TicketStatusChanged {
        /// The address of the web application.
        web_origin: &'a str,
        /// The reader's first name, as stored.
        first_name: &'a str,
        /// The ticket.
        ticket: Ticket<'a>,
        /// The status that it has now, in words.
        status: Text,
    },
    /// To somebody on whose ticket somebody else commented. What they said is to be read there.
    TicketCommented {
        /// The address of the web application.
        web_origin: &'a str,
        /// The reader's first name, as stored.
        first_name: &'a str,
        /// The ticket.
        ticket: Ticket<'a>,
    },
    /// To administrators: the user of a ticket did something. It is the same for all of them, so it greets nobody by name.
    TicketNews {
        /// The address of the web application.
        web_origin: &'a str,
        /// The ticket.
        ticket: Ticket<'a>,
        /// What they did.
        news: TicketNews,
    },
}

/// What the user of a ticket did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketNews {
    /// They opened it.
    Opened,
    /// They commented on it.
    Commented,
    /// They reopened it.
    Reopened,
}

/// A ticket, as mails name it.
#[derive(Clone, Copy, Debug)]
pub struct Ticket<'a> {
    /// Its number.
    pub id: i64,
    /// Its title, as stored.
    pub title: &'a str,
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
    language: Option<&'static str>,
    width: u32,
    preview: &'a str,
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

#[derive(Template)]
#[template(path = "letter.html")]
struct PersonsHtml<'a> {
    language: Option<&'static str>,
    width: u32,
    preview: &'a str,
    subject: &'a str,
    paragraphs: Vec<Vec<Part>>,
}

impl Written {
    /// A mail that a person wrote as plain text: the text wrapped, and an HTML document that says the same and no more.
    /// It does not name its language, which is not known.
    ///
    /// # Errors
    /// If the template cannot be filled in, which no text causes.
    pub fn by_a_person(subject: &str, body: &str) -> Result<Self, askama::Error> {
        let beginning: String = body.chars().take(4 * PREVIEW).collect();
        let preview = excerpt::cut(&excerpt::on_one_line(&beginning), PREVIEW);
        let paragraphs = plain::paragraphs(body);
        // A line of HTML has at most 998 octets, of which an escaped character takes five.
        let title = excerpt::cut(subject, MAX_HTML_TITLE);
        let html =
            PersonsHtml { language: None, width: 600, preview: &preview, subject: &title, paragraphs }.render()?;
        Ok(Self { subject: subject.to_owned(), text: plain::wrap(body), html })
    }
}

impl Mail<'_> {
    /// Writes it in a language.
    ///
    /// # Errors
    /// Where a template cannot be filled in, which no data makes happen.
    pub fn written(&self, language: Language) -> Result<Written, askama::Error> {
        let letter = self.letter(language);
        let (hello, signature) = match language {
            Language::French => ("Bonjour", "L'équipe RED PRODUCT"),
            Language::English => ("Hello", "The RED PRODUCT team"),
        };
        let greeting = match self.first_name().and_then(excerpt::first_name) {
            Some(name) => format!("{hello} {name},"),
            None => format!("{hello},"),
        };
        let Letter { news, lead, link, button, note, .. } = &letter;
        let (greeting, news, link, note) = (greeting.as_str(), news.as_str(), link.as_str(), *note);
        let text = Plain { greeting, news, lead, link, note, signature }.render()?;
        let html = Html {
            language: Some(language.code()),
            width: 480,
            preview: news,
            greeting,
            subject: &letter.subject,
            news,
            link,
            button,
            note,
            signature,
        };
        Ok(Written { text: plain::wrap(&text), html: html.render()?, subject: letter.subject })
    }

    /// The conversation that it belongs to: mails of one thread are shown together. It never changes, and has lower-case
    /// letters, a hyphen and digits.
    pub fn thread(&self) -> Option<String> {
        match self {
            Self::TicketStatusChanged { ticket, .. }
            | Self::TicketCommented { ticket, .. }
            | Self::TicketNews { ticket, .. } => Some(format!("ticket-{}", ticket.id)),
            _ => None,
        }
    }

    fn first_name(&self) -> Option<&str> {
        match self {
            Self::PasswordReset { first_name, .. }
            | Self::PasswordChanged { first_name, .. }
            | Self::Invitation { first_name, .. }
            | Self::AccountCreated { first_name, .. }
            | Self::AccountChanged { first_name, .. }
            | Self::TicketStatusChanged { first_name, .. }
            | Self::TicketCommented { first_name, .. } => Some(first_name),
            Self::Welcome { .. } | Self::TicketNews { .. } => None,
        }
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
            Self::PasswordReset { web_origin, .. } => Letter {
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
            Self::PasswordChanged { web_origin, .. } => Letter {
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
            Self::Invitation { web_origin, .. } => Letter {
                subject: in_words("Votre invitation à RED PRODUCT", "Your invitation to RED PRODUCT").to_owned(),
                news: in_words(
                    "Un administrateur a créé votre compte RED PRODUCT. Pour l'activer, choisissez votre mot de passe\u{a0}: \
                     le lien est valable sept jours.",
                    "An administrator has created a RED PRODUCT account for you. To activate it, choose your password: the \
                     link is valid for seven days.",
                )
                .to_owned(),
                lead: in_words("Choisissez-le ici\u{a0}:", "Choose it here:"),
                link: format!("{web_origin}/reset-password?token={SECRET}"),
                button: in_words("Choisir mon mot de passe", "Choose my password"),
                note: Some(in_words(
                    "Le lien a expiré\u{a0}? Sur la page de connexion, «\u{a0}Mot de passe oublié\u{a0}» vous en envoie un nouveau.",
                    "Has the link expired? “Forgot password” on the sign-in page sends you a new one.",
                )),
            },
            Self::AccountCreated { web_origin, .. } => Letter {
                subject: in_words("Votre compte RED PRODUCT", "Your RED PRODUCT account").to_owned(),
                news: in_words(
                    "Un administrateur a créé votre compte RED PRODUCT. Il vous communiquera votre mot de passe.",
                    "An administrator has created a RED PRODUCT account for you. They will give you your password.",
                )
                .to_owned(),
                lead: in_words("Connectez-vous ici\u{a0}:", "Sign in here:"),
                link: format!("{web_origin}/"),
                button: in_words("Se connecter", "Sign in"),
                note: Some(in_words(
                    "Pas de mot de passe\u{a0}? Sur la page de connexion, «\u{a0}Mot de passe oublié\u{a0}» vous permet d'en choisir un.",
                    "No password? “Forgot password” on the sign-in page lets you choose one.",
                )),
            },
            Self::AccountChanged { web_origin, has_new_password, is_admin, .. } => {
                let role = is_admin.map(|is_admin| match is_admin {
                    true => in_words(
                        "Vous êtes maintenant administrateur de RED PRODUCT.",
                        "You are now an administrator of RED PRODUCT.",
                    ),
                    false => in_words(
                        "Vous n'êtes plus administrateur de RED PRODUCT.",
                        "You are no longer an administrator of RED PRODUCT.",
                    ),
                });
                let password = has_new_password.then_some(in_words(
                    "Un administrateur a défini un nouveau mot de passe pour votre compte RED PRODUCT. Il vous le communiquera.",
                    "An administrator has set a new password for your RED PRODUCT account. They will give it to you.",
                ));
                let subject = match (is_admin, has_new_password) {
                    (None, _) => in_words("Votre mot de passe a changé", "Your password was changed"),
                    (Some(_), true) => in_words("Votre compte a changé", "Your account was changed"),
                    (Some(true), false) => in_words("Vous êtes administrateur", "You are an administrator"),
                    (Some(false), false) => in_words("Vous n'êtes plus administrateur", "You are no longer an administrator"),
                };
                let news: Vec<&str> = role.into_iter().chain(password).collect();
                let (lead, path, button, note) = if *has_new_password {
                    (
                        in_words(
                            "Vous pouvez en choisir un autre vous-même ici\u{a0}:",
                            "You can choose another one yourself here:",
                        ),
                        "forgot-password",
                        in_words("Choisir un mot de passe", "Choose a password"),
                        in_words(
                            "Par sécurité, toutes vos sessions ont été fermées.",
                            "For your security, you have been signed out everywhere.",
                        ),
                    )
                } else {
                    (
                        in_words("Ouvrez RED PRODUCT ici\u{a0}:", "Open RED PRODUCT here:"),
                        "",
                        in_words("Ouvrir RED PRODUCT", "Open RED PRODUCT"),
                        in_words(
                            "Une question\u{a0}? Adressez-vous à un administrateur.",
                            "Any questions? Ask an administrator.",
                        ),
                    )
                };
                Letter {
                    subject: subject.to_owned(),
                    news: news.join(" "),
                    lead,
                    link: format!("{web_origin}/{path}"),
                    button,
                    note: Some(note),
                }
            }
            Self::TicketNews { web_origin, ticket, news } => {
                let ticket = ticket.named(language);
                let name = &ticket.name;
                let (sentence, lead, button) = match news {
                    TicketNews::Opened => (
                        match language {
                            Language::French => format!("Le ticket\u{a0}{name} vient d'être ouvert."),
                            Language::English => format!("Ticket\u{a0}{name} has been opened."),
                        },
                        in_words("Répondez-y ici\u{a0}:", "Answer it here:"),
                        in_words("Voir le ticket", "Open the ticket"),
                    ),
                    TicketNews::Commented => (
                        match language {
                            Language::French => format!("Il y a un nouveau commentaire sur le ticket\u{a0}{name}."),
                            Language::English => format!("There is a new comment on ticket\u{a0}{name}."),
                        },
                        in_words("Lisez-le ici\u{a0}:", "Read it here:"),
                        in_words("Lire le commentaire", "Read the comment"),
                    ),
                    TicketNews::Reopened => (
                        match language {
                            Language::French => format!("Le ticket\u{a0}{name} a été rouvert."),
                            Language::English => format!("Ticket\u{a0}{name} has been reopened."),
                        },
                        in_words("Répondez-y ici\u{a0}:", "Answer it here:"),
                        in_words("Voir le ticket", "Open the ticket"),
                    ),
                };
                Letter {
                    subject: ticket.subject,
                    news: sentence,
                    lead,
                    link: format!("{web_origin}/tickets/{}", ticket.id),
                    button,
                    note: Some(in_words(
                        "Vous recevez cet e-mail en tant qu'administrateur. Votre profil permet de ne plus recevoir d'e-mails \
                         sur les tickets.",
                        "You receive this email as an administrator. You can turn off emails about tickets in your profile.",
                    )),
                }
            }
            Self::TicketStatusChanged { web_origin, ticket, status, .. } => {
                let (ticket, status) = (ticket.named(language), status.in_language(language));
                let news = match language {
                    Language::French => format!("Votre ticket\u{a0}{} est maintenant {status}.", ticket.name),
                    Language::English => format!("Your ticket\u{a0}{} is now {status}.", ticket.name),
                };
                Letter {
                    subject: ticket.subject,
                    news,
                    lead: in_words("Suivez-le ici\u{a0}:", "Follow it here:"),
                    link: format!("{web_origin}/tickets/{}", ticket.id),
                    button: in_words("Voir le ticket", "Open the ticket"),
                    note: None,
                }
            }
            Self::TicketCommented { web_origin, ticket, .. } => {
                let ticket = ticket.named(language);
                let news = match language {
                    Language::French => format!("Il y a un nouveau commentaire sur votre ticket\u{a0}{}.", ticket.name),
                    Language::English => format!("There is a new comment on your ticket\u{a0}{}.", ticket.name),
                };
                Letter {
                    subject: ticket.subject,
                    news,
                    lead: in_words("Lisez-le ici\u{a0}:", "Read it here:"),
                    link: format!("{web_origin}/tickets/{}", ticket.id),
                    button: in_words("Lire le commentaire", "Read the comment"),
                    note: None,
                }
            }
        }
    }
}

/// A ticket in words.
struct Named {
    id: i64,
    /// The same in every mail about the ticket: some mail programs make a thread only of equal subjects.
    subject: String,
    /// Number and title, behind the word.
    name: String,
}

impl Ticket<'_> {
    fn named(self, language: Language) -> Named {
        let id = self.id;
        let (subject, name) = match (language, excerpt::title(self.title)) {
            (Language::French, Some(title)) => {
                (format!("Ticket #{id}\u{a0}: {title}"), format!("#{id} («\u{a0}{title}\u{a0}»)"))
            }
            (Language::French, None) => (format!("Ticket #{id}"), format!("#{id}")),
            (Language::English, Some(title)) => (format!("Ticket #{id}: {title}"), format!("#{id} (“{title}”)")),
            (Language::English, None) => (format!("Ticket #{id}"), format!("#{id}")),
        };
        Named { id, subject, name }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Mail, SECRET, Ticket, Written};
    use crate::text::{Language, Text};

    const ORIGIN: &str = "https://red.example";

    fn commented<'a>(first_name: &'a str, title: &'a str) -> Mail<'a> {
        Mail::TicketCommented { web_origin: ORIGIN, first_name, ticket: Ticket { id: 34, title } }
    }

    #[test]
    fn what_is_filled_in_cannot_become_markup() {
        let status = Text::Own { fr: "<b>clos</b> & \"fini\"", en: "<b>closed</b>" };
        let ticket = Ticket { id: 7, title: "<i>Titre</i>" };
        let mail = Mail::TicketStatusChanged { web_origin: ORIGIN, first_name: "", ticket, status };

        let written = mail.written(Language::French).unwrap();

        let flat = written.text.replace('\n', " ");
        assert!(flat.contains("«\u{a0}<i>Titre</i>\u{a0}») est maintenant <b>clos</b> & \"fini\"."), "{flat}");
        assert!(!written.html.contains("<b>") && written.html.contains("&#60;b&#62;clos"), "{}", written.html);
        assert!(!written.html.contains("<i>") && written.html.contains("&#60;i&#62;Titre"), "{}", written.html);
    }

    #[test]
    fn a_reset_has_the_place_of_its_secret_in_text_and_html() {
        let mail = Mail::PasswordReset { web_origin: ORIGIN, first_name: "Awa" };

        for language in [Language::French, Language::English] {
            let written = mail.written(language).unwrap();
            let link = format!("https://red.example/reset-password?token={SECRET}");
            assert!(written.text.contains(&format!("\n{link}\n")), "{}", written.text);
            assert!(written.html.contains(&format!("href=\"{link}\"")), "{}", written.html);
            assert!(written.html.contains(&format!("<html lang=\"{}\">", language.code())));
        }
    }

    #[test]
    fn a_mail_greets_by_first_name_if_there_is_one_and_previews_its_news() {
        for (language, first_name, greeting) in [
            (Language::French, "Awa", "Bonjour Awa,"),
            (Language::French, "N'Deye", "Bonjour N'Deye,"),
            (Language::French, "", "Bonjour,"),
            (Language::French, "evil.example", "Bonjour,"),
            (Language::English, "Awa", "Hello Awa,"),
            (Language::English, "<b>Awa</b>", "Hello,"),
        ] {
            let written = commented(first_name, "Fuite").written(language).unwrap();

            assert_eq!(written.text.lines().next(), Some(greeting));
            assert!(written.html.contains(&format!(">{}</p>", greeting.replace('\'', "&#39;"))), "{}", written.html);
            let news = if language == Language::French { "Il y a un nouveau" } else { "There is a new" };
            let first = written
                .html
                .split("<body")
                .nth(1)
                .unwrap()
                .split('>')
                .find(|text| !text.trim_start().starts_with('<') && text.trim().len() > 3);
            assert!(written.html.matches(news).count() == 2 && first.is_some(), "{}", written.html);
        }
    }

    #[test]
    fn a_welcome_repeats_nothing_that_was_typed() {
        let written = Mail::Welcome { web_origin: ORIGIN }.written(Language::French).unwrap();

        assert_eq!(written.text.lines().next(), Some("Bonjour,"));
    }

    #[test]
    fn a_mail_about_a_ticket_has_its_number_title_and_thread() {
        for (language, title, subject, named) in [
            (Language::French, "Fuite d'eau", "Ticket #34\u{a0}: Fuite d'eau", "#34 («\u{a0}Fuite d'eau\u{a0}»)."),
            (Language::French, "Voir evil.example", "Ticket #34", "ticket\u{a0}#34."),
            (Language::English, "Leak", "Ticket #34: Leak", "#34 (“Leak”)."),
            (Language::English, "\u{202e}", "Ticket #34", "ticket\u{a0}#34."),
        ] {
            let mail = commented("Awa", title);
            let written = mail.written(language).unwrap();

            assert_eq!(written.subject, subject);
            assert!(written.text.replace('\n', " ").contains(named), "{}", written.text);
            assert_eq!(mail.thread().as_deref(), Some("ticket-34"));
        }
    }

    #[test]
    fn a_persons_mail_is_html_without_a_greeting_or_a_signature_of_ours() {
        let body = "Bonjour Awa,\n\nVoir <https://red.example/a?b=1&c=\"2\"> & merci.\nÀ demain";

        let written = Written::by_a_person("Été & <b>", body).unwrap();

        assert_eq!((written.subject.as_str(), written.text.as_str()), ("Été & <b>", body));
        let html = &written.html;
        assert!(html.contains("<title>Été &#38; &#60;b&#62;</title>"), "{html}");
        assert!(html.contains("href=\"https://red.example/a?b=1&#38;c=\""), "{html}");
        assert!(html.contains("merci.<br>\nÀ demain</p>"), "{html}");
        assert!(html.contains("mso-hide: all;\">Bonjour Awa, Voir"), "{html}");
        assert!(!html.contains("équipe") && !html.contains("class=\"button\"") && html.contains("<html>"), "{html}");
    }
}

#[cfg(test)]
mod properties {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::{Mail, Ticket, Written};
    use crate::{
        properties::text,
        text::{Language, Text},
    };

    fn tags(html: &str) -> usize {
        html.matches('<').count() + html.matches('>').count() + html.matches('"').count()
    }

    proptest! {
        #[test]
        fn nothing_that_is_filled_in_changes_what_the_mail_is_made_of(
            name in text(), title in text(), status in text(), id in any::<i64>(), english in any::<bool>(),
        ) {
            let language = if english { Language::English } else { Language::French };
            let mail = |first_name: &str, title: &str, status: &str| {
                let (status, ticket) = (Text::Verbatim(status.to_owned()), Ticket { id, title });
                let mail = Mail::TicketStatusChanged { web_origin: "https://red.example", first_name, ticket, status };
                mail.written(language).unwrap()
            };

            let written = mail(&name, &title, &status);

            prop_assert_eq!(tags(&written.html), tags(&mail("Awa", "Fuite", "closed").html));
            prop_assert!(written.subject.chars().count() <= 100 && !written.subject.chars().any(char::is_control), "{:?}", written.subject);
            prop_assert!(written.text.split('\n').all(|line| line.len() <= 998));
            let link = format!("https://red.example/tickets/{id}");
            prop_assert!(written.text.split('\n').any(|line| line == link), "{}", written.text);
        }

        #[test]
        fn no_text_of_a_person_becomes_markup(subject in text(), body in text()) {
            let html = Written::by_a_person(&subject, &body).unwrap().html;

            let document = html.replace(" class=\"text\" href=", "");
            prop_assert!(!document.contains("<script") && !document.contains("<img"), "{document}");
            let known = ["a", "/a", "p", "/p", "br"];
            let content = document.split("overflow-wrap: anywhere;\">").nth(1).unwrap().split("</td>").next().unwrap();
            for tag in content.split('<').skip(1) {
                let name = tag.split([' ', '>', '"']).next().unwrap();
                prop_assert!(known.contains(&name) || tag.starts_with("a\""), "{tag}");
            }
        }
    }
}
