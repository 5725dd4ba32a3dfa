//! How the application proves itself, and what else the token endpoint is told.

#![expect(clippy::doc_markdown, reason = "the comments are the text of --help")]

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Names that padlock fills in itself; a parameter of that name could change who signs in, or to what.
const OWN_FIELDS: [&str; 19] = [
    "grant_type",
    "username",
    "password",
    "realm",
    "audience",
    "scope",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "refresh_token",
    "mfa_token",
    "otp",
    "oob_code",
    "oob_channel",
    "binding_code",
    "recovery_code",
    "challenge_type",
    "authenticator_id",
];

/// How the application proves itself.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Application")]
pub struct ApplicationArgs {
    /// How the application proves itself [env: AUTH0_CLIENT_AUTH] [default: what the secret or the key allows]
    #[arg(long, value_enum, value_name = "METHOD")]
    pub client_auth: Option<ClientAuthMethod>,
    /// File with the application's private key (PEM; RSA signs RS256, P-256 signs ES256) [env: AUTH0_CLIENT_KEY_FILE]
    #[arg(long, value_name = "FILE")]
    pub client_key_file: Option<PathBuf>,
    /// What the tenant calls that key, its kid [env: AUTH0_CLIENT_KEY_ID]
    #[arg(long, value_name = "KID")]
    pub client_key_id: Option<String>,
    /// One more field for the token endpoint, for Actions that read the body; repeatable
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    pub parameters: Vec<(String, String)>,
}

/// The registered ways in which an application proves itself (RFC 7591 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ClientAuthMethod {
    /// the secret among the fields
    #[value(name = "client_secret_post")]
    SecretPost,
    /// the secret as HTTP Basic
    #[value(name = "client_secret_basic")]
    SecretBasic,
    /// a JWT signed with the private key
    #[value(name = "private_key_jwt")]
    PrivateKeyJwt,
    /// not at all: a public client
    #[value(name = "none")]
    None,
}

fn parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("NAME=VALUE is meant")?;
    if name.is_empty() {
        return Err("NAME=VALUE is meant".to_owned());
    }
    match OWN_FIELDS.into_iter().find(|own| *own == name) {
        Some(own) => Err(format!("padlock fills in {own} itself")),
        None => Ok((name.to_owned(), value.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_may_hold_an_equals_sign_and_may_be_empty() {
        assert_eq!(parameter("a=b=c"), Ok(("a".into(), "b=c".into())));
        assert_eq!(parameter("a="), Ok(("a".into(), String::new())));
        assert!(parameter("a").is_err() && parameter("=a").is_err());
    }
}
