//! An Excel workbook (ECMA-376) with one sheet. Rows are compressed as they come, so that neither the memory nor a
//! temporary file holds the whole, which the crates that write workbooks need.

use std::{
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use zip::{
    CompressionMethod, ZipWriter,
    result::ZipResult,
    write::{SimpleFileOptions, StreamWriter},
};

use crate::export::{Cell, Columns, Kind, Line};

/// The longest text of a cell, in UTF-16 code units.
const MAX_TEXT: usize = 32_767;
/// Excel keeps no more digits of a number.
const MAX_DIGITS: usize = 15;
const MAX_NAME: usize = 31;

/// The first of March 1900, counted from the 30th of December 1899. Before that Excel has a day too many.
const FIRST_DAY: i64 = 61;
/// The last of December 9999.
const LAST_DAY: i64 = 2_958_465;

// Positions in `cellXfs` of the styles. Texts have the format "text": when they are edited, they stay texts.
const HEADING: &str = "1";
const TEXT: &str = "2";
const DATE: &str = "3";
const TIME: &str = "4";

const CONTENT_TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>"#;
const RELATIONSHIPS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const WORKBOOK_RELATIONSHIPS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#;
const STYLES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/><numFmt numFmtId="165" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font><font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"#;
const SHEET: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView tabSelected="1" workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>"#;

pub(crate) struct Xlsx {
    zip: ZipWriter<StreamWriter<Sink>>,
    sink: Sink,
    /// The names of the columns: A, B and so on.
    letters: Vec<String>,
    row: usize,
    /// The XML of the rows that are not compressed yet.
    xml: String,
}

/// The compressed bytes that have not been taken yet.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Xlsx {
    pub(crate) const MAX_COLUMNS: usize = 16_384;

    pub(crate) fn begin(columns: &Columns, title: &str) -> ZipResult<Self> {
        let sink = Sink::default();
        let mut zip = ZipWriter::new_stream(sink.clone());
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for (name, content) in [
            ("[Content_Types].xml", CONTENT_TYPES),
            ("_rels/.rels", RELATIONSHIPS),
            ("xl/workbook.xml", &workbook(title)),
            ("xl/_rels/workbook.xml.rels", WORKBOOK_RELATIONSHIPS),
            ("xl/styles.xml", STYLES),
        ] {
            zip.start_file(name, options)?;
            zip.write_all(content.as_bytes())?;
        }
        // The sheet is large: the fastest level makes it a quarter longer in a third of the time.
        zip.start_file("xl/worksheets/sheet1.xml", options.compression_level(Some(1)))?;

        let letters = (0..columns.iter().len()).map(letters).collect();
        let mut new = Self { zip, sink, letters, row: 1, xml: String::from(SHEET) };
        new.xml.push_str("<cols>");
        for (nth, column) in (1..).zip(columns.iter()) {
            let least = match column.kind {
                Kind::Time => 20,
                Kind::Date => 12,
                Kind::Other => 10,
            };
            let width = (column.heading.chars().count() + 3).clamp(least, 50);
            new.xml.push_str(&format!("<col min=\"{nth}\" max=\"{nth}\" width=\"{width}\" customWidth=\"1\"/>"));
        }
        new.xml.push_str("</cols><sheetData><row r=\"1\">");
        for (nth, column) in columns.iter().enumerate() {
            new.push_text(nth, HEADING, &column.heading);
        }
        new.xml.push_str("</row>");
        Ok(new)
    }

    pub(crate) fn write(&mut self, columns: &Columns, line: &Line) -> ZipResult<()> {
        self.row += 1;
        self.xml.push_str("<row r=\"");
        self.xml.push_str(&self.row.to_string());
        self.xml.push_str("\">");
        for (nth, (column, cell)) in columns.cells(line).enumerate() {
            match cell {
                Cell::Empty => {}
                Cell::Boolean(value) => self.push_value(nth, "t=\"b\"", if value { "1" } else { "0" }),
                Cell::Number(number) if is_exact(&number) => self.push_value(nth, "", &number),
                Cell::Number(number) => self.push_text(nth, TEXT, &number),
                Cell::Text(text) if text.is_empty() => {}
                Cell::Text(text) => match moment(column.kind, &text).and_then(days) {
                    Some(days) => self.push_time(nth, column.kind, &days),
                    None => self.push_text(nth, TEXT, &text),
                },
                Cell::LocalTime(time) => match days(time) {
                    Some(days) => self.push_time(nth, column.kind, &days),
                    None => self.push_text(nth, TEXT, &cell.to_string()),
                },
            }
        }
        self.xml.push_str("</row>");
        Ok(())
    }

    pub(crate) fn len(&self) -> usize {
        self.xml.len()
    }

    pub(crate) fn take(&mut self) -> ZipResult<Vec<u8>> {
        self.zip.write_all(self.xml.as_bytes())?;
        self.xml.clear();
        Ok(self.sink.take())
    }

    pub(crate) fn finish(mut self) -> ZipResult<Vec<u8>> {
        self.xml.push_str("</sheetData></worksheet>");
        self.zip.write_all(self.xml.as_bytes())?;
        self.zip.finish()?;
        Ok(self.sink.take())
    }

    fn push_time(&mut self, column: usize, kind: Kind, days: &str) {
        let (style, days) = match kind {
            // A whole number of days.
            Kind::Date => (DATE, days.split('.').next().unwrap_or_default()),
            Kind::Time | Kind::Other => (TIME, days),
        };
        self.push_value(column, &format!("s=\"{style}\""), days);
    }

    fn push_value(&mut self, column: usize, attributes: &str, value: &str) {
        self.push_cell(column, attributes);
        self.xml.push_str("><v>");
        self.xml.push_str(value);
        self.xml.push_str("</v></c>");
    }

    fn push_text(&mut self, column: usize, style: &str, text: &str) {
        self.push_cell(column, "t=\"inlineStr\" s=\"");
        self.xml.push_str(style);
        self.xml.push_str("\"><is><t xml:space=\"preserve\">");
        push_escaped(&mut self.xml, text);
        self.xml.push_str("</t></is></c>");
    }

    fn push_cell(&mut self, column: usize, attributes: &str) {
        self.xml.push_str("<c r=\"");
        self.xml.push_str(&self.letters[column]);
        self.xml.push_str(&self.row.to_string());
        self.xml.push_str("\" ");
        self.xml.push_str(attributes);
    }
}

