//! `padlock` and `padlock login`: a grant for a user, a verified id_token, the result.

use zeroize::Zeroizing;

use super::account::ensure_account;
use super::browser_sign_in::with_browser;
use super::device_sign_in::with_device;
use super::login_keys::KeysForLogin;
use super::password_sign_in::with_password;
use super::save::{SaveRequest, save};
use super::signed_in::SignedIn;
use super::start::{SignInStart, SignInTokens};
use crate::args::LoginArgs;
use crate::auth::{self, Client};
use crate::config::{Login, SaveSettings, SignInMethod, SignInOutput, UserGrant};
use crate::context::Context;
use crate::failure::Failure;
use crate::http::Http;
use crate::keys::Algorithm;
use crate::output::{self, Destination, SignIn};
use crate::provider::{ProtocolMemory, Provider};
use crate::response::{TokenResponse, Userinfo};
use crate::session::Sessions;

/// Runs the command.
pub(crate) fn login(args: LoginArgs, context: &Context<'_>) -> Result<Zeroizing<String>, Failure> {
    let settings = context.load(|context| Login::load(args, context))?;
    settings.method.ensure_available(context.interactivity)?;
    let (method, http) = read_ahead(settings.method, context.http(&settings.network)?)?;
    let create = |save: SaveSettings| {
        Sessions::create(save.store, context.variables, http.deadline().timeout())
    };
    let sessions = settings.save.map(create).transpose()?;
    let (rules, grant) = (&settings.rules, &settings.grant);
    let provider = Provider::find_able(&http, &settings.tenant, |provider| {
        ensure_able(provider, &method, &rules.algorithms, settings.userinfo)
    })?;
    let protocol = ProtocolMemory::recall(&http, &provider);
    let keys = KeysForLogin::begin(&http, &provider, rules, method.asks_a_person())?;
    let (application, options) = (&settings.application, &settings.options);
    let start = SignInStart {
        client: Client::new(&http, &provider, application, options, context.clock)
            .showing_recovery_codes(context.show_recovery_code)
            .noting(context.note),
        grant,
        keys,
        tenant_from: settings.tenant_from,
        context,
    };
    let tokens = sign_in(method, rules.max_age, start)?;
    protocol.update();
    let (response, client, binding) = (tokens.response, tokens.client, tokens.binding);
    let now = (context.clock)();
    let signed_in = SignedIn::verify(&response, tokens.keys, &client, rules, grant, &binding, now)?;
    ensure_account(binding.account.as_deref(), &signed_in, &client, rules)?;
    signed_in.require(rules, grant, &client, &settings.tenant)?;
    let userinfo = || signed_in.userinfo(&client, rules);
    let userinfo = settings.userinfo.then(userinfo).transpose()?;
    if let Some((sessions, store)) = sessions {
        let request = SaveRequest {
            tenant: &settings.tenant,
            user_name: tokens.user_name.as_deref(),
            audience: grant.audience.as_deref(),
            scope: &grant.scope,
            asked_at: now,
            store,
        };
        save(&sessions, &signed_in, &client, request, context)?;
    }
    let destination = context.destination(&settings.handover);
    let result = render(&settings.output, &signed_in, userinfo.as_ref(), destination)?;
    warn_if_opaque(&settings.output, grant, &response, context);
    Ok(result)
}

/// Reads what takes no person, so that what cannot be used is reported before anything is sent. The
/// time of other programs does not count as the run's.
fn read_ahead(method: SignInMethod, http: Http) -> Result<(SignInMethod, Http), Failure> {
    let takes_time = method.reads_from_a_program();
    let method = method.read_ahead(http.deadline())?;
    let http = http.with_fresh_deadline_if(takes_time);
    method.ensure_code_is_usable(http.deadline())?;
    Ok((method, http))
}

/// The tokens, however they are obtained. `max_age`: seconds since the user signed in, at most.
fn sign_in<'c>(
    method: SignInMethod,
    max_age: Option<u32>,
    start: SignInStart<'_, 'c>,
) -> Result<SignInTokens<'c>, Failure> {
    match method {
        SignInMethod::Password(method) => with_password(*method, start),
        SignInMethod::Browser(method) => with_browser(*method, max_age, start),
        SignInMethod::Device { email } => with_device(email, start),
    }
}

/// Fails where the provider is not able to do what the settings want. Found out before a person is
/// asked for anything.
fn ensure_able(
    provider: &Provider,
    method: &SignInMethod,
    algorithms: &[Algorithm],
    userinfo: bool,
) -> Result<(), Failure> {
    match method {
        SignInMethod::Password(_) => provider.require_grant("password")?,
        SignInMethod::Browser(_) => drop(provider.require_browser()?),
        SignInMethod::Device { .. } => drop(provider.require_device()?),
    }
    provider.require_algorithm(algorithms)?;
    if userinfo {
        provider.require_userinfo()?;
    }
    if let SignInMethod::Password(method) = method {
        auth::ensure_factor_is_taken(provider, &method.second_factor)?;
    }
    Ok(())
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
    grant: &UserGrant,
    response: &TokenResponse,
    context: &Context<'_>,
) {
    if output.is_access_token() && grant.audience.is_none() && response.access_token_is_opaque() {
        (context.note)(OPAQUE);
    }
}
