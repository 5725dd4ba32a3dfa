//! `padlock` and `padlock login`: the password grant, a verified id_token, the result.

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::granted::LoggedIn;
use super::person;
use super::second_factor::Prover;
use crate::Surroundings;
use crate::args::{LoginArgs, LoginOutput};
use crate::auth::{Client, Granted, TokenAnswer, Userinfo};
use crate::config::{CodeSource, Login, PasswordSource};
use crate::error::Error;
use crate::http::Http;
use crate::input::{self, Person};
use crate::keys::{Keys, SharedSecret};
use crate::output::{self, Screen, TokenForm};
use crate::provider::{KeysOnTheWay, Provider};
use crate::verify::{Claims, Kind, Policy, verify};

/// Runs the command.
pub(crate) fn login(
    args: &LoginArgs,
    surroundings: &Surroundings<'_>,
) -> Result<Zeroizing<String>, Error> {
    let mut settings = Login::load(args, surroundings.variables)?;
    surroundings.tell(&settings.notes);
    let person = person(surroundings);
    let email = input::email(settings.email.as_deref(), person)?;
    input::password_can_be_had(&settings.password, person)?;
    let http = Http::new(&settings.network, surroundings)?;
    let provider = Provider::find(&http, &settings.place)?;
    let keys = begin_keys(&http, &provider, args, &settings);
    let source = std::mem::replace(&mut settings.password, PasswordSource::Prompt);
    // For a person who types, here or into what gives the password.
    let waited = !matches!(source, PasswordSource::Given(_) | PasswordSource::File(_));
    let known = input::password(source, &email, &provider.host())?;
    if let Some(code) = known.code {
        settings.second_factor.code = CodeSource::Given(code);
    }
    let http = if waited { http.again() } else { http };
    let keys = keys.map(|keys| keys.or_again(&http));
    let client = Client::new(
        &http,
        &provider,
        &settings.application,
        &settings.extras,
        surroundings.clock,
    );
    let answer = tokens(&client, &settings, &email, &known.password, person);
    drop(known.password);
    let new_code = match &answer {
        Ok((answer, _)) => answer.recovery_code.as_ref(),
        Err(Error::Auth(error)) => error.recovery_code(),
        Err(_) => None,
    };
    if let Some(code) = new_code {
        (surroundings.keep_recovery_code)(code.expose_secret());
    }
    let (answer, client) = answer?;
    let now = (surroundings.clock)();
    let (claims, keys) = trusted(&answer, keys, &provider, args, &settings, now)
        .map_err(|error| error.beside(http.clocks()))?;
    let (keys, leeway) = (&keys, args.leeway);
    let logged_in = LoggedIn {
        settings: &settings,
        provider: &provider,
        keys,
        answer: &answer,
        claims: &claims,
        leeway,
        now,
    };
    logged_in.grants(&args.gates, &client)?;
    let userinfo = args
        .userinfo
        .then(|| userinfo(&client, &answer, &claims))
        .transpose()?;
    let result = result(args, &claims, userinfo.as_ref(), &answer, surroundings)?;
    if is_opaque_though_wanted(args.output, &answer, &settings) {
        (surroundings.note)(OPAQUE);
    }
    Ok(result)
}

/// The tokens for a password and, where the tenant wants one, a second factor; and the client to go on with, which has a
/// fresh deadline where somebody may have taken their time over that factor.
fn tokens<'c>(
    client: &Client<'c>,
    settings: &Login,
    email: &str,
    password: &SecretString,
    person: Person,
) -> Result<(TokenAnswer, Client<'c>), Error> {
    let again = || client.again().password(settings, email, password);
    match client.password(settings, email, password)? {
        Granted::Tokens(answer) => Ok((*answer, client.clone())),
        Granted::SecondFactor(token) => {
            let (settings, timeout) = (&settings.second_factor, settings.network.timeout);
            let answer = Prover {
                client,
                settings,
                person,
                timeout,
                password: &again,
            }
            .prove(&token)?;
            let given = matches!(settings.code, CodeSource::Given(_));
            Ok((
                answer,
                if given {
                    client.clone()
                } else {
                    client.again()
                },
            ))
        }
    }
}

fn userinfo(client: &Client<'_>, answer: &TokenAnswer, claims: &Claims) -> Result<Userinfo, Error> {
    let token = answer.bearer().map_err(|problem| Error::Lacking {
        problem,
        hint: None,
    })?;
    Ok(client.userinfo(token, claims)?)
}

