//! An access token as environment variables: for a shell, or for the next steps of a job.

use std::io;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::destination::Variables;
use super::github;
use super::shell::assignment;

const ACCESS_TOKEN: &str = "PADLOCK_ACCESS_TOKEN";
const EXPIRES_AT: &str = "PADLOCK_EXPIRES_AT";

/// The token, and when it expires in seconds since 1970; that is empty where it is not known, so that
/// no older value remains. For GitHub Actions the file gets the values, and the text is the mask.
pub(super) fn variables(
    token: &SecretString,
    expires_at: Option<i64>,
    reader: &Variables,
) -> io::Result<Zeroizing<String>> {
    let token = token.expose_secret();
    let expires_at = expires_at.map(|time| time.to_string()).unwrap_or_default();
    let variables = [(ACCESS_TOKEN, token), (EXPIRES_AT, expires_at.as_str())];
    match reader {
        Variables::Shell(syntax) => {
            let [token, expires_at] =
                variables.map(|(name, value)| assignment(*syntax, name, value));
            Ok(Zeroizing::new([token.as_str(), &expires_at].concat()))
        }
        Variables::Github(file) => {
            github::append(file, &variables)?;
            Ok(github::mask(token))
        }
    }
}
