//! The Management API's list of a user's roles.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::error::ManagementError;
use crate::escape;
use crate::http::{self, Http, Response};

/// Auth0 lists at most 1000 roles of a user.
const PAGE_SIZE: usize = 50;
const MAX_PAGES: usize = 40;

/// What is encoded in a path segment: all but unreserved characters (RFC 3986 §2.3). `url` would
/// not encode the | in user IDs.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The API's base URL, which is its identifier as well unless the tenant has a custom domain.
pub(super) fn base(issuer: &str) -> String {
    format!("{}/api/v2/", issuer.trim_end_matches('/'))
}

/// The names of a user's roles; none if the tenant does not know the user. `token` is for this API.
pub(super) fn roles(
    http: &Http,
    issuer: &str,
    token: &SecretString,
    sub: &str,
) -> Result<Vec<String>, ManagementError> {
    // These would not be names in a path, even encoded.
    if matches!(sub, "" | "." | "..") {
        return Ok(Vec::new());
    }
    let mut names: Vec<String> = Vec::new();
    for page in 0..MAX_PAGES {
        let url = page_url(issuer, sub, page)?;
        let headers = http::bearer(token).map_err(|_| ManagementError::Unsendable)?;
        let response = http.get_with(&url, headers)?;
        let (roles, total) = read_page(&http::host(&url), &response)?;
        let (known, is_short) = (names.len(), roles.len() < PAGE_SIZE);
        let new = roles.into_iter().map(|role| role.name);
        let new: Vec<_> = new.filter(|name| !names.contains(name)).collect();
        names.extend(new);
        // A server may have shorter pages than requested, or always list all roles.
        let is_last = total.map_or(is_short, |total| names.len() >= total);
        if is_last || names.len() == known {
            break;
        }
    }
    Ok(names)
}

fn page_url(issuer: &str, sub: &str, page: usize) -> Result<Url, ManagementError> {
    let user = utf8_percent_encode(sub, ENCODED);
    let query = format!("per_page={PAGE_SIZE}&page={page}&include_totals=true");
    Url::parse(&format!("{}users/{user}/roles?{query}", base(issuer)))
        .map_err(|_| ManagementError::NoAddress(escape::excerpt(issuer, 200)))
}

/// Older tenants and proxies ignore `include_totals` and respond with the list alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Page {
    Counted { roles: Vec<Role>, total: usize },
    Bare(Vec<Role>),
}

#[derive(Deserialize)]
struct Role {
    name: String,
}

/// The body of an error response.
#[derive(Default, Deserialize)]
struct ApiError {
    message: Option<String>,
    #[serde(rename = "errorCode")]
    code: Option<String>,
}

/// The roles on a page, and the number on all pages if the response says so.
fn read_page(
    host: &str,
    response: &Response,
) -> Result<(Vec<Role>, Option<usize>), ManagementError> {
    if !response.status.is_success() {
        return error_response(host.to_owned(), response);
    }
    match serde_json::from_slice(&response.body) {
        Ok(Page::Counted { roles, total }) => Ok((roles, Some(total))),
        Ok(Page::Bare(roles)) => Ok((roles, None)),
        Err(_) => Err(ManagementError::InvalidResponse {
            host: host.to_owned(),
            problem: "role names are missing",
        }),
    }
}

fn error_response(
    host: String,
    response: &Response,
) -> Result<(Vec<Role>, Option<usize>), ManagementError> {
    let status = response.status.as_u16();
    let error: ApiError = serde_json::from_slice(&response.body).unwrap_or_default();
    let words = error.message.map_or_else(String::new, |words| {
        format!(" (it says: {})", escape::excerpt(&words, 300))
    });
    match status {
        // An unknown user. A server without this API responds with 404 too, but without the code.
        404 if error.code.is_some() => Ok((Vec::new(), None)),
        404 => Err(ManagementError::InvalidResponse {
            host,
            problem: "status 404 without an error code",
        }),
        401 | 403 => Err(ManagementError::NotAllowed {
            host,
            words,
            status,
        }),
        429 => Err(ManagementError::Throttled {
            host,
            status,
            wait: response.wait(),
        }),
        _ => Err(ManagementError::Refused {
            host,
            words,
            status,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_user_id_can_change_the_path() {
        let encoded = |sub| utf8_percent_encode(sub, ENCODED).to_string();
        assert_eq!(encoded("auth0|65f1-a_b~c.d"), "auth0%7C65f1-a_b~c.d");
        assert_eq!(
            encoded("../a/b?c#d%2e \\ü"),
            "..%2Fa%2Fb%3Fc%23d%252e%20%5C%C3%BC"
        );
    }
}
