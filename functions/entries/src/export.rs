//! Entries of a form as a table. `export_csv.rs` and `export_xlsx.rs` write it as a file.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    error::Error,
};

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use serde_json::Value;
use shared::{
    error::ApiError,
    json::Stored,
    text::{Language, Text},
};

use crate::{export_csv::Csv, export_xlsx::Xlsx};

/// An export of that much text takes some ten seconds, as one with the largest number of rows does.
const MAX_BYTES: usize = 400_000_000;

/// A file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    Xlsx,
}

impl Format {
    /// The values of the parameter `format`.
    pub(crate) const NAMES: &'static [&'static str] = &["csv", "xlsx"];

    pub(crate) fn named(name: &str) -> Self {
        if name == "xlsx" { Self::Xlsx } else { Self::Csv }
    }

    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// The largest number of entries. An export ends before the request's time is over.
    pub(crate) fn max_rows(self) -> i64 {
        match self {
            Self::Csv => 500_000,
            Self::Xlsx => 200_000,
        }
    }

    pub(crate) fn too_large(self) -> ApiError {
        ApiError::AnswerTooLarge(match self {
            Self::Csv => Text::Own {
                fr: "Ce formulaire a trop de réponses pour un export : un fichier CSV en prend 500\u{a0}000, ou \
                     400\u{a0}Mo. Lisez-les page par page (entries/?form=…), ou supprimez d'anciennes réponses.",
                en: "This form has too many entries for an export: a CSV file takes 500,000 of them, or 400 MB. Read them \
                     page by page (entries/?form=…), or delete old entries.",
            },
            Self::Xlsx => Text::Own {
                fr: "Ce formulaire a trop de réponses pour un classeur Excel, qui en prend 200\u{a0}000, ou 400\u{a0}Mo. \
                     Demandez l'export au format CSV (format=csv).",
                en: "This form has too many entries for an Excel workbook, which takes 200,000 of them, or 400 MB. Export \
                     them as CSV (format=csv).",
            },
        })
    }
}

/// Who reads a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Programs: the names of the API, times in UTC to the microsecond, `true` and `false`.
    Programs,
    /// People: their words, and their local time.
    People { language: Language, zone: Tz },
}

impl Audience {
    /// The name of an entry's own column. A column of times names its zone.
    fn own_heading(self, name: &str) -> String {
        let Self::People { language, zone } = self else { return name.to_owned() };
        match (name, language) {
            ("id", Language::French) => "Numéro".to_owned(),
            ("id", Language::English) => "Number".to_owned(),
            ("created_at", Language::French) => format!("Reçue le ({zone})"),
            ("created_at", Language::English) => format!("Received ({zone})"),
            _ => "Version".to_owned(),
        }
    }

    fn yes_or_no(self, value: bool) -> Cell<'static> {
        let Self::People { language, .. } = self else { return Cell::Boolean(value) };
        let word = match (language, value) {
            (Language::French, true) => "oui",
            (Language::French, false) => "non",
            (Language::English, true) => "yes",
            (Language::English, false) => "no",
        };
        Cell::Text(word.into())
    }

    fn time(self, time: DateTime<Utc>) -> Cell<'static> {
        match self {
            Self::Programs => Cell::Text(time.to_rfc3339_opts(SecondsFormat::Micros, true).into()),
            Self::People { zone, .. } => Cell::LocalTime(time.with_timezone(&zone).naive_local()),
        }
    }

    /// What a browser saves the file as.
    pub(crate) fn file_name(self, form: i64, title: &str, format: Format, now: DateTime<Utc>) -> String {
        let extension = format.extension();
        let Self::People { zone, .. } = self else { return format!("form-{form}.{extension}") };
        // No file system of a reader refuses what is left, and none hides the file.
        let title: String = title
            .char_indices()
            .take_while(|(at, c)| at + c.len_utf8() <= MAX_TITLE_BYTES)
            .map(|(_, c)| c)
            .map(|c| if c.is_alphanumeric() || " -_'’()&,+!".contains(c) || is_accent(c) { c } else { ' ' })
            .collect();
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        let title = if title.is_empty() { format!("form-{form}") } else { title };
        format!("{title} {}.{extension}", now.with_timezone(&zone).format("%Y-%m-%d"))
    }
}

