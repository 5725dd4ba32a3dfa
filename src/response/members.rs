//! The members of a JSON object, each read only where it is needed: one that is odd costs nothing.

use std::borrow::Cow;
use std::fmt;

use secrecy::SecretString;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

/// Names and values of a JSON object, in order. The values are not read yet, so that no copy of a
/// secret is made.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Members<'a>(
    #[serde(borrow, deserialize_with = "entries")] Vec<(Cow<'a, str>, &'a RawValue)>,
);

impl<'a> Members<'a> {
    /// The members of the object that is the whole text.
    pub(crate) fn parse(text: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// Whether the name is given more than once, so that readers may disagree on its value.
    pub(super) fn is_ambiguous(&self, name: &str) -> bool {
        self.0.iter().filter(|(found, _)| found == name).count() > 1
    }

    /// The JSON of the last member of that name, unless it is null.
    pub(super) fn json(&self, name: &str) -> Option<&'a str> {
        let mut members = self.0.iter().rev();
        let (_, value) = members.find(|(found, _)| found == name)?;
        Some(value.get()).filter(|json| *json != "null")
    }

    /// The object with another value for this name, everything else as it came.
    pub(super) fn replaced(&self, name: &str, json: &str) -> Zeroizing<String> {
        let length = self
            .0
            .iter()
            .map(|(name, value)| 6 * name.len() + value.get().len() + 4);
        let length = length.sum::<usize>() + json.len() + 2;
        let mut text = Zeroizing::new(String::with_capacity(length));
        for (found, value) in &self.0 {
            let mark = if text.is_empty() { '{' } else { ',' };
            text.push(mark);
            // Serializing a string does not fail.
            text.push_str(&serde_json::to_string(found).unwrap_or_default());
            text.push(':');
            text.push_str(if found == name { json } else { value.get() });
        }
        text.push('}');
        text
    }

    /// Any value that is nested no deeper than 127 levels.
    pub(super) fn value(&self, name: &str) -> Option<Value> {
        serde_json::from_str(self.json(name)?).ok()
    }

    /// A string.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.json(name)?).ok()
    }

    /// A list of strings.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        let list = self.json(name).map(serde_json::from_str);
        list.and_then(Result::ok).unwrap_or_default()
    }

    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        serde_json::from_str(self.json(name)?).ok()
    }

    /// A string that is a secret.
    pub(crate) fn secret(&self, name: &str) -> Option<SecretString> {
        serde_json::from_str(self.json(name)?).ok()
    }

    /// A number, or a string that holds one, as some servers send it.
    pub(crate) fn seconds(&self, name: &str) -> Option<f64> {
        let number = self.json(name)?.trim_matches('"').trim();
        let seconds = number.parse::<f64>().ok();
        seconds.filter(|seconds| seconds.is_finite())
    }

    /// The list of names that separates them by spaces, or is a JSON list of strings.
    pub(super) fn words(&self, name: &str) -> Option<String> {
        let list = || serde_json::from_str::<Vec<String>>(self.json(name)?).ok();
        self.text(name).or_else(|| Some(list()?.join(" ")))
    }
}

fn entries<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<(Cow<'de, str>, &'de RawValue)>, D::Error> {
    struct Entries;

    impl<'de> Visitor<'de> for Entries {
        type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a JSON object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut entries = Vec::with_capacity(8);
            while let Some(Name(name)) = map.next_key()? {
                entries.push((name, map.next_value()?));
            }
            Ok(entries)
        }
    }

    deserializer.deserialize_map(Entries)
}

/// A member's name, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(json: &str) -> Option<f64> {
        let object = format!("{{\"a\":{json}}}");
        Members::parse(&object).unwrap().seconds("a")
    }

    #[test]
    fn seconds_may_be_a_string_and_anything_else_is_none() {
        assert_eq!(seconds("3600"), Some(3600.0));
        assert_eq!(seconds("\"3600\""), Some(3600.0));
        assert_eq!(seconds("\" 3599.5 \""), Some(3599.5));
        for json in ["\"\"", "null", "[]", "{}", "true", "\"an hour\"", "1e400"] {
            assert_eq!(seconds(json), None, "{json}");
        }
    }

    #[test]
    fn words_may_be_a_list() {
        let words = |json: &str| {
            let object = format!("{{\"a\":{json}}}");
            Members::parse(&object).unwrap().words("a")
        };
        assert_eq!(words("\"a b\""), Some("a b".into()));
        assert_eq!(words("[\"a\",\"b\"]"), Some("a b".into()));
        assert_eq!(words("[]"), Some(String::new()));
        for json in ["null", "5", "{}", "[1]"] {
            assert_eq!(words(json), None, "{json}");
        }
    }

    #[test]
    fn a_member_is_replaced_and_the_others_stay_as_they_came() {
        let text = r#"{"a\n": 1.50, "b":"2", "c":{"d":1e999}}"#;
        let members = Members::parse(text).unwrap();
        let expected = r#"{"a\n":1.50,"b":7,"c":{"d":1e999}}"#;
        assert_eq!(members.replaced("b", "7").as_str(), expected);
    }

    #[test]
    fn the_last_of_several_members_counts_and_they_are_ambiguous() {
        let members = Members::parse(r#"{"a":"1","\u0061":"2","b":3}"#).unwrap();
        assert_eq!(members.text("a"), Some("2".into()));
        assert!(members.is_ambiguous("a") && !members.is_ambiguous("b"));
    }

    #[test]
    fn a_value_that_is_not_read_may_have_any_depth_and_size() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let text = format!("{{\"deep\":{deep},\"huge\":1e999,\"a\":\"b\"}}");
        let members = Members::parse(&text).unwrap();
        assert_eq!(members.text("a"), Some("b".into()));
        assert_eq!((members.value("deep"), members.value("huge")), (None, None));
    }
}
