//! The values of `--output`: name, help, and text of each, by command. This is the only place to
//! add one.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::destination::Destination;
use super::doctor::{self, Diagnosis};
use super::error::OutputError;
use super::exec_credential::exec_credential;
use super::profiles::{self, Profiles};
use super::results::{SessionTokens, SignIn, VerifiedClaims};
use super::status::{self, Status};
use super::target::OutputTarget;
use super::token::Description;
use super::variables::variables;
use super::{json, table, token};
use crate::escape::excerpt;
use crate::response::TokenResponse;
use crate::verify::Claims;

/// A form of a command's result; `R` is the type of its renderer.
#[derive(Debug)]
pub(crate) struct OutputForm<R: 'static> {
    name: &'static str,
    help: &'static str,
    pub(crate) prints: Prints,
    /// Renders a result as text.
    pub(crate) render: R,
}

/// What a form prints, as far as other settings depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prints {
    Claims,
    /// Claims in a form for people.
    ClaimsTable,
    /// The access token alone, for an API.
    AccessToken,
    /// The same, as variables for a shell.
    Variables,
    /// A token for a Kubernetes client.
    ExecCredential,
    IdToken,
    WholeResponse,
}

/// The text for stdout, which may be a secret.
type Rendered = Result<Zeroizing<String>, OutputError>;

