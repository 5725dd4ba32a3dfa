//! One of several, chosen by number.

use super::{InputError, line, tell};

/// How often a person may mistype.
const TRIES: usize = 3;

/// Lists what there is, each with a name and words about it, and asks for one: by number, by name, or the first by
/// leaving the answer empty. Gives its place in the list.
pub(crate) fn choice(title: &str, offered: &[(&str, String)]) -> Result<usize, InputError> {
    tell(title)?;
    let widest = offered
        .iter()
        .map(|(name, _)| name.len())
        .max()
        .unwrap_or_default();
    for (place, (name, words)) in offered.iter().enumerate() {
        tell(&format!("  {}  {name:widest$}  {words}", place + 1))?;
    }
    for _ in 0..TRIES {
        let answer = line("Which one? [1] ")?;
        if let Some(place) = place(answer.trim(), offered) {
            return Ok(place);
        }
        tell(&format!("A number from 1 to {} is meant.", offered.len()))?;
    }
    Err(InputError::NoChoice)
}

fn place(answer: &str, offered: &[(&str, String)]) -> Option<usize> {
    if answer.is_empty() {
        return (!offered.is_empty()).then_some(0);
    }
    let number = answer
        .parse::<usize>()
        .ok()
        .and_then(|number| number.checked_sub(1));
    let named = || offered.iter().position(|(name, _)| *name == answer);
    number.filter(|place| *place < offered.len()).or_else(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_a_name_or_nothing_chooses() {
        let offered = [("otp", String::new()), ("sms", String::new())];
        assert_eq!(
            [
                place("", &offered),
                place("1", &offered),
                place("2", &offered)
            ],
            [Some(0), Some(0), Some(1)]
        );
        assert_eq!(place("sms", &offered), Some(1));
        for answer in ["0", "3", "-1", "push", "1x", "99999999999999999999999"] {
            assert_eq!(place(answer, &offered), None, "{answer}");
        }
    }
}
