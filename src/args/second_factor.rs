//! The second factor, and where its code comes from.

#![expect(clippy::doc_markdown, reason = "the comments are the text of --help")]

use clap::builder::NonEmptyStringValueParser;
use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};
use secrecy::SecretString;

use super::values::secret;

/// Which second factor, and where its code comes from.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Second factor")]
#[command(group = ArgGroup::new("code_source").args(["otp", "otp_stdin", "otp_command", "totp_secret_file"]))]
pub(crate) struct SecondFactorArgs {
    /// Second factor to use if the account has several
    #[arg(long, value_enum, value_name = "FACTOR")]
    pub(crate) factor: Option<Factor>,
    /// One-time code, used if a second factor is required [env: PADLOCK_OTP]
    #[arg(long, value_name = "CODE", allow_hyphen_values = true, value_parser = secret)]
    pub(crate) otp: Option<SecretString>,
    /// Read the one-time code from stdin
    #[arg(long)]
    pub(crate) otp_stdin: bool,
    /// Shell command that prints the one-time code, run when a code is needed
    #[arg(long, value_name = "COMMAND", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) otp_command: Option<String>,
    /// File with the secret of an authenticator app, base32 or otpauth://, from which padlock
    /// computes the code [env: PADLOCK_TOTP_SECRET_FILE]
    #[arg(long, value_name = "FILE")]
    pub(crate) totp_secret_file: Option<PathBuf>,
}

/// A kind of second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Factor {
    /// code from an authenticator app
    Otp,
    /// code by text message
    Sms,
    /// code by phone call
    Voice,
    /// code by e-mail
    Email,
    /// push notification to accept on the phone
    Push,
    /// recovery code
    RecoveryCode,
}

impl Factor {
    /// The name that `--factor` takes.
    pub(crate) fn name(self) -> &'static str {
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
