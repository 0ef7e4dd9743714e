//! SES v2 on the wire: the two operations that the dispatcher calls, in the shapes that SES publishes. Whatever else a
//! request has is refused, so that a change of the SDK does not go unnoticed.

use std::time::{Duration, Instant};

use axum_server::{
    Json,
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse, Response},
};
use chrono::Utc;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{Fault, Inner, KEPT, Mailbox, Message};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SendEmail {
    from_email_address: String,
    #[serde(default)]
    reply_to_addresses: Vec<String>,
    destination: Destination,
    content: Content,
    #[serde(default)]
    email_tags: Vec<NameValue>,
    configuration_set_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Destination {
    to_addresses: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Content {
    simple: Simple,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Simple {
    subject: Text,
    body: MailBody,
    #[serde(default)]
    headers: Vec<NameValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct MailBody {
    text: Option<Text>,
    html: Option<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Text {
    data: String,
    #[expect(dead_code, reason = "part of the shape")]
    charset: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct NameValue {
    name: String,
    value: String,
}

/// How a send is answered.
enum Answer {
    Accepted { number: u64, message_id: String },
    Refused(StatusCode, &'static str, &'static str),
    Nothing,
    Closed,
}

/// `SendEmail`
pub(super) async fn send_email(State(mailbox): State<Mailbox>, headers: HeaderMap, body: Bytes) -> Response {
    let latency = mailbox.inner().behaviour.latency_ms;
    let answer = match read(&headers, &body) {
        Ok(mail) => mailbox.inner().take(mail),
        Err(why) => return refusal(StatusCode::BAD_REQUEST, "BadRequestException", &why),
    };
    if latency > 0 {
        tokio::time::sleep(Duration::from_millis(latency)).await;
    }
    match answer {
        Answer::Accepted { number, message_id } => {
            mailbox.inner().answered(number);
            Json(json!({ "MessageId": message_id })).into_response()
        }
        Answer::Refused(status, code, message) => refusal(status, code, message),
        Answer::Nothing => std::future::pending().await,
        // A body that fails before its first byte ends the connection, and the answer's head with it.
        Answer::Closed => Body::from_stream(Closed).into_response(),
    }
}

/// `GetAccount`
pub(super) async fn get_account(State(mailbox): State<Mailbox>) -> Response {
    let inner = mailbox.inner();
    let suspended = inner.behaviour.fault == Some(Fault::Suspend);
    Json(json!({
        "DedicatedIpAutoWarmupEnabled": false,
        "EnforcementStatus": if suspended { "SHUTDOWN" } else { "HEALTHY" },
        "ProductionAccessEnabled": true,
        "SendingEnabled": !suspended,
        "SendQuota": {
            "Max24HourSend": inner.behaviour.max_24_hour_send,
            "MaxSendRate": inner.behaviour.max_send_rate,
            "SentLast24Hours": inner.messages.len(),
        },
    }))
    .into_response()
}

fn read(headers: &HeaderMap, body: &[u8]) -> Result<SendEmail, String> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !header(header::AUTHORIZATION).starts_with("AWS4-HMAC-SHA256 Credential=") {
        return Err("The request is not signed.".to_owned());
    }
    let mail: SendEmail = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    // https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_MessageTag.html
    let plain = |text: &str| {
        (1..=256).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.@".contains(&byte))
    };
    if !mail.email_tags.iter().all(|tag| plain(&tag.name) && plain(&tag.value)) {
        return Err("A tag has other characters than letters, digits, _, -, . and @.".to_owned());
    }
    let addresses = &mail.destination.to_addresses;
    if addresses.is_empty() || addresses.iter().any(|address| !address.contains('@') || !address.is_ascii()) {
        return Err("Missing or illegal address.".to_owned());
    }
    check_headers(&mail.content.simple.headers)?;
    Ok(mail)
}

/// https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_MessageHeader.html, and for those that SES sets itself
/// https://docs.aws.amazon.com/ses/latest/dg/header-fields.html
fn check_headers(headers: &[NameValue]) -> Result<(), String> {
    const SET_BY_SES: [&str; 12] = [
        "bcc",
        "cc",
        "content-disposition",
        "content-type",
        "date",
        "from",
        "message-id",
        "mime-version",
        "reply-to",
        "return-path",
        "subject",
        "to",
    ];
    let mut names: Vec<String> = headers.iter().map(|header| header.name.to_ascii_lowercase()).collect();
    names.sort_unstable();
    if names.iter().any(|name| SET_BY_SES.contains(&name.as_str())) || names.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err("A header is set by SES, or appears twice.".to_owned());
    }
    let is_name = |name: &str| {
        (1..=126).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':')
    };
    let is_value = |value: &str| value.len() <= 870 && value.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if headers.iter().all(|header| is_name(&header.name) && is_value(&header.value)) {
        Ok(())
    } else {
        Err("A header is too long, or has other characters than printable ASCII.".to_owned())
    }
}

impl Inner {
    fn take(&mut self, mail: SendEmail) -> Answer {
        self.requests += 1;
        let fault = self.behaviour.fault.filter(|_| self.behaviour.times != Some(0));
        if let (Some(_), Some(times)) = (fault, &mut self.behaviour.times) {
            *times -= 1;
        }
        let too_fast = !self.has_room();
        match fault {
            _ if too_fast => self.throttle(),
            Some(Fault::Throttle) => self.throttle(),
            Some(Fault::Fail) => {
                Answer::Refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalServiceErrorException", "Internal failure.")
            }
            Some(Fault::Reject) => {
                Answer::Refused(StatusCode::BAD_REQUEST, "MessageRejected", "Message is unacceptable.")
            }
            Some(Fault::Quota) => {
                let message = "Daily message quota exceeded.";
                Answer::Refused(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", message)
            }
            Some(Fault::Suspend) => {
                let message = "The account's ability to send email has been permanently restricted.";
                Answer::Refused(StatusCode::BAD_REQUEST, "AccountSuspendedException", message)
            }
            Some(Fault::RefuseIdentity) => {
                let message = "Email address is not verified. The following identities failed the check.";
                Answer::Refused(StatusCode::BAD_REQUEST, "MessageRejected", message)
            }
            Some(Fault::Reset) => Answer::Closed,
            Some(Fault::Hang) => Answer::Nothing,
            Some(Fault::AcceptThenHang) => {
                self.keep(mail);
                Answer::Nothing
            }
            Some(Fault::AcceptThenReset) => {
                self.keep(mail);
                Answer::Closed
            }
            None => {
                let message_id = self.keep(mail);
                Answer::Accepted { number: self.last_number, message_id }
            }
        }
    }

    fn throttle(&mut self) -> Answer {
        self.throttled += 1;
        let message = "Maximum sending rate exceeded.";
        Answer::Refused(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", message)
    }

    /// A second's worth at once, and then as fast as it refills.
    fn has_room(&mut self) -> bool {
        let (rate, now) = (self.behaviour.max_send_rate, Instant::now());
        let (left, since) = self.bucket.unwrap_or((rate.max(1.0), now));
        let left = (left + now.duration_since(since).as_secs_f64() * rate).min(rate.max(1.0));
        let room = left >= 1.0;
        self.bucket = Some((if room { left - 1.0 } else { left }, now));
        room
    }

    fn keep(&mut self, mail: SendEmail) -> String {
        let pairs = |pairs: Vec<NameValue>| pairs.into_iter().map(|pair| (pair.name, pair.value)).collect();
        let message_id = format!("0102{}-000000", Uuid::new_v4());
        let Simple { subject, body, headers } = mail.content.simple;
        self.last_number += 1;
        self.messages.push_back(Message {
            number: self.last_number,
            message_id: message_id.clone(),
            at: Utc::now(),
            from: mail.from_email_address,
            reply_to: mail.reply_to_addresses,
            to: mail.destination.to_addresses,
            subject: subject.data,
            text: body.text.map(|text| text.data).unwrap_or_default(),
            html: body.html.map(|text| text.data).unwrap_or_default(),
            headers: pairs(headers),
            tags: pairs(mail.email_tags),
            configuration_set: mail.configuration_set_name,
            answered: false,
        });
        if self.messages.len() > KEPT {
            self.messages.pop_front();
        }
        message_id
    }

    /// Numbers have no gaps, but the first of them may be gone.
    fn answered(&mut self, number: u64) {
        let first = self.messages.front().map_or(number, |message| message.number);
        let place = number.checked_sub(first).and_then(|place| usize::try_from(place).ok());
        if let Some(message) = place.and_then(|place| self.messages.get_mut(place)) {
            message.answered = true;
        }
    }
}

fn refusal(status: StatusCode, code: &'static str, message: &str) -> Response {
    (status, [("x-amzn-errortype", code)], Json(json!({ "message": message }))).into_response()
}

/// A stream that ends in an error at once.
struct Closed;

impl futures_util::Stream for Closed {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(Some(Err(std::io::Error::other("the mailbox was told to close the connection"))))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use http::{HeaderMap, HeaderValue, header};
    use serde_json::{Value, json};

    use super::read;

    fn is_read(change: impl FnOnce(&mut Value)) -> bool {
        let text = |data: &str| json!({ "Data": data, "Charset": "UTF-8" });
        let mut mail = json!({
            "FromEmailAddress": "RED PRODUCT <no-reply@red.example>",
            "ReplyToAddresses": ["support@red.example"],
            "Destination": { "ToAddresses": ["awa@example.sn"] },
            "Content": { "Simple": {
                "Subject": text("Objet"),
                "Body": { "Text": text("Bonjour"), "Html": text("<p>Bonjour</p>") },
                "Headers": [{ "Name": "Auto-Submitted", "Value": "auto-generated" }],
            } },
            "EmailTags": [{ "Name": "email_id", "Value": "42" }],
            "ConfigurationSetName": "red-product",
        });
        change(&mut mail);
        let signature = HeaderValue::from_static("AWS4-HMAC-SHA256 Credential=local/20260101/local/ses/aws4_request");
        let headers = HeaderMap::from_iter([(header::AUTHORIZATION, signature)]);
        read(&headers, mail.to_string().as_bytes()).is_ok()
    }

    #[test]
    fn a_request_has_the_shape_that_ses_publishes_and_no_other() {
        assert!(is_read(|_| {}));
        assert!(is_read(|mail| mail["Content"]["Simple"]["Body"]["Html"] = Value::Null));
        assert!(!is_read(|mail| mail["From"] = json!("no-reply@red.example")));
        assert!(!is_read(|mail| mail["Content"]["Simple"]["Subject"] = json!("Objet")));
        assert!(!is_read(|mail| mail["Content"]["Simple"]["subject"] = json!({ "Data": "Objet" })));
        assert!(!is_read(|mail| mail["Destination"]["ToAddresses"] = json!([])));
        assert!(!is_read(|mail| mail["Destination"]["ToAddresses"] = json!(["awa"])));
        assert!(!is_read(|mail| mail["EmailTags"][0]["Value"] = json!("quarante-deux €")));
        let header = |name: &str, value: &str| {
            let header = json!({ "Name": name, "Value": value });
            is_read(|mail| mail["Content"]["Simple"]["Headers"].as_array_mut().unwrap().push(header))
        };
        assert!(header("References", "<ticket-34@red.example>") && header("In-Reply-To", "<ticket-34@red.example>"));
        assert!(
            !header("X-Red", "a\r\nBcc: b@example.sn") && !header("X-Red", "é") && !header("X-Red", &"x".repeat(871))
        );
        assert!(!header("X:Red", "a") && !header("", "a") && !header("X Red", "a"));
        assert!(!header("Message-ID", "<a@red.example>") && !header("to", "b@example.sn"));
        assert!(!header("auto-submitted", "no"));
        assert!(read(&HeaderMap::new(), b"{}").is_err_and(|error| error.contains("not signed")));
    }
}
