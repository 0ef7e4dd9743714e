//! CSV (RFC 4180) in UTF-8, with a byte order mark, without which a spreadsheet takes it for another encoding.

use std::borrow::Cow;

use csv::{Terminator, Writer, WriterBuilder};

use crate::export::{Cell, Columns, Line};

const BYTE_ORDER_MARK: &str = "\u{feff}";
/// Makes a spreadsheet show a text instead of calculating it.
const TEXT_SIGN: char = '\'';

pub(crate) struct Csv(Writer<Vec<u8>>);

impl Csv {
    pub(crate) fn begin(columns: &Columns) -> csv::Result<Self> {
        let mut csv = writer(BYTE_ORDER_MARK.into());
        for column in columns.iter() {
            csv.write_field(&*harmless(&column.heading))?;
        }
        csv.write_record(None::<&[u8]>)?;
        Ok(Self(csv))
    }

    pub(crate) fn write(&mut self, columns: &Columns, line: &Line) -> csv::Result<()> {
        for (_, cell) in columns.cells(line) {
            match cell {
                Cell::Text(text) => self.0.write_field(&*harmless(&text))?,
                // A number is no formula, although it may begin with a minus sign.
                cell => self.0.write_field(cell.to_string())?,
            }
        }
        self.0.write_record(None::<&[u8]>)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.get_ref().len()
    }

    pub(crate) fn take(&mut self) -> csv::Result<Vec<u8>> {
        let written = std::mem::replace(&mut self.0, writer(Vec::new()));
        written.into_inner().map_err(|error| error.into_error().into())
    }
}

fn writer(bytes: Vec<u8>) -> Writer<Vec<u8>> {
    WriterBuilder::new().terminator(Terminator::CRLF).from_writer(bytes)
}

/// A text in which no spreadsheet finds a formula, whether it separates cells at `,`, `;` or tab, and whether or not it
/// heeds quotation marks. Each character that would begin a formula gets the text sign in front of it, also behind a
/// separator or a line break, and behind blanks and quotation marks. A text sign that is there already is no different
/// from a quotation mark, so that the signs can be removed again without loss.
fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(|character| begins_formula(character) || matches!(character, '\t' | '\r' | '\n')) {
        return text.into();
    }
    let mut harmless = String::with_capacity(text.len() + 8);
    let (mut is_start, mut before) = (true, None);
    for character in text.chars() {
        let is_first_blank = match character {
            '\r' | '\n' => before.is_none(),
            '\t' => matches!(before, None | Some(',' | ';' | '\r' | '\n')),
            _ => false,
        };
        if is_start && begins_formula(character) || is_first_blank {
            harmless.push(TEXT_SIGN);
        }
        harmless.push(character);
        is_start = is_separator(character) || is_start && is_blank(character);
        if !matches!(character, '"' | TEXT_SIGN) {
            before = Some(character);
        }
    }
    harmless.into()
}

/// In full width and as a small form, too.
fn begins_formula(character: char) -> bool {
    matches!(character, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '﹦' | '﹢' | '﹣' | '﹫' | '\u{2212}')
}

