//! A claim by its name, a JSON Pointer, or a path with dots.

use std::collections::HashMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::claims::Claims;

/// A claim that was found.
pub(crate) struct FoundClaim<'c> {
    pub(crate) value: &'c Value,
    claims: &'c Claims,
    /// The names and indexes that lead to it.
    path: Vec<String>,
}

impl Claims {
    /// The claim of exactly that name; else the one that a JSON Pointer leads to (RFC 6901); else
    /// the one at the end of a path of names that dots separate.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Value> {
        self.locate(name).map(|found| found.value)
    }

    /// The same claim, with the way to it.
    pub(crate) fn locate<'c>(&'c self, name: &str) -> Option<FoundClaim<'c>> {
        let found = |(value, path)| FoundClaim {
            value,
            claims: self,
            path,
        };
        let members = self.members();
        if let Some(value) = members.get(name) {
            return Some(found((value, vec![name.to_owned()])));
        }
        let at_pointer = name
            .strip_prefix('/')
            .and_then(|pointer| at_pointer(members, pointer));
        at_pointer.or_else(|| at_path(members, name)).map(found)
    }
}

impl FoundClaim<'_> {
    /// The claim as the issuer wrote it: numbers keep their digits.
    pub(crate) fn text(&self) -> String {
        let issued = std::str::from_utf8(self.claims.text()).ok();
        let text = issued.and_then(|text| {
            let mut names = self.path.iter();
            names.try_fold(text, |text, name| member(text, name))
        });
        text.map_or_else(|| self.value.to_string(), str::to_owned)
    }
}

type Found<'c> = (&'c Value, Vec<String>);

fn at_pointer<'c>(members: &'c Map<String, Value>, pointer: &str) -> Option<Found<'c>> {
    let names = pointer.split('/');
    let names: Vec<_> = names
        .map(|name| name.replace("~1", "/").replace("~0", "~"))
        .collect();
    let (first, rest) = names.split_first()?;
    let value = rest
        .iter()
        .try_fold(members.get(first)?, |value, name| child(value, name))?;
    Some((value, names))
}

/// Names may have dots themselves: the longest that exists comes first.
fn at_path<'c>(members: &'c Map<String, Value>, path: &str) -> Option<Found<'c>> {
    let dots = path.rmatch_indices('.');
    dots.into_iter().find_map(|(dot, _)| {
        let value = members.get(&path[..dot])?;
        below(value, &path[dot + 1..]).map(|(value, mut names)| {
            names.insert(0, path[..dot].to_owned());
            (value, names)
        })
    })
}

fn below<'c>(value: &'c Value, path: &str) -> Option<Found<'c>> {
    if let Some(value) = child(value, path) {
        return Some((value, vec![path.to_owned()]));
    }
    match value {
        Value::Object(members) => at_path(members, path),
        Value::Array(_) => {
            let (index, rest) = path.split_once('.')?;
            let (value, mut names) = below(child(value, index)?, rest)?;
            names.insert(0, index.to_owned());
            Some((value, names))
        }
        _ => None,
    }
}

/// A member of an object, or an element of an array.
fn child<'c>(value: &'c Value, name: &str) -> Option<&'c Value> {
    match value {
        Value::Object(members) => members.get(name),
        Value::Array(elements) => elements.get(index(name)?),
        _ => None,
    }
}

/// The same in JSON text.
fn member<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    if text.trim_start().starts_with('[') {
        let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
        return Some(elements.get(index(name)?)?.get());
    }
    let members: HashMap<String, &RawValue> = serde_json::from_str(text).ok()?;
    Some(members.get(name)?.get())
}

/// An index without leading zeros or a sign (RFC 6901 §4).
fn index(name: &str) -> Option<usize> {
    let is_plain = name == "0" || !name.starts_with(['0', '+']);
    name.parse().ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(claims: &str, name: &str) -> Option<String> {
        let claims = Claims::verified_before(claims).unwrap();
        claims.locate(name).map(|found| found.text())
    }

    #[test]
    fn an_exact_name_comes_before_a_pointer_and_a_pointer_before_a_path() {
        let claims = r#"{"/a.b":1,"a.b":2,"a":{"b":3},"/a":{"b":4}}"#;
        for (name, text) in [
            ("/a.b", "1"),
            ("a.b", "2"),
            ("/a/b", "3"),
            ("a", "{\"b\":3}"),
        ] {
            assert_eq!(find(claims, name).as_deref(), Some(text), "{name}");
        }
        assert_eq!(find(r#"{"/a":{"b":4}}"#, "/a.b").as_deref(), Some("4"));
    }

    #[test]
    fn a_pointer_follows_rfc_6901() {
        let claims = r#"{"":{"":5},"a/b":{"m~n":[0,[7]]}}"#;
        for (name, text) in [("/", "{\"\":5}"), ("//", "5"), ("/a~1b/m~0n/1/0", "7")] {
            assert_eq!(find(claims, name).as_deref(), Some(text), "{name}");
        }
        for name in [
            "/a~1b/m~0n/01",
            "/a~1b/m~0n/-",
            "/a~1b/m~0n/2",
            "/x",
            "/a~1b/m~0n/+1",
        ] {
            assert_eq!(find(claims, name), None, "{name}");
        }
    }

    #[test]
    fn the_names_of_a_path_may_have_dots() {
        let claims =
            r#"{"https://acme.example/app":{"roles":["x",{"y.z":true}]},"a":{"b":{"c.d":6}}}"#;
        for (name, text) in [
            ("https://acme.example/app.roles.0", "\"x\""),
            ("https://acme.example/app.roles.1.y.z", "true"),
            ("a.b.c.d", "6"),
        ] {
            assert_eq!(find(claims, name).as_deref(), Some(text), "{name}");
        }
        for name in ["a.c", "a.", ".a", "", "a.b.c", "a..b"] {
            assert_eq!(find(claims, name), None, "{name}");
        }
    }

    #[test]
    fn a_number_keeps_its_digits() {
        let claims = r#"{"a": {"n" : 12345678901234567890.10 }, "e":1E2}"#;
        assert_eq!(
            find(claims, "a.n").as_deref(),
            Some("12345678901234567890.10")
        );
        assert_eq!(find(claims, "e").as_deref(), Some("1E2"));
    }

    #[test]
    fn a_path_ends_where_a_value_has_nothing_below_it() {
        let claims = r#"{"a":5,"l":[1,{"b":[2]}],"o":{"x":null}}"#;
        for name in [
            "a.b", "a.b.c", "l.x", "l.1.x", "l.9.b", "l.x.b", "l.1.b.7", "o.y.z",
        ] {
            assert_eq!(find(claims, name), None, "{name}");
        }
        assert_eq!(find(claims, "l.1.b.0").as_deref(), Some("2"));
    }
}
