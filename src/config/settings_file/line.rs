//! The value in a line of a settings file: bare or quoted, without substitution.

use secrecy::SecretString;
use zeroize::Zeroizing;

// Programs differ in how they read some values. Those are refused, so that none is misread.
const NO_EQUALS: &str = "expected = after the name";
const NOT_BARE: &str =
    "a value that contains whitespace, quotes, $ or \\, or starts with #, must be in single quotes";
const DOLLAR: &str =
    "a value that contains $ must be in single quotes, or use \\$ in double quotes";
const ESCAPE: &str = "in double quotes, \\ is only valid before n, r, t, \", \\ or $; in single \
                      quotes, it has no special meaning";
const UNCLOSED: &str = "the quote is not closed on the same line";
const TRAILING: &str = "only whitespace and a comment may follow the closing quote; a value that \
                        contains ' must be in double quotes";

/// Parses `=value`, without surrounding whitespace and a comment. The error repeats none of it.
pub(super) fn value(text: &str) -> Result<SecretString, &'static str> {
    parts(text).map(|(value, _)| value)
}

/// The whitespace and the comment after a value that can be read.
pub(super) fn comment(text: &str) -> &str {
    let rest = parts(text).map_or("", |(_, rest)| rest);
    rest.trim_end()
}

/// A value, and what follows it.
type Parts<'t> = (SecretString, &'t str);

fn parts(text: &str) -> Result<Parts<'_>, &'static str> {
    let text = text.strip_prefix('=').ok_or(NO_EQUALS)?;
    if is_end(text) {
        return Ok((SecretString::default(), text));
    }
    let text = text.trim_start();
    match text.split_at_checked(1) {
        Some(("'", quoted)) => single(quoted),
        Some(("\"", quoted)) => double(quoted),
        _ => bare(text),
    }
}

fn bare(text: &str) -> Result<Parts<'_>, &'static str> {
    let (value, rest) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
    let ambiguous = value.starts_with('#') || value.contains(['\'', '"', '$', '\\']);
    if ambiguous || !is_end(rest) {
        Err(NOT_BARE)
    } else {
        Ok((value.into(), rest))
    }
}

/// No character is special.
fn single(quoted: &str) -> Result<Parts<'_>, &'static str> {
    let (value, rest) = quoted.split_once('\'').ok_or(UNCLOSED)?;
    if is_end(rest) {
        Ok((value.into(), rest))
    } else {
        Err(TRAILING)
    }
}

fn double(quoted: &str) -> Result<Parts<'_>, &'static str> {
    // Never longer than the quoted text, so it does not grow and leave a copy in memory.
    let mut value = Zeroizing::new(String::with_capacity(quoted.len()));
    let mut characters = quoted.chars();
    loop {
        match characters.next().ok_or(UNCLOSED)? {
            '"' => break,
            '$' => return Err(DOLLAR),
            '\\' => value.push(escaped(characters.next().ok_or(UNCLOSED)?)?),
            character => value.push(character),
        }
    }
    if is_end(characters.as_str()) {
        Ok((value.as_str().into(), characters.as_str()))
    } else {
        Err(TRAILING)
    }
}

fn escaped(character: char) -> Result<char, &'static str> {
    match character {
        'n' => Ok('\n'),
        'r' => Ok('\r'),
        't' => Ok('\t'),
        '"' | '\\' | '$' => Ok(character),
        _ => Err(ESCAPE),
    }
}

/// The value as the text after `=`, which [`value`] reads as the same again; other programs too, as
/// far as they agree. Bare where nothing in it is special, else in the plainest quotes.
pub(super) fn written(value: &str) -> Zeroizing<String> {
    let is_plain = |one: char| one.is_ascii_alphanumeric() || "._:/@+-=,%~|".contains(one);
    // Room for every character escaped, so that it does not grow and leave a copy in memory.
    let mut text = Zeroizing::new(String::with_capacity(2 * value.len() + 2));
    if value.chars().all(is_plain) {
        text.push_str(value);
    } else if !value.contains(['\'', '\n', '\r', '\t']) {
        text.push('\'');
        text.push_str(value);
        text.push('\'');
    } else {
        text.push('"');
        for one in value.chars() {
            match one {
                '\n' => text.push_str("\\n"),
                '\r' => text.push_str("\\r"),
                '\t' => text.push_str("\\t"),
                '"' | '\\' | '$' => text.extend(['\\', one]),
                _ => text.push(one),
            }
        }
        text.push('"');
    }
    text
}

