//! What a person types about a second factor.

#![expect(clippy::doc_markdown, reason = "the comments are the text of --help")]

use clap::{ArgGroup, Args, ValueEnum};
use secrecy::SecretString;

/// Which second factor, and where its code comes from.
#[derive(Debug, Args)]
#[command(next_help_heading = "Second factor")]
#[command(group = ArgGroup::new("code_source").args(["otp", "otp_stdin", "otp_command"]))]
pub struct SecondFactorArgs {
    /// The second factor to use, where the account has several
    #[arg(long, value_enum, value_name = "FACTOR")]
    pub factor: Option<Factor>,
    /// The one-time code, used if a second factor is asked for [env: PADLOCK_OTP]
    #[arg(long, value_name = "CODE", allow_hyphen_values = true, value_parser = super::secret)]
    pub otp: Option<SecretString>,
    /// Read the one-time code from stdin; with --password-stdin the password is line one, the code line two
    #[arg(long)]
    pub otp_stdin: bool,
    /// Run a command, once a code is needed, whose first line of output is the code
    #[arg(long, value_name = "COMMAND")]
    pub otp_command: Option<String>,
}

/// A kind of second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Factor {
    /// the code that an authenticator app shows
    Otp,
    /// a code by text message
    Sms,
    /// a code by telephone call
    Voice,
    /// a code by e-mail
    Email,
    /// a question on the phone, to be accepted there
    Push,
    /// the code that was kept for the day when all else is lost
    RecoveryCode,
}

impl Factor {
    /// The name that `--factor` takes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Otp => "otp",
            Self::Sms => "sms",
            Self::Voice => "voice",
            Self::Email => "email",
            Self::Push => "push",
            Self::RecoveryCode => "recovery-code",
        }
    }
}
