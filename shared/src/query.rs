//! The query string of a request: parsed once, of a repeated parameter the last counts, an empty one is absent.

use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, SubsecRound, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::{
    error::{ApiError, FieldErrors},
    fields::{self, Field},
    list::Filter,
    openapi::Shape,
    text::Text,
};

/// The parameters in the order in which they came, percent-decoded.
#[derive(Clone, Debug, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads `application/x-www-form-urlencoded` (WHATWG URL, section 5.1); invalid UTF-8 becomes U+FFFD, which
    /// matches nothing.
    pub fn parse(raw: &str) -> Self {
        Self(form_urlencoded::parse(raw.as_bytes()).into_owned().collect())
    }

    /// The last value of a parameter, unless it is empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        value.filter(|value| !value.is_empty())
    }

    /// Refuses NUL bytes, which PostgreSQL cannot compare with.
    ///
    /// # Errors
    /// [`ApiError::Invalid`] with every parameter that has one.
    pub fn without_nul(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::default();
        // A page is no text: one with a NUL byte is not found, like any other that is not a number.
        for (name, value) in self.0.iter().filter(|(name, _)| name != "page") {
            if name.contains('\0') || value.contains('\0') {
                errors.add(name, Text::NulCharacter);
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(ApiError::Invalid(errors)) }
    }

    /// The query string of another page of the same list: all other parameters stay, sorted by name. Page 1 is the list
    /// itself.
    pub fn of_page(&self, page: u64) -> String {
        let page = (page > 1).then(|| ("page".to_owned(), page.to_string()));
        let others = self.0.iter().filter(|(name, _)| name != "page").cloned();
        let mut pairs: Vec<_> = others.chain(page).collect();
        pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
        form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    }
}

/// Filters being read, and what is wrong with them.
#[derive(Debug)]
pub struct Filters<'q> {
    query: &'q Query,
    errors: FieldErrors,
    /// Where the filters themselves are asked for: see [`Filters::describe`].
    described: Option<Vec<(&'static str, Shape)>>,
}

impl<'q> Filters<'q> {
    /// Starts reading.
    pub fn new(query: &'q Query) -> Self {
        Self { query, errors: FieldErrors::default(), described: None }
    }

    /// The parameters that `F` reads.
    pub(crate) fn describe<F: Filter>() -> Vec<(&'static str, Shape)> {
        let query = Query::default();
        let mut filters = Filters { described: Some(Vec::new()), ..Filters::new(&query) };
        F::read(&mut filters);
        filters.described.unwrap_or_default()
    }

    /// Ends reading.
    ///
    /// # Errors
    /// [`ApiError::Invalid`] with every filter of the wrong type.
    pub fn finish(self) -> Result<(), ApiError> {
        if self.errors.is_empty() { Ok(()) } else { Err(ApiError::Invalid(self.errors)) }
    }

