//! Escapes untrusted text, so that it can neither control a terminal nor hide characters in one.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};

use crate::redact::note_foreign;

/// Escapes every control, bidirectional, invisible or unassigned character (`\n`, `\u{202e}`).
///
/// A combining mark without a base character is escaped too: it would change the character that is
/// printed before the text.
#[must_use]
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    let Some(start) = first_unsafe(text) else {
        return Cow::Borrowed(text);
    };
    let mut safe = String::with_capacity(text.len() + 16);
    safe.push_str(&text[..start]);
    let mut has_base = start > 0;
    for character in text[start..].chars() {
        if is_unsafe(character) || (!has_base && is_mark(character)) {
            push_escape(&mut safe, character);
            has_base = false;
        } else {
            safe.push(character);
            has_base = true;
        }
    }
    Cow::Owned(safe)
}

/// Text from outside for a message: the first `max` characters, escaped; `…` shows that more follow.
#[must_use]
pub(crate) fn excerpt(text: &str, max: usize) -> String {
    let excerpt = match text.char_indices().nth(max) {
        None => escape(text).into_owned(),
        Some((end, _)) => escape(&text[..end]).into_owned() + "…",
    };
    note_foreign(&excerpt);
    excerpt
}

/// An escaped path, for messages.
pub(crate) fn path(path: &Path) -> String {
    escape(&path.to_string_lossy()).into_owned()
}

/// Escapes the same characters in JSON text as `\uXXXX`, so that it parses to the same value.
///
/// Whitespace between values is kept: serialized JSON has no raw control characters in strings.
#[must_use]
pub(crate) fn escape_json(json: &str) -> Cow<'_, str> {
    if json.is_ascii() && !json.contains('\u{7f}') {
        return Cow::Borrowed(json);
    }
    let mut safe = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if !is_unsafe(character) || matches!(character, '\n' | '\r' | '\t') {
            safe.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            write!(safe, "\\u{unit:04x}").ok();
        }
    }
    Cow::Owned(safe)
}

fn first_unsafe(text: &str) -> Option<usize> {
    if text.chars().next().is_some_and(is_mark) {
        return Some(0);
    }
    text.char_indices()
        .find(|&(_, character)| is_unsafe(character))
        .map(|(index, _)| index)
}

fn push_escape(safe: &mut String, character: char) {
    match character {
        '\n' | '\r' | '\t' => safe.extend(character.escape_default()),
        _ => safe.extend(character.escape_unicode()),
    }
}

fn is_unsafe(character: char) -> bool {
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
    fn control_characters_are_escaped() {
        assert_eq!(
            escape("a\u{1b}[31m\n\r\t\u{0}\u{7f}\u{9b}"),
            r"a\u{1b}[31m\n\r\t\u{0}\u{7f}\u{9b}"
        );
    }

    #[test]
    fn bidirectional_characters_are_escaped() {
        for character in "\u{61c}\u{200e}\u{200f}\u{202a}\u{202e}\u{2066}\u{2069}".chars() {
            let safe = escape(&format!("ab{character}cd")).into_owned();
            assert_eq!(safe, format!("ab\\u{{{:x}}}cd", u32::from(character)));
        }
    }

    #[test]
    fn invisible_characters_are_escaped() {
        let invisible = "\u{ad}\u{34f}\u{115f}\u{180e}\u{200b}\u{200c}\u{200d}\u{2028}\u{2029}\
            \u{2060}\u{3164}\u{fe0f}\u{feff}\u{ffa0}\u{fff9}\u{ffff}\u{e000}\u{e0041}\u{e0100}\
            \u{1d173}";
        for character in invisible.chars() {
            assert_eq!(
                escape(&format!("a{character}")),
                format!("a\\u{{{:x}}}", u32::from(character))
            );
        }
    }

    #[test]
    fn text_in_any_language_is_unchanged() {
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
    fn a_combining_mark_cannot_change_the_character_before_the_text() {
        assert_eq!(
            escape("\u{338}x\u{301}\u{1b}\u{301}"),
            "\\u{338}x\u{301}\\u{1b}\\u{301}"
        );
    }

    #[test]
    fn an_excerpt_is_escaped_and_ends_with_an_ellipsis() {
        assert_eq!(excerpt("abc\u{1b}", 4), r"abc\u{1b}");
        assert_eq!(excerpt("äbcde", 4), "äbcd…");
    }

    #[test]
    fn escaped_json_parses_to_the_same_value() {
        let value = serde_json::json!({ "a\u{202e}": "x\u{200b}\u{7f}\u{9b}\u{e0041}\n" });
        let json = serde_json::to_string_pretty(&value).unwrap();
        let safe = escape_json(&json);
        assert!(
            !safe
                .chars()
                .any(|character| character != '\n' && is_unsafe(character)),
            "{safe}"
        );
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&safe).unwrap(),
            value
        );
    }
}
