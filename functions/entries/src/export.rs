//! All entries of a form as a table: CSV (RFC 4180) in UTF-8, with a byte order mark, without which a spreadsheet takes
//! it for something else.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SecondsFormat, Utc};
use csv::{Terminator, Writer, WriterBuilder};
use serde_json::Value;

const BYTE_ORDER_MARK: &str = "\u{feff}";
const OWN_COLUMNS: [&str; 2] = ["id", "created_at"];

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Line {
    pub id: i64,
    pub created_at: DateTime<Utc>,
    pub data: Value,
}

/// The table's columns behind the entry's own: the form's present fields in their order, then those that only stored
/// entries have, since the form has changed, by name.
#[derive(Debug)]
pub(crate) struct Columns(Vec<Column>);

#[derive(Debug)]
struct Column {
    name: String,
    heading: String,
}

impl Columns {
    /// `fields` is a form's definition as it is stored, which may be anything; `stored_names` are in order.
    pub(crate) fn new(fields: &Value, stored_names: Vec<String>) -> Self {
        let text = |field: &Value, key: &str| field.get(key).and_then(Value::as_str).map(str::to_owned);
        let fields = fields.as_array().into_iter().flatten();
        let present = fields.filter_map(|field| {
            let name = text(field, "name")?;
            Some(Column { heading: text(field, "label").unwrap_or_else(|| name.clone()), name })
        });
        let old = stored_names.into_iter().map(|name| Column { heading: name.clone(), name });
        let mut names = BTreeSet::new();
        let mut columns: Vec<Column> = present.chain(old).filter(|column| names.insert(column.name.clone())).collect();

        let mut uses: BTreeMap<String, usize> = OWN_COLUMNS.map(|name| (name.to_owned(), 1)).into();
        for column in &columns {
            *uses.entry(column.heading.clone()).or_default() += 1;
        }
        for column in columns.iter_mut().filter(|column| uses[&column.heading] > 1) {
            column.heading = format!("{} ({})", column.heading, column.name);
        }
        Self(columns)
    }

    /// The beginning of the file.
    pub(crate) fn headings(&self) -> csv::Result<Vec<u8>> {
        let mut page = writer(BYTE_ORDER_MARK.into());
        for heading in OWN_COLUMNS.into_iter().chain(self.0.iter().map(|column| column.heading.as_str())) {
            page.write_field(harmless(heading.to_owned()))?;
        }
        page.write_record(None::<&[u8]>)?;
        finish(page)
    }

    /// Adds a row.
    pub(crate) fn write(&self, line: &Line, page: &mut Writer<Vec<u8>>) -> csv::Result<()> {
        page.write_field(line.id.to_string())?;
        page.write_field(line.created_at.to_rfc3339_opts(SecondsFormat::Micros, true))?;
        for column in &self.0 {
            page.write_field(harmless(line.data.get(&column.name).map(cell).unwrap_or_default()))?;
        }
        page.write_record(None::<&[u8]>)
    }
}

/// Writes rows behind what there is.
pub(crate) fn writer(bytes: Vec<u8>) -> Writer<Vec<u8>> {
    WriterBuilder::new().terminator(Terminator::CRLF).from_writer(bytes)
}

/// What was written.
pub(crate) fn finish(page: Writer<Vec<u8>>) -> csv::Result<Vec<u8>> {
    page.into_inner().map_err(|error| error.into_error().into())
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join("; "),
        other => other.to_string(),
    }
}

/// A cell that a spreadsheet would take for a formula, shown as the text that it is.
fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::{Value, json};

    use super::{Columns, Line, finish, writer};

    fn headings(fields: Value, stored: &[&str]) -> String {
        let columns = Columns::new(&fields, stored.iter().map(|name| (*name).to_owned()).collect());
        String::from_utf8(columns.headings().unwrap()).unwrap()
    }

    fn row(data: Value) -> String {
        let columns = Columns::new(&json!([{ "name": "a" }, { "name": "b" }]), Vec::new());
        let line = Line { id: 7, created_at: "2026-11-22T09:05:00Z".parse().unwrap(), data };
        let mut page = writer(Vec::new());
        columns.write(&line, &mut page).unwrap();
        String::from_utf8(finish(page).unwrap()).unwrap()
    }

    #[test]
    fn present_fields_come_first_and_equal_labels_are_told_apart() {
        let fields = json!([
            { "name": "b", "label": "Nom" }, { "name": "a", "label": "Nom" }, { "name": "id_card", "label": "id" },
        ]);

        assert_eq!(
            headings(fields, &["a", "b", "old", "older"]),
            "\u{feff}id,created_at,Nom (b),Nom (a),id (id_card),old,older\r\n"
        );
    }

    #[test]
    fn a_definition_may_be_anything() {
        for fields in [json!(null), json!("text"), json!({ "name": "a" }), json!([1, { "label": "x" }, []])] {
            assert_eq!(headings(fields, &["a"]), "\u{feff}id,created_at,a\r\n");
        }
    }

    #[test]
    fn cells_are_quoted_joined_and_harmless() {
        for (data, cells) in [
            (json!({ "a": "Dakar, Thiès", "b": "dit \"Ndar\"" }), "\"Dakar, Thiès\",\"dit \"\"Ndar\"\"\""),
            (json!({ "a": "two\nlines", "b": true }), "\"two\nlines\",true"),
            (json!({ "a": ["Wifi", "Spa"], "b": [] }), "Wifi; Spa,"),
            (json!({ "a": "=1+1", "b": "+221 77" }), "'=1+1,'+221 77"),
            (json!({ "a": -5, "b": "@SUM(A1)" }), "'-5,'@SUM(A1)"),
            (json!({ "a": "\tx", "b": "\rx" }), "'\tx,\"'\rx\""),
            (json!({ "a": ["=1"], "b": 12.5 }), "'=1,12.5"),
            (json!({ "a": null, "c": "elsewhere" }), ","),
            (json!("no object"), ","),
            (json!({ "a": { "x": 1 } }), "\"{\"\"x\"\":1}\","),
        ] {
            assert_eq!(row(data), format!("7,2026-11-22T09:05:00.000000Z,{cells}\r\n"));
        }
        assert_eq!(headings(json!([{ "name": "a", "label": "=cmd()" }]), &[]), "\u{feff}id,created_at,'=cmd()\r\n");
    }
}