/// A combining mark, which stands behind its letter.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// The longest title in a file's name. File systems take names of 255 bytes.
const MAX_TITLE_BYTES: usize = 160;

/// A row of the table.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Line {
    pub id: i64,
    pub created_at: DateTime<Utc>,
    pub version: i64,
    #[sqlx(try_from = "Stored")]
    pub data: Value,
}

/// The table's columns: the entry's number and time, then the form's present fields in their order, then by name those
/// that only older entries have, and the entry's version.
#[derive(Debug)]
pub(crate) struct Columns {
    columns: Vec<Column>,
    audience: Audience,
}

#[derive(Debug)]
pub(crate) struct Column {
    name: String,
    pub heading: String,
    pub kind: Kind,
}

/// What a text in a column stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Date,
    Time,
    Other,
}

/// A value as it is stored.
#[derive(Debug)]
pub(crate) enum Cell<'v> {
    Empty,
    Text(Cow<'v, str>),
    Number(String),
    Boolean(bool),
    /// In the time zone of the reader.
    LocalTime(NaiveDateTime),
}

impl Columns {
    /// `fields` is a form's definition as it is stored, which may be anything; `stored_names` are in order.
    pub(crate) fn new(fields: &Value, stored_names: Vec<String>, audience: Audience) -> Self {
        let text = |field: &Value, key: &str| field.get(key).and_then(Value::as_str).map(str::to_owned);
        let fields = fields.as_array().into_iter().flatten();
        let present = fields.filter_map(|field| {
            let name = text(field, "name")?;
            let kind = match field.get("type").and_then(Value::as_str) {
                Some("date") => Kind::Date,
                Some("datetime") => Kind::Time,
                _ => Kind::Other,
            };
            let label = text(field, "label").unwrap_or_else(|| name.clone());
            let heading = match (kind, audience) {
                (Kind::Time, Audience::People { zone, .. }) => format!("{label} ({zone})"),
                _ => label,
            };
            Some(Column { heading, name, kind })
        });
        let old = stored_names.into_iter().map(|name| Column { heading: name.clone(), name, kind: Kind::Other });
        let mut names = BTreeSet::new();
        let mut columns: Vec<Column> = present.chain(old).filter(|column| names.insert(column.name.clone())).collect();

        let own = |name: &str, kind| Column { name: name.to_owned(), heading: audience.own_heading(name), kind };
        let [id, created_at, version] =
            [own("id", Kind::Other), own("created_at", Kind::Time), own("version", Kind::Other)];
        let mut uses: BTreeMap<String, usize> =
            [&id, &created_at, &version].map(|column| (column.heading.clone(), 1)).into();
        for column in &columns {
            *uses.entry(column.heading.clone()).or_default() += 1;
        }
        for column in columns.iter_mut().filter(|column| uses[&column.heading] > 1) {
            column.heading = format!("{} ({})", column.heading, column.name);
        }
        let columns = [id, created_at].into_iter().chain(columns).chain([version]).collect();
        Self { columns, audience }
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Column> {
        self.columns.iter()
    }

    /// The cells of a row, with their columns.
    pub(crate) fn cells<'v>(&'v self, line: &'v Line) -> impl Iterator<Item = (&'v Column, Cell<'v>)> {
        let first = [Cell::Number(line.id.to_string()), self.audience.time(line.created_at)];
        let entered = &self.columns[first.len()..self.columns.len() - 1];
        let entered = entered
            .iter()
            .map(|column| line.data.get(&column.name).map_or(Cell::Empty, |value| self.cell(column, value)));
        let version = Cell::Number(line.version.to_string());
        self.columns.iter().zip(first.into_iter().chain(entered).chain([version]))
    }

    fn cell<'v>(&self, column: &Column, value: &'v Value) -> Cell<'v> {
        match (Cell::of(value), self.audience) {
            (Cell::Boolean(value), audience) => audience.yes_or_no(value),
            (Cell::Text(text), Audience::People { .. }) if column.kind == Kind::Time => match text.parse() {
                Ok(time) => self.audience.time(time),
                Err(_) => Cell::Text(text),
            },
            (cell, _) => cell,
        }
    }
}