impl Sink {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn workbook(title: &str) -> String {
    let mut name = String::new();
    push_escaped(&mut name, &sheet_name(title));
    let name = name.replace('"', "&quot;");
    format!(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="{name}" sheetId="1" r:id="rId1"/></sheets></workbook>"#
    )
}

/// A title without what Excel refuses in the name of a sheet.
fn sheet_name(title: &str) -> String {
    let is_refused = |character: char| {
        character.is_control()
            || matches!(character, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\u{fffe}' | '\u{ffff}')
    };
    let name: String = title.chars().map(|character| if is_refused(character) { ' ' } else { character }).collect();
    let is_margin = |character: char| character.is_whitespace() || character == '\'';
    let name = cut(name.trim_matches(is_margin), MAX_NAME).trim_matches(is_margin).to_owned();
    // Excel keeps "History" for itself.
    if name.is_empty() || name.eq_ignore_ascii_case("history") { "Export".to_owned() } else { name }
}

/// The beginning of a text, of so many UTF-16 code units at most.
fn cut(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let mut length = 0;
    let end = text.char_indices().find(|(_, character)| {
        length += character.len_utf16();
        length > max
    });
    end.map_or(text, |(at, _)| &text[..at])
}

/// The name of a column by its position.
fn letters(position: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(position % 26).unwrap_or_default());
    let before = if position < 26 { String::new() } else { letters(position / 26 - 1) };
    before + letter.encode_utf8(&mut [0; 4])
}

/// Whether a spreadsheet shows a number as it is. An integer with more digits, such as a card's number, would lose some.
fn is_exact(number: &str) -> bool {
    let digits = number.trim_start_matches('-');
    let is_long_integer = digits.len() > MAX_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
    !is_long_integer && number.parse().is_ok_and(f64::is_finite)
}

/// The date or the time that a text is, in UTC.
fn moment(kind: Kind, text: &str) -> Option<NaiveDateTime> {
    match kind {
        Kind::Date => Some(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_time(NaiveTime::MIN)),
        Kind::Time => Some(text.parse::<DateTime<Utc>>().ok()?.naive_utc()),
        Kind::Other => None,
    }
}

/// A time as a spreadsheet counts it, in days. `None` if it is out of its range.
fn days(time: NaiveDateTime) -> Option<String> {
    let days = (time.date() - NaiveDate::from_ymd_opt(1899, 12, 30)?).num_days();
    if !(FIRST_DAY..=LAST_DAY).contains(&days) {
        return None;
    }
    // To the millisecond: with more digits the last moment of a day would be read as the next day. A leap second is clamped.
    let passed = (time.time() - NaiveTime::MIN).num_milliseconds().min(86_399_999);
    let decimals = (i128::from(passed) * 10_i128.pow(15) + 43_200_000) / 86_400_000;
    Some(format!("{days}.{decimals:015}"))
}

/// Adds a text as XML (section 22.9.2.19, `ST_Xstring`). Line breaks are those of a cell.
fn push_escaped(xml: &mut String, text: &str) {
    let kept = cut(text, MAX_TEXT);
    let is_cut = kept.len() < text.len();
    let kept = if is_cut { cut(text, MAX_TEXT - 1) } else { kept };
    let mut rest = kept.char_indices().peekable();
    while let Some((at, character)) = rest.next() {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '\r' => {
                rest.next_if(|(_, next)| *next == '\n');
                xml.push('\n');
            }
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                xml.push_str(&format!("_x{:04X}_", u32::from(character)));
            }
            // A text that looks like such an escape.
            '_' if is_escape(&kept.as_bytes()[at..]) => xml.push_str("_x005F_"),
            _ => xml.push(character),
        }
    }
    if is_cut {
        xml.push('…');
    }
}

