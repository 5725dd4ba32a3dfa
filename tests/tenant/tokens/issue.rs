//! Issues tokens and builds the token response.

use serde_json::{Map, Value, json};

use crate::tenant::directory::{Api, Directory, User};
use crate::tenant::grants::request::TokenRequest;
use crate::tenant::now;
use crate::tenant::transport::response::Response;

/// Auth0's defaults, in seconds.
const ID_TOKEN_LIFETIME: i64 = 36_000;
const ACCESS_TOKEN_LIFETIME: i64 = 86_400;
const OPENID_SCOPES: [&str; 6] = [
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "offline_access",
];

/// What a token, an MFA transaction or a refresh token was granted for.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    /// The user's e-mail address; None for client credentials.
    pub(crate) user: Option<String>,
    pub(crate) client: String,
    pub(crate) audience: Option<String>,
    pub(crate) scope: Option<String>,
    /// For the `id_token` (`OpenID` Connect Core §3.1.2.1).
    pub(crate) nonce: Option<String>,
}

impl Grant {
    pub(crate) fn user_in<'a>(&self, directory: &'a Directory) -> Option<&'a User> {
        directory.user(self.user.as_deref()?)
    }

    pub(crate) fn has_scope(&self, scope: &str) -> bool {
        let mut scopes = self.scope.iter().flat_map(|scope| scope.split_whitespace());
        scopes.any(|granted| granted == scope)
    }
}

impl TokenRequest<'_> {
    /// The members of a token response for a user (RFC 6749 §5.1).
    pub(crate) fn user_tokens(
        &self,
        user: &User,
        grant: &Grant,
        refresh_token: Option<String>,
    ) -> Map<String, Value> {
        let api = grant
            .audience
            .as_deref()
            .and_then(|audience| self.api(audience));
        let scope = granted_scope(grant.scope.as_deref(), api, &OPENID_SCOPES);
        let has = |wanted: &str| scope.split_whitespace().any(|scope| scope == wanted);
        let access_token = match api {
            Some(api) => {
                self.options
                    .access_token
                    .jwt(self.access_claims(user, api, &scope, has("openid")))
            }
            None => self.options.access_token.opaque(&self.issuer()),
        };
        self.state.store_access_token(
            access_token.as_deref(),
            Grant {
                scope: Some(scope.clone()),
                ..grant.clone()
            },
        );
        let mut claims = self.id_claims(user, has("profile"), has("email"));
        let nonce = grant.nonce.as_ref();
        claims.extend(nonce.map(|nonce| ("nonce".to_owned(), json!(nonce))));
        let id_token = has("openid")
            .then(|| self.options.id_token.jwt(claims))
            .flatten();
        response_members(access_token, refresh_token, id_token, &scope)
    }

    /// The same for a new login, which may include a refresh token.
    pub(crate) fn login_tokens(&self, user: &User, grant: &Grant) -> Map<String, Value> {
        self.user_tokens(user, grant, self.refresh_token(grant))
    }

    /// The members of a token response for client credentials.
    pub(crate) fn client_token(&self, api: &Api) -> Map<String, Value> {
        let scope = granted_scope(self.fields.text("scope"), Some(api), &[]);
        let claims = json!({
            "iss": self.issuer(),
            "sub": format!("{}@clients", self.client.id),
            "aud": api.identifier,
            "iat": self.now(),
            "exp": self.now() + ACCESS_TOKEN_LIFETIME,
            "scope": scope,
            "gty": "client-credentials",
            "azp": self.client.id,
            "permissions": scope.split_whitespace().collect::<Vec<_>>(),
        });
        let token = self.options.access_token.jwt(object(claims));
        let (client, audience) = (self.client.id.clone(), Some(api.identifier.clone()));
        self.state.store_access_token(
            token.as_deref(),
            Grant {
                user: None,
                client,
                audience,
                scope: Some(scope.clone()),
                nonce: None,
            },
        );
        response_members(token, None, None, &scope)
    }

    /// The token response, with the test's changes.
    pub(crate) fn token_response(&self, members: Map<String, Value>) -> Response {
        Response::json(
            200,
            &Value::Object(self.options.token_response.members(members)),
        )
    }

    /// The time on the tenant's clock.
    fn now(&self) -> i64 {
        now() + self.options.scripts.clock
    }

    fn id_claims(&self, user: &User, profile: bool, email: bool) -> Map<String, Value> {
        let mut claims = user.claims(profile, email);
        claims.extend(user.claims.clone());
        claims.extend(object(json!({
            "iss": self.issuer(),
            "aud": self.client.id,
            "sub": user.id,
            "iat": self.now(),
            "exp": self.now() + ID_TOKEN_LIFETIME,
        })));
        claims
    }

    fn access_claims(
        &self,
        user: &User,
        api: &Api,
        scope: &str,
        openid: bool,
    ) -> Map<String, Value> {
        let audience = if openid {
            json!([api.identifier, self.userinfo()])
        } else {
            json!(api.identifier)
        };
        object(json!({
            "iss": self.issuer(),
            "sub": user.id,
            "aud": audience,
            "iat": self.now(),
            "exp": self.now() + ACCESS_TOKEN_LIFETIME,
            "scope": scope,
            "gty": "password",
            "azp": self.client.id,
            "permissions": user.permissions,
        }))
    }
}

impl User {
    /// The claims of the scopes `profile` and `email` (`OpenID` Connect Core §5.4).
    pub(crate) fn claims(&self, profile: bool, email: bool) -> Map<String, Value> {
        let mut claims = Map::new();
        if profile {
            claims.extend(object(json!({
                "nickname": self.nickname,
                "name": self.name,
                "picture": format!("https://pictures.percy.test/{}.png", self.nickname),
                "updated_at": "2026-11-01T08:15:30.123Z",
            })));
        }
        if email {
            claims.extend(object(
                json!({ "email": self.email, "email_verified": true }),
            ));
        }
        claims
    }
}

/// RFC 6749 §5.1, in Auth0's order.
fn response_members(
    access: Option<String>,
    refresh: Option<String>,
    id: Option<String>,
    scope: &str,
) -> Map<String, Value> {
    let tokens = [
        ("access_token", access),
        ("refresh_token", refresh),
        ("id_token", id),
    ];
    let present = tokens
        .into_iter()
        .filter_map(|(name, token)| Some((name.to_owned(), json!(token?))));
    let mut members: Map<String, Value> = present.collect();
    members.extend(object(
        json!({ "scope": scope, "expires_in": ACCESS_TOKEN_LIFETIME, "token_type": "Bearer" }),
    ));
    members
}

/// The requested scopes that exist; all of the API's scopes by default.
fn granted_scope(requested: Option<&str>, api: Option<&Api>, standard: &[&str]) -> String {
    let offered: Vec<&str> = api
        .iter()
        .flat_map(|api| api.scopes.iter().map(String::as_str))
        .collect();
    let Some(requested) = requested else {
        return offered.join(" ");
    };
    let exists = |scope: &&str| offered.contains(scope) || standard.contains(scope);
    requested
        .split_whitespace()
        .filter(exists)
        .collect::<Vec<_>>()
        .join(" ")
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
