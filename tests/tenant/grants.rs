//! The grants: what each asks for, what it checks, and the tokens that it gives.

use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::directory::{Api, Client, User};
use super::now;
use super::options::TenantOptions;
use super::refusal;
use super::shared::Shared;
use super::token_endpoint::Fields;
use super::tokens::random_token;

/// Lifetimes that Auth0 gives, in seconds.
const ID_TOKEN_LIFE: i64 = 36_000;
const ACCESS_TOKEN_LIFE: i64 = 86_400;
const OPENID_SCOPES: [&str; 6] = ["openid", "profile", "email", "address", "phone", "offline_access"];

/// One request to the token endpoint from an application that proved who it is.
pub(super) struct Exchange<'a> {
    pub(super) shared: &'a Shared,
    pub(super) options: &'a TenantOptions,
    pub(super) client: &'a Client,
    pub(super) fields: &'a Fields,
}

/// RFC 6749 §4.3, and Auth0's variant that names the directory.
pub(super) fn password(exchange: &Exchange<'_>, realm: Option<&str>) -> Result<Answer, Answer> {
    let directory = &exchange.options.directory;
    let (username, password) = (exchange.fields.required("username")?, exchange.fields.required("password")?);
    let audience = exchange.fields.text("audience").filter(|&audience| audience != exchange.userinfo());
    let api = audience
        .map(|audience| exchange.api(audience).ok_or_else(|| refusal::unknown_audience(audience)))
        .transpose()?;
    match realm {
        Some(realm) if !directory.connections.iter().any(|name| name == realm) => return Err(refusal::unknown_realm()),
        None if directory.default_connection.is_none() => return Err(refusal::no_default_directory()),
        _ => {}
    }
    let user = exchange.user(username, password)?;
    if user.mfa_required {
        return Err(refusal::mfa_required(&random_token("Fe26.2*1*")));
    }
    Ok(exchange.tokens(user, api))
}

/// RFC 6749 §4.4: a token for the application itself, which knows no user and no `id_token`.
pub(super) fn client_credentials(exchange: &Exchange<'_>) -> Result<Answer, Answer> {
    let audience = exchange.fields.text("audience").ok_or_else(refusal::no_audience)?;
    let api = exchange.api(audience).ok_or_else(|| refusal::service_not_enabled(audience))?;
    if !exchange.client.authorized_apis.iter().any(|identifier| identifier == audience) {
        return Err(refusal::api_not_authorized(audience));
    }
    let scope = granted(exchange.fields.text("scope"), Some(api), &[]);
    let claims = json!({
        "iss": exchange.issuer(),
        "sub": format!("{}@clients", exchange.client.id),
        "aud": audience,
        "iat": now(),
        "exp": now() + ACCESS_TOKEN_LIFE,
        "scope": scope,
        "gty": "client-credentials",
        "azp": exchange.client.id,
        "permissions": scope.split_whitespace().collect::<Vec<_>>(),
    });
    Ok(exchange.answer(exchange.options.access_token.jwt(object(claims)), None, None, &scope))
}

impl Exchange<'_> {
    /// The user whose password this is, as long as not too many others were tried.
    fn user(&self, username: &str, password: &str) -> Result<&User, Answer> {
        let directory = &self.options.directory;
        let known = directory.users.iter().find(|user| user.email == username).ok_or_else(refusal::wrong_password)?;
        if self.shared.failed_logins(username, |_| {}) >= directory.attempts {
            return Err(refusal::too_many_attempts());
        }
        if known.password != password {
            let failed = self.shared.failed_logins(username, |failed| *failed += 1);
            let blocked = failed >= directory.attempts;
            return Err(if blocked { refusal::too_many_attempts() } else { refusal::wrong_password() });
        }
        self.shared.failed_logins(username, |failed| *failed = 0);
        if known.blocked { Err(refusal::user_blocked()) } else { Ok(known) }
    }

    /// What a user gets who proved who they are.
    pub(super) fn tokens(&self, user: &User, api: Option<&Api>) -> Answer {
        let scope = granted(self.fields.text("scope"), api, &OPENID_SCOPES);
        let has = |wanted: &str| scope.split_whitespace().any(|scope| scope == wanted);
        let access_token = match api {
            Some(api) => self.options.access_token.jwt(self.access_claims(user, api, &scope, has("openid"))),
            None => self.options.access_token.opaque(&self.issuer()),
        };
        let refresh_token = has("offline_access").then(|| random_token("v1."));
        let claims = self.id_claims(user, has("profile"), has("email"));
        let id_token = has("openid").then(|| self.options.id_token.jwt(claims)).flatten();
        self.answer(access_token, refresh_token, id_token, &scope)
    }

    fn id_claims(&self, user: &User, profile: bool, email: bool) -> Map<String, Value> {
        let mut claims = Map::new();
        if profile {
            claims.extend(object(json!({
                "nickname": user.nickname,
                "name": user.name,
                "picture": format!("https://pictures.percy.test/{}.png", user.nickname),
                "updated_at": "2026-11-01T08:15:30.123Z",
            })));
        }
        if email {
            claims.extend(object(json!({ "email": user.email, "email_verified": true })));
        }
        claims.extend(object(json!({
            "iss": self.issuer(),
            "aud": self.client.id,
            "sub": user.id,
            "iat": now(),
            "exp": now() + ID_TOKEN_LIFE,
        })));
        claims
    }

    fn access_claims(&self, user: &User, api: &Api, scope: &str, openid: bool) -> Map<String, Value> {
        let audience = if openid { json!([api.identifier, self.userinfo()]) } else { json!(api.identifier) };
        object(json!({
            "iss": self.issuer(),
            "sub": user.id,
            "aud": audience,
            "iat": now(),
            "exp": now() + ACCESS_TOKEN_LIFE,
            "scope": scope,
            "gty": "password",
            "azp": self.client.id,
            "permissions": user.permissions,
        }))
    }

    /// RFC 6749 §5.1, in Auth0's order.
    fn answer(&self, access: Option<String>, refresh: Option<String>, id: Option<String>, scope: &str) -> Answer {
        let tokens = [("access_token", access), ("refresh_token", refresh), ("id_token", id)];
        let given = tokens.into_iter().filter_map(|(name, token)| Some((name.to_owned(), json!(token?))));
        let mut members: Map<String, Value> = given.collect();
        members.extend(object(json!({ "scope": scope, "expires_in": ACCESS_TOKEN_LIFE, "token_type": "Bearer" })));
        Answer::json(200, &Value::Object(self.options.token_answer.members(members)))
    }

    fn api(&self, identifier: &str) -> Option<&Api> {
        self.options.directory.apis.iter().find(|api| api.identifier == identifier)
    }

    fn issuer(&self) -> String {
        self.options.issuer(&self.shared.url)
    }

    fn userinfo(&self) -> String {
        format!("{}userinfo", self.issuer())
    }
}

/// What was asked for and exists; all of the API's scopes where nothing was asked for.
fn granted(asked: Option<&str>, api: Option<&Api>, others: &[&str]) -> String {
    let offered: Vec<&str> = api.iter().flat_map(|api| api.scopes.iter().map(String::as_str)).collect();
    let Some(asked) = asked else { return offered.join(" ") };
    let exists = |scope: &&str| offered.contains(scope) || others.contains(scope);
    asked.split_whitespace().filter(exists).collect::<Vec<_>>().join(" ")
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
