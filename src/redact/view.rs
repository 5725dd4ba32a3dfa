//! A text as a server may have written it: plain, and with escapes of several kinds decoded.

/// Decodings on top of each other: HTML in JSON in a percent-encoded URL.
const DEPTH: usize = 3;

/// Views of one text, to bound the work for a text made of escapes.
const MOST: usize = 64;

/// The mark that `escape::excerpt` leaves where it cut a text.
pub(super) const CUT: char = '…';

/// A character in lower case, since servers change the case of header names, and the bytes of the
/// original text that it was read from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) char: char,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What an escape encodes.
enum Escaped {
    Char(char),
    /// Part of a character in UTF-8, or a character in Latin-1.
    Byte(u8),
}

/// Reads the escape at the start of the units: what it encodes, and its length in units.
type Escape = fn(&[Unit]) -> Option<(Escaped, usize)>;

const ESCAPES: [Escape; 5] = [percent, form, backslash, braced, html];

/// The text itself, then every decoded form that differs.
pub(super) fn views(text: &str) -> Vec<Vec<Unit>> {
    let mut views = vec![plain(text)];
    let mut seen = 0;
    for _ in 0..DEPTH {
        let end = views.len();
        for index in seen..end {
            for escape in ESCAPES {
                let decoded = decode(&views[index], escape);
                let new = decoded.filter(|new| views.len() < MOST && !views.contains(new));
                views.extend(new);
            }
        }
        seen = end;
    }
    views
}

/// Characters as they are compared.
pub(super) fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

fn plain(text: &str) -> Vec<Unit> {
    let mut units = Vec::with_capacity(text.len());
    for (start, char) in text.char_indices() {
        push(&mut units, char, start, start + char.len_utf8());
    }
    units
}

fn push(units: &mut Vec<Unit>, char: char, start: usize, end: usize) {
    units.extend(char.to_lowercase().map(|char| Unit { char, start, end }));
}

/// The units with every escape replaced by what it encodes; `None` where there is none.
fn decode(units: &[Unit], escape: Escape) -> Option<Vec<Unit>> {
    let mut decoded = Vec::with_capacity(units.len());
    let mut bytes = Vec::new();
    let mut found = false;
    let mut rest = units;
    while let [first, after @ ..] = rest {
        let escaped = escape(rest);
        found |= escaped.is_some();
        if !matches!(escaped, Some((Escaped::Byte(_), _))) {
            push_bytes(&mut decoded, &mut bytes);
        }
        rest = match escaped {
            None => {
                decoded.push(*first);
                after
            }
            Some((escaped, length)) => {
                let (start, end) = (first.start, rest[length - 1].end);
                match escaped {
                    Escaped::Char(char) => push(&mut decoded, char, start, end),
                    Escaped::Byte(byte) => bytes.push((byte, start, end)),
                }
                &rest[length..]
            }
        };
    }
    push_bytes(&mut decoded, &mut bytes);
    found.then_some(decoded)
}

/// Appends the characters of escaped bytes and clears them.
fn push_bytes(units: &mut Vec<Unit>, bytes: &mut Vec<(u8, usize, usize)>) {
    let mut rest = bytes.as_slice();
    while let [(byte, start, _), ..] = rest {
        let (char, length) = utf8(rest).unwrap_or((char::from(*byte), 1));
        push(units, char, *start, rest[length - 1].2);
        rest = &rest[length..];
    }
    bytes.clear();
}

/// The character in UTF-8 at the start of the bytes, and its length.
fn utf8(bytes: &[(u8, usize, usize)]) -> Option<(char, usize)> {
    (1..=bytes.len().min(4)).find_map(|length| {
        let bytes: Vec<u8> = bytes[..length].iter().map(|(byte, ..)| *byte).collect();
        let char = std::str::from_utf8(&bytes).ok()?.chars().next()?;
        Some((char, length))
    })
}

fn percent(units: &[Unit]) -> Option<(Escaped, usize)> {
    match char_at(units, 0)? {
        '%' => hexadecimal_byte(units, 1),
        _ => None,
    }
}

fn form(units: &[Unit]) -> Option<(Escaped, usize)> {
    match char_at(units, 0)? {
        '+' => Some((Escaped::Char(' '), 1)),
        _ => percent(units),
    }
}

