//! `private_key_jwt`: a short-lived JWT that proves the application (RFC 7523, OpenID Connect Core §9).

use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Header, encode};
use secrecy::SecretString;
use serde_json::json;

use super::{AuthError, Client};
use crate::config::ClientAuthentication;

/// The value of `client_assertion_type`.
pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// In seconds.
const LIFE: i64 = 300;

/// A fresh assertion, if that is how the application proves itself. Its audience is the issuer, and no address that a
/// discovery document could have chosen.
pub(super) fn of(client: &Client<'_>) -> Result<Option<SecretString>, AuthError> {
    let ClientAuthentication::PrivateKeyJwt(key) = &client.application.authentication else {
        return Ok(None);
    };
    let id = &client.application.client_id;
    let now = (client.clock)();
    let claims = json!({
        "iss": id,
        "sub": id,
        "aud": client.provider.issuer,
        "iat": now,
        "exp": now + LIFE,
        "jti": random().ok_or(AuthError::Unsendable("the system has no randomness"))?,
    });
    let header = Header {
        kid: key.id.clone(),
        ..Header::new(key.algorithm)
    };
    let signed = encode(&header, &claims, &key.key);
    signed
        .map(|jwt| Some(jwt.into()))
        .map_err(|_| AuthError::Unsendable("the private key could not sign"))
}

fn random() -> Option<String> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}
