//! Whether the account that signed in is the one that was named: a browser may be signed in with
//! another one.

use serde_json::Value;

use super::signed_in::SignedIn;
use crate::auth::Client;
use crate::config::SignInRules;
use crate::escape::excerpt;
use crate::failure::{Class, Failure};

/// The claims that name an account, as a person would (OpenID Connect Core §5.1; `upn` is
/// Microsoft's, `username` Cognito's).
const NAMES: [&str; 5] = [
    "email",
    "preferred_username",
    "upn",
    "username",
    "phone_number",
];

/// Fails where one account is expected and another one signed in. Asks the userinfo endpoint where the id_token has no e-mail
/// address.
pub(super) fn ensure_account(
    expected: Option<&str>,
    signed_in: &SignedIn<'_>,
    client: &Client<'_>,
    rules: &SignInRules,
) -> Result<(), Failure> {
    let Some(expected) = expected else {
        return Ok(());
    };
    let claims = signed_in.id_token.claims();
    let mut names = named_in(claims.iter());
    let is_expected = |name: &String| name.to_lowercase() == expected.to_lowercase();
    if names.iter().any(is_expected) || claims.subject() == Some(expected) {
        return Ok(());
    }
    if claims.get("email").is_none()
        && client.provider.userinfo_url.is_some()
        && let Ok(userinfo) = signed_in.userinfo(client, rules)
    {
        names.extend(named_in(userinfo.iter()));
        if names.iter().any(is_expected) {
            return Ok(());
        }
    }
    let expected = excerpt(expected, 100);
    let Some(found) = names.into_iter().next() else {
        let message = format!(
            "the id_token does not name the account that signed in, so that it could be another \
             than {expected}"
        );
        let hint = "add email to --scope, or sign in without --email";
        return Err(Failure::new(Class::TenantRefused, message).hint(hint));
    };
    let found = excerpt(&found, 100);
    let message = format!("another account signed in: {found}, not {expected}");
    let hint = "sign out in the browser, or choose the account there (--browser --prompt \
                select_account)";
    Err(Failure::new(Class::TenantRefused, message).hint(hint))
}

fn named_in<'a>(claims: impl Iterator<Item = (&'a str, &'a Value)>) -> Vec<String> {
    let names = claims.filter(|(name, _)| NAMES.contains(name));
    names
        .filter_map(|(_, value)| value.as_str().map(str::to_owned))
        .collect()
}