pub(crate) type SignInForm = OutputForm<fn(&SignIn<'_>, Destination<'_>) -> Rendered>;
pub(crate) type ClientCredentialsForm = OutputForm<fn(&TokenResponse, Destination<'_>) -> Rendered>;
pub(crate) type TokenForm = OutputForm<fn(&SessionTokens<'_>, Destination<'_>) -> Rendered>;
pub(crate) type StatusForm = OutputForm<fn(&Status, OutputTarget) -> Rendered>;
pub(crate) type ProfilesForm = OutputForm<fn(&Profiles, OutputTarget) -> String>;
pub(crate) type DoctorForm = OutputForm<fn(&Diagnosis, OutputTarget) -> String>;
pub(crate) type ClaimsForm = OutputForm<fn(&VerifiedClaims<'_>, OutputTarget) -> Rendered>;

/// The forms of a sign-in; the first is the default.
pub(crate) static SIGN_IN: [SignInForm; 9] = [
    OutputForm {
        name: "table",
        help: "name, e-mail address, nickname and ID of the user",
        prints: Prints::ClaimsTable,
        render: |sign_in, destination| Ok(Zeroizing::new(tables(sign_in, destination))),
    },
    OutputForm {
        name: "json",
        help: "the verified claims as a JSON object",
        prints: Prints::Claims,
        render: |sign_in, Destination { target, .. }| {
            let claims = sign_in.id_token.claims();
            Ok(Zeroizing::new(match sign_in.userinfo {
                None => json::claims(claims, target),
                Some(userinfo) => json::claims_and_userinfo(claims, userinfo, target),
            }))
        },
    },
    OutputForm {
        name: "id-token",
        help: "the bare id_token",
        prints: Prints::IdToken,
        render: |sign_in, _| Ok(token::bare(sign_in.id_token.expose_token())),
    },
    OutputForm {
        name: "access-token",
        help: "the bare access token",
        prints: Prints::AccessToken,
        render: |sign_in, _| bare(sign_in.response),
    },
    OutputForm {
        name: "tokens",
        help: "the whole token response as JSON (secrets)",
        prints: Prints::WholeResponse,
        render: |sign_in, to| Ok(token::response(sign_in.response, to.target)),
    },
    OutputForm {
        name: "header",
        help: "the line `Authorization: Bearer …`",
        prints: Prints::AccessToken,
        render: |sign_in, _| Ok(token::header(sign_in.response.bearer()?)),
    },
    OutputForm {
        name: "curl",
        help: "a line for `curl --config -`",
        prints: Prints::AccessToken,
        render: |sign_in, _| Ok(token::curl(sign_in.response.bearer()?)),
    },
    OutputForm {
        name: "env",
        help: "the access token and its expiry as variables, see --shell",
        prints: Prints::Variables,
        render: |sign_in, to| environment(sign_in.response, to),
    },
    OutputForm {
        name: "exec-credential",
        help: "the id_token as a credential for kubectl",
        prints: Prints::ExecCredential,
        render: |sign_in, to| {
            let token = sign_in.id_token.expose_token().into();
            let expires_at = sign_in.id_token.claims().expires_at();
            Ok(exec_credential(
                to.handover.exec_api,
                &token,
                expires_at,
                to.target,
            ))
        },
    },
];

/// The forms of the client credentials grant; the first is the default.
pub(crate) static CLIENT_CREDENTIALS: [ClientCredentialsForm; 7] = [
    OutputForm {
        name: "access-token",
        help: "the bare access token",
        prints: Prints::AccessToken,
        render: |response, _| bare(response),
    },
    OutputForm {
        name: "header",
        help: "the line `Authorization: Bearer …`",
        prints: Prints::AccessToken,
        render: |response, _| Ok(token::header(response.bearer()?)),
    },
    OutputForm {
        name: "curl",
        help: "a line for `curl --config -`",
        prints: Prints::AccessToken,
        render: |response, _| Ok(token::curl(response.bearer()?)),
    },
    OutputForm {
        name: "json",
        help: "the access token with its type, lifetime in seconds and scope",
        prints: Prints::AccessToken,
        render: |response, to| {
            let description = Description::of(response, response.bearer()?);
            Ok(token::description(&description, to.target))
        },
    },
    OutputForm {
        name: "tokens",
        help: "the whole token response as JSON",
        prints: Prints::WholeResponse,
        render: |response, to| Ok(token::response(response, to.target)),
    },
    OutputForm {
        name: "env",
        help: "the access token and its expiry as variables, see --shell",
        prints: Prints::Variables,
        render: |response, to| environment(response, to),
    },
    OutputForm {
        name: "exec-credential",
        help: "the access token as a credential for kubectl",
        prints: Prints::ExecCredential,
        render: |response, to| {
            let (token, expires_at) = (response.bearer()?, response.expires_at(to.now));
            Ok(exec_credential(
                to.handover.exec_api,
                token,
                expires_at,
                to.target,
            ))
        },
    },
];

/// The forms of a saved session's token; the first is the default.
pub(crate) static TOKEN: [TokenForm; 7] = [
    OutputForm {
        name: "access-token",
        help: "the bare access token",
        prints: Prints::AccessToken,
        render: |tokens, _| Ok(token::bare(tokens.access_token()?.expose_secret())),
    },
    OutputForm {
        name: "header",
        help: "the line `Authorization: Bearer …`",
        prints: Prints::AccessToken,
        render: |tokens, _| Ok(token::header(tokens.access_token()?)),
    },
    OutputForm {
        name: "curl",
        help: "a line for `curl --config -`",
        prints: Prints::AccessToken,
        render: |tokens, _| Ok(token::curl(tokens.access_token()?)),
    },
    OutputForm {
        name: "json",
        help: "the access token with its type, remaining lifetime in seconds and scope",
        prints: Prints::AccessToken,
        render: |tokens, to| {
            let description = Description {
                access_token: tokens.access_token()?.expose_secret(),
                token_type: tokens.token_type,
                expires_in: tokens.expires_at.map(|end| end.saturating_sub(to.now)),
                scope: tokens.scope,
            };
            Ok(token::description(&description, to.target))
        },
    },
    OutputForm {
        name: "id-token",
        help: "the bare id_token",
        prints: Prints::IdToken,
        render: |tokens, _| Ok(token::bare(tokens.id_token()?.expose_secret())),
    },
    OutputForm {
        name: "env",
        help: "the access token and its expiry as variables, see --shell",
        prints: Prints::Variables,
        render: |tokens, to| {
            let token = tokens.access_token()?;
            let reader = &to.handover.variables;
            Ok(variables(token, tokens.expires_at, reader)?)
        },
    },
    OutputForm {
        name: "exec-credential",
        help: "the id_token as a credential for kubectl",
        prints: Prints::ExecCredential,
        render: |tokens, to| {
            let (token, expires_at) = (tokens.id_token()?, tokens.id_token_expires_at);
            Ok(exec_credential(
                to.handover.exec_api,
                token,
                expires_at,
                to.target,
            ))
        },
    },
];

/// The forms of `status`; the first is the default.
pub(crate) static STATUS: [StatusForm; 2] = [
    OutputForm {
        name: "table",
        help: "a table for each session",
        prints: Prints::ClaimsTable,
        render: |status, target| Ok(Zeroizing::new(status::tables(status, target))),
    },
    OutputForm {
        name: "json",
        help: "all sessions as one JSON object",
        prints: Prints::Claims,
        render: |status, target| Ok(Zeroizing::new(status::json(status, target))),
    },
];

/// The forms of `profiles`; the first is the default.
pub(crate) static PROFILES: [ProfilesForm; 2] = [
    OutputForm {
        name: "table",
        help: "a row for each profile",
        prints: Prints::ClaimsTable,
        render: profiles::table,
    },
    OutputForm {
        name: "json",
        help: "all profiles as one JSON object",
        prints: Prints::Claims,
        render: profiles::json,
    },
];

/// The forms of `doctor`; the first is the default.
pub(crate) static DOCTOR: [DoctorForm; 2] = [
    OutputForm {
        name: "table",
        help: "a line for each check, with the next step",
        prints: Prints::ClaimsTable,
        render: doctor::lines,
    },
    OutputForm {
        name: "json",
        help: "settings and checks as one JSON object",
        prints: Prints::Claims,
        render: doctor::json,
    },
];

/// The forms of `verify`; the first is the default.
pub(crate) static CLAIMS: [ClaimsForm; 2] = [
    OutputForm {
        name: "json",
        help: "the verified claims as a JSON object",
        prints: Prints::Claims,
        render: |verified, target| Ok(Zeroizing::new(json::claims(verified.claims, target))),
    },
    OutputForm {
        name: "table",
        help: "one claim per row, with times in words",
        prints: Prints::ClaimsTable,
        render: |VerifiedClaims { claims, now }, target| {
            Ok(Zeroizing::new(table::all_claims(claims, *now, target)))
        },
    },
];

/// Parses the name of one of a command's forms.
pub(crate) fn parser<R: Sync>(
    forms: &'static [OutputForm<R>],
) -> impl TypedValueParser<Value = &'static OutputForm<R>> {
    let values = forms
        .iter()
        .map(|form| PossibleValue::new(form.name).help(form.help));
    PossibleValuesParser::new(values).try_map(|given| {
        let form = forms.iter().find(|form| form.name == given);
        form.ok_or("unknown form")
    })
}

/// Some claims, one per line: a string bare, anything else as JSON.
pub(crate) fn claims(claims: &Claims, names: &[String], target: OutputTarget) -> Rendered {
    let mut text = Zeroizing::new(String::new());
    let mut missing = Vec::new();
    for name in names {
        match json::claim(claims, name, names.len() > 1, target) {
            Some(claim) => text.push_str(&claim),
            None => missing.push(format!("\"{}\"", excerpt(name, 80))),
        }
    }
    if missing.is_empty() {
        Ok(text)
    } else {
        Err(OutputError::NoClaim(missing))
    }
}

fn bare(response: &TokenResponse) -> Rendered {
    Ok(token::bare(response.bearer()?.expose_secret()))
}

fn environment(response: &TokenResponse, to: Destination<'_>) -> Rendered {
    let (token, expires_at) = (response.bearer()?, response.expires_at(to.now));
    Ok(variables(token, expires_at, &to.handover.variables)?)
}

fn tables(sign_in: &SignIn<'_>, Destination { target, now, .. }: Destination<'_>) -> String {
    let claims = sign_in.id_token.claims();
    let mut tables = vec![table::user(claims, target)];
    if sign_in.all_claims {
        tables.push(table::all_claims(claims, now, target));
    }
    if let Some(userinfo) = sign_in.userinfo {
        tables.push(table::userinfo(userinfo, now, target));
    }
    tables.join("\n")
}