/// Nothing, or whitespace and possibly a comment.
fn is_end(text: &str) -> bool {
    let rest = text.trim_start();
    rest.is_empty() || (rest.starts_with('#') && rest.len() < text.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    use super::*;

    fn read(text: &str) -> Result<String, &'static str> {
        value(&format!("={text}")).map(|value| value.expose_secret().to_owned())
    }

    #[test]
    fn a_bare_value_ends_at_whitespace_and_only_a_comment_may_follow() {
        for text in ["a#b", " a#b", "a#b  ", "a#b # c $d 'e", "\ta#b\t#"] {
            assert_eq!(read(text), Ok("a#b".into()), "{text:?}");
        }
        for text in ["", " ", " # comment"] {
            assert_eq!(read(text), Ok(String::new()), "{text:?}");
        }
        assert_eq!(read("a b"), Err(NOT_BARE));
    }

    #[test]
    fn a_bare_value_that_programs_read_differently_is_refused() {
        for text in [
            "$A", "a${A}", "pa$$", "a\\$A", "a\\\\$A", "a\\", "a'b'", "a\"b\"", "#a",
        ] {
            assert_eq!(read(text), Err(NOT_BARE), "{text}");
        }
    }

    #[test]
    fn in_single_quotes_no_character_is_special() {
        for value in ["", "abc\\", "p$a #\"x", "${A}\\n\\\\", " a "] {
            assert_eq!(
                read(&format!(" '{value}' # comment '")),
                Ok(value.into()),
                "{value}"
            );
        }
    }

    #[test]
    fn in_double_quotes_only_the_listed_escapes_are_valid() {
        assert_eq!(
            read("\"a #'b\\n\\r\\t\\\"\\\\\\$c\" # \"d\""),
            Ok("a #'b\n\r\t\"\\$c".into())
        );
        for text in ["\"\\'\"", "\"\\x41\"", "\"\\ \"", "\"\\0\""] {
            assert_eq!(read(text), Err(ESCAPE), "{text}");
        }
        for text in ["\"$A\"", "\"a/${A}\"", "\"\\\\$A\""] {
            assert_eq!(read(text), Err(DOLLAR), "{text}");
        }
    }

    #[test]
    fn only_whitespace_and_a_comment_may_follow_a_closing_quote() {
        for text in [
            "'x'$A", "'x'y", "\"x\"'y'", "'x' y", "'x'#", "'don't'", "\"x\"\\$",
        ] {
            assert_eq!(read(text), Err(TRAILING), "{text}");
        }
    }

    #[test]
    fn a_quote_that_is_not_closed_is_refused() {
        for text in ["'", "'a", "\"", "\"a", "\"a\\", "\"a\\\""] {
            assert_eq!(read(text), Err(UNCLOSED), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_value_can_be_written_in_double_quotes(value in "\\PC*|[ -~\\n\\r\\t]*") {
            let mut written = value.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$");
            for (character, escape) in [('\n', "\\n"), ('\r', "\\r"), ('\t', "\\t")] {
                written = written.replace(character, escape);
            }
            prop_assert_eq!(read(&format!("\"{written}\"")), Ok(value));
        }

        #[test]
        fn every_value_is_read_as_it_was_written(
            value in "\\PC*|[ -~\\n\\r\\t]*|[ '\"$\\\\#{}=`!\u{a0}\u{85}\u{1}]*"
        ) {
            let written = written(&value);
            prop_assert!(!written.contains('\n'));
            prop_assert_eq!(read(&written), Ok(value));
        }

        #[test]
        fn a_value_is_taken_literally_or_refused(text in "[ '\"$\\\\#{}=aA\\t]*") {
            if let Ok(value) = read(&text) {
                prop_assert!(value.len() <= text.len());
                prop_assert!(!value.contains('$') || text.contains(['\'', '\\']));
            }
        }
    }
}
