//! Reading the fields of a JSON body. Coercions are those of Django REST Framework, which existing clients rely on
//! (`"12"` is an integer, `1` a boolean, text is trimmed), and all failing fields are reported together.
//!
//! A resource declares its fields once, in [`FromFields`]; [`crate::extract::Whole`] and [`crate::extract::Partial`]
//! decide whether a required one may be missing.

use std::{collections::BTreeSet, fmt::Display, ops::RangeInclusive, str::FromStr, sync::Arc};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Map, Number, Value, json};

use crate::{
    characters::{is_bidi_control, is_invisible, is_visible},
    email::address,
    error::{ApiError, Fault, FieldErrors},
    openapi::Shape,
    query,
    text::Text,
};

/// The largest body, in bytes.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;
/// The longest text of any field, in characters.
pub const MAX_TEXT: usize = 10_000;

const MAX_PHONE_CHARACTERS: usize = 20;

/// What can be read from a body.
pub trait FromFields: Sized {
    /// A field whose text may make the body larger than [`MAX_BODY_BYTES`], and how large the body may then be.
    const LARGE_FIELD: Option<(&'static str, usize)> = None;

    /// What it is, for the documentation, where its name does not say that it is a row or a change of one.
    const DESCRIPTION: Option<&'static str> = None;

    /// A body that is accepted, as JSON, for the documentation.
    const EXAMPLE: &'static str;

    /// Whether a value that may not be written by itself repeats the stored one, and so keeps it.
    fn repeats(_name: &str, value: &Value, stored: &Value) -> bool {
        value == stored
    }

    /// Reads every field; faults are collected in `fields`. It is also called with an empty body to learn which fields
    /// there are, so that each is named whatever the others hold.
    fn from_fields(fields: &mut Fields) -> Self;
}

/// How a field is read, and what may stand in it.
#[derive(Clone, Copy, Debug)]
pub struct Field<F> {
    shape: Shape,
    read: F,
}

impl<T, E, F: Fn(&Value) -> Result<T, E>> Field<F> {
    /// `read` takes what `shape` says, and whatever else the original coerces to it.
    pub const fn new(shape: Shape, read: F) -> Self {
        Self { shape, read }
    }

    /// Reads a value.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(&self, value: &Value) -> Result<T, E> {
        (self.read)(value)
    }
}

impl<T, F: Fn(&Value) -> Result<T, Text>> Field<F> {
    /// The same field with one rule more.
    pub fn and<U>(self, rule: impl Fn(T) -> Result<U, Text>) -> Field<impl Fn(&Value) -> Result<U, Text>> {
        let Self { shape, read } = self;
        Field { shape, read: move |value: &Value| rule(read(value)?) }
    }

    /// The same field, described in another way.
    #[must_use]
    pub fn shaped(self, shape: Shape) -> Self {
        Self { shape, ..self }
    }

    pub(crate) fn shape(&self) -> Shape {
        self.shape
    }
}

/// The body that is being read, and what was found wrong with it.
#[derive(Debug)]
pub struct Fields {
    body: Arc<Map<String, Value>>,
    errors: FieldErrors,
    partial: bool,
    /// Fields that a whole body had, with the stored value.
    unchanged: BTreeSet<String>,
    /// Where the fields themselves are asked for: see [`Fields::describe`].
    described: Option<Vec<Described>>,
}

/// A field of a body, for its documentation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Described {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) required: bool,
    pub(crate) nullable: bool,
    /// The field that this is another name of.
    pub(crate) alias_of: Option<&'static str>,
}

impl Fields {
    /// `partial` says that a required field may be missing, as in a PATCH.
    pub fn new(body: impl Into<Arc<Map<String, Value>>>, partial: bool) -> Self {
        let (errors, unchanged) = (FieldErrors::default(), BTreeSet::new());
        Self { body: body.into(), errors, partial, unchanged, described: None }
    }

    /// Names fields that were removed from the body because they repeat the stored value.
    #[must_use]
    pub fn with_unchanged(self, unchanged: BTreeSet<String>) -> Self {
        Self { unchanged, ..self }
    }

