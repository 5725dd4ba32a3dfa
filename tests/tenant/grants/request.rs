//! One authenticated request to the token endpoint.

use axum::http::HeaderMap;
use serde_json::{Map, Value};

use crate::tenant::directory::{Api, Client};
use crate::tenant::error_responses;
use crate::tenant::options::TenantOptions;
use crate::tenant::shared::Shared;
use crate::tenant::transport::record;
use crate::tenant::transport::response::Response;

/// One request to the token endpoint from an application that proved who it is.
pub(crate) struct Exchange<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) options: &'a TenantOptions,
    pub(crate) client: &'a Client,
    pub(crate) fields: &'a Fields,
}

impl Exchange<'_> {
    pub(crate) fn api(&self, identifier: &str) -> Option<&Api> {
        self.options
            .directory
            .apis
            .iter()
            .find(|api| api.identifier == identifier)
    }

    pub(crate) fn issuer(&self) -> String {
        self.options.issuer_for(&self.shared.url)
    }

    pub(crate) fn userinfo(&self) -> String {
        format!("{}userinfo", self.issuer())
    }
}

/// The fields of the request's body.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// Reads a body of JSON or of a form.
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Response> {
        record::fields(headers, body)
            .map(Self)
            .ok_or_else(error_responses::malformed_body)
    }

    /// A string that is there and not empty.
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
