//! `private_key_jwt`: a short-lived JWT that authenticates the application (RFC 7523, OpenID
//! Connect Core §9).

use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use serde_json::json;

use super::client::Client;
use super::error::AuthError;
use crate::config::ClientAuthentication;
use crate::redact::known;

/// The value of `client_assertion_type`.
pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// In seconds. Auth0 accepts 300 at most, which a clock that is ahead must not exceed.
const LIFETIME: i64 = 60;

/// A fresh assertion, if that is how the application authenticates. Its audience is the issuer, not
/// a URL that a discovery document could have chosen.
pub(super) fn assertion(client: &Client<'_>) -> Result<Option<SecretString>, AuthError> {
    let ClientAuthentication::PrivateKeyJwt(key) = &client.application.authentication else {
        return Ok(None);
    };
    let client_id = &client.application.client_id;
    let now = (client.clock)();
    let claims = json!({
        "iss": client_id,
        "sub": client_id,
        "aud": client.provider.issuer,
        "iat": now,
        "exp": now + LIFETIME,
        "jti": random().ok_or(AuthError::Unsendable("no random numbers are available"))?,
    });
    let signed = key.sign(&claims);
    let unsigned = AuthError::Unsendable("signing with the private key failed");
    signed.map(known).map(Some).ok_or(unsigned)
}

fn random() -> Option<String> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}