    /// The fields that `T` reads.
    pub(crate) fn describe<T: FromFields>() -> Vec<Described> {
        let mut fields = Self { described: Some(Vec::new()), ..Self::new(Map::new(), true) };
        T::from_fields(&mut fields);
        fields.described.unwrap_or_default()
    }

    /// A field that a whole body must have.
    pub fn required<T, E: Into<Fault>>(
        &mut self,
        name: &'static str,
        field: Field<impl Fn(&Value) -> Result<T, E>>,
    ) -> Option<T> {
        if !self.partial && !self.body.contains_key(name) && !self.unchanged.contains(name) {
            self.errors.add(name, Text::Required);
        }
        self.note(Described { name, shape: field.shape, required: true, nullable: false, alias_of: None });
        self.value(name, &field)
    }

    /// A field that may be missing, but not null.
    pub fn optional<T>(&mut self, name: &'static str, field: Field<impl Fn(&Value) -> Result<T, Text>>) -> Option<T> {
        self.note(Described { name, shape: field.shape, required: false, nullable: false, alias_of: None });
        self.value(name, &field)
    }

    /// A field that may be missing or null, which is the same.
    pub fn nullable<T>(&mut self, name: &'static str, field: Field<impl Fn(&Value) -> Result<T, Text>>) -> Option<T> {
        self.note(Described { name, shape: field.shape, required: false, nullable: true, alias_of: None });
        if self.body.get(name).is_some_and(Value::is_null) { None } else { self.value(name, &field) }
    }

    /// A field that may be missing, which keeps what is stored, or null, which clears it: `Some(None)`.
    pub fn clearable<T>(
        &mut self,
        name: &'static str,
        field: Field<impl Fn(&Value) -> Result<T, Text>>,
    ) -> Option<Option<T>> {
        let is_null = self.body.get(name).is_some_and(Value::is_null);
        let value = self.nullable(name, field);
        if is_null { Some(None) } else { value.map(Some) }
    }

    fn value<T, E: Into<Fault>>(&mut self, name: &str, field: &Field<impl Fn(&Value) -> Result<T, E>>) -> Option<T> {
        let result = match self.body.get(name)? {
            Value::Null => Err(Text::Null.into()),
            value => field.read(value).map_err(Into::into),
        };
        result.map_err(|fault: Fault| self.errors.add(name, fault)).ok()
    }

    fn note(&mut self, field: Described) {
        if let Some(described) = &mut self.described {
            described.push(field);
        }
    }

    /// Whether the body has the field, whatever is in it.
    pub fn contains(&self, name: &str) -> bool {
        self.body.contains_key(name)
    }

    /// Whether the body has the field, and more in it than null, so that one of several names can be chosen.
    pub fn has(&self, name: &str) -> bool {
        self.body.get(name).is_some_and(|value| !value.is_null())
    }

    /// The name under which the body has a field that clients send under either of two.
    pub fn either(&mut self, name: &'static str, alias: &'static str, shape: Shape) -> &'static str {
        self.note(Described { name: alias, shape, required: false, nullable: false, alias_of: Some(name) });
        if self.has(alias) && !self.has(name) { alias } else { name }
    }

    /// Reports a fault that only several fields together show.
    pub fn fault(&mut self, name: &str, text: Text) {
        self.errors.add(name, text);
    }

    /// Reads `T`, or says everything that is wrong with it.
    ///
    /// # Errors
    /// [`ApiError::Invalid`] with every failing field.
    pub fn read<T: FromFields>(self) -> Result<T, ApiError> {
        self.read_object().map_err(ApiError::Invalid)
    }

    /// The same, for an object inside a body.
    ///
    /// # Errors
    /// Every failing field.
    pub fn read_object<T: FromFields>(mut self) -> Result<T, FieldErrors> {
        let value = T::from_fields(&mut self);
        if self.errors.is_empty() { Ok(value) } else { Err(self.errors) }
    }
}

