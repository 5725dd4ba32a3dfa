//! `padlock` and `padlock login`: the password grant, a verified id_token, the result.

use zeroize::Zeroizing;

use super::signed_in::SignedIn;
use crate::args::LoginArgs;
use crate::auth::{self, Client, PasswordSignIn};
use crate::config::{CredentialSources, Login, PasswordGrant, SignInOutput, SignInRules};
use crate::context::Context;
use crate::failure::Failure;
use crate::http::Http;
use crate::input::{self, CredentialsDialogue, Password, PasswordRecipient, PasswordSource};
use crate::output::{self, Destination, SignIn};
use crate::provider::{PendingJwks, Provider};
use crate::response::{TokenResponse, Userinfo};

/// Runs the command.
pub(crate) fn login(args: LoginArgs, context: &Context<'_>) -> Result<Zeroizing<String>, Failure> {
    let mut settings = context.load(|context| Login::load(args, context))?;
    let CredentialSources { email, password } = &settings.credentials;
    input::ensure_available(email.as_deref(), password, context.interactivity)?;
    let http = context.http(&settings.network)?;
    let password = settings.credentials.password;
    let is_from_program = password.is_from_program();
    settings.credentials.password = password.read_ahead(http.deadline())?;
    let http = http.with_fresh_deadline_if(is_from_program);
    settings.second_factor.code.ensure_usable(http.deadline())?;
    let provider = able_provider(&http, &settings)?;
    let source = &settings.credentials.password;
    let (rules, grant) = (&settings.rules, &settings.grant);
    let keys = begin_keys(&http, &provider, rules, source)?;
    let is_prompted = source.is_prompt();
    let recipient = PasswordRecipient {
        host: provider.host(),
        named_by: settings.tenant_from,
    };
    let asked = ask(settings.credentials, keys, &recipient, http)?;
    let (application, options) = (&settings.application, &settings.options);
    let client = Client::new(&asked.http, &provider, application, options, context.clock)
        .showing_recovery_codes(context.show_recovery_code)
        .noting(context.note);
    let (response, client) = PasswordSignIn {
        client: &client,
        grant,
        email: &asked.email,
        recipient: &recipient,
        password: asked.password.password,
        is_prompted,
        second_factor: settings.second_factor.with_code(asked.password.code),
        interactivity: context.interactivity,
    }
    .sign_in()?;
    let now = (context.clock)();
    let signed_in = SignedIn::verify(&response, asked.keys, &client, rules, grant, now)?;
    signed_in.require(rules, grant, &client, &settings.tenant)?;
    let userinfo = || signed_in.userinfo(&client, rules);
    let userinfo = settings.userinfo.then(userinfo).transpose()?;
    let destination = context.destination(&settings.handover);
    let result = render(&settings.output, &signed_in, userinfo.as_ref(), destination)?;
    warn_if_opaque(&settings.output, grant, &response, context);
    Ok(result)
}

/// The provider, which is able to do what the settings want. Found out before a password is asked
/// for.
fn able_provider(http: &Http, settings: &Login) -> Result<Provider, Failure> {
    let provider = Provider::find(http, &settings.tenant)?;
    provider.require_grant("password")?;
    provider.require_algorithm(&settings.rules.algorithms)?;
    if settings.userinfo {
        provider.require_userinfo()?;
    }
    auth::ensure_factor_is_taken(&provider, &settings.second_factor)?;
    Ok(provider)
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
    http: Http,
) -> Result<Asked, Failure> {
    let CredentialSources { email, password } = credentials;
    let takes_time = password.takes_time() || email.is_none();
    let mut dialogue = CredentialsDialogue::default();
    let email = dialogue.email(email)?;
    let keys = keys.if_reachable(password.is_prompt())?;
    let password = dialogue.password(password, &email, recipient, http.deadline())?;
    let http = http.with_fresh_deadline_if(takes_time);
    Ok(Asked {
        email,
        password,
        keys: keys.map(|keys| keys.or_retried(&http)),
        http,
    })
}

/// The key set, fetched while the person types and while the password is checked.
struct KeysForLogin {
    pending: Option<PendingJwks>,
    are_needed: bool,
}

/// A person who types finds a connection open already, which alone is worth the request.
fn begin_keys(
    http: &Http,
    provider: &Provider,
    rules: &SignInRules,
    password: &PasswordSource,
) -> Result<KeysForLogin, Failure> {
    let for_access_token = !rules.requirements.needs_no_access_token();
    let is_public = |algorithm: &crate::keys::Algorithm| !algorithm.is_symmetric();
    let are_needed = for_access_token || rules.algorithms.iter().any(is_public);
    let pending = if are_needed {
        Some(PendingJwks::begin(http, provider)?)
    } else if password.is_prompt() {
        PendingJwks::begin(http, provider).ok()
    } else {
        None
    };
    Ok(KeysForLogin {
        pending,
        are_needed,
    })
}

impl KeysForLogin {
    /// The keys, if they are needed. Fails, before a password is asked for, where the host is known
    /// to be unreachable by then.
    fn if_reachable(self, before_prompt: bool) -> Result<Option<PendingJwks>, Failure> {
        let mut pending = self.pending;
        if let (Some(pending), true) = (&mut pending, before_prompt)
            && let Some(error) = pending.unreachable()
        {
            return Err(error.into());
        }
        Ok(pending.filter(|_| self.are_needed))
    }
}

fn render(
    output: &SignInOutput,
    signed_in: &SignedIn<'_>,
    userinfo: Option<&Userinfo>,
    destination: Destination<'_>,
) -> Result<Zeroizing<String>, Failure> {
    let id_token = &signed_in.id_token;
    Ok(match output {
        SignInOutput::Claims(names) => {
            output::claims(id_token.claims(), names, destination.target)?
        }
        SignInOutput::Form { form, all_claims } => {
            let sign_in = SignIn {
                id_token,
                response: signed_in.response,
                userinfo,
                all_claims: *all_claims,
            };
            (form.render)(&sign_in, destination)?
        }
    })
}

const OPAQUE: &str = "the access token is opaque because no audience was requested; to call an API, \
                      request one with --audience";

/// Without an audience Auth0's access token is opaque, and no API but its own accepts it.
fn warn_if_opaque(
    output: &SignInOutput,
    grant: &PasswordGrant,
    response: &TokenResponse,
    context: &Context<'_>,
) {
    if output.is_access_token() && grant.audience.is_none() && response.access_token_is_opaque() {
        (context.note)(OPAQUE);
    }
}