    /// Any text.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        self.note(name, Shape::Text { min: 0, max: usize::MAX });
        self.get(name).map(str::to_owned)
    }

    /// A text that stands for something else, and what is wrong with one that does not.
    pub fn parsed<T: FromStr>(&mut self, name: &'static str, fault: Text) -> Option<T> {
        let field = Field::new(Shape::Text { min: 0, max: usize::MAX }, |value| {
            value.as_str().unwrap_or_default().parse().map_err(|_| fault.clone())
        });
        self.read(name, &field, |text| text)
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, name: &'static str) -> Option<bool> {
        self.read(name, &fields::boolean(), |text| text)
    }

    /// A finite number.
    pub fn number(&mut self, name: &'static str) -> Option<f64> {
        self.read(name, &fields::number(), |_| Text::FilterNotANumber)
    }

    /// The least whole number that a number asks for.
    pub fn at_least(&mut self, name: &'static str) -> Option<i64> {
        #[expect(clippy::cast_possible_truncation, reason = "beyond 64 bits it saturates, and no row has as much")]
        self.number(name).map(|number| number.ceil() as i64)
    }

    /// An amount of money.
    pub fn decimal(&mut self, name: &'static str) -> Option<Decimal> {
        self.read(name, &fields::decimal(28, 10), |_| Text::FilterNotANumber)
    }

    /// One of a few words.
    pub fn choice(&mut self, name: &'static str, choices: &'static [&'static str]) -> Option<String> {
        self.read(name, &fields::choice(choices), |text| text)
    }

    /// The id of another row. An id that no row can have is valid: the list is then empty.
    pub fn id(&mut self, name: &'static str) -> Option<i64> {
        let id = Field::new(fields::key().shape(), |value| match fields::key().read(value) {
            Ok(id) if id > 0 => Ok(id),
            Ok(_) | Err(Text::NoSuchKey(_)) => Ok(i64::MAX),
            Err(_) => Err(Text::FilterNotANumber),
        });
        self.read(name, &id, |text| text)
    }

    /// The id of another row, which has to be there.
    pub fn required_id(&mut self, name: &'static str) -> Option<i64> {
        if self.get(name).is_none() {
            self.errors.add(name, Text::Required);
        }
        self.id(name)
    }

    /// The first moment that a row may have, for `>=`: an ISO 8601 time, or a date, which begins at midnight UTC.
    pub fn since(&mut self, name: &'static str) -> Option<DateTime<Utc>> {
        let first = Field::new(Shape::DateOrTime, |value| moment(value)?.first().ok_or(NOT_A_TIME));
        self.read(name, &first, |text| text)
    }

    /// The first moment that is too late, for `<`: a time is the last that a row may have, and a date means that whole
    /// day.
    pub fn until(&mut self, name: &'static str) -> Option<DateTime<Utc>> {
        let end = Field::new(Shape::DateOrTime, |value| moment(value)?.end().ok_or(NOT_A_TIME));
        self.read(name, &end, |text| text)
    }

    fn note(&mut self, name: &'static str, shape: Shape) {
        if let Some(described) = &mut self.described {
            described.push((name, shape));
        }
    }

    fn get(&self, name: &str) -> Option<&'q str> {
        self.query.get(name).map(str::trim).filter(|value| !value.is_empty())
    }

    fn read<T>(
        &mut self,
        name: &'static str,
        field: &Field<impl Fn(&Value) -> Result<T, Text>>,
        fault: impl Fn(Text) -> Text,
    ) -> Option<T> {
        self.note(name, field.shape());
        let value = Value::from(self.get(name)?);
        field.read(&value).map_err(|text| self.errors.add(name, fault(text))).ok()
    }
}

const NOT_A_TIME: Text = Text::Own { fr: "Saisissez une date et une heure valides.", en: "Enter a valid date/time." };

/// The time that a text names, to the microsecond, or the first moment of the day.
pub(crate) fn point_in_time(value: &Value) -> Option<DateTime<Utc>> {
    match moment(value).ok()? {
        Moment::Day(day) => Some(day.and_time(NaiveTime::MIN).and_utc()),
        Moment::Time(time) => Some(time.trunc_subsecs(6)),
    }
    .filter(is_readable)
}

/// Whether every client can read a time: in UTC it is in a year that Python and RFC 3339 have, and in no leap second.
pub(crate) fn is_readable(time: &DateTime<Utc>) -> bool {
    (1..=9999).contains(&time.year()) && time.timestamp_subsec_nanos() < 1_000_000_000
}

enum Moment {
    Day(NaiveDate),
    Time(DateTime<Utc>),
}

impl Moment {
    /// PostgreSQL counts microseconds: between two of them there is no row.
    fn first(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Day(day) => Some(day.and_time(NaiveTime::MIN).and_utc()),
            Self::Time(time) => match time.timestamp_subsec_nanos() % 1_000 {
                0 => Some(time),
                nanos => time.checked_add_signed(TimeDelta::nanoseconds(1_000 - i64::from(nanos))),
            },
        }
    }

    fn end(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Day(day) => Self::Day(day.checked_add_days(Days::new(1))?).first(),
            Self::Time(time) => Self::Time(time.checked_add_signed(TimeDelta::nanoseconds(1))?).first(),
        }
    }
}