/// An object, as it is.
pub fn object() -> Field<impl Fn(&Value) -> Result<Map<String, Value>, Text>> {
    let shape = || json!({ "type": "object", "additionalProperties": true });
    let read = |value: &Value| value.as_object().cloned().ok_or(Text::NotAnObject(kind_of(value)));
    Field::new(Shape::Other(shape), read)
}

/// The kind of a value by the names of Python, which clients of the original know.
pub fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Array(_) => "list",
        Value::String(_) => "str",
        Value::Bool(_) => "bool",
        Value::Number(number) if is_float(number) => "float",
        Value::Number(_) => "int",
        Value::Null => "NoneType",
        Value::Object(_) => "dict",
    }
}

/// Text of 1 to `max` characters, trimmed.
pub fn text(max: usize) -> Field<impl Fn(&Value) -> Result<String, Text>> {
    text_or_blank(max).and(not_blank).shaped(Shape::Text { min: 1, max })
}

fn not_blank(text: String) -> Result<String, Text> {
    if text.is_empty() { Err(Text::Blank) } else { Ok(text) }
}

/// Text of up to `max` characters, trimmed.
pub fn text_or_blank(max: usize) -> Field<impl Fn(&Value) -> Result<String, Text>> {
    Field::new(Shape::Text { min: 0, max }, move |value| {
        let text = to_text(value)?.trim().to_owned();
        check_characters(&text)?;
        if text.chars().count() > max {
            return Err(Text::TooLong(max));
        }
        Ok(text)
    })
}

/// Refuses control characters (Unicode's category Cc: C0, DEL and C1) but tab, line feed and carriage return. JSON takes
/// six bytes for most of them, and no reader sees them.
pub(crate) fn check_characters(text: &str) -> Result<(), Text> {
    if text.contains('\0') {
        return Err(Text::NulCharacter);
    }
    if text.contains(|c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r')) {
        return Err(Text::ControlCharacter);
    }
    Ok(())
}

/// A person's name of up to `max` characters, trimmed, on one line: names go into e-mails.
pub fn name_or_blank(max: usize) -> Field<impl Fn(&Value) -> Result<String, Text>> {
    text_or_blank(max).and(visible_text)
}

/// A name or title of 1 to `max` characters, trimmed, on one line, that can be seen.
pub fn title(max: usize) -> Field<impl Fn(&Value) -> Result<String, Text>> {
    text(max).and(visible_text)
}

/// The rule for names and titles: nothing in them is unlike what it looks like. Not a control character, not a character
/// that turns the text around it, and not only characters that leave no ink.
///
/// # Errors
/// What is wrong with the text.
pub fn visible_text(text: String) -> Result<String, Text> {
    if text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
        return Err(Text::ControlCharacter);
    }
    if text.chars().any(is_bidi_control) {
        return Err(Text::Own {
            fr: "Les caractères qui changent le sens de l'écriture ne sont pas autorisés. Retirez-les.",
            en: "Characters that change the direction of writing are not allowed. Remove them.",
        });
    }
    if !text.is_empty() && !text.chars().any(is_visible) {
        return Err(Text::Own {
            fr: "Saisissez au moins un caractère visible.",
            en: "Enter at least one visible character.",
        });
    }
    Ok(text)
}

/// Text exactly as it was sent, to be compared and not kept: a password, a token.
pub fn verbatim() -> Field<impl Fn(&Value) -> Result<String, Text>> {
    Field::new(Shape::Text { min: 0, max: usize::MAX }, to_text)
}

fn to_text(value: &Value) -> Result<String, Text> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => python_str(number).ok_or(Text::NotAString),
        _ => Err(Text::NotAString),
    }
}

/// Whether Python reads a JSON number as a float: by how it is written, not by its value.
fn is_float(number: &Number) -> bool {
    number.to_string().contains(['.', 'e', 'E'])
}

/// A number as Python's `str()` writes it, or nothing if it is infinite as a float. Whole numbers have any length.
fn python_str(number: &Number) -> Option<String> {
    if !is_float(number) {
        let digits = number.to_string();
        return Some(if digits == "-0" { "0".to_owned() } else { digits });
    }
    // Python and Rust agree on the digits and on where an exponent begins, but Python gives it a sign and two digits.
    let text = format!("{:?}", number.as_f64()?);
    match text.split_once('e').map(|(digits, exponent)| (digits, exponent.parse::<i32>())) {
        Some((digits, Ok(exponent))) => Some(format!("{digits}e{exponent:+03}")),
        _ => Some(text),
    }
}

