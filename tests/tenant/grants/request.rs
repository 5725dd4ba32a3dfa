//! One token request.

use axum::http::HeaderMap;
use serde_json::{Map, Value};

use crate::tenant::directory::{Api, Client};
use crate::tenant::error_responses;
use crate::tenant::options::TenantOptions;
use crate::tenant::state::TenantState;
use crate::tenant::transport::request_log;
use crate::tenant::transport::response::Response;

/// A token request from an authenticated client.
pub(crate) struct TokenRequest<'a> {
    pub(crate) state: &'a TenantState,
    pub(crate) options: &'a TenantOptions,
    pub(crate) client: &'a Client,
    pub(crate) fields: &'a Fields,
}

impl TokenRequest<'_> {
    pub(crate) fn api(&self, identifier: &str) -> Option<&Api> {
        self.options
            .directory
            .apis
            .iter()
            .find(|api| api.identifier == identifier)
    }

    pub(crate) fn issuer(&self) -> String {
        self.options.issuer_for(&self.state.url)
    }

    pub(crate) fn userinfo(&self) -> String {
        format!("{}userinfo", self.issuer())
    }
}

/// The parameters in the body of a request.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// Reads a JSON or form body.
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Response> {
        request_log::parse_fields(headers, body)
            .map(Self)
            .ok_or_else(error_responses::malformed_body)
    }

    /// A string parameter that is present and not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .and_then(Value::as_str)
            .filter(|value| !value.is_empty())
    }

    pub(crate) fn required(&self, name: &str) -> Result<&str, Response> {
        self.text(name)
            .ok_or_else(|| error_responses::missing_parameter(name))
    }
}
