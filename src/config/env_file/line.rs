//! The value of a settings file's line: bare or in quotes, and nothing in it replaced by anything else.

use secrecy::SecretString;
use zeroize::Zeroizing;

// Where programs that read such files differ, a value is refused: none must become another one unnoticed.
const NO_EQUALS: &str = "there is no = behind the name";
const NOT_BARE: &str =
    "put a value that holds blanks, quotes, $ or \\, or begins with #, in single quotes";
const DOLLAR: &str = "put a value that holds $ in single quotes, or write \\$";
const ESCAPE: &str = "in double quotes \\ stands before n, r, t, \", \\ or $ only; in single quotes it stands for itself";
const OPEN: &str = "its quote is not closed on the same line";
const BEHIND: &str = "only a blank and a comment may follow the closing quote; put a value that holds ' in double quotes";

/// Reads `= value`, blanks and a comment behind it passed over. The error says what is wrong without a word of it.
pub(super) fn value(text: &str) -> Result<SecretString, &'static str> {
    let text = text.strip_prefix('=').ok_or(NO_EQUALS)?;
    if is_end(text) {
        return Ok(SecretString::default());
    }
    let text = text.trim_start();
    match text.split_at_checked(1) {
        Some(("'", quoted)) => single(quoted),
        Some(("\"", quoted)) => double(quoted),
        _ => bare(text),
    }
}

fn bare(text: &str) -> Result<SecretString, &'static str> {
    let (value, rest) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
    let ambiguous = value.starts_with('#') || value.contains(['\'', '"', '$', '\\']);
    if ambiguous || !is_end(rest) {
        Err(NOT_BARE)
    } else {
        Ok(value.into())
    }
}

/// Every character stands for itself.
fn single(quoted: &str) -> Result<SecretString, &'static str> {
    let (value, rest) = quoted.split_once('\'').ok_or(OPEN)?;
    if is_end(rest) {
        Ok(value.into())
    } else {
        Err(BEHIND)
    }
}

fn double(quoted: &str) -> Result<SecretString, &'static str> {
    // Never longer than what it is made from, so it does not move and leave a copy behind.
    let mut value = Zeroizing::new(String::with_capacity(quoted.len()));
    let mut characters = quoted.chars();
    loop {
        match characters.next().ok_or(OPEN)? {
            '"' => break,
            '$' => return Err(DOLLAR),
            '\\' => value.push(escaped(characters.next().ok_or(OPEN)?)?),
            character => value.push(character),
        }
    }
    if is_end(characters.as_str()) {
        Ok(value.as_str().into())
    } else {
        Err(BEHIND)
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

/// Nothing, or blanks and perhaps a comment behind them.
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
    fn a_bare_value_goes_to_the_first_blank_and_only_a_comment_may_follow() {
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
    fn in_single_quotes_every_character_stands_for_itself() {
        for value in ["", "abc\\", "p$a #\"x", "${A}\\n\\\\", " a "] {
            assert_eq!(
                read(&format!(" '{value}' # comment '")),
                Ok(value.into()),
                "{value}"
            );
        }
    }

    #[test]
    fn in_double_quotes_the_listed_escapes_stand_for_others_and_no_more() {
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
    fn nothing_follows_a_closing_quote_but_blanks_and_a_comment() {
        for text in [
            "'x'$A", "'x'y", "\"x\"'y'", "'x' y", "'x'#", "'don't'", "\"x\"\\$",
        ] {
            assert_eq!(read(text), Err(BEHIND), "{text}");
        }
    }

    #[test]
    fn a_quote_that_is_not_closed_is_refused() {
        for text in ["'", "'a", "\"", "\"a", "\"a\\", "\"a\\\""] {
            assert_eq!(read(text), Err(OPEN), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_value_can_be_written_in_double_quotes(value in "\\PC*|[ -~\\n\\r\\t]*") {
            let mut written = value.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$");
            for (character, escape) in [('\n', "\\n"), ('\r', "\\r"), ('\t', "\\t")] {
                written = written.replace(character, escape);
            }
            prop_assert_eq!(read(&format!("\"{written}\"")), Ok(value));
        }

        #[test]
        fn whatever_stands_there_is_a_part_of_the_value_or_refused(text in "[ '\"$\\\\#{}=aA\\t]*") {
            if let Ok(value) = read(&text) {
                prop_assert!(value.len() <= text.len() && (!value.contains('$') || text.contains(['\'', '\\'])));
            }
        }
    }
}
