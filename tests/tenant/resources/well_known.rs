//! The documents under `/.well-known/`: key set and discovery.

use std::sync::Arc;

use axum::extract::State;
use serde_json::{Value, json};

use crate::tenant::options::Flavor;
use crate::tenant::state::TenantState;
use crate::tenant::tokens::signing;
use crate::tenant::transport::response::Response;
use crate::tenant::transport::routes::KEYCLOAK_TOKEN;

/// What Auth0 sends for both documents.
const CACHE_CONTROL: &str = "public, max-age=15, stale-while-revalidate=15, stale-if-error=86400";

pub(crate) async fn jwks(State(state): State<Arc<TenantState>>) -> Response {
    let jwks = state.options().jwks.unwrap_or_else(signing::jwks);
    Response::json(200, &jwks).header("cache-control", CACHE_CONTROL)
}

/// `OpenID` Connect Discovery 1.0 §3, with the members that Auth0 includes.
pub(crate) async fn discovery(State(state): State<Arc<TenantState>>) -> Response {
    let url = &state.url;
    let options = state.options();
    let mut document = json!({
        "issuer": options.issuer_for(url),
        "authorization_endpoint": format!("{url}authorize"),
        "token_endpoint": format!("{url}oauth/token"),
        "device_authorization_endpoint": format!("{url}oauth/device/code"),
        "userinfo_endpoint": format!("{url}userinfo"),
        "mfa_challenge_endpoint": format!("{url}mfa/challenge"),
        "jwks_uri": format!("{url}.well-known/jwks.json"),
        "revocation_endpoint": format!("{url}oauth/revoke"),
        "scopes_supported": ["openid", "profile", "offline_access", "name", "email", "nickname", "picture"],
        "response_types_supported": ["code", "token", "id_token", "code token", "code id_token"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "claims_supported": ["aud", "email", "email_verified", "exp", "iat", "iss", "name", "nickname", "picture", "sub"],
        "id_token_signing_alg_values_supported": ["HS256", "RS256"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "RS384", "PS256"],
    });
    match options.flavor {
        Flavor::Auth0 => {}
        Flavor::Keycloak => {
            let path = KEYCLOAK_TOKEN.trim_start_matches('/');
            document["token_endpoint"] = json!(format!("{url}{path}"));
            remove(&mut document, "mfa_challenge_endpoint");
        }
        Flavor::Plain => remove(&mut document, "mfa_challenge_endpoint"),
    }
    for (name, value) in options.discovery {
        match value {
            Some(value) => document[name] = value,
            None => remove(&mut document, &name),
        }
    }
    Response::json(200, &document).header("cache-control", CACHE_CONTROL)
}

fn remove(document: &mut Value, name: &str) {
    if let Some(members) = document.as_object_mut() {
        members.shift_remove(name);
    }
}
