//! One whole value, and why text is none.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

use crate::escape::excerpt;

/// Why bytes are not one strict JSON object; the text is safe for a terminal.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JsonError {
    #[error("{0}")]
    Invalid(String),
    /// Valid JSON; where it is.
    #[error(
        "not JSON that padlock can read: it has a number beyond the range of a double, about \
         1.8e308,{0}"
    )]
    Number(String),
}

/// How `serde_json`'s message about such a number begins.
pub(super) const OUT_OF_RANGE: &str = "number out of range";

/// Members of a token's claims or of a response, usually: room that need not grow step by step.
pub(super) const MEMBERS: usize = 12;

/// Parses one JSON object (RFC 8259). Duplicate names are refused: parsers disagree on which member
/// counts. So are numbers beyond the range of a double, nesting deeper than 127 levels and lone
/// surrogates.
pub(crate) fn object(bytes: &[u8]) -> Result<Map<String, Value>, JsonError> {
    match value(bytes)? {
        Value::Object(object) => Ok(object),
        other => Err(JsonError::Invalid(format!(
            "{}, not a JSON object",
            type_name(&other)
        ))),
    }
}

/// Parses one JSON value by the same rules.
pub(crate) fn value(bytes: &[u8]) -> Result<Value, JsonError> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let visitor = StrictVisitor { members: MEMBERS };
    let parsed = json.deserialize_any(visitor);
    let parsed = parsed.and_then(|value| json.end().map(|()| value));
    parsed.map_err(|error: serde_json::Error| {
        let text = error.to_string();
        match text.strip_prefix(OUT_OF_RANGE) {
            Some(place) => JsonError::Number(place.to_owned()),
            None => JsonError::Invalid(format!("not valid JSON: {text}")),
        }
    })
}

/// The name of a value's type.
fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A value that keeps the rules.
pub(super) struct Strict(pub(super) Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let visitor = StrictVisitor { members: 0 };
        deserializer.deserialize_any(visitor).map(Self)
    }
}

struct StrictVisitor {
    /// Members that an object has room for from the start.
    members: usize,
}

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom(OUT_OF_RANGE))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Strict(member)) = members.next_element()? {
            array.push(member);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::with_capacity(self.members);
        while let Some(name) = members.next_key::<String>()? {
            match object.entry(name) {
                Entry::Vacant(free) => free.insert(members.next_value::<Strict>()?.0),
                Entry::Occupied(taken) => {
                    let name = excerpt(taken.key(), 40);
                    return Err(A::Error::custom(format_args!(
                        "the name \"{name}\" is given twice"
                    )));
                }
            };
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duplicate_name_is_refused_at_any_depth() {
        for json in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"x":[{"y":{"a":1,"b":2,"a":3}}]}"#,
        ] {
            let message = object(json.as_bytes()).unwrap_err().to_string();
            assert!(
                message.contains("the name \"a\" is given twice"),
                "{message}"
            );
        }
        assert!(object(br#"{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}"#).is_ok());
    }

    #[test]
    fn only_one_object_and_nothing_else_is_parsed() {
        for json in [
            "",
            " ",
            "1",
            "null",
            "[]",
            "\"{}\"",
            "{}{}",
            "{} x",
            "{\"a\":1,}",
            "{a:1}",
            "{'a':1}",
            "\u{feff}{}",
        ] {
            assert!(object(json.as_bytes()).is_err(), "{json}");
        }
        assert_eq!(object(b" \r\n\t{ \"a\" : [ ] } ").unwrap().len(), 1);
    }

    #[test]
    fn an_error_names_the_type_of_another_value() {
        for (json, name) in [
            ("null", "null"),
            ("true", "a boolean"),
            ("5", "a number"),
            ("\"\"", "a string"),
            ("[]", "an array"),
        ] {
            assert_eq!(
                object(json.as_bytes()).unwrap_err().to_string(),
                format!("{name}, not a JSON object")
            );
        }
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_refused() {
        for bytes in [
            &b"{\"a\":\"\xff\"}"[..],
            b"{\"a\":\"\xc0\xaf\"}",
            b"{\"a\":\"\xed\xa0\x80\"}",
            br#"{"a":"\ud800"}"#,
        ] {
            assert!(object(bytes).is_err());
        }
    }

    #[test]
    fn deep_nesting_is_refused_without_a_stack_overflow() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert!(object(nested(100).as_bytes()).is_ok());
        assert!(object(nested(100_000).as_bytes()).is_err());
    }

    #[test]
    fn integers_are_exact_and_numbers_out_of_range_are_refused() {
        let numbers =
            object(br#"{"a":18446744073709551615,"b":-9223372036854775808,"c":0.1,"d":1e-999}"#)
                .unwrap();
        assert_eq!(numbers["a"], u64::MAX);
        assert_eq!(numbers["b"], i64::MIN);
        assert_eq!(numbers["c"], 0.1);
        for number in ["1e400".to_owned(), format!("-1{}", "0".repeat(400))] {
            let error = object(format!("{{\"a\":[{number}]}}").as_bytes()).unwrap_err();
            assert!(matches!(error, JsonError::Number(_)), "{error}");
            assert!(
                error.to_string().contains("about 1.8e308, at line 1"),
                "{error}"
            );
        }
    }
}
