//! Foreign text made harmless: what comes from outside never steers a terminal, and never hides in one.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};

/// Text with every control, direction-changing, invisible or unassigned character written as an escape
/// (`\n`, `\u{202e}`); all other characters are left as they are.
///
/// A combining mark with nothing to sit on is escaped too: it would change the character printed before the text.
#[must_use]
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    let Some(start) = first_harmful(text) else {
        return Cow::Borrowed(text);
    };
    let mut safe = String::with_capacity(text.len() + 16);
    safe.push_str(&text[..start]);
    let mut has_base = start > 0;
    for character in text[start..].chars() {
        if is_harmful(character) || (!has_base && is_mark(character)) {
            push_escape(&mut safe, character);
            has_base = false;
        } else {
            safe.push(character);
            has_base = true;
        }
    }
    Cow::Owned(safe)
}

/// Escaped text of at most `max` characters before escaping; `…` stands for what was left out.
#[must_use]
pub(crate) fn excerpt(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => escape(text).into_owned(),
        Some((end, _)) => escape(&text[..end]).into_owned() + "…",
    }
}

/// A secret that is shorter could be part of any word.
const SHORTEST_SECRET: usize = 4;

/// The same text with a mark in the place of each secret.
pub(crate) fn without(text: &str, secrets: &[&str]) -> String {
    let secrets = secrets
        .iter()
        .filter(|secret| secret.len() >= SHORTEST_SECRET);
    secrets.fold(text.to_owned(), |text, secret| {
        text.replace(secret, "[hidden]")
    })
}

/// A file's name, harmless as any other text from outside.
pub(crate) fn path(path: &Path) -> String {
    escape(&path.to_string_lossy()).into_owned()
}

/// JSON text with the characters that [`escape`] escapes written as `\uXXXX`, so that it stays the same JSON.
///
/// White space between the values stays: serialised JSON holds no raw control character inside a string.
#[must_use]
pub(crate) fn escape_json(json: &str) -> Cow<'_, str> {
    if json.is_ascii() && !json.contains('\u{7f}') {
        return Cow::Borrowed(json);
    }
    let mut safe = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if !is_harmful(character) || matches!(character, '\n' | '\r' | '\t') {
            safe.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            write!(safe, "\\u{unit:04x}").ok();
        }
    }
    Cow::Owned(safe)
}

fn first_harmful(text: &str) -> Option<usize> {
    if text.chars().next().is_some_and(is_mark) {
        return Some(0);
    }
    text.char_indices()
        .find(|&(_, character)| is_harmful(character))
        .map(|(index, _)| index)
}

fn push_escape(safe: &mut String, character: char) {
    match character {
        '\n' | '\r' | '\t' => safe.extend(character.escape_default()),
        _ => safe.extend(character.escape_unicode()),
    }
}

fn is_harmful(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character)
        || matches!(
            category(character),
            GeneralCategory::Control
                | GeneralCategory::Format
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
                | GeneralCategory::PrivateUse
                | GeneralCategory::Unassigned
        )
}

fn is_mark(character: char) -> bool {
    !character.is_ascii()
        && matches!(
            category(character),
            GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark
        )
}

fn category(character: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_and_escape_sequences_are_written_out() {
        assert_eq!(
            escape("a\u{1b}[31m\n\r\t\u{0}\u{7f}\u{9b}"),
            r"a\u{1b}[31m\n\r\t\u{0}\u{7f}\u{9b}"
        );
    }

    #[test]
    fn characters_that_turn_the_direction_are_written_out() {
        for character in "\u{61c}\u{200e}\u{200f}\u{202a}\u{202e}\u{2066}\u{2069}".chars() {
            let safe = escape(&format!("ab{character}cd")).into_owned();
            assert_eq!(safe, format!("ab\\u{{{:x}}}cd", u32::from(character)));
        }
    }

    #[test]
    fn characters_that_cannot_be_seen_are_written_out() {
        let invisible = "\u{ad}\u{34f}\u{115f}\u{180e}\u{200b}\u{200c}\u{200d}\u{2028}\u{2029}\u{2060}\u{3164}\u{fe0f}\
            \u{feff}\u{ffa0}\u{fff9}\u{ffff}\u{e000}\u{e0041}\u{e0100}\u{1d173}";
        for character in invisible.chars() {
            assert_eq!(
                escape(&format!("a{character}")),
                format!("a\\u{{{:x}}}", u32::from(character))
            );
        }
    }

    #[test]
    fn text_of_any_language_stays_as_it_is() {
        for text in [
            "Zoë Ünal",
            "李小龍",
            "עברית",
            "العربية",
            "हिन्दी",
            "e\u{301}t\u{e9}",
            "😀",
            "a b\\c\"d",
        ] {
            assert!(
                matches!(escape(text), Cow::Borrowed(same) if same == text),
                "{text}"
            );
        }
    }

    #[test]
    fn a_mark_without_a_letter_cannot_join_what_stands_before_it() {
        assert_eq!(
            escape("\u{338}x\u{301}\u{1b}\u{301}"),
            "\\u{338}x\u{301}\\u{1b}\\u{301}"
        );
    }

    #[test]
    fn an_excerpt_is_escaped_and_says_that_it_was_shortened() {
        assert_eq!(excerpt("abc\u{1b}", 4), r"abc\u{1b}");
        assert_eq!(excerpt("äbcde", 4), "äbcd…");
    }

    #[test]
    fn json_stays_the_same_json() {
        let value = serde_json::json!({ "a\u{202e}": "x\u{200b}\u{7f}\u{9b}\u{e0041}\n" });
        let json = serde_json::to_string_pretty(&value).unwrap();
        let safe = escape_json(&json);
        assert!(
            !safe
                .chars()
                .any(|character| character != '\n' && is_harmful(character)),
            "{safe}"
        );
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&safe).unwrap(),
            value
        );
    }
}