#[cfg(test)]
mod properties {
    #![allow(clippy::unwrap_used)]

    use csv::ReaderBuilder;
    use proptest::{collection::vec, prelude::*, sample::select};
    use serde_json::{Map, Value, json};

    use super::{BYTE_ORDER_MARK, Columns, Line, cell, finish, writer};

    fn text() -> impl Strategy<Value = String> {
        prop_oneof!["(?s).{0,20}", "[=+@\t\r\n\",;' a-]{0,12}"]
    }

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            4 => text().prop_map(Value::from),
            1 => any::<i64>().prop_map(Value::from),
            1 => any::<f64>().prop_map(Value::from),
            1 => any::<bool>().prop_map(Value::from),
            1 => Just(Value::Null),
            1 => vec(text(), 0..4).prop_map(Value::from),
            1 => (text(), text()).prop_map(|(name, text)| Value::Object(Map::from_iter([(name, text.into())]))),
        ]
    }

    /// What a spreadsheet would calculate.
    fn is_formula(cell: &str) -> bool {
        cell.starts_with(['=', '+', '-', '@', '\t', '\r'])
    }

    proptest! {
        #[test]
        fn a_reader_of_csv_finds_every_cell_and_no_formula(
            labels in vec(text(), 1..5),
            rows in vec(vec(value(), 5), 0..6),
            old in select(vec!["=old", "old", "\"old"]),
        ) {
            let fields: Vec<Value> =
                labels.iter().enumerate().map(|(nth, label)| json!({ "name": format!("f{nth}"), "label": label })).collect();
            let columns = Columns::new(&Value::from(fields), vec![old.to_owned()]);
            let mut page = writer(columns.headings().unwrap());
            for (id, values) in (1..).zip(&rows) {
                let named = values.iter().enumerate().map(|(nth, value)| (format!("f{nth}"), value.clone()));
                let data = named.chain([(old.to_owned(), json!("kept"))]).collect::<Map<_, _>>().into();
                columns.write(&Line { id, created_at: "2026-11-22T09:05:00Z".parse().unwrap(), data }, &mut page).unwrap();
            }

            let file = String::from_utf8(finish(page).unwrap()).unwrap();

            let table = file.strip_prefix(BYTE_ORDER_MARK).unwrap();
            let read: Vec<Vec<String>> = ReaderBuilder::new()
                .has_headers(false)
                .from_reader(table.as_bytes())
                .records()
                .map(|record| record.unwrap().iter().map(str::to_owned).collect())
                .collect();
            prop_assert_eq!(read.len(), rows.len() + 1);
            for (line, values) in read[1..].iter().zip(&rows) {
                prop_assert_eq!(line.len(), labels.len() + 3);
                prop_assert!(!line.iter().any(|cell| is_formula(cell)), "{line:?}");
                // Nothing but the quotation mark before a formula is added to what was entered.
                for (read, value) in line[2..].iter().zip(values.iter().take(labels.len())) {
                    let entered = cell(value);
                    let expected = if is_formula(&entered) { format!("'{entered}") } else { entered };
                    prop_assert_eq!(read, &expected);
                }
            }
            prop_assert!(!read[0].iter().any(|heading| is_formula(heading)));
        }

        #[test]
        fn a_definition_of_any_kind_has_headings(fields in vec(value(), 0..4), stored in vec(text(), 0..4)) {
            let columns = Columns::new(&Value::from(fields), stored);
            prop_assert!(columns.headings().is_ok());
        }
    }
}