/// `2026-01-31`, or that with a time: `T` or a space between the two, seconds and offset (UTC) as one likes. A `+` that
/// nobody encoded arrived as a space.
fn moment(value: &Value) -> Result<Moment, Text> {
    let text = value.as_str().unwrap_or_default();
    let (date, rest) = text.split_at_checked("2026-01-31".len()).ok_or(NOT_A_TIME)?;
    if rest.is_empty() {
        return day(date).map(Moment::Day).ok_or(NOT_A_TIME);
    }
    let time = rest.strip_prefix(['T', 't', ' ']).ok_or(NOT_A_TIME)?;
    let (time, offset) = match time.find(['Z', 'z', '+', '-', ' ']) {
        Some(at) => time.split_at(at),
        None => (time, "Z"),
    };
    let seconds = if time.len() == "09:05".len() { ":00" } else { "" };
    let offset = match (offset.replace(' ', "+"), offset.len()) {
        (hours, 3) => format!("{hours}:00"),
        (digits, 5) if digits.is_char_boundary(3) => format!("{}:{}", &digits[..3], &digits[3..]),
        (offset, _) => offset,
    };
    let time = format!("{date}T{}{seconds}{offset}", time.replace(',', "."));
    rfc3339(&time).map(Moment::Time).ok_or(NOT_A_TIME)
}

/// `2026-01-31`. Chrono's own reading of dates would take one digit, or a sign.
pub(crate) fn day(date: &str) -> Option<NaiveDate> {
    rfc3339(&format!("{date}T00:00:00Z")).map(|midnight| midnight.date_naive())
}

