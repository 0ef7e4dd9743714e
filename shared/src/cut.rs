//! Limits the size of a list row. The row's own path answers all of it.
//!
//! Invariant: a page of 100 rows is at most 4 MB of JSON, which fits into Lambda's 6 MB, in base64 too.

use std::io;

use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::{Map, Value};

/// The longest text of a list row, in characters.
pub const MAX_CHARACTERS: usize = 10_000;
/// The largest list row, in bytes of JSON.
pub const MAX_ROW_BYTES: usize = 40_000;

/// Every element that stays in a cut array or object gets at least this many bytes, or its own size if that is less.
const FLOOR: usize = 16;
const ELLIPSIS: char = '…';

/// A list row: as it is if it is small, otherwise cut.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Listed<T> {
    /// The row.
    Whole(T),
    /// The row as JSON, with its longest values cut.
    Cut(Value),
}

impl<T: Serialize> Listed<T> {
    /// Cuts the row's texts at `max_characters`, then its longest values until the row has [`MAX_ROW_BYTES`].
    ///
    /// # Errors
    /// If the row is not JSON.
    pub fn new(row: T, max_characters: usize) -> serde_json::Result<Self> {
        // Each character takes at least a byte, so that no text of such a row is too long.
        let small = max_characters.min(MAX_ROW_BYTES);
        if json_size(&row, small) <= small { Ok(Self::Whole(row)) } else { cut(&row, max_characters).map(Self::Cut) }
    }
}

/// Serializes rows as a list does, for the rows that another answer contains.
///
/// # Errors
/// If a row is not JSON.
pub fn rows<'r, T: Serialize + 'r, S: Serializer>(
    rows: impl IntoIterator<Item = &'r T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let rows = rows.into_iter().map(|row| Listed::new(row, MAX_CHARACTERS)).collect::<Result<Vec<_>, _>>();
    rows.map_err(S::Error::custom)?.serialize(serializer)
}

/// The row as a list shows it.
///
/// # Errors
/// If the row is not JSON.
pub fn cut(row: &impl Serialize, max_characters: usize) -> serde_json::Result<Value> {
    let mut row = serde_json::to_value(row)?;
    shorten(&mut row, max_characters);
    fit(&mut row, MAX_ROW_BYTES);
    Ok(row)
}

/// Undoes the cuts in `sent`: a value that equals `shown`, the cut form of `stored`, becomes `stored`. So does a text that
/// was cut a little earlier or later, since the rest of the row may have had another size when it was listed.
///
/// Answers false if an array that the list shows without its end was changed: the end would be lost.
#[must_use]
pub fn restore(sent: &mut Value, shown: &Value, stored: &Value) -> bool {
    if sent == shown {
        stored.clone_into(sent);
        return true;
    }
    match (sent, shown, stored) {
        (Value::String(sent), Value::String(shown), Value::String(stored)) => {
            let start = sent.strip_suffix(ELLIPSIS).filter(|_| shown != stored && sent.len() >= shown.len() / 2);
            if start.is_some_and(|start| stored.starts_with(start)) {
                stored.clone_into(sent);
            }
        }
        // See `json_column`.
        (sent @ Value::String(_), _, Value::Object(_) | Value::Array(_)) if may_be_cut(sent) => stored.clone_into(sent),
        (Value::Object(sent), Value::Object(shown), Value::Object(stored)) => {
            return sent.iter_mut().all(|(name, value)| match (shown.get(name), stored.get(name)) {
                (Some(shown), Some(stored)) => restore(value, shown, stored),
                _ => true,
            });
        }
        (Value::Array(sent), Value::Array(shown), Value::Array(stored)) => {
            // Without an element of the end, the array comes from a list that shows only its beginning.
            let hidden = stored.get(shown.len()..).unwrap_or_default();
            if !hidden.is_empty() && !hidden.iter().any(|element| sent.contains(element)) {
                return false;
            }
            let is_as_long = sent.len() == shown.len();
            return sent.iter_mut().enumerate().all(|(at, value)| {
                let is_same = |shown: &Value| match value.get("name") {
                    Some(name) => shown.get("name") == Some(name),
                    None => shown == value,
                };
                let mut same = (0..shown.len()).filter(|at| is_same(&shown[*at]));
                let counterpart = match (same.next(), same.next()) {
                    (Some(first), None) => first,
                    _ if is_as_long => at,
                    // Two elements look the same once they are cut.
                    (Some(_), Some(_)) if may_be_cut(value) => return false,
                    _ => return true,
                };
                let pair = shown.get(counterpart).zip(stored.get(counterpart));
                pair.is_none_or(|(shown, stored)| restore(value, shown, stored))
            });
        }
        _ => {}
    }
    true
}

