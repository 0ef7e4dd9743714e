//! A form's definition: the types of its fields, and what each of them takes.
//!
//! A [`Definition`] is read from JSON, from a request as from the database, with every rule checked. What a newcomer gets
//! wrong: an adopted database may hold any JSON, so a form is shown from its JSON, and only what checks an entry needs
//! this.

use std::{collections::BTreeSet, fmt, ops::RangeInclusive};

use chrono::{DateTime, NaiveDate, SecondsFormat, SubsecRound, Utc};
use regex_automata::{
    Input,
    meta::{self, Regex},
    nfa::thompson::WhichCaptures,
};
use regex_syntax::hir::{Hir, Look};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};
use url::Url;
use utoipa::openapi::{Array, Ref};

use crate::{
    characters::composed,
    cut,
    error::{Fault, FieldErrors},
    fields::{self, Fields, FromFields},
    openapi::{Shape, nullable},
    query,
    text::Text,
};

const MAX_FIELDS: usize = 100;
const MAX_LABEL: usize = 255;
const MAX_HELP: usize = 1_000;
const MAX_OPTIONS: usize = 500;
const MAX_OPTION: usize = 255;
/// The longest text that an entry may hold.
const MAX_TEXT: usize = fields::MAX_TEXT;
/// The largest definition, in bytes of JSON.
const MAX_DEFINITION_BYTES: usize = cut::MAX_ROW_BYTES;
const NUMBERS: RangeInclusive<i64> = -1_000_000_000_000_000..=1_000_000_000_000_000;
const MAX_PATTERN: usize = 500;
/// What a pattern may become, and all those of a form together. A search takes at most that times the length of the text,
/// so this bounds time and memory.
const MAX_PATTERN_BYTES: usize = 1024 * 1024;
const MAX_PATTERNS_BYTES: usize = 2 * MAX_PATTERN_BYTES;

/// What a field may be.
pub const TYPES: &[&str] = &[
    "text",
    "textarea",
    "email",
    "phone",
    "number",
    "integer",
    "boolean",
    "date",
    "datetime",
    "url",
    "select",
    "multiselect",
];

const EMPTY_LIST: Text = Text::Own { fr: "Cette liste ne peut pas être vide.", en: "This list may not be empty." };
const NOT_A_NAME: Text = Text::Own {
    fr: "Un nom commence par une minuscule, et a au plus 50 minuscules, chiffres et tirets bas, sans accents.",
    en: "A name begins with a lower-case letter and has at most 50 lower-case letters, digits and underscores.",
};
const NAME_IS_TAKEN: Text =
    Text::Own { fr: "Un autre champ porte déjà ce nom.", en: "Another field has this name already." };
const EQUAL_OPTIONS: Text =
    Text::Own { fr: "Les options doivent être différentes.", en: "The options must be different." };
const EQUAL_CHOICES: Text =
    Text::Own { fr: "Un choix ne peut être fait qu'une fois.", en: "A choice can be made only once." };
const NOT_A_PATTERN: Text =
    Text::Own { fr: "Cette expression régulière n'est pas valide.", en: "This is not a valid regular expression." };
const PATTERN_TOO_LARGE: Text =
    Text::Own { fr: "Cette expression régulière est trop complexe.", en: "This regular expression is too complex." };
const DOES_NOT_MATCH: Text = Text::Own {
    fr: "Cette valeur ne satisfait pas le motif imposé.",
    en: "This value does not match the required pattern.",
};
const NOT_A_URL: Text = Text::Own { fr: "Saisissez une URL valide.", en: "Enter a valid URL." };
const NOT_A_DATE: Text = Text::Own {
    fr: "La date n'a pas le bon format. Utilisez le format AAAA-MM-JJ.",
    en: "Date has wrong format. Use the format YYYY-MM-DD.",
};
const NOT_A_TIME: Text = Text::Own {
    fr: "La date et l'heure n'ont pas le bon format. Utilisez le format AAAA-MM-JJThh:mm:ssZ.",
    en: "Datetime has wrong format. Use the format YYYY-MM-DDThh:mm:ssZ.",
};
const NO_SUCH_FIELD: Text = Text::Own { fr: "Ce formulaire n'a pas ce champ.", en: "This form has no such field." };

/// The fields of a form.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Definition(Vec<Field>);

#[derive(Clone, Debug, Serialize)]
struct Field {
    name: String,
    label: String,
    #[serde(flatten)]
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    required: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

/// A type, with the rules that make sense for it. Others are not read: whoever edits a form may have chosen another type
/// after writing them.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Kind {
    Text(TextRules),
    Textarea(TextRules),
    Email(TextRules),
    Phone(TextRules),
    Number(Range<Number>),
    Integer(Range<i64>),
    Boolean,
    Date(Range<NaiveDate>),
    Datetime(Range<DateTime<Utc>>),
    Url(TextRules),
    Select(Options),
    Multiselect(Options),
}