/// A time with its offset, if [`is_readable`].
pub(crate) fn rfc3339(time: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(time).ok().map(|time| time.to_utc()).filter(is_readable)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, SecondsFormat, Utc};
    use http::StatusCode;

    use super::{Filters, Query};

    /// What a filter reads as `since` and as `until`.
    fn read(value: &str) -> Option<[String; 2]> {
        let query = Query::parse(&format!("t={value}"));
        let mut filters = Filters::new(&query);
        let both = filters.since("t").zip(filters.until("t"));
        let refused = filters.finish().is_err_and(|error| error.status() == StatusCode::BAD_REQUEST);
        assert_eq!(both.is_none(), refused, "{value}");
        let text = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Micros, true);
        both.map(|(since, until)| [text(since), text(until)])
    }

    #[test]
    fn a_date_means_the_whole_day() {
        for (date, since, until) in [
            ("2026-01-31", "2026-01-31T00:00:00.000000Z", "2026-02-01T00:00:00.000000Z"),
            ("2024-02-28", "2024-02-28T00:00:00.000000Z", "2024-02-29T00:00:00.000000Z"),
            ("2026-12-31", "2026-12-31T00:00:00.000000Z", "2027-01-01T00:00:00.000000Z"),
            ("+2026-01-31+", "2026-01-31T00:00:00.000000Z", "2026-02-01T00:00:00.000000Z"),
        ] {
            assert_eq!(read(date), Some([since.to_owned(), until.to_owned()]), "{date}");
        }
    }

    #[test]
    fn a_time_is_included_on_both_sides() {
        assert_eq!(
            read("2026-01-31T09:05:00.000001Z"),
            Some(["2026-01-31T09:05:00.000001Z".to_owned(), "2026-01-31T09:05:00.000002Z".to_owned()])
        );
        // Between two microseconds there is no row: the next one is the first, the one before it the last.
        assert_eq!(
            read("2026-01-31T09:05:00.0000015Z"),
            Some(["2026-01-31T09:05:00.000002Z".to_owned(), "2026-01-31T09:05:00.000002Z".to_owned()])
        );
    }

    #[test]
    fn a_filter_covers_the_first_and_the_last_day_that_there_are() {
        let (first, last) = ("0001-01-01T00:00:00.000000Z", "+10000-01-01T00:00:00.000000Z");
        for (value, since, until) in [
            ("0001-01-01", first, "0001-01-02T00:00:00.000000Z"),
            ("0001-01-01T14:00+14:00", first, "0001-01-01T00:00:00.000001Z"),
            ("9999-12-31", "9999-12-31T00:00:00.000000Z", last),
            ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z", last),
            ("9999-12-31T23:59:59.9999999Z", last, last),
        ] {
            assert_eq!(read(value), Some([since.to_owned(), until.to_owned()]), "{value}");
        }
    }

    #[test]
    fn a_time_has_the_spellings_of_iso_8601() {
        for value in [
            "2026-01-31T09:05",
            "2026-01-31T09:05:00",
            "2026-01-31t09:05:00z",
            "2026-01-31T09:05Z",
            "2026-01-31T09:05:00.0Z",
            "2026-01-31T09:05:00,000Z",
            "2026-01-31%2009:05:00",
            "2026-01-31+09:05",
            "2026-01-31T11:05:00%2B02:00",
            "2026-01-31T11:05:00+02:00",
            "2026-01-31+11:05:00+02:00",
            "2026-01-31T11:05+0200",
            "2026-01-31T11:05:00+02",
            "2026-01-31T03:35:00-05:30",
            "2026-01-31T04:05:00-0500",
            "2026-01-31T09:05:00-00:00",
        ] {
            assert_eq!(read(value).map(|[since, _]| since), Some("2026-01-31T09:05:00.000000Z".to_owned()), "{value}");
        }
    }

    #[test]
    fn a_filter_by_id_takes_the_ids_that_a_body_takes() {
        let read = |value: &str| {
            let query = Query::parse(&format!("user={value}"));
            let mut filters = Filters::new(&query);
            let id = filters.id("user");
            filters.finish().map(|()| id).ok()
        };
        assert_eq!(read("12"), Some(Some(12)));
        assert_eq!(read("%2B12"), Some(Some(12)));
        assert_eq!(read(""), Some(None));
        for of_no_row in ["0", "-1", "-9223372036854775809", "9223372036854775808"] {
            assert_eq!(read(of_no_row), Some(Some(i64::MAX)), "{of_no_row}");
        }
        for other in ["1.0", "1e0", "abc", "true", "--1", "-"] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for value in [
            "yesterday",
            "2026",
            "2026-01",
            "2026-1-31",
            "31-01-2026",
            "2026-02-29",
            "2026-13-01",
            "2026-01-31T",
            "2026-01-31T9:05",
            "2026-01-31T25:00",
            "2026-01-31T24:00",
            "2026-01-31T12:34:60Z",
            "2026-12-31T23:59:60Z",
            "2026-12-31T23:59:60.5",
            "0000-01-01",
            "0000-12-31T23:59:59.999999999Z",
            "0001-01-01T00:00%2B14:00",
            "9999-12-31T23:59:59-00:01",
            "2026-W05-6",
            "2026-W05-6T09:05",
            "2026-031",
            "２０２６-01-31",
            "2026-01-31T09:60",
            "2026-01-31T09",
            "2026-01-31T09:05:00+2",
            "2026-01-31T09:05:00+02:00:00",
            "2026-01-31T09:05:00+25:00",
            "2026-01-31T09:05:00ZZ",
            "2026-01-31x09:05",
            "2026-01-31T09:05:00Zulu",
            "2026-01-3%C3%A9T09:05",
            "2026-01-31T09:05:00%C3%A9",
            "-2026-01-31",
            "2026-01-31T09:05:00%2Bé2",
            "1769850300",
            "0",
            "2026-01-31T09:05:00+éé0",
        ] {
            assert_eq!(read(value), None, "{value}");
        }
    }
}
