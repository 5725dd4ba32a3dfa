//! Sign-in without a password: with a browser, or on another device.

#![expect(clippy::doc_markdown, reason = "the comments are the text of --help")]

use clap::Args;

use super::values::identifier;

/// The flags that only a password login takes. Groups include the flags that others add to them.
const PASSWORD_ONLY: [&str; 6] = [
    "password_source",
    "code_source",
    "factor",
    "realm",
    "forwarded_for",
    "device",
];

/// Sign-in without a password.
#[derive(Debug, Args)]
#[command(next_help_heading = "Without a password")]
pub(crate) struct BrowserArgs {
    /// Sign in with the browser of this machine
    #[arg(long, conflicts_with_all = PASSWORD_ONLY)]
    pub(crate) browser: bool,
    /// Sign in with a browser on another device, such as a phone
    #[arg(long, conflicts_with_all = &PASSWORD_ONLY[..5])]
    pub(crate) device: bool,
    /// Print the address instead of opening the browser, which may run on another machine
    #[arg(long)]
    pub(crate) no_open: bool,
    /// Where the browser returns to: an http URL on this machine, port 0 for any free port
    /// [default: http://127.0.0.1:8484/callback]
    #[arg(
        long,
        value_name = "URL",
        requires = "browser",
        conflicts_with = "device"
    )]
    #[arg(value_parser = identifier)]
    pub(crate) redirect_uri: Option<String>,
    /// Connection to sign in with, such as google-oauth2 (Auth0)
    #[arg(
        long,
        value_name = "CONNECTION",
        requires = "browser",
        conflicts_with = "device"
    )]
    #[arg(value_parser = identifier)]
    pub(crate) connection: Option<String>,
    /// What the login page asks for: login, consent and select_account, separated by spaces, or none
    #[arg(
        long,
        value_name = "PROMPT",
        requires = "browser",
        conflicts_with = "device"
    )]
    #[arg(value_parser = prompt)]
    pub(crate) prompt: Option<String>,
}

/// The values of `prompt`, of which `none` excludes the others (OpenID Connect Core §3.1.2.1).
fn prompt(text: &str) -> Result<String, &'static str> {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let is_known = |word: &&str| ["login", "consent", "select_account"].contains(word);
    if words == ["none"] || !words.is_empty() && words.iter().all(is_known) {
        Ok(words.join(" "))
    } else {
        Err("expected login, consent and select_account, separated by spaces, or none alone")
    }
}
