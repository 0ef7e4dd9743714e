//! SES: one send, and what its answer means. The client neither retries (a mail could go out three times) nor waits for
//! ever.

use std::{borrow::Cow, error::Error, time::Duration};

use aws_sdk_sesv2::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig, timeout::TimeoutConfig},
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    operation::{
        get_account::GetAccountError,
        send_email::{SendEmailError, SendEmailOutput, builders::SendEmailFluentBuilder},
    },
    types::{Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag},
};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use hyper_util::client::legacy;
use shared::{
    config,
    email::{
        SECRET, Written,
        queue::{Claimed, Setback},
    },
};

/// A send that takes longer is one whose fate is unknown. It takes no longer than a third of its claim either.
pub(crate) const SEND_TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// The tag by which what SES reports later finds its row.
const TAG: &str = "email_id";

/// What became of one send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// SES has it, under this id.
    Sent(String),
    /// SES wants no more of that much. It was not sent.
    Throttled(String),
    /// SES sends nothing at all now. It was not sent.
    Paused(String),
    /// It was not sent, or nobody knows.
    Setback(Setback, String),
    /// It was not sent and never will be.
    Failed(String),
}

impl Outcome {
    /// In a word, for the log: what SES says may name a reader.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Sent(_) => "sent",
            Self::Throttled(_) => "throttled",
            Self::Paused(_) => "paused",
            Self::Failed(_) => "failed",
            Self::Setback(Setback::Unknown, _) => "unknown",
            Self::Setback(Setback::Transient, _) => "transient",
            Self::Setback(Setback::Postponed, _) => "postponed",
        }
    }
}

/// What the account may send.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quota {
    /// Mails a second.
    pub(crate) rate: f64,
    /// Mails until tomorrow.
    pub(crate) left: u64,
}

/// The account's mail, and how it is signed.
#[derive(Clone, Debug)]
pub(crate) struct Ses {
    client: Client,
    from: String,
    reply_to: String,
    configuration_set: Option<String>,
}

impl Ses {
    pub(crate) fn new(mail: &config::Mail) -> Self {
        let https = aws_smithy_http_client::Builder::new().tls_provider(tls::Provider::Rustls(CryptoMode::Ring));
        let aws = mail.aws.clone();
        let credentials =
            Credentials::new(aws.access_key_id, aws.secret_access_key, aws.session_token, None, "environment");
        let send_timeout = SEND_TIMEOUT.min(Duration::from_secs(mail.lease_seconds.into()) / 3);
        let mut config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(aws.region))
            .credentials_provider(credentials)
            .http_client(https.build_https())
            .retry_config(RetryConfig::disabled())
            .timeout_config(
                TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).operation_timeout(send_timeout).build(),
            );
        if let Some(endpoint) = &mail.endpoint {
            config = config.endpoint_url(endpoint);
        }
        Self {
            client: Client::from_conf(config.build()),
            from: mail.from.clone(),
            reply_to: mail.reply_to.clone(),
            configuration_set: mail.configuration_set.clone(),
        }
    }

    /// Asks what the account may send, and whether it may send at all.
    pub(crate) async fn quota(&self) -> Result<Quota, Box<dyn Error + Send + Sync>> {
        let account = self.client.get_account().send().await.map_err(|error: SdkError<GetAccountError>| {
            format!("SES does not say what may be sent: {}", DisplayErrorContext(&error))
        })?;
        if !account.sending_enabled() {
            return Err("SES has paused this account's sending".into());
        }
        let quota = account.send_quota().ok_or("SES does not say what may be sent")?;
        let left = quota.max24_hour_send() - quota.sent_last24_hours();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and counts mails")]
        let left = if quota.max24_hour_send() < 0.0 { u64::MAX } else { left.max(0.0) as u64 };
        if left == 0 {
            return Err("the day's quota is used up".into());
        }
        Ok(Quota { rate: quota.max_send_rate().max(1.0), left })
    }

    /// Sends one mail, once.
    pub(crate) async fn send(&self, mail: &Claimed) -> Outcome {
        match self.request(mail) {
            Ok(request) => classify(request.send().await),
            Err(error) => Outcome::Failed(error.to_string()),
        }
    }

    fn request(&self, mail: &Claimed) -> Result<SendEmailFluentBuilder, Box<dyn Error + Send + Sync>> {
        let content = |text: String| Content::builder().data(text).charset("UTF-8").build();
        let is_by_a_person = mail.html.is_empty();
        let Written { subject, text, html } = if is_by_a_person {
            Written::by_a_person(&mail.subject, &mail.body)?
        } else {
            let whole = |text: &str| match &mail.secret {
                Some(secret) => text.replace(&format!("token={SECRET}"), &format!("token={secret}")),
                None => text.to_owned(),
            };
            Written { subject: mail.subject.clone(), text: whole(&mail.body), html: whole(&mail.html) }
        };
        let body = Body::builder().text(content(text)?).html(content(html)?).build();
        let mut message = Message::builder().subject(content(subject)?).body(body);
        for (name, value) in self.headers(is_by_a_person, mail.thread.as_deref()) {
            message = message.headers(MessageHeader::builder().name(name).value(value).build()?);
        }
        let to = deliverable(&mail.recipient);
        let tag = MessageTag::builder().name(TAG).value(mail.claim.id.to_string()).build()?;
        Ok(self
            .client
            .send_email()
            .from_email_address(&self.from)
            .reply_to_addresses(&self.reply_to)
            .destination(Destination::builder().to_addresses(to).build())
            .content(EmailContent::builder().simple(message.build()).build())
            .email_tags(tag)
            .set_configuration_set_name(self.configuration_set.clone()))
    }

    /// SES sets `Message-ID` itself, so no mail can name another one of its thread. All of them name the same id, which no
    /// mail has; mail programs show them together as replies to it (RFC 5256, section 3).
    fn headers(&self, is_by_a_person: bool, thread: Option<&str>) -> Vec<(&'static str, String)> {
        let mut headers = Vec::new();
        if !is_by_a_person {
            // RFC 3834: no automatic answer is wanted.
            headers.push(("Auto-Submitted", "auto-generated".to_owned()));
        }
        if let (Some(thread), Some(host)) = (thread, host(&self.from)) {
            let id = format!("<{thread}@{host}>");
            headers.extend([("References", id.clone()), ("In-Reply-To", id)]);
        }
        headers
    }
}