impl<'v> Cell<'v> {
    fn of(value: &'v Value) -> Self {
        match value {
            Value::Null => Self::Empty,
            Value::Bool(value) => Self::Boolean(*value),
            Value::Number(number) => Self::Number(number.to_string()),
            Value::String(text) => Self::Text(text.into()),
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(|item| Cell::of(item).to_string()).collect();
                Self::Text(items.join("; ").into())
            }
            Value::Object(_) => Self::Text(value.to_string().into()),
        }
    }
}

impl std::fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => Ok(()),
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => f.write_str(number),
            Self::Boolean(value) => write!(f, "{value}"),
            Self::LocalTime(time) => write!(f, "{}", time.format("%Y-%m-%d %H:%M:%S")),
        }
    }
}

/// A table that is being written.
pub(crate) struct Table<'c> {
    format: Format,
    columns: &'c Columns,
    file: File,
    /// How long the rows since the last [`Table::take`] are before they are compressed, and all those before.
    taken: usize,
    /// The largest length of all rows.
    max_bytes: usize,
}

enum File {
    Csv(Box<Csv>),
    Xlsx(Box<Xlsx>),
}

impl<'c> Table<'c> {
    /// Writes the headings.
    pub(crate) fn begin(format: Format, columns: &'c Columns, title: &str) -> Result<Self, ApiError> {
        let file = match format {
            Format::Csv => File::Csv(Box::new(Csv::begin(columns).map_err(ApiError::internal)?)),
            Format::Xlsx if columns.columns.len() > Xlsx::MAX_COLUMNS => return Err(format.too_large()),
            Format::Xlsx => File::Xlsx(Box::new(Xlsx::begin(columns, title).map_err(ApiError::internal)?)),
        };
        Ok(Self { format, columns, file, taken: 0, max_bytes: MAX_BYTES })
    }

    pub(crate) fn write(&mut self, line: &Line) -> Result<(), ApiError> {
        let written: Result<(), Box<dyn Error + Send + Sync>> = match &mut self.file {
            File::Csv(file) => file.write(self.columns, line).map_err(Into::into),
            File::Xlsx(file) => file.write(self.columns, line).map_err(Into::into),
        };
        written.map_err(ApiError::internal)?;
        if self.taken + self.len() > self.max_bytes { Err(self.format.too_large()) } else { Ok(()) }
    }

    /// How long the rows since the last [`Table::take`] are.
    pub(crate) fn len(&self) -> usize {
        match &self.file {
            File::Csv(file) => file.len(),
            File::Xlsx(file) => file.len(),
        }
    }

    /// The next piece of the file.
    pub(crate) fn take(&mut self) -> Result<Vec<u8>, ApiError> {
        match &mut self.file {
            File::Csv(file) => {
                let piece = file.take().map_err(ApiError::internal)?;
                // Its writer keeps up to 8 kB that `len` does not count.
                self.taken += piece.len();
                Ok(piece)
            }
            File::Xlsx(file) => {
                self.taken += file.len();
                file.take().map_err(ApiError::internal)
            }
        }
    }

    /// The last piece of the file.
    pub(crate) fn finish(self) -> Result<Vec<u8>, ApiError> {
        match self.file {
            File::Csv(mut file) => file.take().map_err(ApiError::internal),
            File::Xlsx(file) => file.finish().map_err(ApiError::internal),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;
    use shared::error::ApiError;

    use super::{Audience, Columns, Format, Line, Table};

    #[test]
    fn rows_of_more_bytes_than_the_limit_are_no_export() {
        let columns = Columns::new(&json!([{ "name": "comment" }]), Vec::new(), Audience::Programs);
        let data = json!({ "comment": "a".repeat(1_000) });
        let line = Line { id: 7, created_at: Default::default(), version: 1, data };
        for format in [Format::Csv, Format::Xlsx] {
            for takes in [false, true] {
                let begun = Table::begin(format, &columns, "Avis").unwrap();
                let headings = begun.len();
                let mut table = Table { max_bytes: headings + 100_000, ..begun };

                let written = (0..200).take_while(|_| {
                    let is_written = table.write(&line);
                    assert!(matches!(is_written, Ok(()) | Err(ApiError::AnswerTooLarge(_))));
                    if takes {
                        table.take().unwrap();
                    }
                    is_written.is_ok()
                });

                // A row has more bytes than its text, and the writer of CSV keeps up to 8 kB before they count.
                let written = written.count();
                assert!((80..110).contains(&written), "{format:?}: {written}");
            }
        }
    }
}
