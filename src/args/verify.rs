//! `padlock verify`: the arguments.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgGroup, Args};
use jiff::Timestamp;
use secrecy::SecretString;

use super::requirements::RequirementArgs;
use super::tenant::SettingsFileArgs;
use super::values::{AlgorithmParser, identifier, leeway, optional_file, seconds, secret, timeout};
use crate::keys::Algorithm;
use crate::output::{self, ClaimsForm};
use crate::verify::{Policy, TokenKind};

/// Verify tokens issued elsewhere
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("keys").args(["issuer", "jwks", "key_file", "secret_file"]).multiple(true),
    group = ArgGroup::new("form").args(["output", "claim", "quiet"])
)]
pub(crate) struct VerifyArgs {
    /// Token to verify; other users of this machine can see it in the process list. Without it, or
    /// with -, padlock reads tokens from stdin, one per line
    #[arg(value_name = "TOKEN", value_parser = secret)]
    pub(crate) token: Option<SecretString>,
    /// Print a verdict for each line of stdin as soon as it is complete, the first included
    #[arg(long = "stream", conflicts_with_all = ["token", "claim"])]
    pub(crate) is_stream: bool,
    #[command(flatten)]
    pub(crate) keys: KeyArgs,
    /// Accept a shared secret shorter than the hash, which RFC 7518 forbids
    #[arg(long, help_heading = KEYS)]
    pub(crate) allow_short_secret: bool,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[command(flatten)]
    pub(crate) one_token: OneTokenArgs,
    #[command(flatten)]
    pub(crate) requirements: RequirementArgs,
    #[command(flatten)]
    pub(crate) result: ResultArgs,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
}

const KEYS: &str = "Keys (one source is required)";

/// Where the keys come from: flags only, never the environment.
#[derive(Debug, Args)]
#[command(next_help_heading = KEYS)]
pub(crate) struct KeyArgs {
    /// Trust this issuer's tokens, with the keys that its discovery document names; repeatable, and
    /// each issuer's keys verify only its own tokens
    #[arg(long, value_name = "URL", value_parser = identifier)]
    #[arg(conflicts_with_all = ["jwks", "key_file", "secret_file"])]
    pub(crate) issuer: Vec<String>,
    /// Trust the keys in this key set (JWKS)
    #[arg(long, value_name = "URL|FILE", value_parser = identifier)]
    #[arg(conflicts_with_all = ["key_file", "secret_file"])]
    pub(crate) jwks: Option<String>,
    /// Trust the one key in this file: a public key or certificate in PEM, or a JWK
    #[arg(long, value_name = "FILE", conflicts_with = "secret_file")]
    pub(crate) key_file: Option<PathBuf>,
    /// Trust the shared secret in this file, - for stdin; repeatable, a token may be signed with any
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Vec<PathBuf>,
    /// Expected iss, with --jwks, --key-file or --secret-file; with one --issuer, another spelling of
    /// it; repeatable. {tenantid} in it stands for the claim tid (Entra)
    #[arg(long, value_name = "URL", value_parser = identifier)]
    pub(crate) expect_issuer: Vec<String>,
    /// Bypass the key cache
    #[arg(long)]
    pub(crate) no_cache: bool,
}