/// The key set, on its way while the person types and while the password is checked. Who types finds a connection that
/// is open already, so for that alone the request is worth its while.
fn begin_keys(
    http: &Http,
    provider: &Provider,
    args: &LoginArgs,
    settings: &Login,
) -> Option<KeysOnTheWay> {
    let for_access_token = !args.gates.gates().needs_no_access_token();
    let public_keys = for_access_token
        || settings
            .algorithms
            .iter()
            .any(|algorithm| !algorithm.is_symmetric());
    let is_typed = matches!(settings.password, PasswordSource::Prompt);
    let keys = (public_keys || is_typed).then(|| provider.begin_keys(http));
    keys.filter(|_| public_keys)
}

/// The claims of the answer's id_token, once every rule of OpenID Connect Core §3.1.3.7 holds, and the keys at hand.
fn trusted(
    answer: &TokenAnswer,
    keys: Option<KeysOnTheWay>,
    provider: &Provider,
    args: &LoginArgs,
    settings: &Login,
    now: i64,
) -> Result<(Claims, Keys), Error> {
    let id_token = answer.id_token.as_ref().ok_or_else(|| Error::Lacking {
        problem: "it has no id_token".into(),
        hint: Some("the scope must contain openid; see --scope and AUTH0_SCOPE"),
    })?;
    let policy = Policy {
        issuer: Some(provider.issuer.clone()),
        audiences: vec![settings.application.client_id.clone()],
        leeway: args.leeway,
        max_age: args.max_age,
        ..Policy::new(Kind::IdToken, settings.algorithms.as_slice())
    };
    let access_token = answer
        .access_token
        .as_ref()
        .map(ExposeSecret::expose_secret);
    let secret = settings
        .application
        .client_secret
        .as_ref()
        .map(|secret| SharedSecret::new(secret, false));
    match keys.map(KeysOnTheWay::wait).transpose() {
        Ok(set) => {
            let keys = Keys { set, secret };
            let claims = verify(id_token.expose(), &keys, &policy, now, access_token)
                .map_err(Error::Untrusted)?;
            Ok((claims, keys))
        }
        // A login by shared secret needs no published keys; any other is not to be trusted without them.
        Err(missing) => {
            let keys = Keys { set: None, secret };
            let claims = verify(id_token.expose(), &keys, &policy, now, access_token)
                .map_err(|_| missing)?;
            Ok((claims, keys))
        }
    }
}

const OPAQUE: &str = "the access token is opaque, since no audience was asked for; an API wants its own, see --audience";

/// Without an audience Auth0's access token is opaque: no API of one's own will take it.
fn is_opaque_though_wanted(output: LoginOutput, answer: &TokenAnswer, settings: &Login) -> bool {
    let wanted = matches!(
        output,
        LoginOutput::AccessToken | LoginOutput::Header | LoginOutput::Curl
    );
    wanted && answer.access_token_is_opaque() && settings.audience.is_none()
}

fn result(
    args: &LoginArgs,
    claims: &Claims,
    userinfo: Option<&Userinfo>,
    answer: &TokenAnswer,
    surroundings: &Surroundings<'_>,
) -> Result<Zeroizing<String>, Error> {
    let screen = surroundings.stdout;
    if let Some(name) = &args.claim {
        let text = output::claim(claims, name, screen).ok_or_else(|| Error::NoClaim {
            name: name.clone(),
            hint: "see what there is with --all-claims, or ask for more with --scope",
        })?;
        return Ok(Zeroizing::new(text));
    }
    let bearer = || {
        answer.bearer().map_err(|problem| Error::Lacking {
            problem,
            hint: None,
        })
    };
    Ok(match args.output {
        LoginOutput::Table => Zeroizing::new(tables(
            args.all_claims,
            claims,
            userinfo,
            (surroundings.clock)(),
            screen,
        )),
        LoginOutput::Json => Zeroizing::new(userinfo.map_or_else(
            || output::json(claims, screen),
            |userinfo| output::json_with_userinfo(claims, userinfo, screen),
        )),
        LoginOutput::IdToken => output::id_token(answer),
        LoginOutput::AccessToken => output::token(bearer()?, TokenForm::Bare),
        LoginOutput::Header => output::token(bearer()?, TokenForm::Header),
        LoginOutput::Curl => output::token(bearer()?, TokenForm::Curl),
        LoginOutput::Tokens => output::whole_answer(answer, screen),
    })
}

fn tables(
    all: bool,
    claims: &Claims,
    userinfo: Option<&Userinfo>,
    now: i64,
    screen: Screen,
) -> String {
    let all = all.then(|| output::all_claims(claims, now, screen));
    let userinfo = userinfo.map(|userinfo| output::userinfo(userinfo, now, screen));
    let first = output::user(claims, screen);
    [Some(first), all, userinfo]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("\n")
}
