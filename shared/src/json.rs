//! JSON from outside: request bodies, and columns whose contents other programs may have written.
//!
//! serde_json reads an object whose first key is one of its private names as a number, or as the JSON inside a string.
//! Such a body is refused, and such a column is read as the object that it is.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Value, value::RawValue};
use sqlx::{
    Decode, Postgres, Type,
    error::BoxDynError,
    postgres::{PgTypeInfo, PgValueRef},
    types::Json,
};

use crate::{error::ApiError, text::Text};

/// The levels that are read as JSON of a column with more levels than serde_json reads, which is 127. A client whose
/// parser takes 128 levels can then read an answer that contains them.
const MAX_DEPTH: usize = 100;

/// How serde_json's private names begin.
const PRIVATE: &str = "$serde_json::private::";

/// Reads the JSON of a body.
pub(crate) fn read_body(json: &[u8]) -> Result<Value, ApiError> {
    if has_private_key(json) {
        return Err(ApiError::Malformed(Text::Own {
            fr: "Une clé qui commence par «\u{a0}$serde_json::private::\u{a0}» n'est pas autorisée\u{a0}: retirez-la.",
            en: "A key that begins with \"$serde_json::private::\" is not allowed: remove it.",
        }));
    }
    serde_json::from_slice(json)
        .map_err(|error| ApiError::Malformed(Text::Verbatim(format!("JSON parse error - {error}"))))
}

/// Whether any object has a key that begins with [`PRIVATE`]: a string that a colon follows. Of text that is not JSON
/// the answer is of no use.
fn has_private_key(json: &[u8]) -> bool {
    let mut rest = json;
    while let Some(start) = rest.iter().position(|byte| *byte == b'"') {
        let (string, behind) = split_string(&rest[start..]);
        let is_key = behind.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':');
        if is_key && serde_json::from_slice::<String>(string).is_ok_and(|key| key.starts_with(PRIVATE)) {
            return true;
        }
        rest = behind;
    }
    false
}

/// A string with its quotation marks, and the rest of the text.
fn split_string(text: &[u8]) -> (&[u8], &[u8]) {
    let mut is_escaped = false;
    let length = text.iter().skip(1).position(|byte| {
        let is_end = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        is_end
    });
    text.split_at(length.map_or(text.len(), |length| length + 2))
}

/// The JSON of a column as it is stored, with any keys: in a query, `data as "data: Stored"`. What lies deeper than
/// [`MAX_DEPTH`] is read as the text of its JSON, since values are read and written by recursion.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored(Value);

impl From<Stored> for Value {
    fn from(Stored(value): Stored) -> Self {
        value
    }
}

impl<'de> Deserialize<'de> for Stored {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?.get();
        // PostgreSQL writes no escapes for these characters.
        let value = match serde_json::from_str(json) {
            Ok(value) if !json.contains(PRIVATE) => Ok(value),
            _ => read_by_level(json, MAX_DEPTH),
        };
        value.map(Self).map_err(D::Error::custom)
    }
}

/// Reads each object and list by itself, since serde_json gives its private names a meaning, and refuses deep values.
fn read_by_level(json: &str, depth: usize) -> serde_json::Result<Value> {
    match json.trim_start().as_bytes().first() {
        Some(b'{' | b'[') if depth == 0 => Ok(json.into()),
        Some(b'{') => {
            let fields: BTreeMap<String, &RawValue> = serde_json::from_str(json)?;
            fields.into_iter().map(|(name, value)| Ok((name, read_by_level(value.get(), depth - 1)?))).collect()
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(json)?;
            items.into_iter().map(|item| read_by_level(item.get(), depth - 1)).collect()
        }
        _ => serde_json::from_str(json),
    }
}

impl Type<Postgres> for Stored {
    fn type_info() -> PgTypeInfo {
        Json::<Self>::type_info()
    }

    fn compatible(other: &PgTypeInfo) -> bool {
        Json::<Self>::compatible(other)
    }
}

impl<'r> Decode<'r, Postgres> for Stored {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        Json::decode(value).map(|Json(stored)| stored)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::{Map, Value, json};

    use super::{Stored, has_private_key};

    const NUMBER: &str = "$serde_json::private::Number";