#[derive(Clone, Debug, Serialize)]
struct TextRules {
    #[serde(skip_serializing_if = "Option::is_none")]
    min_length: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_length: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern: Option<Pattern>,
}

#[derive(Clone, Debug, Serialize)]
struct Range<T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<T>,
}

#[derive(Clone, Debug, Serialize)]
struct Options {
    options: Vec<String>,
}

/// A number as JSON has it: whole ones have no fraction.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
struct Number(f64);

/// A regular expression in the dialect of the crate regex, which matches whole values.
#[derive(Clone, Debug)]
struct Pattern {
    source: String,
    regex: Regex,
}

/// The schemas that [`Definition::field`] and [`answered`] refer to. Rules that make no sense for a type are ignored.
pub(crate) fn schemas() -> [(String, Value); 2] {
    let length = || nullable(json!({ "type": "integer", "minimum": 0, "maximum": MAX_TEXT }));
    let end = || json!({ "anyOf": [{ "type": "number" }, { "type": "string" }, { "type": "null" }] });
    let with = |mut schema: Value, description: &str| {
        schema["description"] = description.into();
        schema
    };
    let options = json!({
        "type": "array",
        "minItems": 1,
        "maxItems": MAX_OPTIONS,
        "items": { "type": "string", "minLength": 1, "maxLength": MAX_OPTION },
        "uniqueItems": true,
    });
    let pattern = nullable(json!({ "type": "string", "maxLength": MAX_PATTERN }));
    let field = json!({
        "type": "object",
        "description": "A field of a form.",
        "required": ["name", "label", "type"],
        "properties": {
            "name": with(json!({ "type": "string", "pattern": "^[a-z][a-z0-9_]{0,49}$" }), "Its name in an entry's `data`."),
            "label": with(json!({ "type": "string", "minLength": 1, "maxLength": MAX_LABEL }), "The question."),
            "type": with(json!({ "$ref": "#/components/schemas/FormFieldType" }), "The kind of answer."),
            "required": with(nullable(json!({ "type": "boolean" })), "Whether an entry needs an answer."),
            "options": with(nullable(options), "The choices of a `select` or `multiselect`, which need them."),
            "min": with(end(), "The smallest number, or the first date or time."),
            "max": with(end(), "The largest number, or the last date or time."),
            "min_length": with(length(), "The fewest characters."),
            "max_length": with(length(), "The most characters."),
            "pattern": with(pattern, "A regular expression (of the Rust crate regex) for the whole value."),
            "help": with(nullable(json!({ "type": "string", "maxLength": MAX_HELP })), "A text that helps to answer."),
        },
        "examples": [{ "name": "chambre", "label": "Chambre", "type": "integer", "required": true, "min": 1 }],
    });
    let types = json!({ "type": "string", "enum": TYPES, "description": "A kind of answer." });
    [("FormField".to_owned(), field), ("FormFieldType".to_owned(), types)]
}

/// The schema of a stored definition, for `#[schema(schema_with = …)]`.
pub fn answered() -> Array {
    Array::new(Ref::from_schema_name("FormField"))
}

impl Definition {
    /// A definition as a field of a body.
    pub fn field() -> fields::Field<impl Fn(&Value) -> Result<Self, Fault>> {
        let shape = || {
            json!({
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_FIELDS,
                "items": { "$ref": "#/components/schemas/FormField" },
            })
        };
        fields::Field::new(Shape::Other(shape), Self::read_new)
    }

    /// Reads a definition that is about to be stored: its labels and options are titles. Stored definitions may be older
    /// than this rule.
    fn read_new(value: &Value) -> Result<Self, Fault> {
        let titles = |item: &Value| {
            let mut errors = FieldErrors::default();
            let label = item.get("label").into_iter().map(|label| ("label", label));
            let options = item.get("options").and_then(Value::as_array).into_iter().flatten();
            for (key, title) in label.chain(options.map(|option| ("options", option))) {
                // NUL has a message of its own.
                let title = title.as_str().map(str::trim).filter(|title| !title.contains('\0'));
                if let Some(Err(text)) = title.map(|title| fields::visible_text(title.to_owned())) {
                    errors.add(key, text);
                }
            }
            errors
        };
        let labels: Vec<FieldErrors> =
            value.as_array().map(|items| items.iter().map(titles).collect()).unwrap_or_default();
        match Self::read(value) {
            Ok(_) if labels.iter().any(|errors| !errors.is_empty()) => Err(Fault::List(labels)),
            Ok(definition) if cut::json_size(&definition, MAX_DEFINITION_BYTES) > MAX_DEFINITION_BYTES => {
                Err(Text::TooManyBytes(MAX_DEFINITION_BYTES).into())
            }
            Ok(definition) => Ok(definition),
            Err(Fault::List(mut faults)) => {
                for (fault, label) in faults.iter_mut().zip(labels) {
                    fault.extend(label);
                }
                Err(Fault::List(faults))
            }
            Err(fault) => Err(fault),
        }
    }

