//! The fields of a request to a token endpoint, and which of them are secrets.

/// A field that padlock itself sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    is_secret: bool,
}

pub(crate) const GRANT_TYPE: Field = public("grant_type");
pub(crate) const USERNAME: Field = public("username");
pub(crate) const PASSWORD: Field = secret("password");
pub(crate) const REALM: Field = public("realm");
pub(crate) const AUDIENCE: Field = public("audience");
pub(crate) const SCOPE: Field = public("scope");
pub(crate) const ORGANIZATION: Field = public("organization");
pub(crate) const CLIENT_ID: Field = public("client_id");
pub(crate) const CLIENT_SECRET: Field = secret("client_secret");
pub(crate) const CLIENT_ASSERTION: Field = secret("client_assertion");
pub(crate) const CLIENT_ASSERTION_TYPE: Field = public("client_assertion_type");
pub(crate) const REFRESH_TOKEN: Field = secret("refresh_token");
/// The token to revoke (RFC 7009 §2.1). No token request has this field.
pub(crate) const TOKEN: Field = secret("token");
pub(crate) const TOKEN_TYPE_HINT: Field = public("token_type_hint");
pub(crate) const MFA_TOKEN: Field = secret("mfa_token");
pub(crate) const OTP: Field = secret("otp");
/// Keycloak's, beside the password.
pub(crate) const TOTP: Field = secret("totp");
pub(crate) const OOB_CODE: Field = secret("oob_code");
pub(crate) const BINDING_CODE: Field = secret("binding_code");
pub(crate) const RECOVERY_CODE: Field = secret("recovery_code");
pub(crate) const CODE: Field = secret("code");
pub(crate) const CODE_VERIFIER: Field = secret("code_verifier");
pub(crate) const REDIRECT_URI: Field = public("redirect_uri");
pub(crate) const DEVICE_CODE: Field = secret("device_code");
pub(crate) const CHALLENGE_TYPE: Field = public("challenge_type");
pub(crate) const AUTHENTICATOR_ID: Field = public("authenticator_id");

const ALL: [Field; 24] = [
    GRANT_TYPE,
    USERNAME,
    PASSWORD,
    REALM,
    AUDIENCE,
    SCOPE,
    ORGANIZATION,
    CLIENT_ID,
    CLIENT_SECRET,
    CLIENT_ASSERTION,
    CLIENT_ASSERTION_TYPE,
    REFRESH_TOKEN,
    MFA_TOKEN,
    OTP,
    TOTP,
    OOB_CODE,
    BINDING_CODE,
    RECOVERY_CODE,
    CODE,
    CODE_VERIFIER,
    REDIRECT_URI,
    DEVICE_CODE,
    CHALLENGE_TYPE,
    AUTHENTICATOR_ID,
];

/// The other fields of an authorization request that padlock sends, or that would replace them:
/// OpenID Connect Core §3.1.2.1 and §6, RFC 7636 §4.3, OAuth 2.0 Multiple Response Types §2.1.
const AUTHORIZATION: [&str; 12] = [
    "response_type",
    "response_mode",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "request",
    "request_uri",
    "login_hint",
    "prompt",
    "max_age",
    "connection",
];

const fn public(name: &'static str) -> Field {
    Field {
        name,
        is_secret: false,
    }
}

const fn secret(name: &'static str) -> Field {
    Field {
        name,
        is_secret: true,
    }
}

/// The field of that name, which no `--parameter` may replace: it could change who signs in, or to
/// what.
pub(crate) fn named(name: &str) -> Option<Field> {
    ALL.into_iter().find(|field| field.name == name)
}

/// Whether no `--parameter` may add it to the address of a login page.
pub(crate) fn is_in_authorization_request(name: &str) -> bool {
    AUTHORIZATION.contains(&name)
}

/// Whether a server counts a request with this field as an attempt, of which it allows a few.
pub(crate) fn counts_as_attempt(name: &str) -> bool {
    // A refresh token may be used up by a request whose response says that it was not.
    let attempts = [PASSWORD, OTP, BINDING_CODE, RECOVERY_CODE, REFRESH_TOKEN];
    attempts.iter().any(|field| field.name == name)
}

/// Whether a field's value is a secret, which a message must not repeat.
pub(crate) fn is_secret(name: &str) -> bool {
    named(name).is_some_and(|field| field.is_secret)
}
