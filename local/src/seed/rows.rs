//! Made-up rows, as the API would write them. Their fields are the columns of their tables.

use chrono::{DateTime, SecondsFormat, SubsecRound, TimeDelta, Utc};
use serde::Serialize;
use serde_json::{Map, Value, json};
use toolbox::tools::Error;

use super::words;
use crate::queries::{SeededForm, SeededUser};

/// How far back rows go.
const SPREAD: TimeDelta = TimeDelta::days(60);

#[derive(Debug, Serialize)]
pub(crate) struct Hotel {
    name: String,
    description: &'static str,
    city: &'static str,
    address: String,
    phone: String,
    email: String,
    price_per_night: i64,
    rating: f64,
    rooms_count: i64,
    available_rooms: i64,
    is_active: bool,
    created_at: DateTime<Utc>,
}

#[derive(Debug, Serialize)]
pub(crate) struct User {
    id: i64,
    pub(super) email: String,
    password: String,
    first_name: &'static str,
    last_name: &'static str,
    phone: String,
    language: &'static str,
    is_active: bool,
    created_at: DateTime<Utc>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Ticket {
    title: String,
    description: &'static str,
    status: &'static str,
    priority: &'static str,
    user_id: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Message {
    sender_id: i64,
    recipient_id: i64,
    content: &'static str,
    is_read: bool,
    read_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Form {
    title: &'static str,
    description: &'static str,
    fields: Value,
    is_active: bool,
    created_at: DateTime<Utc>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Entry {
    form_id: i64,
    data: Map<String, Value>,
    created_at: DateTime<Utc>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Email {
    recipient: String,
    subject: String,
    body: &'static str,
    status: &'static str,
    is_sent: bool,
    attempts: i64,
    last_error: &'static str,
    message_id: String,
    sent_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// Where made-up rows come from: chance, up to now.
pub(super) struct Invention {
    state: u64,
    forms: usize,
    now: DateTime<Utc>,
}

impl Invention {
    pub(super) fn new() -> Result<Self, Error> {
        let state = getrandom::u64().map_err(|error| format!("the machine gives no random numbers: {error}"))?;
        // The database keeps microseconds.
        Ok(Self { state, forms: 0, now: Utc::now().trunc_subsecs(6) })
    }

    pub(super) fn hotel(&mut self) -> Hotel {
        let (city, streets) = self.pick(words::CITIES);
        let (house, name) = (self.pick(words::HOUSES), self.pick(words::HOUSE_NAMES));
        let rooms_count = self.between(8, 220);
        Hotel {
            name: format!("{house} {name}, {city}"),
            description: self.pick(words::HOTEL_DESCRIPTIONS),
            city,
            address: format!("{}, {}", self.between(1, 240), self.pick(streets)),
            phone: format!("+221 33 {}", self.subscriber()),
            email: format!("reservation.{}@example.sn", self.between(1000, 9999)),
            price_per_night: self.between(30, 300) * 500,
            rating: self.pick(&[2.5, 3.1, 3.4, 3.6, 3.8, 3.9, 4.0, 4.1, 4.2, 4.3, 4.4, 4.5, 4.6, 4.7, 4.8, 5.0]),
            rooms_count,
            available_rooms: self.between(0, rooms_count),
            is_active: !self.once_in(20),
            created_at: self.time_since(self.now - SPREAD),
        }
    }

    /// The id makes the address one that nobody has.
    pub(super) fn user(&mut self, id: i64, password_hash: &str, is_active: bool) -> User {
        let (first_name, last_name) = (self.pick(words::FIRST_NAMES), self.pick(words::LAST_NAMES));
        User {
            id,
            email: address(first_name, last_name, id, "example.sn"),
            password: password_hash.to_owned(),
            first_name,
            last_name,
            phone: if self.once_in(4) { String::new() } else { self.mobile() },
            language: if self.once_in(8) { "en" } else { "fr" },
            is_active,
            created_at: self.time_since(self.now - SPREAD),
        }
    }

    pub(super) fn ticket(&mut self, people: &[SeededUser]) -> Ticket {
        let user = self.pick(people);
        let (title, description) = self.pick(words::TICKETS);
        let status = self.pick(&["open", "open", "open", "in_progress", "in_progress", "closed", "closed"]);
        let created_at = self.time_since(user.created_at);
        Ticket {
            title: title.replace('#', &self.between(101, 420).to_string()),
            description,
            status,
            priority: self.pick(&["low", "medium", "medium", "high"]),
            user_id: user.id,
            created_at,
            updated_at: if status == "open" { created_at } else { self.time_since(created_at) },
        }
    }

    /// From one of at least two people to another.
    pub(super) fn message(&mut self, people: &[SeededUser]) -> Message {
        let sender = self.below(people.len());
        let recipient = (sender + 1 + self.below(people.len() - 1)) % people.len();
        let (sender, recipient) = (&people[sender], &people[recipient]);
        let created_at = self.time_since(sender.created_at.max(recipient.created_at));
        let read_at = (!self.once_in(3)).then(|| self.time_since(created_at));
        Message {
            sender_id: sender.id,
            recipient_id: recipient.id,
            content: self.pick(words::MESSAGES),
            is_read: read_at.is_some(),
            read_at,
            created_at,
            updated_at: read_at.unwrap_or(created_at),
        }
    }

    /// One kind after the other, so that a few are all different.
    pub(super) fn form(&mut self) -> Form {
        let (title, description, fields) = words::FORMS[self.forms % words::FORMS.len()]();
        self.forms += 1;
        let is_active = !self.once_in(10);
        Form { title, description, fields, is_active, created_at: self.time_since(self.now - SPREAD) }
    }

    pub(super) fn entry(&mut self, forms: &[SeededForm]) -> Entry {
        let form = &forms[self.below(forms.len())];
        let mut data = Map::new();
        for field in form.fields.as_array().into_iter().flatten() {
            if field["required"] == true || !self.once_in(4) {
                data.insert(field["name"].as_str().unwrap_or_default().to_owned(), self.answer(field));
            }
        }
        Entry { form_id: form.id, data, created_at: self.time_since(form.created_at) }
    }

    /// Never one that is waiting: nobody wants made-up mail to leave.
    pub(super) fn email(&mut self) -> Email {
        let (subject, body) = self.pick(words::EMAILS);
        let (status, last_error) = match self.below(20) {
            0 => ("bounced", "550 5.1.1 The email account that you tried to reach does not exist"),
            1 => ("complained", ""),
            2 | 3 => ("failed", "454 4.7.0 Temporary authentication failure"),
            4 => ("cancelled", ""),
            _ => ("sent", ""),
        };
        let (sent, created_at) =
            (matches!(status, "sent" | "bounced" | "complained"), self.time_since(self.now - SPREAD));
        let settled_at = (created_at + TimeDelta::seconds(self.between(1, 90))).min(self.now);
        let (first_name, last_name) = (self.pick(words::FIRST_NAMES), self.pick(words::LAST_NAMES));
        Email {
            recipient: address(first_name, last_name, self.between(1, 99_999), "example.com"),
            subject: subject.replace('#', &self.between(10_000, 99_999).to_string()),
            body,
            status,
            is_sent: sent,
            attempts: match status {
                "cancelled" => 0,
                "failed" => 5,
                _ => 1,
            },
            last_error,
            message_id: if sent { format!("{:016x}-{:08x}", self.next(), self.below(1 << 32)) } else { String::new() },
            sent_at: sent.then_some(settled_at),
            created_at,
            updated_at: settled_at,
        }
    }

    /// What somebody might enter into a field of a form.
    fn answer(&mut self, field: &Value) -> Value {
        let limit = |name: &str, otherwise: i64| field[name].as_i64().unwrap_or(otherwise);
        let options = field["options"].as_array().map(Vec::as_slice).unwrap_or_default();
        match field["type"].as_str().unwrap_or_default() {
            // There is one pattern.
            "text" if field["pattern"].is_string() => json!(format!("RED-{:05}", self.below(100_000))),
            "text" => json!(format!("{} {}", self.pick(words::FIRST_NAMES), self.pick(words::LAST_NAMES))),
            "email" => {
                let (first_name, last_name) = (self.pick(words::FIRST_NAMES), self.pick(words::LAST_NAMES));
                json!(address(first_name, last_name, self.between(1, 99_999), "example.com"))
            }
            "phone" => json!(self.mobile()),
            "integer" => json!(self.between(limit("min", 0), limit("max", 100))),
            "number" => json!(self.between(limit("min", 0) / 500, limit("max", 1_000_000) / 500) * 500),
            "boolean" => json!(!self.once_in(5)),
            "date" => json!((self.now + TimeDelta::days(self.between(1, 90))).date_naive()),
            "datetime" => json!(self.time_since(self.now - SPREAD).to_rfc3339_opts(SecondsFormat::Secs, true)),
            "url" => json!(format!("https://example.com/profil/{}", self.between(1, 99_999))),
            "select" => options[self.below(options.len())].clone(),
            "multiselect" => {
                let first = self.below(options.len());
                let chosen = options.iter().enumerate();
                chosen.filter(|(n, _)| *n == first || self.once_in(3)).map(|(_, option)| option.clone()).collect()
            }
            _ => json!(self.pick(words::REMARKS)),
        }
    }

    fn mobile(&mut self) -> String {
        format!("+221 {} {}", self.pick(&["70", "76", "77", "78"]), self.subscriber())
    }

    fn subscriber(&mut self) -> String {
        format!("{} {:02} {:02}", self.between(100, 999), self.below(100), self.below(100))
    }

    /// Any moment from `start` until now.
    fn time_since(&mut self, start: DateTime<Utc>) -> DateTime<Utc> {
        let microseconds = (self.now - start).num_microseconds().unwrap_or_default().max(0);
        start.min(self.now) + TimeDelta::microseconds(self.between(0, microseconds))
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn between(&mut self, from: i64, to: i64) -> i64 {
        from + i64::try_from(self.below(usize::try_from(to - from).unwrap_or_default() + 1)).unwrap_or_default()
    }

    #[expect(clippy::cast_possible_truncation, reason = "smaller than `end`, which is a usize")]
    fn below(&mut self, end: usize) -> usize {
        // As fair as this has to be.
        (self.next() % end.max(1) as u64) as usize
    }

    /// SplitMix64: no secrets are made of it.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// An address in a domain that is nobody's.
fn address(first_name: &str, last_name: &str, number: i64, domain: &str) -> String {
    let plain = |name: &str| -> String {
        name.chars()
            .map(|letter| match letter {
                'è' | 'é' | 'ë' => 'e',
                'ï' => 'i',
                letter => letter.to_ascii_lowercase(),
            })
            .collect()
    };
    format!("{}.{}.{number}@{domain}", plain(first_name), plain(last_name))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use shared::{auth::password, fields};

    use super::*;
    use crate::seed::PASSWORD;

    #[test]
    fn addresses_and_numbers_are_ones_that_the_api_takes() {
        let mut invention = Invention::new().unwrap();
        for id in 1..2_000 {
            let (user, hotel, email) = (invention.user(id, "", true), invention.hotel(), invention.email());
            for address in [&user.email, &hotel.email, &email.recipient] {
                assert!(fields::email().read(&json!(address)).is_ok(), "{address}");
            }
            assert_eq!(user.email, user.email.to_lowercase());
            for phone in [&user.phone, &hotel.phone] {
                assert!(fields::phone().read(&json!(phone)).is_ok(), "{phone}");
            }
            let attributes = [
                password::Attribute::email(&user.email),
                password::Attribute::first_name(user.first_name),
                password::Attribute::last_name(user.last_name),
            ];
            assert!(password::faults(PASSWORD, &attributes).is_empty(), "{}", user.email);
        }
    }
}