/// The id of another row, as DRF's `PrimaryKeyRelatedField` reads it: a whole number, or its digits in a string.
pub fn key() -> Field<impl Fn(&Value) -> Result<i64, Text>> {
    Field::new(Shape::Integer { min: 1, max: i64::MAX }, to_key)
}

fn to_key(value: &Value) -> Result<i64, Text> {
    /// Every whole number up to this one is exact as a float.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let sent = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.is_empty() => return Err(Text::Null),
        Value::String(text) => text.trim().to_owned(),
        _ => return Err(Text::NotAKey(kind_of(value))),
    };
    let digits = match value {
        Value::Number(number) if is_float(number) => match number.as_f64() {
            Some(float) if float.fract() != 0.0 => return Err(Text::NotAKey("float")),
            Some(float) if float.abs() < EXACT => format!("{float:.0}"),
            _ => return Err(Text::NoSuchKey(sent)),
        },
        _ => sent.clone(),
    };
    let unsigned = digits.strip_prefix(['-', '+']).unwrap_or(&digits);
    if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Text::NotAKey(kind_of(value)));
    }
    digits.parse().map_err(|_| Text::NoSuchKey(sent))
}

/// An e-mail address of up to 254 characters, in its stored form.
pub fn email() -> Field<impl Fn(&Value) -> Result<String, Text>> {
    email_or_blank().and(not_blank).shaped(Shape::Email)
}

/// The same, or nothing.
pub fn email_or_blank() -> Field<impl Fn(&Value) -> Result<String, Text>> {
    text_or_blank(address::MAX_CHARACTERS).and(|email: String| {
        let email = address::normalize(&email);
        if email.is_empty() || address::is_deliverable(&email) { Ok(email) } else { Err(Text::NotAnEmail) }
    })
}

/// The e-mail address of an account, which is stored as its key: none that looks like somebody else's.
pub fn account_email() -> Field<impl Fn(&Value) -> Result<String, Text>> {
    email()
        .and(|email: String| {
            if address::is_misleading(&email) {
                return Err(Text::Own {
                    fr: "Saisissez une adresse e-mail sans guillemets, dont le domaine est dans une seule écriture.",
                    en: "Enter an email address without quotation marks, with a domain in a single script.",
                });
            }
            Ok(email)
        })
        .shaped(Shape::Email)
}

/// A phone number in the manner of E.164, or nothing: digits, spaces and `-.()` behind an optional plus, at most 20
/// characters. A pasted number may have more: invisible characters are dropped, and other spaces and hyphens become plain ones.
pub fn phone() -> Field<impl Fn(&Value) -> Result<String, Text>> {
    text_or_blank(usize::MAX).and(to_phone).shaped(Shape::Phone)
}

/// Contact details of up to 20 characters that may be more than a number, such as an extension; or nothing.
pub fn contact_phone() -> Field<impl Fn(&Value) -> Result<String, Text>> {
    text_or_blank(usize::MAX).and(|typed| plain_phone(&typed)).shaped(Shape::Phone)
}

/// A pasted phone number without invisible characters and with plain spaces and hyphens.
fn plain_phone(typed: &str) -> Result<String, Text> {
    let plain = |c: char| match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        c if c.is_whitespace() => ' ',
        c => c,
    };
    let is_dropped = |c: char| is_invisible(c) && !c.is_whitespace() && !c.is_control();
    let phone: String = typed.chars().filter(|c| !is_dropped(*c)).map(plain).collect();
    let phone = phone.trim().to_owned();
    if phone.chars().count() > MAX_PHONE_CHARACTERS {
        return Err(Text::TooLong(MAX_PHONE_CHARACTERS));
    }
    Ok(phone)
}