/// The host of an address, with or without a name before it: `RED PRODUCT <no-reply@red.example>`.
fn host(from: &str) -> Option<String> {
    let (_, host) = from.rsplit_once('@')?;
    idna::domain_to_ascii(host.trim_end().trim_end_matches('>')).ok().filter(|host| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
        !host.is_empty() && host.bytes().all(fits)
    })
}

/// An address as SES takes it: a domain with other characters than ASCII has another spelling in DNS. What has none stays
/// as it is, for SES to refuse.
fn deliverable(recipient: &str) -> Cow<'_, str> {
    match recipient.rsplit_once('@') {
        Some((reader, domain)) if !domain.is_ascii() => match idna::domain_to_ascii(domain) {
            Ok(domain) => format!("{reader}@{domain}").into(),
            Err(_) => recipient.into(),
        },
        _ => recipient.into(),
    }
}

fn classify(answer: Result<SendEmailOutput, SdkError<SendEmailError>>) -> Outcome {
    let error = match answer {
        Ok(sent) => return Outcome::Sent(sent.message_id.unwrap_or_default()),
        Err(error) => error,
    };
    let (status, code, message) = match &error {
        SdkError::ServiceError(service) => {
            let said = service.err();
            (service.raw().status().as_u16(), said.code().unwrap_or_default(), said.message().unwrap_or_default())
        }
        // What it says cannot be read. Where it began well, the mail may have gone.
        SdkError::ResponseError(response) => (response.raw().status().as_u16(), "", ""),
        SdkError::ConstructionFailure(_) => return Outcome::Failed(DisplayErrorContext(&error).to_string()),
        _ if was_never_connected(&error) => {
            return Outcome::Setback(Setback::Transient, DisplayErrorContext(&error).to_string());
        }
        // The request may have been written.
        _ => return Outcome::Setback(Setback::Unknown, DisplayErrorContext(&error).to_string()),
    };
    let said = if code.is_empty() { format!("SES answered {status}") } else { format!("{code}: {message}") };
    judge(status, code, message, said)
}

