//! A menu: one of several, chosen by number or name.

use super::error::InputError;
use super::terminal::{Answer, Question, Terminal};

/// How often a person may mistype.
const TRIES: usize = 3;

/// Lists the choices, each with a name and a description, and asks for one: by number, by name, or
/// the first by an empty answer. Returns its index.
pub(crate) fn choice(title: &str, offered: &[(&str, String)]) -> Result<usize, InputError> {
    let mut terminal = Terminal::open()?;
    terminal.print(title, 2)?;
    let widest = offered.iter().map(|(name, _)| name.len()).max();
    let widest = widest.unwrap_or_default();
    for (index, (name, description)) in offered.iter().enumerate() {
        let line = format!("  {}  {name:widest$}  {description}", index + 1);
        terminal.print(&line, widest + 7)?;
    }
    for _ in 0..TRIES {
        let answer = terminal.ask(&Question {
            text: "Which one? [1] ",
            what: "number",
            answer: Answer::Optional,
        })?;
        if let Some(index) = index(answer.trim(), offered) {
            return Ok(index);
        }
        let numbers = format!("Enter a number from 1 to {}.", offered.len());
        terminal.print(&numbers, 0)?;
    }
    Err(InputError::NoChoice)
}

fn index(answer: &str, offered: &[(&str, String)]) -> Option<usize> {
    if answer.is_empty() {
        return (!offered.is_empty()).then_some(0);
    }
    let number = answer.parse::<usize>().ok();
    let number = number.and_then(|number| number.checked_sub(1));
    let named = || offered.iter().position(|(name, _)| *name == answer);
    number.filter(|index| *index < offered.len()).or_else(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_a_name_or_an_empty_answer_chooses() {
        let offered = [("otp", String::new()), ("sms", String::new())];
        for (answer, chosen) in [("", 0), ("1", 0), ("2", 1), ("sms", 1)] {
            assert_eq!(index(answer, &offered), Some(chosen), "{answer}");
        }
        for answer in ["0", "3", "-1", "push", "1x", "99999999999999999999999"] {
            assert_eq!(index(answer, &offered), None, "{answer}");
        }
    }
}