fn to_phone(typed: String) -> Result<String, Text> {
    let phone = plain_phone(&typed)?;
    let number = phone.strip_prefix('+').unwrap_or(&phone).trim_start();
    let count = number.chars().filter(char::is_ascii_digit).count();
    let is_number = number.starts_with(|c: char| c.is_ascii_digit() || c == '(')
        && number.chars().all(|c| c.is_ascii_digit() || " -.()".contains(c));
    // E.164 has at most fifteen digits; fewer than six is no number that anyone could be called at.
    if typed.is_empty() || (is_number && (6..=15).contains(&count)) {
        Ok(phone)
    } else {
        Err(Text::Own {
            fr: "Saisissez un numéro de téléphone valide, par exemple +221 77 123 45 67.",
            en: "Enter a valid phone number, such as +221 77 123 45 67.",
        })
    }
}

/// A whole number in a range. `"12"`, `"12.0"` and `12.0` are read too.
pub fn integer<T>(range: RangeInclusive<T>) -> Field<impl Fn(&Value) -> Result<T, Text>>
where
    T: Copy + Display + FromStr + PartialOrd + TryInto<i64>,
{
    let end = |end: &T| (*end).try_into().unwrap_or(i64::MAX);
    let shape = Shape::Integer { min: end(range.start()), max: end(range.end()) };
    Field::new(shape, move |value| {
        let digits = match value {
            Value::String(text) => text.trim().to_owned(),
            // However a JSON number is written, 12.0 and 1.2e1 are twelve.
            Value::Number(number) => match number.as_f64() {
                Some(float) if float.fract() == 0.0 && number.to_string().contains(['.', 'e', 'E']) => {
                    format!("{float:.0}")
                }
                _ => number.to_string(),
            },
            _ => return Err(Text::NotAnInteger),
        };
        let digits = match digits.split_once('.') {
            Some((whole, zeros)) if !whole.is_empty() && zeros.bytes().all(|b| b == b'0') => whole,
            _ => digits.as_str(),
        };
        let unsigned = digits.strip_prefix(['-', '+']).unwrap_or(digits);
        if unsigned.is_empty() || !unsigned.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Text::NotAnInteger);
        }
        // Digits that no T holds are still an integer: one out of range.
        match digits.parse::<T>() {
            Ok(number) if number < *range.start() => Err(Text::TooSmall(range.start().to_string())),
            Ok(number) if number > *range.end() => Err(Text::TooLarge(range.end().to_string())),
            Ok(number) => Ok(number),
            Err(_) if digits.starts_with('-') => Err(Text::TooSmall(range.start().to_string())),
            Err(_) => Err(Text::TooLarge(range.end().to_string())),
        }
    })
}

/// A finite number.
pub fn number() -> Field<impl Fn(&Value) -> Result<f64, Text>> {
    Field::new(Shape::Number, to_number)
}

fn to_number(value: &Value) -> Result<f64, Text> {
    let number = match value {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => number.as_f64(),
        _ => None,
    };
    // A negative zero is a zero.
    number.filter(|number| number.is_finite()).map(|number| number + 0.0).ok_or(Text::NotANumber)
}

/// A decimal number of at most `digits` digits, `places` of them behind the point. `"1e3"` is read too.
pub fn decimal(digits: u32, places: u32) -> Field<impl Fn(&Value) -> Result<Decimal, Text>> {
    Field::new(Shape::Decimal { digits, places }, move |value| {
        let text = match value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return Err(Text::NotANumber),
        };
        let decimal = match Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text)) {
            Ok(decimal) => decimal,
            // Digits that no Decimal holds are still a number: one with too many of them.
            Err(_) if is_plain_number(&text) => return Err(Text::TooManyDigits(digits)),
            Err(_) => return Err(Text::NotANumber),
        };
        // The digits are counted as they were written, in the order of DRF's `DecimalField.validate_precision`.
        let written = decimal.mantissa().unsigned_abs().checked_ilog10().unwrap_or_default() + 1;
        let (total, decimals) = (written.max(decimal.scale()), decimal.scale());
        if total > digits {
            return Err(Text::TooManyDigits(digits));
        }
        if decimals > places {
            return Err(Text::TooManyDecimals(places));
        }
        if total - decimals > digits - places {
            return Err(Text::TooManyWholeDigits(digits - places));
        }
        Ok(decimal)
    })
}