    /// Reads a definition.
    ///
    /// # Errors
    /// What is wrong with it, each field's faults at the field's position.
    pub fn read(value: &Value) -> Result<Self, Fault> {
        let items = value.as_array().ok_or(Text::NotAList(fields::kind_of(value)))?;
        if items.is_empty() {
            return Err(EMPTY_LIST.into());
        }
        if items.len() > MAX_FIELDS {
            return Err(Text::TooManyItems(MAX_FIELDS).into());
        }
        let mut names = BTreeSet::new();
        let (mut read, mut faults) = (Vec::new(), Vec::new());
        let mut pattern_bytes = 0;
        for item in items {
            let mut errors = FieldErrors::default();
            match fields::object().read(item).map(|object| Fields::new(object, false).read_object::<Field>()) {
                Ok(Ok(field)) => {
                    pattern_bytes += field.kind.pattern().map_or(0, |pattern| pattern.regex.memory_usage());
                    if pattern_bytes > MAX_PATTERNS_BYTES {
                        errors.add("pattern", PATTERN_TOO_LARGE);
                    } else {
                        read.push(field);
                    }
                }
                Ok(Err(inside)) => errors = inside,
                Err(text) => errors.add("non_field_errors", text),
            }
            if let Some(name) = item.get("name").and_then(Value::as_str)
                && !names.insert(name.trim())
            {
                errors.add("name", NAME_IS_TAKEN);
            }
            faults.push(errors);
        }
        if faults.iter().all(FieldErrors::is_empty) { Ok(Self(read)) } else { Err(Fault::List(faults)) }
    }

    /// Reads an entry's data. Fields without an answer are left out: missing, null, blank, or an empty multiselect.
    ///
    /// # Errors
    /// What is wrong with each value, and every name that the form does not have.
    pub fn check(&self, data: &Map<String, Value>) -> Result<Map<String, Value>, FieldErrors> {
        self.check_changes(data, &Map::new())
    }

    /// Reads an entry's data after a change. A value that is stored already is not checked again.
    ///
    /// # Errors
    /// As [`Definition::check`].
    pub fn check_changes(
        &self,
        data: &Map<String, Value>,
        stored: &Map<String, Value>,
    ) -> Result<Map<String, Value>, FieldErrors> {
        let mut errors = FieldErrors::default();
        let is_unchanged = |name: &str| data.get(name).is_some_and(|value| stored.get(name) == Some(value));
        let unchanged = data.iter().filter(|(name, _)| is_unchanged(name));
        let mut read: Map<_, _> = unchanged.map(|(name, value)| (name.clone(), value.clone())).collect();
        for Field { name, kind, required, .. } in self.0.iter().filter(|field| !is_unchanged(&field.name)) {
            match data.get(name).filter(|value| !kind.is_blank(value)).map(|value| kind.read(value)) {
                Some(Ok(value)) => {
                    read.insert(name.clone(), value);
                }
                Some(Err(text)) => errors.add(name, text),
                None if *required == Some(true) => errors.add(name, Text::Required),
                None => {}
            }
        }
        for name in data.keys().filter(|name| !self.0.iter().any(|field| field.name == **name)) {
            if !is_unchanged(name) {
                errors.add(name, NO_SUCH_FIELD);
            }
        }
        if errors.is_empty() { Ok(read) } else { Err(errors) }
    }
}

impl FromFields for Field {
    const EXAMPLE: &'static str = r#"{ "name": "note", "label": "Note", "type": "text" }"#;

    fn from_fields(fields: &mut Fields) -> Self {
        let kind = fields.required("type", fields::choice(TYPES));
        Self {
            name: fields
                .required("name", fields::Field::new(Shape::Text { min: 1, max: 50 }, name))
                .unwrap_or_default(),
            label: fields.required("label", fields::text(MAX_LABEL)).unwrap_or_default(),
            kind: kind.map_or(Kind::Boolean, |kind| Kind::from_fields(&kind, fields)),
            required: fields.nullable("required", fields::boolean()),
            help: fields.nullable("help", fields::text_or_blank(MAX_HELP)),
        }
    }
}