/// What SES means. `ThrottlingException` and some others are in no list of its errors, and the same code says different
/// things, so the code and the message are read.
fn judge(status: u16, code: &str, message: &str, said: String) -> Outcome {
    let message = message.to_ascii_lowercase();
    match code {
        _ if message.contains("daily") && message.contains("quota") => Outcome::Paused(said),
        _ if message.contains("maximum sending rate") => Outcome::Throttled(said),
        "TooManyRequestsException" | "ThrottlingException" | "Throttling" => Outcome::Throttled(said),
        // The sandbox, or an identity that is gone: the next mail would fare no better.
        "MessageRejected" if message.contains("not verified") => Outcome::Paused(said),
        "MessageRejected" | "BadRequestException" => Outcome::Failed(said),
        "LimitExceededException"
        | "SendingPausedException"
        | "AccountSuspendedException"
        | "MailFromDomainNotVerifiedException"
        // The configuration set is gone.
        | "NotFoundException" => Outcome::Paused(said),
        // We may not.
        _ if status == 401 || status == 403 => Outcome::Paused(said),
        _ if status == 429 => Outcome::Throttled(said),
        _ if (400..500).contains(&status) => Outcome::Failed(said),
        _ if status >= 500 => Outcome::Setback(Setback::Transient, said),
        _ => Outcome::Setback(Setback::Unknown, said),
    }
}

/// Whether nothing can have been written, because there was nobody to write to.
fn was_never_connected(error: &SdkError<SendEmailError>) -> bool {
    let mut cause: Option<&dyn Error> = error.source();
    while let Some(error) = cause {
        if error.downcast_ref::<legacy::Error>().is_some_and(legacy::Error::is_connect) {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use shared::{
        config,
        email::queue::{Claim, Claimed},
    };

    use super::{Ses, host, judge};

    #[tokio::test]
    async fn a_mail_that_found_nobody_to_take_it_was_not_sent() {
        let aws = config::Aws {
            region: "local".to_owned(),
            access_key_id: "local".to_owned(),
            secret_access_key: "local".to_owned(),
            session_token: None,
        };
        let ses = Ses::new(&config::Mail {
            from: "no-reply@red.example".to_owned(),
            reply_to: "support@red.example".to_owned(),
            configuration_set: None,
            retention_days: 1,
            lease_seconds: 60,
            endpoint: Some("http://127.0.0.1:9".to_owned()),
            aws,
        });
        let mail = Claimed {
            claim: Claim { id: 1, number: 1 },
            recipient: "awa@example.sn".to_owned(),
            subject: "Objet".to_owned(),
            body: "Bonjour".to_owned(),
            html: String::new(),
            thread: None,
            secret: None,
        };

        assert_eq!(ses.send(&mail).await.kind(), "transient");
    }

    #[test]
    fn a_thread_is_named_after_the_host_of_the_sender() {
        for (from, expected) in [
            ("RED PRODUCT <no-reply@red.example>", Some("red.example")),
            ("no-reply@red.example", Some("red.example")),
            ("\"A@B\" <no-reply@Société.sn> ", Some("xn--socit-esab.sn")),
            ("no-reply", None),
            ("no-reply@", None),
            ("no-reply@a b", None),
        ] {
            assert_eq!(host(from).as_deref(), expected, "{from}");
        }
    }

    #[test]
    fn what_ses_says_has_one_meaning() {
        for (status, code, message, meaning) in [
            (429, "TooManyRequestsException", "Too many requests.", "throttled"),
            (400, "ThrottlingException", "Rate exceeded", "throttled"),
            (429, "TooManyRequestsException", "Maximum sending rate exceeded.", "throttled"),
            (400, "MessageRejected", "Maximum sending rate exceeded.", "throttled"),
            (429, "TooManyRequestsException", "Daily message quota exceeded.", "paused"),
            (400, "LimitExceededException", "Daily sending quota exceeded", "paused"),
            (400, "SendingPausedException", "Sending paused.", "paused"),
            (403, "AccountSuspendedException", "Account suspended.", "paused"),
            (400, "MailFromDomainNotVerifiedException", "", "paused"),
            (
                400,
                "MessageRejected",
                "Email address is not verified. The following identities failed the check in region EU-WEST-1: a@b.sn",
                "paused",
            ),
            (404, "NotFoundException", "Configuration set <red> does not exist.", "paused"),
            (403, "ExpiredTokenException", "", "paused"),
            (400, "MessageRejected", "Email contains a virus.", "failed"),
            (400, "BadRequestException", "Domain contains illegal character", "failed"),
            (400, "SomethingNew", "", "failed"),
            (500, "InternalServiceErrorException", "", "transient"),
            (503, "", "", "transient"),
            (200, "", "", "unknown"),
        ] {
            assert_eq!(judge(status, code, message, String::new()).kind(), meaning, "{status} {code} {message}");
        }
    }
}
