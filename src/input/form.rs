//! Questions about settings, each with an explanation and the value so far.

use zeroize::Zeroizing;

use super::confirmation::agrees;
use super::error::InputError;
use super::terminal::{Answer, Question, Terminal};
use crate::escape;

/// What removes a value.
const REMOVE: &str = "-";

/// Columns of a value in a question.
const MAX_COLUMNS: usize = 60;

/// A setting to ask for.
pub(crate) struct Field<'a> {
    /// Where it is found.
    pub(crate) explanation: &'a str,
    pub(crate) name: &'a str,
    /// The value so far; of a secret, what to show in its place.
    pub(crate) current: Option<&'a str>,
    /// For what Enter alone is, where there is no value so far; `None`: a value is required.
    pub(crate) none: Option<&'a str>,
    pub(crate) is_secret: bool,
}

impl Field<'_> {
    /// What Enter does.
    fn without_value(&self) -> String {
        match (self.current, self.none) {
            (None, None) => String::new(),
            (None, Some(none)) => format!(" Press Enter {none}."),
            (Some(_), None) => " Press Enter to keep it.".to_owned(),
            (Some(_), Some(_)) => {
                format!(" Press Enter to keep it, or enter {REMOVE} to remove it.")
            }
        }
    }
}

/// What the person answered.
pub(crate) enum Entry {
    /// The value so far stays, or there is none.
    Kept,
    Removed,
    Given(Zeroizing<String>),
}

/// A dialogue of several questions.
pub(crate) struct Form(Terminal);

impl Form {
    pub(crate) fn open() -> Result<Self, InputError> {
        Terminal::open().map(Self)
    }

    pub(crate) fn print(&self, text: &str) -> Result<(), InputError> {
        self.0.print(text, 0)
    }

    /// The columns of the terminal.
    pub(crate) fn width(&self) -> Option<u16> {
        self.0.width()
    }

    /// Asks until the answer is valid; `check` says what is wrong with one.
    pub(crate) fn ask(
        &mut self,
        field: &Field<'_>,
        check: &dyn Fn(&str) -> Result<(), String>,
    ) -> Result<Entry, InputError> {
        self.print("")?;
        let explanation = format!("{}{}", field.explanation, field.without_value());
        self.0.print(&explanation, 2)?;
        let current = field.current.map(|text| escape::account(text, MAX_COLUMNS));
        let text = match &current {
            Some(current) => format!("{} [{current}]: ", field.name),
            None => format!("{}: ", field.name),
        };
        let is_optional = field.current.is_some() || field.none.is_some();
        let question = Question {
            text: &text,
            what: field.name,
            answer: match (field.is_secret, is_optional) {
                (true, _) => Answer::OptionalSecret,
                (false, true) => Answer::Optional,
                (false, false) => Answer::Visible,
            },
        };
        loop {
            let answer = self.0.ask(&question)?;
            match answer.as_str() {
                "" => return Ok(Entry::Kept),
                REMOVE if field.none.is_some() => return Ok(Entry::Removed),
                given => match check(given) {
                    Ok(()) => return Ok(Entry::Given(answer)),
                    Err(problem) => self.print(&format!("{problem}; enter it again."))?,
                },
            }
        }
    }

    /// Whether the person agrees; an empty answer is no.
    pub(crate) fn agrees(&mut self, question: &str) -> Result<bool, InputError> {
        self.print("")?;
        agrees(&mut self.0, question, false)
    }
}
