//! `padlock verify`: the arguments.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};
use jiff::Timestamp;
use secrecy::SecretString;

use super::{GateArgs, algorithm, seconds, secret};
use crate::keys::Algorithm;
use crate::verify::{Kind, Policy};

/// Check tokens that came from elsewhere: all rules, or nothing
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("keys").args(["issuer", "jwks", "secret_file"]).multiple(true),
    group = ArgGroup::new("form").args(["output", "claim", "quiet"])
)]
pub struct VerifyArgs {
    /// The token; without one tokens are read from stdin, one a line. Other users of this machine can read an argument in
    /// the list of processes
    #[arg(value_name = "TOKEN", value_parser = secret)]
    pub token: Option<SecretString>,
    /// Whose tokens are trusted.
    #[command(flatten)]
    pub keys: KeyArgs,
    /// What is asked of a token.
    #[command(flatten)]
    pub rules: RuleArgs,
    /// What it must grant besides.
    #[command(flatten)]
    pub gates: GateArgs,
    /// What is printed.
    #[command(flatten)]
    pub result: ResultArgs,
    /// How issuers are reached, and the application that asks for roles.
    #[command(flatten)]
    pub network: NetworkArgs,
}

/// Where the keys come from: flags alone, never the environment.
#[derive(Debug, Args)]
#[command(next_help_heading = "Keys (one source is needed)")]
pub struct KeyArgs {
    /// Trust this issuer's tokens, with the keys that its discovery document leads to; repeatable, and each issuer's keys
    /// serve its own tokens only
    #[arg(long, value_name = "URL", conflicts_with_all = ["jwks", "secret_file", "expect_issuer"])]
    pub issuer: Vec<String>,
    /// Trust these keys: a key set (RFC 7517)
    #[arg(long, value_name = "URL|FILE", conflicts_with = "secret_file")]
    pub jwks: Option<String>,
    /// Trust this shared secret, - for stdin
    #[arg(long, value_name = "FILE")]
    pub secret_file: Option<PathBuf>,
    /// What iss must be, where --issuer does not say
    #[arg(long, value_name = "URL")]
    pub expect_issuer: Option<String>,
    /// Take a shared secret that is shorter than the hash, which RFC 7518 forbids
    #[arg(long)]
    pub allow_short_secret: bool,
    /// Fetch keys afresh, and keep none on disk
    #[arg(long)]
    pub no_cache: bool,
}

/// The rules that the caller sets.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rules")]
pub struct RuleArgs {
    /// What tokens may be signed with, several separated by commas [default: RS256, or HS256 with --secret-file]
    #[arg(long, value_name = "ALGORITHM", value_delimiter = ',', value_parser = algorithm)]
    pub algorithm: Vec<Algorithm>,
    /// What aud must contain; repeatable, and any one fits
    #[arg(long, value_name = "AUDIENCE")]
    pub audience: Vec<String>,
    /// Which claims must be there
    #[arg(long, value_enum, value_name = "KIND", default_value_t = TokenKind::AccessToken)]
    pub kind: TokenKind,
    /// Seconds by which clocks may differ (0 to 300)
    #[arg(long, value_name = "SECONDS", default_value_t = Policy::DEFAULT_LEEWAY)]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=300))]
    pub leeway: u32,
    /// Verify as of this time: RFC 3339, or seconds since 1970
    #[arg(long, value_name = "TIME", value_parser = time, allow_negative_numbers = true)]
    pub at: Option<i64>,
    /// What nonce must be
    #[arg(long, value_name = "NONCE")]
    pub nonce: Option<String>,
    /// Refuse a user who signed in longer ago than this, in seconds
    #[arg(long, value_name = "SECONDS")]
    pub max_age: Option<u32>,
    /// The organization: org_… is compared with org_id, anything else with org_name
    #[arg(long, value_name = "ORGANIZATION")]
    pub organization: Option<String>,
    /// The access token that came beside an id_token, for at_hash
    #[arg(long, value_name = "FILE")]
    pub access_token_file: Option<PathBuf>,
}

/// What is printed of one token.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct ResultArgs {
    /// What to print of one token
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = ClaimsOutput::Json)]
    pub output: ClaimsOutput,
    /// Print this claim alone
    #[arg(long, value_name = "NAME")]
    pub claim: Option<String>,
    /// Print nothing of any token: the exit code tells
    #[arg(long)]
    pub quiet: bool,
}

/// How issuers are reached, and who asks the tenant for roles.
#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub struct NetworkArgs {
    /// Certificates (PEM) to trust besides the system's [env: PADLOCK_CA_FILE]
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Seconds that keys may take to come
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0, value_parser = seconds)]
    pub timeout: f64,
    /// The application that asks for roles [env: AUTH0_CLIENT_ID]
    #[arg(long, value_name = "ID", requires = "roles_from_tenant")]
    pub client_id: Option<String>,
    /// File with its secret [env: AUTH0_CLIENT_SECRET, the secret itself]
    #[arg(long, value_name = "FILE", requires = "roles_from_tenant")]
    pub client_secret_file: Option<PathBuf>,
    /// Read settings of the application from this file instead of .env
    #[arg(long, value_name = "FILE", conflicts_with = "profile")]
    pub env_file: Option<PathBuf>,
    /// Read settings of the application from NAME.env in padlock's configuration folder instead of .env
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
}

/// A kind of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TokenKind {
    /// iss, sub, aud, exp and iat
    IdToken,
    /// iss, aud and exp
    AccessToken,
    /// none beyond what flags ask for
    Jwt,
}

impl From<TokenKind> for Kind {
    fn from(kind: TokenKind) -> Self {
        match kind {
            TokenKind::IdToken => Self::IdToken,
            TokenKind::AccessToken => Self::AccessToken,
            TokenKind::Jwt => Self::Jwt,
        }
    }
}

/// How the claims of one token are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ClaimsOutput {
    /// the verified claims, one JSON object
    Json,
    /// one claim a row, times in words
    Table,
}

fn time(text: &str) -> Result<i64, &'static str> {
    let seconds = text.parse().ok();
    let moment = || text.parse::<Timestamp>().ok().map(Timestamp::as_second);
    seconds
        .or_else(moment)
        .ok_or("a time such as 2026-01-31T12:00:00Z, or seconds since 1970, is meant")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_rfc_3339_or_seconds_since_1970() {
        for text in [
            "1767225600",
            "2026-01-01T00:00:00Z",
            "2026-01-01T01:00:00+01:00",
            "2026-01-01T00:00:00.9Z",
        ] {
            assert_eq!(time(text), Ok(1_767_225_600), "{text}");
        }
        assert_eq!(time("-5"), Ok(-5));
        for text in [
            "",
            "now",
            "2026-01-01",
            "2026-01-01T00:00:00",
            "1767225600.5",
            "99999999999999999999",
            " 5",
        ] {
            assert!(time(text).is_err(), "{text}");
        }
    }
}