    #[test]
    fn a_private_key_is_found_at_any_depth_and_in_any_spelling() {
        for body in [
            r#"{"$serde_json::private::Number": "100"}"#,
            r#"{"a": {"$serde_json::private::Number"  :"100"}}"#,
            r#"[[{"b": 1, "$serde_json::private::RawValue": "[]"}]]"#,
            r#"{"\u0024serde_json::private::N\u0075mber": "1"}"#,
            r#"{"a": "\\", "$serde_json::private::Number": "1"}"#,
            r#"{"a": "\"", "a": 1, "$serde_json::private::Number": "1", "$serde_json::private::Number": "1"}"#,
            "{\"a\":{\"$serde_json::private::Number\"\n\t:\"1\"}}",
        ] {
            assert!(has_private_key(body.as_bytes()), "{body}");
        }
    }

    #[test]
    fn a_private_name_is_allowed_in_a_text() {
        for body in [
            r#"{"a": "$serde_json::private::Number"}"#,
            r#"{"a": ["$serde_json::private::Number", "b:"]}"#,
            r#"{"a": "\"$serde_json::private::Number\": 1"}"#,
            r#"{"$serde_json": 1, "serde_json::private::Number": 2}"#,
            r#"{"a"#,
            "\"",
            "",
        ] {
            assert!(!has_private_key(body.as_bytes()), "{body}");
        }
    }

    #[test]
    fn a_column_is_read_as_it_is_stored() {
        let object = |key: &str, value: Value| Value::Object(Map::from_iter([(key.to_owned(), value)]));
        for value in [
            object(NUMBER, json!("100")),
            object(NUMBER, json!("abc")),
            object("$serde_json::private::RawValue", json!("[1, 2]")),
            json!([1, { "a": object(NUMBER, json!({ "b": [] })) }]),
            json!({ "text": NUMBER, "list": [1.5, null, true] }),
        ] {
            let stored: Stored = serde_json::from_str(&value.to_string()).unwrap();
            assert_eq!(Value::from(stored), value);
        }
        let digits = "9".repeat(10_000);
        let stored: Stored = serde_json::from_str(&format!("[{digits}, 1.50]")).unwrap();
        assert_eq!(Value::from(stored).to_string(), format!("[{digits},1.50]"));
    }

    #[test]
    fn the_deepest_levels_of_a_column_are_read_as_text() {
        let nested = |depth: usize, inside: &str| format!("{}{inside}{}", "[".repeat(depth), "]".repeat(depth));
        let read = |json: &str| Value::from(serde_json::from_str::<Stored>(json).unwrap()).to_string();

        assert_eq!(read(&nested(127, "1")), nested(127, "1"));
        assert_eq!(read(&nested(130, "1")), nested(100, &format!("{:?}", nested(30, "1"))));
        assert_eq!(read(&nested(50_000, "")), nested(100, &format!("{:?}", nested(49_900, ""))));
    }
}

#[cfg(test)]
mod properties {
    #![allow(clippy::unwrap_used)]

    use proptest::{prelude::*, sample::select};
    use serde_json::{Value, json};

    use super::{PRIVATE, Stored, has_private_key};
    use crate::properties::json;

    fn has_private_key_anywhere(value: &Value) -> bool {
        match value {
            Value::Object(fields) => {
                fields.iter().any(|(name, value)| name.starts_with(PRIVATE) || has_private_key_anywhere(value))
            }
            Value::Array(items) => items.iter().any(has_private_key_anywhere),
            _ => false,
        }
    }

    /// JSON in which a private name often is a key.
    fn odd_json() -> impl Strategy<Value = Value> {
        let name = select(vec!["$serde_json::private::Number", "$serde_json::private::RawValue", "$serde_json", "a"]);
        (json(), name, json(), 0..4_u8).prop_map(|(inside, name, other, place)| match place {
            0 => json!({ name: inside }),
            1 => json!({ "a": [other, { name: inside }] }),
            2 => json!([name, { "b": name, "c": inside }]),
            _ => inside,
        })
    }

    proptest! {
        #[test]
        fn a_private_key_is_found_in_any_json(value in odd_json(), is_escaped in any::<bool>()) {
            let json = value.to_string();
            let json = if is_escaped { json.replace('$', "\\u0024") } else { json };
            prop_assert_eq!(has_private_key(json.as_bytes()), has_private_key_anywhere(&value), "{}", json);
        }

        #[test]
        fn any_column_is_read_as_it_was_written(value in odd_json()) {
            let stored: Stored = serde_json::from_str(&value.to_string()).unwrap();
            prop_assert_eq!(Value::from(stored), value);
        }

        #[test]
        fn any_bytes_are_searched_for_a_private_key(bytes in "[\"\\\\:a{} ]{0,40}") {
            has_private_key(bytes.as_bytes());
        }
    }
}
