//! A one-time code: as given, from standard input, from a command, or prompted for.

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::code_request::CodeRequest;
use super::command;
use super::error::InputError;
use super::secret;
use super::terminal::{Answer, Question, Terminal};
use super::totp_code;
use crate::deadline::Deadline;
use crate::redact::known;
use crate::totp::TotpSecret;

/// Where a one-time code comes from, if one is needed.
#[derive(Clone, Debug)]
pub(crate) enum CodeSource {
    Given(SecretString),
    Stdin,
    /// The output of a shell command.
    Command(String),
    /// Computed from the secret of an authenticator app.
    Totp(TotpSecret),
    Prompt,
}

impl CodeSource {
    /// Whether the person types the code at a prompt.
    pub(crate) fn is_prompt(&self) -> bool {
        matches!(self, Self::Prompt)
    }

    /// Fails, before anything is sent, where the code could not be sent later.
    pub(crate) fn ensure_usable(&self, deadline: Deadline) -> Result<(), InputError> {
        match self {
            Self::Totp(secret) => totp_code::ensure_recordable(secret, deadline),
            Self::Given(_) | Self::Stdin | Self::Command(_) | Self::Prompt => Ok(()),
        }
    }

    /// Whether a person, a command or the next time step has to be waited for, whose time does not count as the run's.
    pub(crate) fn takes_time(&self) -> bool {
        match self {
            Self::Prompt | Self::Stdin | Self::Command(_) | Self::Totp(_) => true,
            Self::Given(_) => false,
        }
    }
}

/// Reads the code, without the spaces around it.
pub(crate) fn code(
    source: &CodeSource,
    request: &CodeRequest<'_>,
) -> Result<SecretString, InputError> {
    let deadline = request.deadline;
    let code = match source {
        CodeSource::Given(code) => code.clone(),
        CodeSource::Stdin => secret::trimmed_from_stdin("the one-time code", deadline)?,
        CodeSource::Command(shell) => from_command(shell, deadline)?,
        CodeSource::Totp(secret) => totp_code::unused(secret, request)?,
        CodeSource::Prompt => typed(request.question)?,
    };
    Ok(known(code.expose_secret().trim().into()))
}

/// The code as tenants expect it. Apps and messages show digits in groups; a code with other
/// characters, such as a recovery code, is unchanged.
pub(crate) fn without_separators(code: &SecretString) -> SecretString {
    let code = code.expose_secret();
    let is_separator =
        |one: char| one.is_whitespace() || matches!(one, '-' | '\u{2010}'..='\u{2015}');
    let mut digits = Zeroizing::new(String::with_capacity(code.len()));
    digits.extend(code.chars().filter(|one| !is_separator(*one)));
    let is_numeric = !digits.is_empty() && digits.bytes().all(|one| one.is_ascii_digit());
    known(if is_numeric { digits.as_str() } else { code }.into())
}

/// Visible as it is typed: it is worthless a moment later.
fn typed(question: &str) -> Result<SecretString, InputError> {
    let code = Terminal::open()?.ask(&Question {
        text: question,
        what: "code",
        answer: Answer::Visible,
    })?;
    Ok(known(code.as_str().into()))
}

/// A line of spaces is no code.
fn from_command(shell: &str, deadline: Deadline) -> Result<SecretString, InputError> {
    let flag = "--otp-command";
    let line = command::first_line(flag, "code", shell, deadline)?;
    if line.expose_secret().trim().is_empty() {
        let problem = "printed no code".to_owned();
        return Err(InputError::Command { flag, problem });
    }
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_numeric_code_loses_its_spaces_and_hyphens() {
        for (code, sent) in [
            ("123456", "123456"),
            ("123 456", "123456"),
            (" 123-456 ", "123456"),
            ("12\u{2011}34\u{a0}56\t", "123456"),
            ("K6LG-LV3R SH3V", "K6LG-LV3R SH3V"),
            ("12 34-5x", "12 34-5x"),
            (" - ", " - "),
            ("", ""),
        ] {
            let sent_code = without_separators(&code.into());
            assert_eq!(sent_code.expose_secret(), sent, "{code:?}");
        }
    }
}