impl Kind {
    fn from_fields(kind: &str, fields: &mut Fields) -> Self {
        match kind {
            "text" => Self::Text(TextRules::from_fields(fields)),
            "textarea" => Self::Textarea(TextRules::from_fields(fields)),
            "email" => Self::Email(TextRules::from_fields(fields)),
            "phone" => Self::Phone(TextRules::from_fields(fields)),
            "url" => Self::Url(TextRules::from_fields(fields)),
            "number" => Self::Number(Range::from_fields(fields, || fields::Field::new(Shape::Number, number))),
            "integer" => Self::Integer(Range::from_fields(fields, || fields::integer(NUMBERS))),
            "date" => Self::Date(Range::from_fields(fields, || fields::Field::new(Shape::Time, date))),
            "datetime" => Self::Datetime(Range::from_fields(fields, || fields::Field::new(Shape::Time, time))),
            "select" => Self::Select(Options::from_fields(fields)),
            "multiselect" => Self::Multiselect(Options::from_fields(fields)),
            _ => Self::Boolean,
        }
    }

    fn is_blank(&self, value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::String(text) => text.trim().is_empty(),
            Value::Array(items) => items.is_empty() && matches!(self, Self::Multiselect(_)),
            _ => false,
        }
    }

    fn pattern(&self) -> Option<&Pattern> {
        match self {
            Self::Text(rules) | Self::Textarea(rules) | Self::Email(rules) | Self::Phone(rules) | Self::Url(rules) => {
                rules.pattern.as_ref()
            }
            _ => None,
        }
    }

    /// Reads an answer, as it is kept: times in UTC, numbers as numbers.
    fn read(&self, value: &Value) -> Result<Value, Text> {
        match self {
            Self::Text(rules) | Self::Textarea(rules) => rules.check(fields::text(MAX_TEXT).read(value)?),
            Self::Email(rules) => rules.check(fields::email().read(value)?),
            Self::Phone(rules) => rules.check(fields::phone().read(value)?),
            Self::Url(rules) => rules.check(url(value)?),
            Self::Number(range) => range.check(number(value)?).map(Number::to_json),
            Self::Integer(range) => range.check(fields::integer(NUMBERS).read(value)?).map(Value::from),
            Self::Boolean => fields::boolean().read(value).map(Value::from),
            Self::Date(range) => range.check(date(value)?).map(|date| date.to_string().into()),
            Self::Datetime(range) => {
                range.check(time(value)?).map(|time| time.to_rfc3339_opts(SecondsFormat::Micros, true).into())
            }
            Self::Select(options) => options.choice(value),
            Self::Multiselect(options) => {
                let items = value.as_array().ok_or(Text::NotAList(fields::kind_of(value)))?;
                let mut choices = Vec::new();
                for item in items {
                    match options.choice(item)? {
                        choice if choices.contains(&choice) => return Err(EQUAL_CHOICES),
                        choice => choices.push(choice),
                    }
                }
                Ok(choices.into())
            }
        }
    }
}

impl TextRules {
    fn from_fields(fields: &mut Fields) -> Self {
        let length = || fields::integer(0..=MAX_TEXT);
        let (min_length, max_length) =
            (fields.nullable("min_length", length()), fields.nullable("max_length", length()));
        if let (Some(min), Some(max)) = (min_length, max_length)
            && max < min
        {
            fields.fault("max_length", Text::TooSmall(min.to_string()));
        }
        Self {
            min_length,
            max_length,
            pattern: fields
                .nullable("pattern", fields::Field::new(Shape::Text { min: 0, max: MAX_PATTERN }, Pattern::read))
                .flatten(),
        }
    }

    fn check(&self, text: String) -> Result<Value, Text> {
        let length = text.chars().count();
        if let Some(min) = self.min_length.filter(|min| length < *min) {
            return Err(Text::TooShort(min));
        }
        if let Some(max) = self.max_length.filter(|max| length > *max) {
            return Err(Text::TooLong(max));
        }
        match &self.pattern {
            Some(pattern) if !pattern.matches(&text) => Err(DOES_NOT_MATCH),
            _ => Ok(text.into()),
        }
    }
}

impl<T: PartialOrd + fmt::Display> Range<T> {
    fn from_fields<F>(fields: &mut Fields, field: impl Fn() -> fields::Field<F>) -> Self
    where
        F: Fn(&Value) -> Result<T, Text>,
    {
        let range = Self { min: fields.nullable("min", field()), max: fields.nullable("max", field()) };
        if let (Some(min), Some(max)) = (&range.min, &range.max)
            && max < min
        {
            fields.fault("max", Text::TooSmall(min.to_string()));
        }
        range
    }

    fn check(&self, value: T) -> Result<T, Text> {
        match (&self.min, &self.max) {
            (Some(min), _) if value < *min => Err(Text::TooSmall(min.to_string())),
            (_, Some(max)) if value > *max => Err(Text::TooLarge(max.to_string())),
            _ => Ok(value),
        }
    }
}

