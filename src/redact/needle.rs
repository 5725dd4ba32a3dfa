//! What to look for: a secret as text, and as hexadecimal and base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::view::{CUT, Unit, folded};

/// A shorter secret could be part of any word.
const SHORTEST: usize = 4;

/// Characters of an encoded secret that give away as much.
const SHORTEST_ENCODED: usize = 8;

/// The longest escape, of which a cut may have left a part.
const LONGEST_ESCAPE: usize = 12;

/// One way in which a secret may be written.
pub(super) struct Needle {
    chars: Zeroizing<Vec<char>>,
    /// Characters that give the secret away where the rest was cut off.
    shortest_part: usize,
    /// Whether it only counts as a whole value.
    is_short: bool,
    base64: Option<Edges>,
}

/// Whether the characters before and after the needle hold some bits of the secret.
#[derive(Clone, Copy)]
struct Edges {
    first: bool,
    last: bool,
}

/// Every way to look for a secret in a text of this many bytes.
pub(super) fn needles(secret: &str, length: usize) -> Vec<Needle> {
    // Of a longer secret, the text can only hold a part that was cut off.
    let mut ends = secret.char_indices().map(|(end, _)| end);
    let secret = ends
        .find(|end| *end > length)
        .map_or(secret, |end| &secret[..end]);
    if secret.trim().is_empty() {
        return Vec::new();
    }
    let is_short = secret.chars().count() < SHORTEST;
    let mut needles = vec![Needle {
        chars: Zeroizing::new(folded(secret).collect()),
        shortest_part: SHORTEST,
        is_short,
        base64: None,
    }];
    for bytes in forms(secret) {
        let hexadecimal = hexadecimal(&bytes);
        needles.push(Needle {
            chars: Zeroizing::new(hexadecimal.chars().collect()),
            shortest_part: SHORTEST_ENCODED,
            is_short,
            base64: None,
        });
        let alignments = if is_short { 1 } else { 3 };
        needles.extend((0..alignments).map(|alignment| Needle {
            is_short,
            ..base64(&bytes, alignment)
        }));
    }
    needles
}

/// The bytes of a secret as they are, in JSON and in a form: a server may encode a whole request.
fn forms(secret: &str) -> Vec<Zeroizing<Vec<u8>>> {
    let mut forms = vec![Zeroizing::new(secret.as_bytes().to_vec())];
    let json = Zeroizing::new(serde_json::to_string(secret).unwrap_or_default());
    let json = json.trim_matches('"').as_bytes().to_vec();
    let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    for form in [json, form.into_bytes()].map(Zeroizing::new) {
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms
}

fn hexadecimal(bytes: &[u8]) -> Zeroizing<String> {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    Zeroizing::new(digits.map(digit).collect())
}

/// The base64 of bytes that follow `alignment` others, without the characters that depend on their
/// neighbours.
fn base64(bytes: &[u8], alignment: usize) -> Needle {
    let padded = Zeroizing::new([&[0; 3][..alignment], bytes].concat());
    let encoded = Zeroizing::new(STANDARD_NO_PAD.encode(&*padded));
    let (first, last) = (alignment * 8, padded.len() * 8);
    let own = &encoded[first.div_ceil(6)..last / 6];
    Needle {
        chars: Zeroizing::new(folded(own).collect()),
        shortest_part: SHORTEST_ENCODED,
        is_short: false,
        base64: Some(Edges {
            first: first % 6 != 0,
            last: last % 6 != 0,
        }),
    }
}

impl Needle {
    /// The bytes of the original text that hold this at `start`, or a part of it that a cut left.
    pub(super) fn find_at(&self, view: &[Unit], start: usize) -> Option<(usize, usize)> {
        let rest = &view[start..];
        let pairs = rest.iter().zip(self.chars.iter());
        let length = pairs
            .take_while(|(unit, char)| self.compared(unit.char) == **char)
            .count();
        let end = if length == self.chars.len() {
            let end = start + length + self.last_edge(&rest[length..]);
            let is_value = || is_start(&view[..start]) && is_end(&view[end..]);
            (!self.is_short || is_value()).then_some(view[end - 1].end)
        } else {
            // The start of an escape may look like the next character.
            let shortest = self
                .shortest_part
                .max(length.saturating_sub(LONGEST_ESCAPE));
            let mut parts = (shortest..=length).rev().filter(|_| !self.is_short);
            parts.find_map(|length| cut(&rest[length..]))
        };
        let start = start - self.first_edge(&view[..start]);
        end.map(|end| (view[start].start, end))
    }

    fn compared(&self, char: char) -> char {
        match char {
            '-' if self.base64.is_some() => '+',
            '_' if self.base64.is_some() => '/',
            char => char,
        }
    }

    fn first_edge(&self, before: &[Unit]) -> usize {
        let has_edge = self.base64.is_some_and(|edges| edges.first);
        let is_base64 = before.last().is_some_and(|unit| is_base64(unit.char));
        usize::from(has_edge && is_base64)
    }

    fn last_edge(&self, after: &[Unit]) -> usize {
        let has_edge = self.base64.is_some_and(|edges| edges.last);
        let is_base64 = after.first().is_some_and(|unit| is_base64(unit.char));
        usize::from(has_edge && is_base64)
    }
}

fn is_base64(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '+' | '/' | '-' | '_')
}

/// Where the cut text ends, if nothing but a part of an escape is left before the mark.
fn cut(units: &[Unit]) -> Option<usize> {
    let near = units.iter().take(LONGEST_ESCAPE);
    let (index, mark) = near.enumerate().find(|(_, unit)| unit.char == CUT)?;
    // Some bytes of a character in UTF-8, then an escape that is not whole.
    let mut rest = &units[..index];
    while let [first, after @ ..] = rest
        && !first.char.is_ascii()
    {
        rest = after;
    }
    let is_part = rest
        .first()
        .is_none_or(|unit| matches!(unit.char, '%' | '\\' | '&'));
    is_part.then_some(mark.start)
}

/// Whether a value may begin after these units: nothing, or what precedes a value in a message.
fn is_start(before: &[Unit]) -> bool {
    match before {
        [] => true,
        [.., mark, space] if space.char == ' ' => matches!(mark.char, ':' | ','),
        [.., unit] => matches!(unit.char, '"' | '\'' | '`' | '“' | '‘' | '(' | '[' | '='),
    }
}

fn is_end(after: &[Unit]) -> bool {
    after.first().is_none_or(|unit| {
        let marks = ['"', '\'', '`', '”', '’', ')', ']', ',', ';', '=', '&'];
        marks.contains(&unit.char)
    })
}
