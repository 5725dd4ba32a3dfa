//! `padlock` and `padlock login`: the password grant, a verified id_token, the result.

use zeroize::Zeroizing;

use super::signed_in::SignedIn;
use crate::args::LoginArgs;
use crate::auth::{self, Client, PasswordSignIn};
use crate::config::{Login, PasswordGrant, SignInOutput, SignInRules};
use crate::context::Context;
use crate::failure::Failure;
use crate::http::Http;
use crate::input::{self, PasswordSource};
use crate::output::{self, SignIn};
use crate::provider::{PendingJwks, Provider};
use crate::response::{TokenResponse, Userinfo};

/// Runs the command.
pub(crate) fn login(args: LoginArgs, context: &Context<'_>) -> Result<Zeroizing<String>, Failure> {
    let settings = Login::load(args, context.variables)?;
    context.print_notes(&settings.notes);
    let (interactivity, source) = (context.interactivity(), settings.credentials.password);
    let email = input::email(settings.credentials.email, interactivity)?;
    input::ensure_password_available(&source, interactivity)?;
    let http = context.http(&settings.network)?;
    let provider = Provider::find(&http, &settings.tenant)?;
    provider.require_grant("password")?;
    if settings.userinfo {
        provider.require_userinfo()?;
    }
    auth::ensure_factor_is_taken(&provider, &settings.second_factor)?;
    let keys = begin_keys(&http, &provider, &settings.rules, &source)?;
    let waits = source.may_wait();
    let password = input::password(source, &email, &provider.host())?;
    let http = http.with_fresh_deadline_if(waits);
    let keys = keys.map(|keys| keys.or_retried(&http));
    let (application, options) = (&settings.application, &settings.options);
    let client = Client::new(&http, &provider, application, options, context.clock)
        .showing_recovery_codes(context.show_recovery_code);
    let (response, client) = PasswordSignIn {
        client: &client,
        grant: &settings.grant,
        email: &email,
        password: password.password,
        second_factor: settings.second_factor.with_code(password.code),
        interactivity,
    }
    .sign_in()?;
    let now = (context.clock)();
    let signed_in = SignedIn::verify(
        &response,
        keys,
        &client,
        &settings.rules,
        &settings.grant,
        now,
    )?;
    signed_in.require(&settings.rules, &settings.grant, &client, &settings.tenant)?;
    let userinfo = settings
        .userinfo
        .then(|| signed_in.userinfo(&client, &settings.rules));
    let userinfo = userinfo.transpose()?;
    let result = render(&settings.output, &signed_in, userinfo.as_ref(), context)?;
    warn_if_opaque(&settings.output, &settings.grant, &response, context);
    Ok(result)
}

/// The key set, fetched while the person types and while the password is checked. A person who
/// types finds a connection open already, which alone is worth the request.
fn begin_keys(
    http: &Http,
    provider: &Provider,
    rules: &SignInRules,
    password: &PasswordSource,
) -> Result<Option<PendingJwks>, Failure> {
    let for_access_token = !rules.requirements.needs_no_access_token();
    let is_public = |algorithm: &crate::keys::Algorithm| !algorithm.is_symmetric();
    let needed = for_access_token || rules.algorithms.iter().any(is_public);
    if needed {
        return Ok(Some(PendingJwks::begin(http, provider)?));
    }
    if password.is_prompt() {
        drop(PendingJwks::begin(http, provider));
    }
    Ok(None)
}

fn render(
    output: &SignInOutput,
    signed_in: &SignedIn<'_>,
    userinfo: Option<&Userinfo>,
    context: &Context<'_>,
) -> Result<Zeroizing<String>, Failure> {
    let id_token = &signed_in.id_token;
    Ok(match output {
        SignInOutput::Claim(name) => output::claim(id_token.claims(), name, context.stdout)?,
        SignInOutput::Form { form, all_claims } => {
            let sign_in = SignIn {
                id_token,
                response: signed_in.response,
                userinfo,
                all_claims: *all_claims,
                now: (context.clock)(),
            };
            (form.render)(&sign_in, context.stdout)?
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
