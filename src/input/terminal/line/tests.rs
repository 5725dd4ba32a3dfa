use super::*;

const KEYS: Keys = Keys {
    erase: b'#',
    word_erase: 0,
    kill: b'@',
    end: 4,
    suspend: 26,
};

fn typed(bytes: &[u8], is_echoed: bool) -> (Line, String) {
    let mut line = Line::new(is_echoed);
    for byte in bytes {
        assert_eq!(line.push(*byte, KEYS), Typed::More);
    }
    let echo = line.take_echo();
    (line, echo)
}

fn text(bytes: &[u8]) -> Result<String, Problem> {
    let (line, _) = typed(bytes, false);
    line.text(true).map(|text| text.to_string())
}

#[test]
fn enter_ends_a_line_after_any_byte() {
    for before in [&b""[..], b"a", b"\xe9", b"\xf0\x9f"] {
        for enter in [b'\n', b'\r'] {
            assert_eq!(typed(before, true).0.push(enter, KEYS), Typed::Done);
        }
    }
}

#[test]
fn ctrl_d_ends_the_input_on_an_empty_line_only() {
    assert_eq!(Line::new(false).push(4, KEYS), Typed::Ended);
    assert_eq!(text(b"a\x04"), Err(Problem::Control));
}

#[test]
fn a_tab_is_part_of_a_secret_and_other_control_characters_are_refused() {
    assert_eq!(text(b" a\tb "), Ok(" a\tb ".into()));
    for refused in [
        &b"a\x1b[D"[..],
        b"a\0",
        b"a\x16",
        b"a\x11",
        "a\u{9b}".as_bytes(),
    ] {
        assert_eq!(text(refused), Err(Problem::Control), "{refused:?}");
    }
    let (line, _) = typed(b" a\t ", true);
    assert_eq!(line.text(false), Err(Problem::Control));
    let (line, _) = typed(b" a b ", true);
    assert_eq!(*line.text(false).unwrap(), "a b");
}

#[test]
fn latin_1_is_refused_and_any_unicode_accepted() {
    assert_eq!(text(b"caf\xe9"), Err(Problem::NotUtf8));
    assert_eq!(
        text("p\u{fffd}ä\u{1f512}".as_bytes()),
        Ok("p\u{fffd}ä\u{1f512}".into())
    );
}

#[test]
fn a_whole_character_is_erased_by_any_of_the_usual_keys() {
    for erase in [0x7f, 8, b'#'] {
        assert_eq!(text(&[b"a\xc3\xa4", &[erase][..]].concat()), Ok("a".into()));
    }
    assert_eq!(text(b"ab c\x17d"), Ok("ab d".into()));
    for kill in [0x15, b'@'] {
        assert_eq!(
            text(&[b"abc".as_slice(), &[kill], b"d"].concat()),
            Ok("d".into())
        );
    }
    assert_eq!(text(b"\x7f\x7f"), Err(Problem::Empty));
}

#[test]
fn what_is_typed_is_echoed_by_whole_characters_and_a_secret_never() {
    assert_eq!(typed("aä李\u{1b}[D".as_bytes(), true).1, "aä李^[[D");
    assert_eq!(
        typed("李\x7f".as_bytes(), true).1,
        "李\u{8} \u{8}\u{8} \u{8}"
    );
    assert_eq!(
        typed("a\u{301}\u{202e}".as_bytes(), true).1,
        "a\u{301}\\u{202e}"
    );
    assert_eq!(typed("aä\x7f\t".as_bytes(), false).1, "");
}

#[test]
fn a_line_without_end_is_refused_and_not_kept() {
    let (line, _) = typed(&vec![b'a'; LIMIT + 1], false);
    assert_eq!(
        (line.text(true), line.bytes.len()),
        (Err(Problem::TooLong), LIMIT)
    );
    assert_eq!(text(&vec![b'a'; LIMIT]).unwrap().len(), LIMIT);
}
