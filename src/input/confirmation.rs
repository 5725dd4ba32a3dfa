//! A question that is answered with yes or no.

use super::error::InputError;
use super::terminal::{Answer, Question, Terminal};

/// Whether the person agrees; an empty answer is the default.
pub(crate) fn confirmation(
    notice: &str,
    question: &str,
    by_default: bool,
) -> Result<bool, InputError> {
    let mut terminal = Terminal::open()?;
    terminal.print(notice, 0)?;
    agrees(&mut terminal, question, by_default)
}

/// The same on a terminal that is open.
pub(super) fn agrees(
    terminal: &mut Terminal,
    question: &str,
    by_default: bool,
) -> Result<bool, InputError> {
    let choices = if by_default { "[Y/n]" } else { "[y/N]" };
    loop {
        let answer = terminal.ask(&Question {
            text: &format!("{question} {choices} "),
            what: "answer",
            answer: Answer::Optional,
        })?;
        match answer.trim().to_ascii_lowercase().as_str() {
            "" => return Ok(by_default),
            "y" | "yes" => return Ok(true),
            "n" | "no" => return Ok(false),
            _ => terminal.print("Enter y or n.", 0)?,
        }
    }
}
