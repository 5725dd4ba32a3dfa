use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use url::form_urlencoded;

use super::search::without;
use crate::escape::{escape, excerpt};

fn redacted(text: &str, secret: &str) -> String {
    redacted_in(text, secret, text)
}

/// The same, where only a part of the text comes from outside.
fn redacted_in(text: &str, secret: &str, foreign: &str) -> String {
    let secret = std::iter::once(secret);
    without(text, secret, &[foreign.to_owned()]).into_owned()
}

/// A secret that every encoding changes.
const SECRET: &str = "Pä\"ss\\ w&'<+%/7";

fn percent(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn form(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn json(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap();
    quoted[1..quoted.len() - 1].to_owned()
}

/// As Python writes JSON.
fn json_in_ascii(text: &str) -> String {
    let escaped = |char: char| -> String {
        let units = char.encode_utf16(&mut [0; 2]).to_vec();
        let units = units.iter().map(|unit| format!("\\u{unit:04X}"));
        units.collect()
    };
    let chars = text.chars();
    chars
        .map(|char| match char {
            char if char.is_ascii_alphanumeric() => char.to_string(),
            char => escaped(char),
        })
        .collect()
}

fn named_entities(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&apos;")
}

fn numeric_entities(text: &str) -> String {
    let entity = |(index, char): (usize, char)| match index % 3 {
        0 => format!("&#{};", u32::from(char)),
        1 => format!("&#x{:X};", u32::from(char)),
        _ if char.is_alphanumeric() => char.to_string(),
        _ => format!("&#x00{:x};", u32::from(char)),
    };
    text.chars().enumerate().map(entity).collect()
}

fn hexadecimal(text: &str) -> String {
    let digits = text.bytes().map(|byte| format!("{byte:02x}"));
    digits.collect::<Vec<_>>().concat()
}

fn bytes_of_rust(text: &str) -> String {
    format!("{:?}", bytes::Bytes::copy_from_slice(text.as_bytes()))
}

/// Every encoding of the contract, by name.
fn encodings(secret: &str) -> Vec<(&'static str, String)> {
    let mut encodings = vec![
        ("raw", secret.to_owned()),
        ("JSON", json(secret)),
        ("JSON in ASCII", json_in_ascii(secret)),
        ("percent", percent(secret)),
        ("percent in lower case", percent(secret).to_lowercase()),
        ("percent twice", percent(&percent(secret))),
        ("percent around JSON", percent(&json(secret))),
        (
            "percent in part",
            secret.replace('%', "%25").replace(' ', "%20"),
        ),
        ("form", form(secret)),
        ("HTML by name", named_entities(secret)),
        ("HTML by number", numeric_entities(secret)),
        ("HTML around JSON", named_entities(&json(secret))),
        ("hexadecimal", hexadecimal(secret)),
        (
            "hexadecimal in upper case",
            hexadecimal(secret).to_uppercase(),
        ),
        ("Rust", format!("{secret:?}")),
        ("bytes of Rust", bytes_of_rust(secret)),
        ("lower case", secret.to_lowercase()),
        ("upper case in ASCII", secret.to_ascii_uppercase()),
    ];
    for before in ["", "u", "us", "usr", "user:"] {
        for inner in [secret.to_owned(), json(secret), form(secret)] {
            let inner = format!("{before}{inner}\0more");
            encodings.push(("base64", STANDARD.encode(&inner)));
            encodings.push(("base64url", URL_SAFE_NO_PAD.encode(&inner)));
            let name = "base64 in lower case";
            encodings.push((name, URL_SAFE_NO_PAD.encode(&inner).to_lowercase()));
            encodings.push(("percent around base64", percent(&STANDARD.encode(&inner))));
        }
    }
    encodings
}

#[test]
fn a_secret_is_found_in_every_encoding() {
    for (name, encoded) in encodings(SECRET) {
        for text in [
            encoded.clone(),
            format!("x {encoded} y"),
            format!("/{encoded}?"),
        ] {
            let safe = redacted(&text, SECRET);
            assert!(safe.contains("[hidden]"), "{name}: {text} became {safe}");
        }
    }
}

#[test]
fn only_the_secret_is_replaced() {
    for (text, safe) in [
        ("a hunter2 b", "a [hidden] b"),
        ("hunter2hunter2", "[hidden][hidden]"),
        ("x=%68unter2&y", "x=[hidden]&y"),
        ("a hunter b", "a hunter b"),
        ("ünï hunter2 …", "ünï [hidden] …"),
        ("Basic dXNlcjpodW50ZXIy, x", "Basic dXNlcj[hidden], x"),
        ("x-hunter2, x-HUNTER2", "x-[hidden], x-[hidden]"),
        ("", ""),
    ] {
        assert_eq!(redacted(text, "hunter2"), safe, "{text}");
    }
}

#[test]
fn a_text_without_secrets_is_not_copied() {
    let none: [&str; 0] = [];
    for secrets in [&none[..], &["hunter2"]] {
        let safe = without("a %41 b", secrets.iter().copied(), &[]);
        assert!(matches!(safe, std::borrow::Cow::Borrowed("a %41 b")));
    }
}

#[test]
fn a_short_secret_is_replaced_only_as_a_whole_value() {
    for whole in [
        "abc",
        "\"abc\"",
        "code: abc",
        "a, abc, b",
        "(x: abc)",
        "\"%61bc\"",
        "\"YWJj\"",
    ] {
        assert!(redacted(whole, "abc").contains("[hidden]"), "{whole}");
    }
    for part in ["abcd", "an abc", "xabc, y", "abc x"] {
        assert_eq!(redacted(part, "abc"), part);
    }
    assert_eq!(redacted("1 is a number", "1"), "1 is a number");
    assert_eq!(redacted("a  b", " "), "a  b");
}

#[test]
fn an_ordinary_word_is_hidden_only_in_the_words_of_others() {
    let own = "the password is wrong";
    assert_eq!(redacted_in(own, "wrong", ""), own);
    assert_eq!(redacted_in(own, "password", "pass"), own);
    for (foreign, safe) in [
        ("Wrong one", "[hidden] one"),
        ("not-wrong", "not-[hidden]"),
        ("wron…", "[hidden]…"),
        ("\"wrong\"", "\"[hidden]\""),
    ] {
        let text = format!("{own} (it says: {foreign})");
        let safe = format!("{own} (it says: {safe})");
        assert_eq!(redacted_in(&text, "wrong", foreign), safe);
    }
    let text = format!("{own} {:?}", "a \"wrong\" one");
    let safe = redacted_in(&text, "wrong", "a \"wrong\" one");
    assert_eq!(safe, format!("{own} {:?}", "a \"[hidden]\" one"));
    // These are never padlock's words.
    let text = "correcthorsebatterystaple";
    assert_eq!(redacted_in(text, text, ""), "[hidden]");
    let text = "w%72ong d3Jvbmc 77726f6e67";
    assert_eq!(redacted_in(text, "wrong", ""), "[hidden] [hidden] [hidden]");
}

#[test]
fn no_part_of_a_secret_is_left_where_a_text_was_cut() {
    for (name, encoded) in encodings(SECRET) {
        for length in 0..encoded.chars().count() {
            let text = excerpt(&format!("x {encoded}"), length + 2);
            let safe = redacted(&text, SECRET);
            // The user name before it, three characters of the secret, or seven of its base64.
            let is_short = safe.chars().count() <= 30;
            assert!(
                safe.contains("[hidden]") || is_short,
                "{name}: {text} became {safe}"
            );
        }
    }
}

#[test]
fn a_part_before_the_cut_is_hidden_with_what_is_left_of_an_escape() {
    for text in [
        "hunt…",
        "hunter…",
        "hunter%…",
        "hunter%3…",
        "hunter\\u00…",
        "hunter&#5…",
    ] {
        let text = format!("it says: {text}");
        assert_eq!(redacted(&text, "hunter2"), "it says: [hidden]…");
    }
    assert_eq!(redacted("hun…", "hunter2"), "hun…");
    assert_eq!(redacted("hunter, or…", "hunter2"), "hunter, or…");
    assert_eq!(redacted("x%C3…", "xäöü1234"), "x%C3…");
    assert_eq!(redacted("xyzw%C3…", "xyzwäöü1234"), "[hidden]…");
}

#[test]
fn a_text_made_of_escapes_takes_no_long_time() {
    let text = "%25&amp;\\u0025+".repeat(100);
    let secrets = vec!["x".repeat(5000); 20];
    without(&text, secrets.iter().map(String::as_str), &[]);
}

#[test]
fn a_secret_with_a_backslash_before_an_escaped_character_is_found() {
    let secret = "\\\u{e0100}xyz";
    assert_eq!(redacted(&escape(secret), secret), "[hidden]");
}

proptest! {
    #[test]
    fn any_secret_is_found_in_any_encoding(secret in "\\PC{4,12}|[ -~]{4,12}") {
        prop_assume!(!secret.trim().is_empty());
        for (name, encoded) in encodings(&secret) {
            let text = escape(&encoded).into_owned();
            let safe = redacted(&text, &secret);
            prop_assert!(safe.contains("[hidden]"), "{}: {} became {}", name, text, safe);
        }
    }

    #[test]
    fn no_text_is_cut_in_the_middle_of_a_character(text in "\\PC*", secret in "\\PC{1,6}") {
        redacted(&text, &secret);
        redacted(&format!("{secret}{text}"), &secret);
    }
}
