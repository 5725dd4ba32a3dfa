//! Some members of one strict JSON object: the others are read by the same rules, and not kept.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::whole::{JsonError, MEMBERS, OUT_OF_RANGE, Strict, object};

/// Members up to which names are compared one by one.
const FEW: usize = 24;

/// The members of one JSON object that `wanted` knows by their names, in their order. The whole
/// text keeps the rules of [`object`], and the errors are its errors.
pub(crate) fn selected<T>(
    bytes: &[u8],
    wanted: fn(&str) -> Option<T>,
) -> Result<Vec<(T, Value)>, JsonError> {
    if let Some(members) = usual(bytes, wanted) {
        return Ok(members);
    }
    let members = object(bytes)?.into_iter();
    Ok(members
        .filter_map(|(name, value)| Some((wanted(&name)?, value)))
        .collect())
}

/// The same without a map; `None` if the text breaks a rule or is unusual: escapes in names, or many
/// members.
fn usual<T>(bytes: &[u8], wanted: fn(&str) -> Option<T>) -> Option<Vec<(T, Value)>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut json = serde_json::Deserializer::from_str(text);
    let members = json.deserialize_map(Selected { wanted }).ok()?;
    json.end().ok().map(|()| members)
}

/// The names of one object.
struct Names<'de> {
    names: [&'de str; FEW],
    count: usize,
}

impl<'de> Names<'de> {
    fn new() -> Self {
        Self {
            names: [""; FEW],
            count: 0,
        }
    }

    /// The next name, if it is a new one without escapes.
    fn next<A: MapAccess<'de>>(&mut self, members: &mut A) -> Result<Option<&'de str>, A::Error> {
        let Some(name) = members.next_key::<&'de str>()? else {
            return Ok(None);
        };
        if self.count == FEW || self.names[..self.count].contains(&name) {
            return Err(A::Error::custom("not a new name, or too many"));
        }
        self.names[self.count] = name;
        self.count += 1;
        Ok(Some(name))
    }
}

struct Selected<T> {
    wanted: fn(&str) -> Option<T>,
}

impl<'de, T> Visitor<'de> for Selected<T> {
    type Value = Vec<(T, Value)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let (mut names, mut found) = (Names::new(), Vec::with_capacity(MEMBERS));
        while let Some(name) = names.next(&mut members)? {
            match (self.wanted)(name) {
                Some(name) => found.push((name, members.next_value::<Strict>()?.0)),
                None => members.next_value::<Dropped>().map(|Dropped| ())?,
            }
        }
        Ok(found)
    }
}

/// A value that keeps the rules.
struct Dropped;

impl<'de> Deserialize<'de> for Dropped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DroppedVisitor)
    }
}

struct DroppedVisitor;

impl<'de> Visitor<'de> for DroppedVisitor {
    type Value = Dropped;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Dropped, E> {
        Ok(Dropped)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Dropped, E> {
        Ok(Dropped)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Dropped, E> {
        Ok(Dropped)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Dropped, E> {
        Ok(Dropped)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Dropped, E> {
        if value.is_finite() {
            Ok(Dropped)
        } else {
            Err(E::custom(OUT_OF_RANGE))
        }
    }

    fn visit_str<E>(self, _: &str) -> Result<Dropped, E> {
        Ok(Dropped)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut members: A) -> Result<Dropped, A::Error> {
        while members.next_element::<Dropped>()?.is_some() {}
        Ok(Dropped)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Dropped, A::Error> {
        let mut names = Names::new();
        while names.next(&mut members)?.is_some() {
            members.next_value::<Dropped>()?;
        }
        Ok(Dropped)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wanted(name: &str) -> Option<&'static str> {
        ["a", "b", "ü"].into_iter().find(|wanted| *wanted == name)
    }

    /// Both readings, as text: of the wanted members, or of the error.
    fn both(bytes: &[u8]) -> [String; 2] {
        let all = object(bytes).map(|members| {
            let members = members.into_iter();
            members
                .filter_map(|(name, value)| Some((wanted(&name)?, value)))
                .collect::<Vec<_>>()
        });
        [all, selected(bytes, wanted)].map(|members| match members {
            Ok(members) => format!("{members:?}"),
            Err(error) => error.to_string(),
        })
    }

    #[test]
    fn members_and_errors_are_those_of_the_whole_object() {
        let many = |last: &str| {
            let members = (0..100).map(|number| format!("\"n{number}\":{number}"));
            format!("{{{},{last}}}", members.collect::<Vec<_>>().join(","))
        };
        for json in [
            "{}",
            r#"{"a":1,"b":[{"a":"\n"}],"c":{"a":2},"\u00fc":3,"ü ":4}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"c":1,"\u0063":2}"#,
            r#"{"c":1,"d":2,"c":3}"#,
            r#"{"x":{"c":1,"d":[],"c":3}}"#,
            r#"{"x":[{"y":{"c":1,"c":3}}]}"#,
            r#"{"x":1e400}"#,
            r#"{"x":"\ud800"}"#,
            r#"{"x":"é","a":null}"#,
            r#"{"x":1}{"#,
            r#"{"x":1,}"#,
            r#"["a"]"#,
            "\"a\"",
            "",
            &many(r#""a":1"#),
            &many(r#""n7":1"#),
            &format!("{{\"x\":{}}}", many(r#""n7":1"#)),
            &format!("{{\"x\":{}1{}}}", "[".repeat(130), "]".repeat(130)),
        ] {
            let [all, selected] = both(json.as_bytes());
            assert_eq!(all, selected, "{json}");
        }
        let [all, selected] = both(b"{\"x\":\"\xff\"}");
        assert_eq!(all, selected);
    }

    #[test]
    fn usual_claims_are_read_in_one_pass() {
        let claims = br#"{"a":"x","c":{"d":[1,-2,0.5,true,null,"\n"]},"b":["y"]}"#;
        let found = usual(claims, wanted).unwrap();
        assert_eq!(found, [("a", "x".into()), ("b", vec!["y"].into())]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_the_whole_object(
            json in r#"\{("[abcü]":("[abc\\"u0]{0,3}"|[0-9.e-]{1,3}|\[[1,]{0,3}\]|\{("[ab]":1,?){0,3}\}|null),?){0,4}\}?"#
        ) {
            let [all, selected] = both(json.as_bytes());
            prop_assert_eq!(all, selected);
        }
    }
}