fn is_plain_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    unsigned.contains(|c: char| c.is_ascii_digit())
        && unsigned.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte))
        && unsigned.parse::<f64>().is_ok()
}

/// True or false, in any of the spellings that the original takes.
pub fn boolean() -> Field<impl Fn(&Value) -> Result<bool, Text>> {
    Field::new(Shape::Boolean, to_boolean)
}

fn to_boolean(value: &Value) -> Result<bool, Text> {
    let word = match value {
        Value::Bool(boolean) => return Ok(*boolean),
        Value::Number(number) if number.as_f64() == Some(1.0) => return Ok(true),
        Value::Number(number) if number.as_f64() == Some(0.0) => return Ok(false),
        Value::String(text) => text.trim().to_lowercase(),
        _ => return Err(Text::NotABoolean),
    };
    match word.as_str() {
        "true" | "t" | "yes" | "y" | "on" | "1" => Ok(true),
        "false" | "f" | "no" | "n" | "off" | "0" => Ok(false),
        _ => Err(Text::NotABoolean),
    }
}

/// A moment, in the spellings of ISO 8601; a date alone is its midnight (UTC).
pub fn time() -> Field<impl Fn(&Value) -> Result<DateTime<Utc>, Text>> {
    Field::new(Shape::Time, |value| query::point_in_time(value).ok_or(NOT_A_TIME))
}

const NOT_A_TIME: Text = Text::Own {
    fr: "La date + heure n'a pas le bon format. Utilisez un des formats suivants à la place\u{a0}: \
         YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].",
    en: "Datetime has wrong format. Use one of these formats instead: \
         YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].",
};