/// Whether any text in a value could be the cut form of another.
pub(crate) fn may_be_cut(value: &Value) -> bool {
    match value {
        Value::String(text) => text.ends_with(ELLIPSIS),
        Value::Array(items) => items.iter().any(may_be_cut),
        Value::Object(fields) => fields.values().any(may_be_cut),
        _ => false,
    }
}

/// The size of a value in bytes of JSON. Counting stops above `limit`.
pub fn json_size(value: &impl Serialize, limit: usize) -> usize {
    let mut counter = Counter { bytes: 0, limit };
    // The only error is the counter's own.
    let _ = serde_json::to_writer(&mut counter, value);
    counter.bytes
}

/// A `jsonb` column of a list as SQL. Two kinds of JSON of an adopted database become the beginning of their text: more than
/// 100 kB, of which a page would take too long, and deeper than serde_json reads.
pub fn json_column(name: &str) -> String {
    format!(
        "case when {} then to_jsonb(left({name}::text, 9999) || '…') else {name} end as {name}",
        too_large(name, 100_000)
    )
}

/// The condition for that.
pub fn too_large(name: &str, max_bytes: u32) -> String {
    // The size in the table, which may be compressed, is known without reading the value.
    format!(
        "pg_column_size({name}) > 2000 and octet_length({name}::text) > {max_bytes} or {name} @? 'strict $.**{{100}}'"
    )
}

