//! What becomes of each character of a text on a terminal.

use icu_properties::props::{DefaultIgnorableCodePoint, ExtendedPictographic, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};
use unicode_width::UnicodeWidthChar;

/// Marks on one character: scripts need up to five; more pile up over the lines around.
const MAX_MARKS: usize = 6;

const ZERO_WIDTH_NON_JOINER: char = '\u{200c}';
const ZERO_WIDTH_JOINER: char = '\u{200d}';
const TEXT_STYLE: char = '\u{fe0e}';
const EMOJI_STYLE: char = '\u{fe0f}';
const KEYCAP: char = '\u{20e3}';
const BRAILLE_BLANK: char = '\u{2800}';

/// What becomes of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Keep,
    /// It would control the terminal, or be invisible.
    Escape,
    /// One mark too many on its base.
    Excess,
}

/// Each character with its place and its fate.
pub(super) fn fates(text: &str) -> impl Iterator<Item = (usize, char, Fate)> {
    let mut following = text.chars();
    following.next();
    let (mut base, mut marks) = (None, 0);
    text.char_indices().map(move |(at, character)| {
        let fate = fate(base, character, following.next(), marks);
        (base, marks) = match fate {
            Fate::Keep if is_zero_width(character) => (Some(character), marks + 1),
            Fate::Keep => (Some(character), 0),
            Fate::Escape => (None, 0),
            Fate::Excess => (base, marks),
        };
        (at, character, fate)
    })
}

/// `base` is the character before, unless it is escaped; `marks` counts those on its own base.
fn fate(base: Option<char>, character: char, next: Option<char>, marks: usize) -> Fate {
    if character.is_ascii() {
        return if character.is_ascii_control() {
            Fate::Escape
        } else {
            Fate::Keep
        };
    }
    let is_kept = match character {
        ZERO_WIDTH_JOINER => is_joined(base, next, true),
        ZERO_WIDTH_NON_JOINER => is_joined(base, next, false),
        TEXT_STYLE | EMOJI_STYLE => is_styled(base, next),
        _ if is_unsafe(character) => false,
        _ => !is_zero_width(character) || base.is_some(),
    };
    match is_kept {
        false => Fate::Escape,
        true if marks >= MAX_MARKS && is_zero_width(character) => Fate::Excess,
        true => Fate::Keep,
    }
}

/// Whether a joiner joins: inside a word, or in a sequence of emoji (UTS #51).
fn is_joined(base: Option<char>, next: Option<char>, joins_emoji: bool) -> bool {
    let (Some(base), Some(next)) = (base, next) else {
        return false;
    };
    let after_emoji = is_emoji(base) || matches!(base, EMOJI_STYLE | '\u{1f3fb}'..='\u{1f3ff}');
    (is_of_word(base) && is_of_word(next)) || (joins_emoji && after_emoji && is_emoji(next))
}

/// Whether a style selector follows what it styles.
fn is_styled(base: Option<char>, next: Option<char>) -> bool {
    base.is_some_and(|base| match base {
        '0'..='9' | '#' | '*' => next == Some(KEYCAP),
        _ => is_emoji(base),
    })
}

fn is_unsafe(character: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character)
        || character == BRAILLE_BLANK
        || matches!(
            category(character),
            GeneralCategory::Control
                | GeneralCategory::Format
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
                | GeneralCategory::SpaceSeparator
                | GeneralCategory::PrivateUse
                | GeneralCategory::Unassigned
        )
}

/// A combining mark, or a character that terminals draw like one.
fn is_zero_width(character: char) -> bool {
    !character.is_ascii()
        && (character.width() == Some(0)
            || matches!(
                category(character),
                GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark
            ))
}

/// A letter, or a mark on one.
fn is_of_word(character: char) -> bool {
    use GeneralCategory as Category;
    character.is_ascii_alphabetic()
        || matches!(
            category(character),
            Category::UppercaseLetter
                | Category::LowercaseLetter
                | Category::TitlecaseLetter
                | Category::ModifierLetter
                | Category::OtherLetter
                | Category::NonspacingMark
                | Category::SpacingMark
        ) && !CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character)
}

fn is_emoji(character: char) -> bool {
    !character.is_ascii() && CodePointSetData::new::<ExtendedPictographic>().contains(character)
}

fn category(character: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(character)
}