/// One of a few words.
pub fn choice(choices: &'static [&'static str]) -> Field<impl Fn(&Value) -> Result<String, Text>> {
    Field::new(Shape::Choice(choices), move |value| {
        let word = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if choices.contains(&word.as_str()) { Ok(word) } else { Err(Text::NotAChoice(word)) }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{boolean, decimal, email, integer, key, kind_of, number, phone, text, time};
    use crate::text::Text;

    #[test]
    fn text_is_trimmed_and_numbers_become_text() {
        assert_eq!(text(5).read(&json!("  Dakar ")), Ok("Dakar".to_owned()));
        assert_eq!(text(5).read(&json!(12)), Ok("12".to_owned()));
        assert_eq!(text(5).read(&json!("   ")), Err(Text::Blank));
        assert_eq!(text(5).read(&json!("Kaolack")), Err(Text::TooLong(5)));
        assert_eq!(text(5).read(&json!("a\0b")), Err(Text::NulCharacter));
        assert_eq!(text(5).read(&json!(true)), Err(Text::NotAString));
        assert_eq!(text(2).read(&json!("éé")), Ok("éé".to_owned()));
    }

    fn parsed(json: &str) -> Value {
        serde_json::from_str(json).unwrap_or_default()
    }

    #[test]
    fn a_number_becomes_the_text_that_python_writes() {
        for (number, expected) in [
            ("12", "12"),
            ("-0", "0"),
            ("-12.50", "-12.5"),
            ("1e2", "100.0"),
            ("1E+2", "100.0"),
            ("12.0", "12.0"),
            ("-0.0", "-0.0"),
            ("1e15", "1000000000000000.0"),
            ("1e16", "1e+16"),
            ("123456789012345678.5", "1.2345678901234568e+17"),
            ("0.0001", "0.0001"),
            ("0.00001", "1e-05"),
            ("1.5E-7", "1.5e-07"),
            ("1e100", "1e+100"),
            ("0.1e-400", "0.0"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
        ] {
            assert_eq!(text(40).read(&parsed(number)), Ok(expected.to_owned()), "{number}");
        }
        for infinite in ["1e400", "-1E400", "1.5e309"] {
            assert_eq!(text(40).read(&parsed(infinite)), Err(Text::NotAString), "{infinite}");
            assert_eq!(kind_of(&parsed(infinite)), "float", "{infinite}");
        }
        assert_eq!(text(40).read(&parsed(&"9".repeat(10_000))), Err(Text::TooLong(40)));
    }

    #[test]
    fn a_key_is_a_whole_number_or_its_digits() {
        for value in ["12", "12.0", "1.2e1", r#""12""#, r#"" 12 ""#, r#""+12""#, r#""012""#] {
            assert_eq!(key().read(&parsed(value)), Ok(12), "{value}");
        }
        assert_eq!(key().read(&json!(-1)), Ok(-1));
        assert_eq!(key().read(&json!("-1")), Ok(-1));
        assert_eq!(key().read(&json!(i64::MAX)), Ok(i64::MAX));
        for sent in ["9223372036854775808", "-9223372036854775809", "1e300", "9007199254740993.0", &"9".repeat(10_000)]
        {
            let sent = parsed(sent);
            assert_eq!(key().read(&sent), Err(Text::NoSuchKey(sent.to_string())));
        }
        assert_eq!(key().read(&json!("9223372036854775808")), Err(Text::NoSuchKey("9223372036854775808".to_owned())));
        assert_eq!(key().read(&json!("")), Err(Text::Null));
        for (value, kind) in [
            ("true", "bool"),
            ("1.5", "float"),
            ("-1e-1", "float"),
            (r#""abc""#, "str"),
            (r#"" ""#, "str"),
            (r#""1.0""#, "str"),
            (r#""1e0""#, "str"),
            (r#""--1""#, "str"),
            (r#""１""#, "str"),
            ("[1]", "list"),
            (r#"{"id": 1}"#, "dict"),
        ] {
            assert_eq!(key().read(&parsed(value)), Err(Text::NotAKey(kind)), "{value}");
        }
    }

    #[test]
    fn a_text_has_no_control_character_but_tab_and_line_breaks() {
        for allowed in ["a\tb", "a\nb", "a\r\nb", "a\u{2028}b\u{2029}c", "a\u{a0}b", "👩\u{200d}🚀"] {
            assert_eq!(text(9).read(&json!(allowed)), Ok(allowed.to_owned()), "{allowed:?}");
        }
        for c in ['\u{1}', '\u{8}', '\u{b}', '\u{c}', '\u{1b}', '\u{1f}', '\u{7f}', '\u{80}', '\u{85}', '\u{9f}'] {
            assert_eq!(text(9).read(&json!(format!("a{c}b"))), Err(Text::ControlCharacter), "{c:?}");
        }
    }

    #[test]
    fn integers_are_read_from_what_the_original_reads_them_from() {
        let read = |value: Value| integer(0..=i32::MAX).read(&value);
        for value in [json!(12), json!("12"), json!("12.0"), json!(12.0), json!(" 12 ")] {
            assert_eq!(read(value), Ok(12));
        }
        for value in
            [json!(1.5), json!(true), json!(""), json!("1.5"), json!("abc"), json!([1]), json!("."), json!("--1")]
        {
            assert_eq!(read(value), Err(Text::NotAnInteger));
        }
        assert_eq!(read(json!(-1)), Err(Text::TooSmall("0".into())));
        assert_eq!(read(json!(2_147_483_648_u64)), Err(Text::TooLarge("2147483647".into())));
        assert_eq!(read(json!("9".repeat(400))), Err(Text::TooLarge("2147483647".into())));
        assert_eq!(read(json!(format!("-{}", "9".repeat(400)))), Err(Text::TooSmall("0".into())));
    }

    #[test]
    fn decimals_are_exact_and_bounded() {
        let read = |value: Value| decimal(10, 2).read(&value).map(|decimal| decimal.to_string());
        for (value, expected) in [
            (json!(45000), "45000"),
            (json!(45000.5), "45000.5"),
            (json!("1e3"), "1000"),
            (json!(" 12 "), "12"),
            (json!("1.10"), "1.10"),
            (json!("-5"), "-5"),
            (json!("99999999.99"), "99999999.99"),
        ] {
            assert_eq!(read(value), Ok(expected.to_owned()));
        }
        for value in [json!("12,5"), json!(true), json!("NaN"), json!("Infinity"), json!(""), json!([]), json!("e")] {
            assert_eq!(read(value), Err(Text::NotANumber));
        }
        assert_eq!(read(json!("1.234")), Err(Text::TooManyDecimals(2)));
        assert_eq!(read(json!("1.100")), Err(Text::TooManyDecimals(2)));
        assert_eq!(read(json!("12345678.901")), Err(Text::TooManyDigits(10)));
        assert_eq!(read(json!("100000000")), Err(Text::TooManyWholeDigits(8)));
        assert_eq!(read(json!("9".repeat(400))), Err(Text::TooManyDigits(10)));
        assert_eq!(read(json!("1e400")), Err(Text::TooManyDigits(10)));
    }

    #[test]
    fn booleans_numbers_and_phones_have_their_spellings() {
        for value in [json!(true), json!(1), json!("Yes"), json!("on"), json!("T")] {
            assert_eq!(boolean().read(&value), Ok(true));
        }
        for value in [json!("maybe"), json!(2), json!([])] {
            assert_eq!(boolean().read(&value), Err(Text::NotABoolean));
        }
        assert_eq!(number().read(&json!("4.5")), Ok(4.5));
        for value in [json!("NaN"), json!("inf"), json!(true), json!("")] {
            assert_eq!(number().read(&value), Err(Text::NotANumber));
        }
        for (value, stored) in [
            ("", ""),
            ("+221 77 123 45 67", "+221 77 123 45 67"),
            ("771234567", "771234567"),
            ("(33) 800-00-00", "(33) 800-00-00"),
            ("33.800.00.00", "33.800.00.00"),
            ("+221\u{a0}77\u{202f}123\u{2009}45\u{3000}67", "+221 77 123 45 67"),
            ("\u{202a}+221 77 123 45 67\u{202c}", "+221 77 123 45 67"),
            ("\u{200e}77\u{200b}1234567\u{feff}", "771234567"),
            ("33\u{2011}800\u{2013}00\u{ad}00", "33-800-0000"),
            ("77\t123\n4567", "77 123 4567"),
            ("\u{200b} 771234567 \u{200b}", "771234567"),
        ] {
            assert_eq!(phone().read(&json!(value)), Ok(stored.to_owned()), "{value:?}");
        }
        for value in [
            "+",
            "12345",
            "+221 77 123 45 67 8999",
            "call me",
            "77\u{1}1234567",
            "٧٧١٢٣٤٥٦٧",
            "７７１２３４５６７",
            "\u{200b}",
            "77/123/45/67",
            "7 7  1 2 3 4 5 6 7 8 9 0",
            "77+1234567",
            "-771234567",
            "()",
        ] {
            assert!(phone().read(&json!(value)).is_err(), "{value}");
        }
    }

    #[test]
    fn a_time_is_one_that_every_client_can_read() {
        for other in ["9999-12-31T23:59:59.999999Z", "0001-01-01", "0001-01-01T14:00:00+14:00", "9999-12-31"] {
            assert!(time().read(&json!(other)).is_ok(), "{other}");
        }
        for other in [
            "9999-12-31T23:59:59-00:01",
            "0000-12-31",
            "0000-12-31T23:59:59.9999999Z",
            "0001-01-01T00:00+14:00",
            "2026-01-15T12:34:60Z",
            "2026-12-31T23:59:60.5Z",
            "2026-12-31T23:59:60+02:00",
            "2026-12-31T24:00:00Z",
            "2026-W05-6",
            "2026-W05-6T10:00:00Z",
        ] {
            assert!(time().read(&json!(other)).is_err(), "{other}");
        }
    }

    #[test]
    fn an_address_hides_no_control_character_in_quotation_marks() {
        assert!(email().read(&json!("\"a b\"@example.sn")).is_ok());
        for address in ["\"\t\"@example.sn", "\"a\tb\"@example.sn", "\"a\r\n b\"@example.sn", "\"\u{7f}\"@example.sn"] {
            assert!(email().read(&json!(address)).is_err(), "{address:?}");
        }
    }
}
