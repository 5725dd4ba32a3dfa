//! A line as it is typed: its bytes, the keys that edit it, and what is echoed.

use unicode_width::UnicodeWidthStr;
use zeroize::Zeroizing;

use crate::escape::escape;

/// The longest line that is kept, in bytes.
const LIMIT: usize = 64 << 10;

const BACKSPACE: u8 = 0x08;
const DELETE: u8 = 0x7f;
const CTRL_U: u8 = 0x15;
const CTRL_W: u8 = 0x17;

/// What came after a question.
pub(super) enum Typing {
    Line(Line),
    /// The end of the input.
    Ended,
    /// Nothing: the answer is not needed any more.
    Needless,
}

/// What a typed byte does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    More,
    /// Enter.
    Done,
    /// Ctrl-D on an empty line.
    Ended,
    /// Ctrl-Z.
    Suspended,
    /// Nothing: the answer is not needed any more.
    Needless,
}

/// The keys that the terminal's settings name; 0 for none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Keys {
    pub(super) erase: u8,
    pub(super) word_erase: u8,
    pub(super) kill: u8,
    pub(super) end: u8,
    pub(super) suspend: u8,
}

/// Why an answer is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    Empty,
    Control,
    NotUtf8,
    TooLong,
}

/// A line as it is typed.
pub(super) struct Line {
    bytes: Zeroizing<Vec<u8>>,
    /// Where each character begins, and its columns on the screen.
    characters: Vec<(usize, usize)>,
    is_echoed: bool,
    is_too_long: bool,
    /// What is still to be written to the screen.
    echo: String,
}

impl Line {
    pub(super) fn new(is_echoed: bool) -> Self {
        Self {
            bytes: Zeroizing::new(Vec::with_capacity(256)),
            characters: Vec::new(),
            is_echoed,
            is_too_long: false,
            echo: String::new(),
        }
    }

    /// Takes a byte as the terminal sends it.
    pub(super) fn push(&mut self, byte: u8, keys: Keys) -> Typed {
        let is = |key: u8| key != 0 && byte == key;
        match byte {
            b'\n' | b'\r' => return Typed::Done,
            _ if is(keys.suspend) => return Typed::Suspended,
            _ if is(keys.end) && self.bytes.is_empty() => return Typed::Ended,
            BACKSPACE | DELETE => self.erase(),
            CTRL_U => self.erase_while(|_| true),
            CTRL_W => self.erase_word(),
            _ if is(keys.erase) => self.erase(),
            _ if is(keys.kill) => self.erase_while(|_| true),
            _ if is(keys.word_erase) => self.erase_word(),
            _ => self.add(byte),
        }
        Typed::More
    }

    /// What is to be written to the screen since the last call.
    pub(super) fn take_echo(&mut self) -> String {
        std::mem::take(&mut self.echo)
    }

    /// The text, if it can be an answer. Tab may be part of a secret.
    pub(super) fn text(&self, is_secret: bool) -> Result<Zeroizing<String>, Problem> {
        let Ok(text) = std::str::from_utf8(&self.bytes) else {
            return Err(Problem::NotUtf8);
        };
        let is_refused =
            |character: char| character.is_control() && !(is_secret && character == '\t');
        let text = if is_secret {
            text
        } else {
            text.trim_matches(' ')
        };
        let is_empty = text.is_empty() || (!is_secret && text.trim().is_empty());
        match text {
            _ if self.is_too_long => Err(Problem::TooLong),
            _ if is_empty => Err(Problem::Empty),
            text if text.contains(is_refused) => Err(Problem::Control),
            text => Ok(Zeroizing::new(text.to_owned())),
        }
    }

    fn add(&mut self, byte: u8) {
        if self.bytes.len() >= LIMIT {
            self.is_too_long = true;
            return;
        }
        // A vector that grows by itself would leave copies of what it held.
        if self.bytes.len() == self.bytes.capacity() {
            let mut larger = Vec::with_capacity(self.bytes.capacity() * 2);
            larger.extend_from_slice(&self.bytes);
            self.bytes = Zeroizing::new(larger);
        }
        let is_continued = byte & 0xc0 == 0x80 && self.is_incomplete();
        if !is_continued {
            self.characters.push((self.bytes.len(), 0));
        }
        self.bytes.push(byte);
        self.echo_last();
    }

    /// Whether the last character lacks bytes.
    fn is_incomplete(&self) -> bool {
        let start = self.characters.last().map(|(start, _)| *start);
        let last = start.and_then(|start| self.bytes.get(start..));
        last.is_some_and(|last| last.len() < 4 && std::str::from_utf8(last).is_err())
    }

    /// Echoes the last character once it is complete: a control character as `^X`.
    fn echo_last(&mut self) {
        let Some((start, columns)) = self.characters.last_mut().filter(|_| self.is_echoed) else {
            return;
        };
        let Ok(last) = std::str::from_utf8(&self.bytes[*start..]) else {
            return;
        };
        let shown = match last.as_bytes() {
            [byte @ ..0x20] => format!("^{}", char::from(byte + 0x40)),
            _ => format!("a{last}"),
        };
        // After a letter, so that a combining mark is not taken for one without a base.
        let shown = match shown.strip_prefix('a') {
            Some(_) => escape(&shown)[1..].to_owned(),
            None => shown,
        };
        *columns = shown.width();
        self.echo.push_str(&shown);
    }

    fn erase(&mut self) {
        if let Some((start, columns)) = self.characters.pop() {
            self.bytes.truncate(start);
            self.echo.push_str(&"\u{8} \u{8}".repeat(columns));
        }
    }

    fn erase_while(&mut self, is_erased: impl Fn(u8) -> bool) {
        while self.bytes.last().copied().is_some_and(&is_erased) {
            self.erase();
        }
    }

    fn erase_word(&mut self) {
        self.erase_while(|byte| byte == b' ');
        self.erase_while(|byte| byte != b' ');
    }
}

#[cfg(test)]
mod tests;