/// The rules that the caller sets.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rules")]
pub(crate) struct RuleArgs {
    /// Algorithms that tokens may be signed with, comma-separated [default: RS256, HS256 with
    /// --secret-file, or the usual one for the key of --key-file]
    #[arg(long, value_name = "ALGORITHM", value_delimiter = ',', value_parser = AlgorithmParser)]
    #[arg(hide_possible_values = true)]
    pub(crate) algorithm: Vec<Algorithm>,
    /// Expected audience; repeatable, any one is enough
    #[arg(long, value_name = "AUDIENCE", value_parser = identifier)]
    pub(crate) audience: Vec<String>,
    /// Expected azp of an ID token (--kind id-token), or any [default: the audience]
    #[arg(long, value_name = "NAME|any", value_parser = identifier)]
    pub(crate) authorized_party: Option<String>,
    /// Kind of token, which decides the required claims
    #[arg(long, value_enum, value_name = "KIND", default_value_t = TokenKind::AccessToken)]
    pub(crate) kind: TokenKind,
    /// Allowed clock difference in seconds (0 to 300)
    #[arg(long, value_name = "SECONDS", default_value_t = Policy::DEFAULT_LEEWAY)]
    #[arg(value_parser = leeway, allow_negative_numbers = true)]
    pub(crate) leeway: u32,
    /// Expected organization: org_… is compared with org_id, anything else with org_name
    #[arg(long, value_name = "ORGANIZATION", value_parser = identifier)]
    pub(crate) organization: Option<String>,
}

/// The rules for one token, or that only a person or script at hand may set.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rules")]
pub(crate) struct OneTokenArgs {
    /// Accept access and ID tokens for any audience if none is expected
    #[arg(long)]
    pub(crate) any_audience: bool,
    /// Accept tokens bound to a key (cnf) whose proof another program checks
    #[arg(long)]
    pub(crate) allow_bound: bool,
    /// Verify as of this time: RFC 3339, or seconds since 1970
    #[arg(long, value_name = "TIME", value_parser = time, allow_negative_numbers = true)]
    pub(crate) at: Option<i64>,
    /// Expected nonce
    #[arg(long, value_name = "NONCE", value_parser = identifier)]
    pub(crate) nonce: Option<String>,
    /// Reject sign-ins older than this many seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) max_age: Option<u32>,
    /// File with the access token that came with the id_token, to check at_hash
    #[arg(long, value_name = "FILE")]
    pub(crate) access_token_file: Option<PathBuf>,
}

/// What is printed for one token.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct ResultArgs {
    /// What to print for one token
    #[arg(short, long, value_name = "FORMAT", default_value = "json")]
    #[arg(value_parser = output::parser(&output::CLAIMS))]
    pub(crate) output: &'static ClaimsForm,
    /// Print only this claim, by its name, a JSON Pointer (/a/b) or a path (a.b); repeatable, one per
    /// line
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) claim: Vec<String>,
    /// Print nothing about tokens; the exit code is the result
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// How issuers are reached.
#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct FetchArgs {
    /// PEM certificates to trust in addition to the system's; an empty value for none [env:
    /// PADLOCK_CA_FILE]
    #[arg(long, value_name = "FILE", value_parser = optional_file())]
    pub(crate) ca_file: Option<PathBuf>,
    /// Time limit for fetching keys, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0)]
    #[arg(value_parser = timeout, allow_negative_numbers = true)]
    pub(crate) timeout: f64,
    #[command(flatten)]
    pub(crate) file: SettingsFileArgs,
}

/// How issuers are reached, and which application asks for roles.
#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct NetworkArgs {
    #[command(flatten)]
    pub(crate) fetch: FetchArgs,
    /// Client ID of the application that asks for roles [env: AUTH0_CLIENT_ID]
    #[arg(long, value_name = "ID", requires = "roles_from_tenant", value_parser = identifier)]
    pub(crate) client_id: Option<String>,
    /// File with its client secret, - for stdin [env: AUTH0_CLIENT_SECRET_FILE] [env:
    /// AUTH0_CLIENT_SECRET, the secret itself]
    #[arg(long, value_name = "FILE", requires = "roles_from_tenant")]
    pub(crate) client_secret_file: Option<PathBuf>,
}

fn time(text: &str) -> Result<i64, &'static str> {
    let seconds = text.parse().ok();
    let moment = || text.parse::<Timestamp>().ok().map(Timestamp::as_second);
    seconds
        .or_else(moment)
        .ok_or("expected a time such as 2026-01-31T12:00:00Z, or seconds since 1970")
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