struct Counter {
    bytes: usize,
    limit: usize,
}

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes += bytes.len();
        if self.bytes > self.limit { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Cuts every text at a number of characters.
fn shorten(value: &mut Value, max_characters: usize) {
    match value {
        Value::String(text) if text.len() > max_characters => {
            let mut ends = text.char_indices().map(|(end, _)| end).skip(max_characters.saturating_sub(1));
            if let (Some(end), Some(_)) = (ends.next(), ends.next()) {
                text.truncate(end);
                text.push(ELLIPSIS);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| shorten(item, max_characters)),
        Value::Object(fields) => fields.values_mut().for_each(|field| shorten(field, max_characters)),
        _ => {}
    }
}

/// Cuts a value to a number of bytes, which is at least [`FLOOR`]. The longest parts are cut first.
fn fit(value: &mut Value, budget: usize) {
    if json_size(value, budget) <= budget {
        return;
    }
    match value {
        Value::String(text) => cut_text(text, budget),
        // PostgreSQL takes numbers of more than 100,000 digits.
        Value::Number(number) => {
            let mut digits = number.to_string();
            cut_text(&mut digits, budget);
            *value = digits.into();
        }
        Value::Array(items) => {
            let (kept, level) = share(items.iter().map(|item| (1, json_size(item, budget))), budget);
            items.truncate(kept);
            items.iter_mut().for_each(|item| fit(item, level));
        }
        Value::Object(fields) => {
            let sizes = fields.iter().map(|(name, value)| (json_size(name, budget) + 2, json_size(value, budget)));
            let (kept, level) = share(sizes, budget);
            *fields = std::mem::take(fields).into_iter().take(kept).collect::<Map<_, _>>();
            fields.values_mut().for_each(|value| fit(value, level));
        }
        Value::Null | Value::Bool(_) => {}
    }
}

/// How many elements fit into a budget, and how large each of them may be. An element is its overhead and its size.
fn share(elements: impl Iterator<Item = (usize, usize)>, budget: usize) -> (usize, usize) {
    let mut left = budget.saturating_sub("[]".len());
    let mut sizes = Vec::new();
    for (overhead, size) in elements {
        let least = overhead + size.min(FLOOR);
        if least > left {
            break;
        }
        left -= least;
        sizes.push(size);
    }
    let kept = sizes.len();
    left += sizes.iter().map(|size| size.min(&FLOOR)).sum::<usize>();
    sizes.sort_unstable();
    for (n, size) in sizes.into_iter().enumerate() {
        let equal = left / (kept - n);
        if size > equal {
            return (kept, equal);
        }
        left -= size;
    }
    (kept, budget)
}

/// Cuts a text to a number of bytes of JSON, with its quotation marks.
fn cut_text(text: &mut String, budget: usize) {
    let mut left = budget.saturating_sub("\"\"".len() + ELLIPSIS.len_utf8());
    let end = text.char_indices().find(|(_, c)| {
        let bytes = match c {
            '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
            ..='\u{1f}' => 6,
            other => other.len_utf8(),
        };
        let fits = bytes <= left;
        left = left.saturating_sub(bytes);
        !fits
    });
    if let Some((end, _)) = end {
        text.truncate(end);
        text.push(ELLIPSIS);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{FLOOR, Listed, MAX_CHARACTERS, MAX_ROW_BYTES, cut, fit, json_size, restore};
    use crate::properties::json;

    fn size(value: &Value) -> usize {
        value.to_string().len()
    }

    #[test]
    fn a_small_row_is_listed_as_it_is() {
        for row in [json!(null), json!({ "text": "x".repeat(9_000) }), json!({ "a": [1, { "b": "\"\\\n" }] })] {
            assert!(matches!(Listed::new(row, MAX_CHARACTERS).unwrap(), Listed::Whole(_)));
        }
        let row = json!({ "a": "x".repeat(MAX_CHARACTERS), "b": "y".repeat(MAX_CHARACTERS) });
        assert_eq!(cut(&row, MAX_CHARACTERS).unwrap(), row);
    }

    #[test]
    fn a_text_is_cut_at_ten_thousand_characters() {
        for c in ['x', 'é', '"', '😀'] {
            let row = json!({ "id": 1, "text": c.to_string().repeat(MAX_CHARACTERS + 1) });
            let cut = cut(&row, MAX_CHARACTERS).unwrap();
            let text = cut["text"].as_str().unwrap();
            assert!(text.ends_with('…') && size(&cut) <= MAX_ROW_BYTES, "{c}");
            if c != '😀' {
                assert_eq!(text.chars().count(), MAX_CHARACTERS, "{c}");
            }
        }
    }

    #[test]
    fn the_longest_values_are_cut_first() {
        let row = json!({ "id": 1, "title": "t".repeat(300), "a": "\u{1}".repeat(9_000), "b": "😀".repeat(9_000) });
        let cut = cut(&row, MAX_CHARACTERS).unwrap();
        assert_eq!((&cut["id"], &cut["title"]), (&row["id"], &row["title"]));
        let (a, b) = (size(&cut["a"]), size(&cut["b"]));
        assert!(a.abs_diff(b) < 10 && (39_980..=MAX_ROW_BYTES).contains(&size(&cut)), "{a} {b}");
    }

    #[test]
    fn huge_arrays_objects_keys_and_numbers_are_cut() {
        let digits: Value = serde_json::from_str(&"9".repeat(100_000)).unwrap();
        let many: Value = (0..100_000).map(|n| (n.to_string(), json!(n))).collect::<serde_json::Map<_, _>>().into();
        let mut deep = json!("x".repeat(60_000));
        for _ in 0..100 {
            deep = json!([deep, "y".repeat(1_000)]);
        }
        for data in [json!(vec![0; 500_000]), many, json!({ "k".repeat(100_000): 1 }), digits, deep] {
            let cut = cut(&json!({ "id": 7, "data": data, "updated_at": "now" }), MAX_CHARACTERS).unwrap();
            assert!(size(&cut) <= MAX_ROW_BYTES);
            assert_eq!((&cut["id"], &cut["updated_at"]), (&json!(7), &json!("now")));
            assert!(cut.get("data").is_some());
        }
    }

    #[test]
    fn a_cut_value_that_comes_back_stands_for_the_whole() {
        let stored = json!({ "name": "Awa", "note": "n".repeat(20_000), "list": ["l".repeat(20_000), "m"] });
        let shown = cut(&stored, MAX_CHARACTERS).unwrap();
        let mut sent = shown.clone();
        sent["name"] = json!("Fatou");
        sent["list"][1] = json!("changed");
        assert!(restore(&mut sent, &shown, &stored));
        assert_eq!(sent["note"], stored["note"]);
        assert_eq!(sent["list"], json!([stored["list"][0], "changed"]));
        assert_eq!(sent["name"], json!("Fatou"));
    }

    #[test]
    fn a_text_that_was_cut_elsewhere_stands_for_the_whole() {
        let stored = json!({ "note": "n".repeat(20_000), "short": "Bonjour" });
        let shown = cut(&stored, MAX_CHARACTERS).unwrap();
        for (sent, restored) in [(9_500, true), (11_000, true), (100, false)] {
            let mut sent = json!({ "note": format!("{}…", "n".repeat(sent)) });
            assert!(restore(&mut sent, &shown, &stored));
            assert_eq!(sent["note"] == stored["note"], restored);
        }
        for edit in [json!({ "short": "Bon…" }), json!({ "note": format!("{}m…", "n".repeat(9_900)) })] {
            let mut sent = edit.clone();
            assert!(restore(&mut sent, &shown, &stored));
            assert_eq!(sent, edit);
        }
    }

    #[test]
    fn the_elements_of_a_changed_array_are_found_by_name_or_by_their_cut_form() {
        let options: Vec<String> = (0..400).map(|n| format!("{n} {}", "x".repeat(200))).collect();
        let fields = json!([{ "name": "a", "options": options }, { "name": "b", "label": "B" }]);
        let stored = json!({ "fields": fields });
        let shown = cut(&stored, MAX_CHARACTERS).unwrap();
        assert_ne!(shown, stored);
        // Removed, added, and in another order.
        for order in [vec![0], vec![1, 0]] {
            let pick = |row: &Value| order.iter().map(|at| row["fields"][*at].clone()).collect::<Vec<_>>();
            let mut sent = json!({ "fields": pick(&shown) });
            sent["fields"].as_array_mut().unwrap().push(json!({ "name": "c" }));
            assert!(restore(&mut sent, &shown, &stored));
            let mut expected = pick(&stored);
            expected.push(json!({ "name": "c" }));
            assert_eq!(sent["fields"], json!(expected));
        }
        let mut sent = shown.clone();
        sent["fields"][0]["options"].as_array_mut().unwrap().remove(7);
        let mut expected = stored.clone();
        expected["fields"][0]["options"].as_array_mut().unwrap().remove(7);
        assert!(restore(&mut sent, &shown, &stored));
        assert_eq!(sent, expected);
    }

    #[test]
    fn an_array_without_its_end_cannot_be_changed() {
        let stored = json!({ "list": (0..20_000).collect::<Vec<_>>() });
        let shown = cut(&stored, MAX_CHARACTERS).unwrap();
        assert!(shown["list"].as_array().unwrap().len() < 20_000);
        for (row, is_safe) in [(&shown, false), (&stored, true)] {
            let mut sent = row.clone();
            sent["list"][0] = json!("changed");
            assert_eq!(restore(&mut sent, &shown, &stored), is_safe);
        }
    }

    proptest! {
        #[test]
        fn any_value_is_cut_to_any_budget(value in json(), budget in FLOOR..300_usize) {
            let mut cut = value.clone();
            fit(&mut cut, budget);
            prop_assert!(size(&cut) <= budget, "{cut}");
            prop_assert_eq!(json_size(&cut, budget), size(&cut));
            if size(&value) <= budget {
                prop_assert_eq!(&cut, &value);
            }
            let once = cut.clone();
            fit(&mut cut, budget);
            prop_assert_eq!(cut, once);
        }

        #[test]
        fn a_cut_row_keeps_its_keys(values in proptest::collection::btree_map("[a-z]{1,8}", json(), 0..12), repeated in 0..3_000_usize) {
            let mut row = json!(values);
            row["text"] = json!("\"é😀\u{7}".repeat(repeated));
            let cut = cut(&row, MAX_CHARACTERS).unwrap();
            prop_assert!(size(&cut) <= MAX_ROW_BYTES);
            prop_assert!(cut.as_object().unwrap().keys().eq(row.as_object().unwrap().keys()));
            let mut sent = cut.clone();
            prop_assert!(restore(&mut sent, &cut, &row));
            prop_assert_eq!(sent, row);
        }
    }
}
