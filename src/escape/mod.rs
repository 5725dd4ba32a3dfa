//! Escapes untrusted text, so that it can neither control a terminal nor hide characters in one.

mod fate;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::redact::{note_foreign, redact};
use fate::{Fate, fates};

/// Escapes every control, bidirectional, invisible, blank or unassigned character (`\n`,
/// `\u{202e}`); a long run of combining marks ends with `…`.
///
/// A joiner is kept inside a word or an emoji sequence. A combining mark without a base character
/// is escaped: it would change the character that is printed before the text.
#[must_use]
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    rewrite(text, |safe, character, fate, is_first| match fate {
        Fate::Keep => safe.push(character),
        Fate::Escape => push_escape(safe, character),
        Fate::Excess if is_first => safe.push('…'),
        Fate::Excess => (),
    })
}

/// The same where nothing may be lost: the marks beyond a long run of them are escaped too.
#[must_use]
pub(crate) fn escape_whole(text: &str) -> Cow<'_, str> {
    rewrite(text, |safe, character, fate, _| match fate {
        Fate::Keep => safe.push(character),
        Fate::Escape | Fate::Excess => push_escape(safe, character),
    })
}

/// Escapes the same characters in JSON text as `\uXXXX`, so that it parses to the same value.
///
/// Line breaks between values are kept: serialized JSON has none in strings.
#[must_use]
pub(crate) fn escape_json(json: &str) -> Cow<'_, str> {
    rewrite(json, |safe, character, fate, _| match (fate, character) {
        (Fate::Keep, _) | (_, '\n') => safe.push(character),
        (Fate::Escape | Fate::Excess, '\r' | '\t') => (),
        (Fate::Escape | Fate::Excess, _) => push_json_escape(safe, character),
    })
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

/// The text of a URL for a message: without user information, query and fragment, which may contain
/// a secret. One without these stays as it is.
#[must_use]
pub(crate) fn url_text(text: &str) -> String {
    // A secret that contains a question mark must not be cut there.
    let text = redact(text);
    let end = text.find(['?', '#']).unwrap_or(text.len());
    let (mut start, scheme) = match text[..end].split_once("://") {
        Some((scheme, _)) => (scheme.len() + 3, format!("{scheme}://")),
        None => (0, String::new()),
    };
    if let Some(at) = text[start..].rfind('@') {
        // Whether the @ is in the user information or elsewhere, a password may be before it.
        start += at + 1;
    }
    excerpt(&format!("{scheme}{}", &text[start..end.max(start)]), 200)
}

/// An account for a prompt: in at most this many columns, with every blank visible that could push
/// the rest out of sight.
#[must_use]
pub(crate) fn account(text: &str, columns: usize) -> String {
    let safe = escape(text);
    let is_blank = |at: Option<&char>| at.is_none_or(|character| *character == ' ');
    let characters: Vec<char> = safe.chars().collect();
    let mut shown = String::with_capacity(safe.len());
    for (at, character) in characters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| characters.get(before));
        if *character == ' ' && (is_blank(before) || is_blank(characters.get(at + 1))) {
            push_escape(&mut shown, ' ');
        } else {
            shown.push(*character);
        }
    }
    if shown.width() <= columns {
        return shown;
    }
    let tail = last_columns(&shown, columns / 3);
    format!(
        "{}…{tail}",
        first_columns(&shown, columns - 1 - tail.width())
    )
}

/// A host for a prompt, in at most this many columns. What is cut is the beginning: the end of a
/// name says whose host it is.
#[must_use]
pub(crate) fn host(text: &str, columns: usize) -> String {
    let safe = escape(text);
    if safe.width() <= columns {
        return safe.into_owned();
    }
    format!("…{}", last_columns(&safe, columns - 1))
}

/// The beginning of a text, as far as it fits.
#[must_use]
pub(crate) fn first_columns(text: &str, columns: usize) -> &str {
    let mut used = 0;
    let end = text.char_indices().find(|(_, character)| {
        used += character.width().unwrap_or(0);
        used > columns
    });
    end.map_or(text, |(end, _)| &text[..end])
}

/// The end of a text, as far as it fits.
fn last_columns(text: &str, columns: usize) -> &str {
    let mut used = 0;
    let before = text.char_indices().rev().find(|(_, character)| {
        used += character.width().unwrap_or(0);
        used > columns
    });
    before.map_or(text, |(at, character)| &text[at + character.len_utf8()..])
}

/// A path as it is typed in a shell, for messages.
pub(crate) fn shell_word(path: &Path) -> String {
    let path = self::path(path);
    let is_plain = |one: char| one.is_alphanumeric() || "/._-+:@%,".contains(one);
    if path.chars().all(is_plain) {
        path
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

/// An escaped path, for messages.
pub(crate) fn path(path: &Path) -> String {
    escape(&path.to_string_lossy()).into_owned()
}

/// Rewrites the text from the first character that is not kept; `write` is also given whether a
/// character is the first of its run.
fn rewrite(text: &str, write: impl Fn(&mut String, char, Fate, bool)) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let start = fates(text).find(|(_, _, fate)| *fate != Fate::Keep);
    let Some((start, ..)) = start else {
        return Cow::Borrowed(text);
    };
    let mut safe = String::with_capacity(text.len() + 16);
    safe.push_str(&text[..start]);
    let mut last = Fate::Keep;
    for (_, character, fate) in fates(text).skip_while(|(at, ..)| *at < start) {
        write(&mut safe, character, fate, fate != last);
        last = fate;
    }
    Cow::Owned(safe)
}

/// Printable ASCII, which most text is.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn push_escape(safe: &mut String, character: char) {
    match character {
        '\n' | '\r' | '\t' => safe.extend(character.escape_default()),
        _ => safe.extend(character.escape_unicode()),
    }
}

fn push_json_escape(safe: &mut String, character: char) {
    for unit in character.encode_utf16(&mut [0; 2]) {
        write!(safe, "\\u{unit:04x}").ok();
    }
}

#[cfg(test)]
mod tests;