impl Options {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            options: fields
                .required("options", fields::Field::new(Shape::Other(|| json!({ "type": "array" })), options))
                .unwrap_or_default(),
        }
    }

    fn choice(&self, value: &Value) -> Result<Value, Text> {
        let choice = fields::text(MAX_TEXT).read(value)?;
        // However the keyboard wrote an accent, it is the same choice.
        let is_choice = |option: &&String| **option == choice || composed(option) == composed(&choice);
        match self.options.iter().find(is_choice) {
            Some(option) => Ok(option.clone().into()),
            None => Err(Text::NotAChoice(choice)),
        }
    }
}

impl Number {
    #[expect(clippy::cast_possible_truncation, reason = "every number is within a range that 64 bits hold")]
    fn to_json(self) -> Value {
        if self.0.fract() == 0.0 { Value::from(self.0 as i64) } else { Value::from(self.0) }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl Pattern {
    /// An empty pattern is none.
    fn read(value: &Value) -> Result<Option<Self>, Text> {
        let source = value.as_str().ok_or(Text::NotAString)?;
        if source.chars().count() > MAX_PATTERN {
            return Err(Text::TooLong(MAX_PATTERN));
        }
        fields::check_characters(source)?;
        if source.is_empty() {
            return Ok(None);
        }
        let tree = regex_syntax::parse(source).map_err(|_| NOT_A_PATTERN)?;
        // Put around the tree: around the text, a comment at its end or a bracket too many would change the meaning.
        let whole = Hir::concat(vec![Hir::look(Look::Start), tree, Hir::look(Look::End)]);
        let config = meta::Config::new()
            .which_captures(WhichCaptures::Implicit)
            .nfa_size_limit(Some(MAX_PATTERN_BYTES))
            .hybrid_cache_capacity(MAX_PATTERN_BYTES);
        let regex = meta::Builder::new().configure(config).build_from_hir(&whole).map_err(|_| PATTERN_TOO_LARGE)?;
        Ok(Some(Self { source: source.to_owned(), regex }))
    }

    fn matches(&self, text: &str) -> bool {
        // The engine's own scratch space would live as long as the pattern, a hundred of which a form may have.
        self.regex.search_half_with(&mut self.regex.create_cache(), &Input::new(text).earliest(true)).is_some()
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.source)
    }
}

fn name(value: &Value) -> Result<String, Text> {
    let name = fields::text(MAX_TEXT).read(value)?;
    let is_name = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.len() <= 50
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if is_name { Ok(name) } else { Err(NOT_A_NAME) }
}

fn options(value: &Value) -> Result<Vec<String>, Text> {
    let items = value.as_array().ok_or(Text::NotAList(fields::kind_of(value)))?;
    if items.is_empty() {
        return Err(EMPTY_LIST);
    }
    if items.len() > MAX_OPTIONS {
        return Err(Text::TooManyItems(MAX_OPTIONS));
    }
    let options = items.iter().map(|item| fields::text(MAX_OPTION).read(item)).collect::<Result<Vec<_>, _>>()?;
    let different: BTreeSet<_> = options.iter().map(|option| composed(option)).collect();
    if different.len() == options.len() { Ok(options) } else { Err(EQUAL_OPTIONS) }
}

fn number(value: &Value) -> Result<Number, Text> {
    #[expect(clippy::cast_precision_loss, reason = "both ends are exact")]
    let (min, max) = (*NUMBERS.start() as f64, *NUMBERS.end() as f64);
    match fields::number().read(value)? {
        number if number < min => Err(Text::TooSmall(min.to_string())),
        number if number > max => Err(Text::TooLarge(max.to_string())),
        number => Ok(Number(number)),
    }
}

fn date(value: &Value) -> Result<NaiveDate, Text> {
    value.as_str().and_then(|date| query::day(date.trim())).ok_or(NOT_A_DATE)
}

/// RFC 3339, as exactly as it is kept. Without its offset a time could be any of a day's.
fn time(value: &Value) -> Result<DateTime<Utc>, Text> {
    let time = value.as_str().and_then(|time| query::rfc3339(time.trim())).ok_or(NOT_A_TIME)?;
    Ok(time.trunc_subsecs(6))
}

fn url(value: &Value) -> Result<String, Text> {
    let text = fields::text(MAX_TEXT).read(value)?;
    let (scheme, _) = text.split_once("://").ok_or(NOT_A_URL)?;
    let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    // The parser would leave out some white space, as browsers do.
    let is_one_word = !text.contains(|c: char| c.is_whitespace() || c.is_control());
    if is_web && is_one_word && Url::parse(&text).is_ok_and(|url| url.has_host()) { Ok(text) } else { Err(NOT_A_URL) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::time::Instant;

    use serde_json::{Map, Value, json};

    use super::{Definition, Pattern, TYPES};

    fn definition(mut field: Value) -> Definition {
        field["name"] = json!("answer");
        field["label"] = json!("Answer");
        Definition::read(&json!([field])).unwrap()
    }

    /// What is kept of a value; null where it is refused.
    fn kept(definition: &Definition, value: Value) -> Value {
        let checked = definition.check(json!({ "answer": value }).as_object().unwrap());
        checked.map_or(Value::Null, |data| data["answer"].clone())
    }

    #[test]
    fn a_pattern_matches_whole_values_whatever_is_in_it() {
        for (pattern, matches, others) in [
            ("a|ab", &["a", "ab"][..], &["abb", "b", "xa"][..]),
            ("(?x) a b # both", &["ab"], &["a b", "a"]),
            ("(?m)^a$", &["a"], &["a\na", "b\na"]),
            ("(?i)oui|non", &["OUI", "Non"], &["ouinon"]),
            (r"\p{Lu}\pL+", &["Élodie"], &["élodie"]),
            (r"a\)|\(b", &["a)", "(b"], &["a)(b"]),
            ("a*", &["aaa"], &["b"]),
        ] {
            let definition = definition(json!({ "type": "text", "pattern": pattern }));
            for value in matches {
                assert_eq!(kept(&definition, json!(value)), json!(value), "{pattern}");
            }
            for value in others {
                assert_eq!(kept(&definition, json!(value)), Value::Null, "{pattern}: {value}");
            }
        }
    }

    /// The types with a rule each, where they need one.
    fn definitions() -> Vec<(Value, Definition)> {
        let options = json!(["a", "b"]);
        let types = TYPES.iter().map(|kind| json!({ "type": kind, "options": options.clone() }));
        types.map(|field| (field["type"].clone(), definition(field))).collect()
    }

    #[test]
    fn a_value_of_the_wrong_type_is_refused_and_not_taken_for_no_answer() {
        for (kind, definition) in definitions() {
            for value in [json!(false), json!([]), json!({}), json!([[]]), json!({ "a": 1 })] {
                let checked = definition.check(json!({ "answer": value }).as_object().unwrap());
                let is_right =
                    (kind == "boolean" && value == json!(false)) || (kind == "multiselect" && value == json!([]));
                assert_eq!(checked.is_ok(), is_right, "{kind}: {value}");
            }
        }
    }

    #[test]
    fn a_number_of_any_spelling_is_kept_exactly_or_refused() {
        let digits = "9".repeat(10_000);
        let quoted = format!("{digits:?}");
        let fields = [
            (
                "number",
                &[("-0", "0"), ("1E+2", "100"), ("0.1e-400", "0"), ("1.50", "1.5"), ("1e15", "1000000000000000")][..],
            ),
            ("integer", &[("-0", "0"), ("1E+2", "100"), ("12.0", "12"), ("1e15", "1000000000000000")][..]),
            ("boolean", &[("-0", "false"), ("1e0", "true"), ("0.0", "false")][..]),
            ("text", &[("-0", r#""0""#), ("1E+2", r#""100.0""#), ("1e16", r#""1e+16""#), (&digits, &quoted)][..]),
        ];
        let read = |number: &str| serde_json::from_str::<Value>(number).unwrap();
        for (kind, numbers) in fields {
            let definition = definition(json!({ "type": kind }));
            for (number, expected) in numbers {
                assert_eq!(kept(&definition, read(number)).to_string(), *expected, "{kind}: {number:.20}");
            }
        }
        let too_long = format!("{digits}9");
        for (kind, definition) in definitions() {
            for number in ["1e400", "-1E400", &too_long, &format!("{too_long}.5")] {
                assert_eq!(kept(&definition, read(number)), Value::Null, "{kind}: {number:.20}");
            }
        }
    }

    #[test]
    fn no_answer_is_null_or_blank_for_every_type() {
        for (kind, definition) in definitions() {
            for value in [json!(null), json!(""), json!(" \t\n")] {
                let checked = definition.check(json!({ "answer": value }).as_object().unwrap());
                assert_eq!(checked, Ok(Map::new()), "{kind}: {value}");
            }
        }
    }

    #[test]
    fn an_answer_is_a_date_or_time_that_every_client_can_read() {
        let (date, time) = (definition(json!({ "type": "date" })), definition(json!({ "type": "datetime" })));
        for value in ["0001-01-01", "9999-12-31", "2024-02-29"] {
            assert_eq!(kept(&date, json!(value)), json!(value));
        }
        for value in ["0000-01-01", "0000-12-31", "2026-W05-6", "2026-02-29", "+2026-01-31", "２０２６-01-31"] {
            assert_eq!(kept(&date, json!(value)), Value::Null, "{value}");
            assert!(Definition::read(&json!([{ "name": "a", "label": "A", "type": "date", "min": value }])).is_err());
        }
        for (value, stored) in [
            ("0001-01-01T14:00:00+14:00", "0001-01-01T00:00:00.000000Z"),
            ("9999-12-31t23:59:59.9999999z", "9999-12-31T23:59:59.999999Z"),
            ("2026-01-15T12:34:59.9999999999-00:00", "2026-01-15T12:34:59.999999Z"),
        ] {
            assert_eq!(kept(&time, json!(value)), json!(stored), "{value}");
        }
        for value in [
            "2026-01-15T12:34:60Z",
            "2026-12-31T23:59:60.999999Z",
            "0001-01-01T00:00:00+14:00",
            "0000-12-31T23:59:59.9999999Z",
            "9999-12-31T23:59:59-00:01",
            "2026-01-15T24:00:00Z",
            "2026-01-15T12:34:56+24:00",
            "2026-01-15T12:34:56+01:00:30",
            "2026-W03-4T12:34:56Z",
        ] {
            assert_eq!(kept(&time, json!(value)), Value::Null, "{value}");
            assert!(
                Definition::read(&json!([{ "name": "a", "label": "A", "type": "datetime", "max": value }])).is_err()
            );
        }
    }

    #[test]
    fn a_select_takes_five_hundred_options() {
        let field = |kind: &str, n: usize| {
            let options: Vec<String> = (0..n).map(|n| format!("Option {n}")).collect();
            Definition::read(&json!([{ "name": "a", "label": "A", "type": kind, "options": options }]))
        };
        for kind in ["select", "multiselect"] {
            assert!(field(kind, 249).is_ok() && field(kind, 500).is_ok());
            assert!(field(kind, 501).is_err());
        }
    }

    #[test]
    fn a_pattern_takes_no_longer_than_its_size_allows() {
        let text = "a".repeat(10_000);
        for pattern in ["(a*)*b", "(a|a)*b", "(x+x+)+y", "(a?){500}a{500}b", ".*.*.*.*.*.*=.*"] {
            let started = Instant::now();
            assert!(!Pattern::read(&json!(pattern)).unwrap().unwrap().matches(&text));
            assert!(started.elapsed().as_secs() < 5, "{pattern}: {:?}", started.elapsed());
        }
        for pattern in [r"\pL{500}", "(a{1000}){1000}", "((((a{100}){100}){100}){100}){100}", r"(\w{50}){50}"] {
            let started = Instant::now();
            assert!(Pattern::read(&json!(pattern)).is_err(), "{pattern}");
            assert!(started.elapsed().as_secs() < 5, "{pattern}: {:?}", started.elapsed());
        }
    }

    #[test]
    fn all_patterns_of_a_form_have_a_size_together() {
        let field = |n: usize| json!({ "name": format!("f{n}"), "label": "F", "type": "text", "pattern": ".{1,500}" });

        assert!(Definition::read(&(0..3).map(field).collect()).is_ok());
        assert!(Definition::read(&(0..10).map(field).collect()).is_err());
    }
}

#[cfg(test)]
mod properties {
    #![allow(clippy::unwrap_used)]

    use std::time::{Duration, Instant};

    use proptest::{collection::vec, prelude::*, sample::select};
    use serde_json::{Map, Value, json};

    use super::{Definition, Pattern, TYPES};
    use crate::properties::{json, mutated, text};

    fn time() -> impl Strategy<Value = String> {
        "20[0-9]{2}-(0[1-9]|1[0-2])-[0-2][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]([.][0-9]{1,12})?(Z|[+-][01][0-9]:[0-5][0-9])"
    }

    /// A value that a field of some type may take, as a rule or as an answer.
    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            (-100..100_i64).prop_map(Value::from),
            (-1_000..1_000_i32).prop_map(|tenths| json!(f64::from(tenths) / 10.0)),
            any::<bool>().prop_map(Value::from),
            time().prop_map(Value::from),
            "20[0-9]{2}-(0[1-9]|1[0-2])-[0-2][0-9]".prop_map(Value::from),
            "[a-c ]{0,8}".prop_map(Value::from),
            "[a-c]{1,5}@example[.]sn".prop_map(Value::from),
            "https?://[a-z]{1,8}(:[0-9]{1,5})?(/[a-z]{0,5}){0,3}".prop_map(Value::from),
            "[+]?[0-9 ]{6,15}".prop_map(Value::from),
            vec(select(vec!["a", "b", "c", "d"]), 0..4).prop_map(Value::from),
            mutated(time()).prop_map(Value::from),
            json(),
        ]
    }

    fn pattern() -> impl Strategy<Value = String> {
        let piece = select(vec![
            "a",
            "b",
            ".",
            "\\pL",
            "\\w",
            "[a-z]",
            "[^x]",
            "(",
            ")",
            "(?:",
            "(?i)",
            "(?x)",
            "*",
            "+",
            "?",
            "{2}",
            "{0,30}",
            "{500}",
            "{1000000}",
            "|",
            "^",
            "$",
            "\\b",
            "\\",
            "[",
            "#",
            "\\z",
            "(?m)^",
            "\\x{10FFFF}",
            "é",
        ]);
        prop_oneof![4 => vec(piece, 0..12).prop_map(|pieces| pieces.concat()), 1 => text()]
    }

    fn field() -> impl Strategy<Value = Value> {
        let rule = prop_oneof![
            select(vec!["min", "max"]).prop_flat_map(|name| value().prop_map(move |value| (name, value))),
            select(vec!["min_length", "max_length"])
                .prop_flat_map(|name| (0..12_i64).prop_map(move |length| (name, json!(length)))),
            pattern().prop_map(|pattern| ("pattern", json!(pattern))),
            select(vec!["required", "help", "label", "name", "options"])
                .prop_flat_map(|name| value().prop_map(move |value| (name, value))),
        ];
        (select(TYPES), "[a-z][a-z0-9_]{0,3}", vec(rule, 0..3)).prop_map(|(kind, name, rules)| {
            let mut field = json!({ "name": name, "label": "Label", "type": kind, "options": ["a", " b ", "c"] });
            for (name, value) in rules {
                field[name] = value;
            }
            field
        })
    }

    fn definition() -> impl Strategy<Value = Value> {
        prop_oneof![6 => vec(field(), 1..5).prop_map(Value::from), 1 => json()]
    }

    proptest! {
        #[test]
        fn a_definition_that_was_accepted_is_accepted_as_it_is_kept(definition in definition()) {
            if let Ok(read) = Definition::read(&definition) {
                let kept = serde_json::to_value(&read).unwrap();
                let again = Definition::read(&kept);
                prop_assert!(again.is_ok(), "{kept}: {:?}", again.err());
                prop_assert_eq!(serde_json::to_value(again.unwrap()).unwrap(), kept);
            }
        }

        #[test]
        fn an_entry_that_was_accepted_is_accepted_as_it_is_kept(
            (definition, answers) in vec(field(), 1..6).prop_flat_map(|fields| {
                let answers = vec(vec(value(), 6), fields.len());
                (Just(Value::from(fields)), answers)
            }),
        ) {
            let Ok(form) = Definition::read(&definition) else { return Ok(()) };
            for nth in 0..6 {
                let names = definition.as_array().unwrap().iter().map(|field| field["name"].as_str().unwrap_or_default().trim());
                let data: Map<String, Value> = names.zip(&answers).map(|(name, answers)| (name.to_owned(), answers[nth].clone())).collect();
                if let Ok(kept) = form.check(&data) {
                    prop_assert_eq!(form.check(&kept), Ok(kept), "{}", definition);
                }
            }
        }

        #[test]
        fn a_time_is_kept_within_the_bounds_that_it_was_accepted_in(times in vec("2026-01-01T00:00:00[.]00000[0-9]{1,4}Z", 3)) {
            let field = json!([{ "name": "a", "label": "A", "type": "datetime", "min": times[0], "max": times[1] }]);
            let form = Definition::read(&field).map(|form| form.check(json!({ "a": times[2] }).as_object().unwrap()).map(|kept| (form, kept)));
            if let Ok(Ok((form, kept))) = form {
                prop_assert_eq!(form.check(&kept), Ok(kept), "{}", times[2]);
            }
        }

        #[test]
        fn of_any_data_what_is_accepted_has_only_names_of_the_form(data in json()) {
            let form = Definition::read(&json!([{ "name": "a", "label": "A", "type": "text" }])).unwrap();
            if let Some(data) = data.as_object() && let Ok(kept) = form.check(data) {
                prop_assert!(data.keys().all(|name| name == "a") && kept.len() <= 1);
            }
        }

        #[test]
        fn a_pattern_is_compiled_and_searched_in_bounded_time(pattern in pattern(), text in "[ab]{0,200}") {
            let started = Instant::now();
            if let Ok(Some(pattern)) = Pattern::read(&json!(pattern)) {
                pattern.matches(&text);
                pattern.matches(&"a".repeat(10_000));
            }
            prop_assert!(started.elapsed() < Duration::from_secs(5), "{pattern}: {:?}", started.elapsed());
        }

        #[test]
        fn a_pattern_of_plain_characters_matches_itself_alone(text in "[a-z0-9 é]{1,20}", other in "[a-z0-9 é]{0,20}") {
            let pattern = Pattern::read(&json!(text)).unwrap().unwrap();
            prop_assert!(pattern.matches(&text));
            prop_assert_eq!(pattern.matches(&other), other == text);
        }
    }
}
