//! The query string of a request: parsed once, of a repeated parameter the last counts, an empty one is absent.

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
