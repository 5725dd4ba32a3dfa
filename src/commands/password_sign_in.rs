//! Signs in with a password, and a second factor where the tenant requires one.

use super::login_keys::KeysForLogin;
use super::start::{Binding, SignInStart, SignInTokens};
use crate::auth::PasswordSignIn;
use crate::config::{CredentialSources, PasswordMethod};
use crate::failure::Failure;
use crate::http::Http;
use crate::input::{CredentialsDialogue, Password, PasswordRecipient};
use crate::provider::PendingJwks;

/// Signs in with a password.
pub(super) fn with_password<'c>(
    method: PasswordMethod,
    start: SignInStart<'_, 'c>,
) -> Result<SignInTokens<'c>, Failure> {
    let SignInStart {
        client, context, ..
    } = start;
    let is_prompted = method.credentials.password.is_prompt();
    let recipient = PasswordRecipient {
        host: client.provider.host(),
        named_by: start.tenant_from,
    };
    let asked = ask(method.credentials, start.keys, &recipient, &client.http)?;
    let client = client.with_http(asked.http);
    let (response, client) = PasswordSignIn {
        client: &client,
        grant: start.grant,
        realm: method.realm.as_deref(),
        email: &asked.email,
        recipient: &recipient,
        password: asked.password.password,
        is_prompted,
        second_factor: method.second_factor.with_code(asked.password.code),
        interactivity: context.interactivity,
    }
    .sign_in()?;
    Ok(SignInTokens {
        response,
        client,
        keys: asked.keys,
        binding: Binding::default(),
        user_name: Some(asked.email),
    })
}

/// What is known once nothing is asked any more.
struct Asked {
    email: String,
    password: Password,
    keys: Option<PendingJwks>,
    /// Its deadline does not include the time that a person took.
    http: Http,
}

fn ask(
    credentials: CredentialSources,
    keys: KeysForLogin,
    recipient: &PasswordRecipient,
    http: &Http,
) -> Result<Asked, Failure> {
    let CredentialSources { email, password } = credentials;
    let takes_time = password.takes_time() || email.is_none();
    let mut dialogue = CredentialsDialogue::default();
    let email = dialogue.email(email)?;
    let keys = keys.if_reachable(password.is_prompt())?;
    let password = dialogue.password(password, &email, recipient, http.deadline())?;
    let http = http.clone().with_fresh_deadline_if(takes_time);
    Ok(Asked {
        email,
        password,
        keys: keys.map(|keys| keys.or_retried(&http)),
        http,
    })
}
