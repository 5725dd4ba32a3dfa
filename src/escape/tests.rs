use unicode_width::UnicodeWidthStr;

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
        !safe.chars().any(|character| character != '\n'
            && escape(&character.to_string()) != character.to_string()),
        "{safe}"
    );
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&safe).unwrap(),
        value
    );
}

#[test]
fn blanks_other_than_the_space_are_escaped() {
    for character in
        "\u{a0}\u{1680}\u{2000}\u{2007}\u{200a}\u{202f}\u{205f}\u{3000}\u{2800}".chars()
    {
        assert_eq!(
            escape(&format!("a{character}b")),
            format!("a\\u{{{:x}}}b", u32::from(character))
        );
    }
}

#[test]
fn joiners_are_kept_inside_words_and_emoji_and_nowhere_else() {
    for text in [
        "می\u{200c}خواهم",
        "क्\u{200d}ष",
        "👨\u{200d}👩\u{200d}👧",
        "❤\u{fe0f}\u{200d}🔥",
        "👩🏽\u{200d}🚀",
        "☺\u{fe0f}",
        "1\u{fe0f}\u{20e3}",
        "🇩🇪",
    ] {
        assert_eq!(escape(text), text);
    }
    for (text, shown) in [
        ("\u{200d}ab", "\\u{200d}ab"),
        ("ab\u{200c}", "ab\\u{200c}"),
        ("a \u{200d}b", "a \\u{200d}b"),
        ("a\u{200d}\u{200d}b", "a\\u{200d}\\u{200d}b"),
        ("1\u{200d}2", "1\\u{200d}2"),
        ("a\u{fe0f}b", "a\\u{fe0f}b"),
        ("1\u{fe0f}2", "1\\u{fe0f}2"),
        ("😀\u{200d}a", "😀\\u{200d}a"),
    ] {
        assert_eq!(escape(text), shown);
    }
}

#[test]
fn a_long_run_of_combining_marks_is_cut_or_escaped_where_nothing_may_be_lost() {
    let marks = |count: usize| format!("a{}b", "\u{301}".repeat(count));
    assert_eq!(escape(&marks(6)), marks(6));
    assert_eq!(escape(&marks(500)), marks(6).replace('b', "…b"));
    assert_eq!(escape_whole(&marks(7)), marks(6).replace('b', "\\u{301}b"));
    assert_eq!(escape_json(&marks(7)), marks(6).replace('b', "\\u0301b"));
}

#[test]
fn an_account_in_a_prompt_is_bounded_and_shows_its_whitespace() {
    assert_eq!(account("robin@percy.test", 60), "robin@percy.test");
    assert_eq!(account("Robin Percy", 60), "Robin Percy");
    assert_eq!(account(" a  b", 60), "\\u{20}a\\u{20}\\u{20}b");
    for long in [" ".repeat(5000), "李".repeat(5000), "a\u{301}".repeat(5000)] {
        let shown = account(&long, 60);
        assert!(shown.contains('…') && shown.width() <= 60, "{shown}");
    }
}

#[test]
fn a_host_in_a_prompt_is_bounded_and_keeps_its_end() {
    assert_eq!(host("acme.eu.auth0.com", 60), "acme.eu.auth0.com");
    let long = format!("acme.eu.auth0.com.{}.evil.test:8443", "a.".repeat(500));
    let shown = host(&long, 60);
    assert!(shown.starts_with('…') && shown.ends_with(".evil.test:8443") && shown.width() <= 60);
}
