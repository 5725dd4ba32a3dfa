//! How the application authenticates, and extra fields for the token endpoint.

#![expect(clippy::doc_markdown, reason = "the comments are the text of --help")]

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::values::identifier;
use crate::fields;
use crate::keys::SigningAlgorithm;

/// How the application authenticates.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Application")]
pub(crate) struct ApplicationArgs {
    /// Client authentication method [env: AUTH0_CLIENT_AUTH] [default: depends on the key or secret
    /// given]
    #[arg(long, value_enum, value_name = "METHOD")]
    pub(crate) client_auth: Option<ClientAuthMethod>,
    /// PEM file with the private key (RSA or P-256) [env: AUTH0_CLIENT_KEY_FILE]
    #[arg(long, value_name = "FILE")]
    pub(crate) client_key_file: Option<PathBuf>,
    /// Key ID (kid) of that key at the tenant [env: AUTH0_CLIENT_KEY_ID]
    #[arg(long, value_name = "KID", value_parser = identifier)]
    pub(crate) client_key_id: Option<String>,
    /// Algorithm that the key is registered for at the tenant [default: RS256 for an RSA key, ES256
    /// for a P-256 key]
    #[arg(long, value_enum, value_name = "ALGORITHM", ignore_case = true)]
    pub(crate) client_key_alg: Option<SigningAlgorithm>,
    /// Extra field for the token request, for Auth0 Actions; repeatable
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    pub(crate) parameters: Vec<(String, String)>,
    /// Extra field whose value is a secret in a file, - for stdin; repeatable
    #[arg(long = "parameter-file", value_name = "NAME=FILE", value_parser = parameter_file)]
    pub(crate) parameter_files: Vec<(String, PathBuf)>,
}

/// The registered client authentication methods (RFC 7591 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ClientAuthMethod {
    /// client secret in the request body
    #[value(name = "client_secret_post")]
    SecretPost,
    /// client secret as HTTP Basic
    #[value(name = "client_secret_basic")]
    SecretBasic,
    /// JWT signed with the private key
    #[value(name = "private_key_jwt")]
    PrivateKeyJwt,
    /// no authentication (public client)
    #[value(name = "none")]
    None,
}

fn parameter(text: &str) -> Result<(String, String), String> {
    named(text, "expected NAME=VALUE")
}

fn parameter_file(text: &str) -> Result<(String, PathBuf), String> {
    let expected = "expected NAME=FILE";
    let (name, file) = named(text, expected)?;
    if file.is_empty() {
        return Err(expected.to_owned());
    }
    Ok((name, file.into()))
}

fn named(text: &str, expected: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = pair.ok_or(expected)?;
    match fields::named(name) {
        Some(field) => Err(format!("padlock sends the field {} itself", field.name)),
        None => Ok((name.to_owned(), value.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_may_contain_an_equals_sign_and_may_be_empty() {
        assert_eq!(parameter("a=b=c"), Ok(("a".into(), "b=c".into())));
        assert_eq!(parameter("a="), Ok(("a".into(), String::new())));
        assert!(parameter("a").is_err() && parameter("=a").is_err());
    }
}