/// JSON's escapes, and Rust's, in which h2 writes the text of a GOAWAY frame and `escape` writes
/// control characters.
fn backslash(units: &[Unit]) -> Option<(Escaped, usize)> {
    if char_at(units, 0)? != '\\' {
        return None;
    }
    let char = match char_at(units, 1)? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'f' => '\u{c}',
        '0' => '\0',
        char @ ('"' | '\'' | '\\' | '/') => char,
        'x' => return hexadecimal_byte(units, 2),
        'u' => return braced(units).or_else(|| utf16(units)),
        _ => return None,
    };
    Some((Escaped::Char(char), 2))
}

/// `\u{…}` alone: `escape` writes it after a backslash that it leaves as it is.
fn braced(units: &[Unit]) -> Option<(Escaped, usize)> {
    if !units
        .iter()
        .map(|unit| unit.char)
        .take(3)
        .eq("\\u{".chars())
    {
        return None;
    }
    let (number, length) = number(&units[3..], 16, 6)?;
    let is_closed = char_at(units, 3 + length)? == '}';
    char_of(number.filter(|_| is_closed)?, 4 + length)
}

/// `\uXXXX`, once or as a pair of surrogates.
fn utf16(units: &[Unit]) -> Option<(Escaped, usize)> {
    let unit = |at: usize| {
        let escape = units.get(at..at + 6)?;
        let is_escape = escape[0].char == '\\' && escape[1].char == 'u';
        let (number, length) = number(&escape[2..], 16, 4)?;
        let number = number.filter(|_| is_escape && length == 4)?;
        u16::try_from(number).ok()
    };
    let first = unit(0)?;
    let read = |units: &[u16]| char::decode_utf16(units.iter().copied()).next()?.ok();
    let one = read(&[first]).map(|char| (Escaped::Char(char), 6));
    one.or_else(|| Some((Escaped::Char(read(&[first, unit(6)?])?), 12)))
}

/// The characters that HTML escapes by name, and every one by number. Browsers do not insist on the
/// semicolon.
fn html(units: &[Unit]) -> Option<(Escaped, usize)> {
    const NAMES: [(&str, char); 6] = [
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", '\u{a0}'),
    ];
    if char_at(units, 0)? != '&' {
        return None;
    }
    let with_semicolon = |length| length + usize::from(char_at(units, length) == Some(';'));
    if char_at(units, 1)? == '#' {
        let (radix, start) = match char_at(units, 2)? {
            'x' => (16, 3),
            _ => (10, 2),
        };
        let (number, length) = number(&units[start..], radix, 10)?;
        let end = start + length;
        // More digits may have been cut off.
        let is_whole = char_at(units, end) != Some(CUT);
        return char_of(number.filter(|_| is_whole)?, with_semicolon(end));
    }
    NAMES.into_iter().find_map(|(name, char)| {
        let end = 1 + name.len();
        let found = units.get(1..end)?.iter().map(|unit| unit.char);
        let is_found = found.eq(name.chars());
        is_found.then(|| (Escaped::Char(char), with_semicolon(end)))
    })
}

fn char_at(units: &[Unit], index: usize) -> Option<char> {
    units.get(index).map(|unit| unit.char)
}

/// An escape of this length that encodes the character with this number.
fn char_of(number: u32, length: usize) -> Option<(Escaped, usize)> {
    char::from_u32(number).map(|char| (Escaped::Char(char), length))
}

/// Two hexadecimal digits after `length` units of an escape.
fn hexadecimal_byte(units: &[Unit], length: usize) -> Option<(Escaped, usize)> {
    let (number, digits) = number(units.get(length..)?, 16, 2)?;
    let byte = u8::try_from(number.filter(|_| digits == 2)?).ok()?;
    Some((Escaped::Byte(byte), length + 2))
}

/// The number at the start of the units, unless it is too large, and how many digits it has.
fn number(units: &[Unit], radix: u32, most: usize) -> Option<(Option<u32>, usize)> {
    let digits = units.iter().take(most);
    let digits: Vec<u32> = digits.map_while(|unit| unit.char.to_digit(radix)).collect();
    let number = digits.iter().try_fold(0_u32, |number, digit| {
        number.checked_mul(radix)?.checked_add(*digit)
    });
    (!digits.is_empty()).then_some((number, digits.len()))
}