fn is_separator(character: char) -> bool {
    matches!(character, ',' | ';' | '\t' | '\r' | '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What a reader may remove from the beginning of a cell.
fn is_blank(character: char) -> bool {
    matches!(character, '"' | TEXT_SIGN | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
        || character.is_whitespace()
        || character.is_control()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::{Value, json};

    use super::{Csv, harmless};
    use crate::export::{Audience, Columns, Line};

    fn headings(fields: Value, stored: &[&str]) -> String {
        let columns = Columns::new(&fields, stored.iter().map(|name| (*name).to_owned()).collect(), Audience::Programs);
        String::from_utf8(Csv::begin(&columns).unwrap().take().unwrap()).unwrap()
    }

    fn row(data: Value) -> String {
        let columns = Columns::new(&json!([{ "name": "a" }, { "name": "b" }]), Vec::new(), Audience::Programs);
        let mut csv = Csv::begin(&columns).unwrap();
        csv.take().unwrap();
        let line = Line { id: 7, created_at: "2026-11-22T09:05:00Z".parse().unwrap(), version: 1, data };
        csv.write(&columns, &line).unwrap();
        String::from_utf8(csv.take().unwrap()).unwrap()
    }

    #[test]
    fn present_fields_come_first_and_equal_labels_are_told_apart() {
        let fields = json!([
            { "name": "b", "label": "Nom" }, { "name": "a", "label": "Nom" }, { "name": "id_card", "label": "id" },
        ]);

        assert_eq!(
            headings(fields, &["a", "b", "old", "older"]),
            "\u{feff}id,created_at,Nom (b),Nom (a),id (id_card),old,older,version\r\n"
        );
    }

    #[test]
    fn a_definition_may_be_anything() {
        for fields in [json!(null), json!("text"), json!({ "name": "a" }), json!([1, { "label": "x" }, []])] {
            assert_eq!(headings(fields, &["a"]), "\u{feff}id,created_at,a,version\r\n");
        }
    }

    #[test]
    fn cells_are_quoted_joined_and_harmless() {
        for (data, cells) in [
            (json!({ "a": "Dakar, Thiès", "b": "dit \"Ndar\"" }), "\"Dakar, Thiès\",\"dit \"\"Ndar\"\"\""),
            (json!({ "a": "two\nlines", "b": true }), "\"two\nlines\",true"),
            (json!({ "a": ["Wifi", "Spa"], "b": [] }), "Wifi; Spa,"),
            (json!({ "a": "=1+1", "b": "+221 77" }), "'=1+1,'+221 77"),
            (json!({ "a": "-5", "b": "@SUM(A1)" }), "'-5,'@SUM(A1)"),
            (json!({ "a": "\tx", "b": "\rx" }), "'\tx,\"'\rx\""),
            (json!({ "a": ["=1", -2], "b": 12.5 }), "'=1; '-2,12.5"),
            (json!({ "a": null, "c": "elsewhere" }), ","),
            (json!("no object"), ","),
            (json!({ "a": { "x": 1 } }), "\"{\"\"x\"\":1}\","),
        ] {
            assert_eq!(row(data), format!("7,2026-11-22T09:05:00.000000Z,{cells},1\r\n"));
        }
        assert_eq!(
            headings(json!([{ "name": "a", "label": "=cmd()" }]), &[]),
            "\u{feff}id,created_at,'=cmd(),version\r\n"
        );
    }

    #[test]
    fn numbers_stay_numbers_and_texts_that_look_like_them_do_not() {
        let numbers = row(json!({ "a": -12.75, "b": -3 }));
        let texts = row(json!({ "a": "-12.75", "b": "\u{2212}3" }));

        assert_eq!(numbers, "7,2026-11-22T09:05:00.000000Z,-12.75,-3,1\r\n");
        assert_eq!(texts, "7,2026-11-22T09:05:00.000000Z,'-12.75,'\u{2212}3,1\r\n");
    }

    #[test]
    fn a_formula_is_neutralised_behind_every_separator() {
        for (text, expected) in [
            (";=1+1;", ";'=1+1;"),
            ("x\t=1+1", "x\t'=1+1"),
            ("a,@b\n-c\r\n+d", "a,'@b\n'-c\r\n'+d"),
            ("x; \u{a0}=1", "x; \u{a0}'=1"),
            ("x;\"=1\"", "x;\"'=1\""),
            ("＝1;＋2,－3\t＠4", "'＝1;'＋2,'－3\t'＠4"),
            ("﹦1;﹢2", "'﹦1;'﹢2"),
            ("\u{feff}=1", "\u{feff}'=1"),
            ("x;\ty", "x;'\ty"),
            ("'=1", "''=1"),
            // Neither these nor line breaks need one.
            ("a-b = c+d, e@f", "a-b = c+d, e@f"),
            ("one\r\n\r\ntwo", "one\r\n\r\ntwo"),
            ("a\t\tb", "a\t\tb"),
            ("Aujourd'hui – « oui »", "Aujourd'hui – « oui »"),
        ] {
            assert_eq!(harmless(text), expected, "{text:?}");
        }
    }
}

#[cfg(test)]
mod properties {
    #![allow(clippy::unwrap_used)]

    use csv::ReaderBuilder;
    use proptest::{collection::vec, prelude::*, sample::select};
    use serde_json::{Map, Value, json};

    use super::{BYTE_ORDER_MARK, Csv, harmless};
    use crate::export::{Audience, Columns, Line};

    fn text() -> impl Strategy<Value = String> {
        prop_oneof!["(?s).{0,20}", "[=+@\t\r\n\",;' a＝﹢－\u{2212}-]{0,12}"]
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

    /// What a spreadsheet would calculate, which may ignore blanks and quotation marks in front of it.
    fn is_formula(cell: &str) -> bool {
        let formula = cell.trim_start_matches(|character: char| character.is_whitespace() || character == '"');
        formula.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫', '\u{2212}'])
    }

    fn table(labels: &[String], rows: &[Vec<Value>]) -> String {
        let fields: Vec<Value> = labels
            .iter()
            .enumerate()
            .map(|(nth, label)| json!({ "name": format!("f{nth}"), "label": label }))
            .collect();
        let columns = Columns::new(&Value::from(fields), Vec::new(), Audience::Programs);
        let mut csv = Csv::begin(&columns).unwrap();
        for (id, values) in (1..).zip(rows) {
            let named = values.iter().enumerate().map(|(nth, value)| (format!("f{nth}"), value.clone()));
            let data = named.collect::<Map<_, _>>().into();
            csv.write(&columns, &Line { id, created_at: "2026-11-22T09:05:00Z".parse().unwrap(), version: 1, data })
                .unwrap();
        }
        String::from_utf8(csv.take().unwrap()).unwrap().strip_prefix(BYTE_ORDER_MARK).unwrap().to_owned()
    }

    fn read(table: &str, delimiter: u8, quoting: bool) -> Vec<Vec<String>> {
        let mut reader = ReaderBuilder::new();
        reader.has_headers(false).flexible(true).delimiter(delimiter).quoting(quoting);
        let records = reader.from_reader(table.as_bytes()).into_records();
        records.map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    proptest! {
        #[test]
        fn a_reader_of_csv_finds_every_cell(labels in vec(text(), 3), rows in vec(vec(value(), 3), 0..6)) {
            let read = read(&table(&labels, &rows), b',', true);

            prop_assert_eq!(read.len(), rows.len() + 1);
            for (line, values) in read[1..].iter().zip(&rows) {
                prop_assert_eq!(line.len(), 6);
                for (cell, value) in line[2..5].iter().zip(values) {
                    match value {
                        Value::String(text) => prop_assert_eq!(cell, &harmless(text)),
                        Value::Number(number) => prop_assert_eq!(cell, &number.to_string()),
                        _ => {}
                    }
                }
            }
        }

        #[test]
        fn no_reader_of_csv_finds_a_formula(
            labels in vec(text(), 3), rows in vec(vec(value(), 3), 0..6),
            delimiter in select(vec![b',', b';', b'\t']), quoting in any::<bool>(),
        ) {
            for cell in read(&table(&labels, &rows), delimiter, quoting).iter().flatten() {
                let is_number = delimiter == b',' && serde_json::from_str::<serde_json::Number>(cell).is_ok();
                prop_assert!(is_number || !is_formula(cell), "{cell:?}");
            }
        }

        #[test]
        fn a_definition_of_any_kind_has_headings(fields in vec(value(), 0..4), stored in vec(text(), 0..4)) {
            let columns = Columns::new(&Value::from(fields), stored, Audience::Programs);
            prop_assert!(Csv::begin(&columns).is_ok());
        }

        #[test]
        fn only_signs_are_added_to_a_text(text in text()) {
            let harmless = harmless(&text);
            let mut rest = text.chars();
            let mut next = rest.next();
            for character in harmless.chars() {
                if Some(character) == next {
                    next = rest.next();
                } else {
                    prop_assert_eq!(character, '\'');
                }
            }
            prop_assert_eq!(next, None);
            if text == harmless {
                prop_assert!(!text.lines().any(is_formula));
            }
        }
    }
}