fn is_escape(text: &[u8]) -> bool {
    matches!(text, [b'_', b'x', digits @ .., ] if digits.len() >= 5 && digits[4] == b'_' && digits[..4].iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use std::io::{Cursor, Read};

    use calamine::{Data, Range, Reader, Xlsx as Workbook};
    use proptest::{collection::vec, prelude::*};
    use serde_json::{Map, Value, json};
    use zip::ZipArchive;

    use super::{MAX_TEXT, Xlsx, letters, sheet_name};
    use crate::export::{Audience, Columns, Line};

    fn file(fields: &Value, title: &str, rows: &[Value]) -> Vec<u8> {
        let columns = Columns::new(fields, Vec::new(), Audience::Programs);
        let mut xlsx = Xlsx::begin(&columns, title).unwrap();
        let mut file = Vec::new();
        for (id, data) in (1..).zip(rows) {
            let created_at = "2026-11-22T09:05:00.250Z".parse().unwrap();
            xlsx.write(&columns, &Line { id, created_at, version: 1, data: data.clone() }).unwrap();
            file.extend(xlsx.take().unwrap());
        }
        file.extend(xlsx.finish().unwrap());
        file
    }

    fn read(file: Vec<u8>) -> (String, Range<Data>) {
        let mut workbook: Workbook<_> = Workbook::new(Cursor::new(file)).unwrap();
        let name = workbook.sheet_names().first().unwrap().clone();
        assert!(workbook.worksheet_formula(&name).unwrap().is_empty());
        let range = workbook.worksheet_range(&name).unwrap();
        (name, range)
    }

    fn part(file: &[u8], name: &str) -> String {
        let mut text = String::new();
        ZipArchive::new(Cursor::new(file)).unwrap().by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    /// The cell of a form of one field.
    fn cell(kind: &str, value: &Value) -> Option<Data> {
        let fields = json!([{ "name": "a", "label": "A", "type": kind }]);
        read(file(&fields, "T", &[json!({ "a": value })])).1.get_value((1, 2)).cloned()
    }

    #[test]
    fn cells_have_the_type_of_their_value() {
        for (kind, value, expected) in [
            ("number", json!(-12.75), Data::Float(-12.75)),
            ("integer", json!(42), Data::Float(42.0)),
            ("boolean", json!(true), Data::Bool(true)),
            ("text", json!("=1+1"), Data::String("=1+1".to_owned())),
            ("text", json!("-12.75"), Data::String("-12.75".to_owned())),
            ("text", json!("00221"), Data::String("00221".to_owned())),
            ("text", json!("2026-11-22"), Data::String("2026-11-22".to_owned())),
            ("url", json!("https://red.example/?a=1&b=<2>"), Data::String("https://red.example/?a=1&b=<2>".to_owned())),
            ("text", json!("Thiès 🌴"), Data::String("Thiès 🌴".to_owned())),
            ("text", json!("  a\r\nb\rc  "), Data::String("  a\nb\nc  ".to_owned())),
            ("multiselect", json!(["=1", "Spa"]), Data::String("=1; Spa".to_owned())),
            ("integer", json!(1_234_567_890_123_456_i64), Data::String("1234567890123456".to_owned())),
            ("date", json!("1899-12-31"), Data::String("1899-12-31".to_owned())),
            ("date", json!("not a date"), Data::String("not a date".to_owned())),
        ] {
            assert_eq!(cell(kind, &value), Some(expected), "{kind} {value}");
        }
        for (kind, value, days) in [
            ("date", "1900-03-01", 61.0),
            ("date", "2026-11-22", 46_348.0),
            ("datetime", "2026-11-22T12:00:00.000000Z", 46_348.5),
            ("datetime", "2026-11-22T14:00:00+02:00", 46_348.5),
            ("datetime", "2026-12-31T23:59:59.999999Z", 46_387.999_999_99),
            ("datetime", "9999-12-31T23:59:59.999999Z", 2_958_465.999_999_99),
        ] {
            let Some(Data::DateTime(found)) = cell(kind, &json!(value)) else { panic!("{value} is no date") };
            assert!((found.as_f64() - days).abs() < 1e-7, "{value} {found}");
            assert!(found.as_f64().floor() == days.floor(), "{value} {found}");
        }
        assert_eq!(cell("text", &json!(null)), Some(Data::Empty));
    }

    #[test]
    fn controls_and_texts_that_look_like_their_escapes_are_escaped() {
        let fields = json!([{ "name": "a", "label": "A" }]);
        let sheet = part(&file(&fields, "T", &[json!({ "a": "\u{1}\u{ffff}_x0041_ _x" })]), "xl/worksheets/sheet1.xml");
        assert!(sheet.contains(">_x0001__xFFFF__x005F_x0041_ _x<"), "{sheet}");
    }

    #[test]
    fn a_text_is_cut_where_a_cell_ends() {
        for (text, length) in [("é".repeat(MAX_TEXT), MAX_TEXT), ("🌴".repeat(20_000), MAX_TEXT)] {
            let Some(Data::String(found)) = cell("text", &json!(text)) else { panic!("no text") };
            assert_eq!(found.encode_utf16().count(), length);
            assert_eq!(found.ends_with('…'), found != text);
        }
    }

    #[test]
    fn a_sheet_has_a_name_that_excel_takes() {
        for (title, name) in [
            ("Enquête de satisfaction", "Enquête de satisfaction"),
            ("A/B: [test]?", "A B   test"),
            ("'quoted'", "quoted"),
            ("History", "Export"),
            ("\u{1}", "Export"),
            ("", "Export"),
            ("A & B <\"C\">", "A & B <\"C\">"),
            (&"🌴".repeat(20), &"🌴".repeat(15)),
        ] {
            assert_eq!(sheet_name(title), name);
            assert_eq!(read(file(&json!([]), title, &[])).0, name);
        }
    }

    #[test]
    fn headings_are_bold_and_stay_in_sight() {
        let file = file(&json!([{ "name": "a", "label": "=Prénom" }]), "T", &[]);
        let sheet = part(&file, "xl/worksheets/sheet1.xml");
        assert!(sheet.contains("<pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>"));
        assert!(sheet.contains("<c r=\"C1\" t=\"inlineStr\" s=\"1\"><is><t xml:space=\"preserve\">=Prénom</t>"));
    }

    #[test]
    fn columns_have_letters() {
        for (position, name) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")] {
            assert_eq!(letters(position), name);
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            4 => "(?s).{0,20}".prop_map(Value::from),
            1 => "[0-9T:Z+-]{0,24}".prop_map(Value::from),
            1 => any::<i64>().prop_map(Value::from),
            1 => any::<f64>().prop_map(Value::from),
            1 => any::<bool>().prop_map(Value::from),
            1 => Just(Value::Null),
            1 => vec("(?s).{0,9}", 0..3).prop_map(Value::from),
        ]
    }

    proptest! {
        #[test]
        fn a_reader_of_workbooks_finds_every_row(
            label in "(?s).{0,20}", title in "(?s).{0,40}", rows in vec(vec(value(), 3), 0..6),
        ) {
            let fields = json!([
                { "name": "a", "label": label }, { "name": "b", "type": "date" }, { "name": "c", "type": "datetime" },
            ]);
            let objects: Vec<Value> = rows
                .iter()
                .map(|row| Map::from_iter(["a", "b", "c"].map(str::to_owned).into_iter().zip(row.iter().cloned())).into())
                .collect();

            let (_, range) = read(file(&fields, &title, &objects));

            prop_assert_eq!(range.height(), rows.len() + 1);
            for (found, row) in range.rows().skip(1).zip(&rows) {
                for (found, value) in found[2..5].iter().zip(row) {
                    match value {
                        Value::Bool(value) => prop_assert_eq!(found, &Data::Bool(*value)),
                        Value::Number(_) => prop_assert!(matches!(found, Data::Float(_) | Data::Int(_) | Data::String(_))),
                        Value::Null => prop_assert_eq!(found, &Data::Empty),
                        _ => prop_assert!(matches!(found, Data::String(_) | Data::DateTime(_) | Data::Empty)),
                    }
                }
            }
        }
    }
}
