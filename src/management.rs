//! Auth0's Management API: the roles of a user.

use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;
use zeroize::Zeroizing;

use crate::config::management_api;
use crate::http::{self, Answer, Http, HttpError};
use crate::text;

/// Roles on a page, and pages that are asked for: Auth0 tells of no more than 1000.
const PAGE: usize = 50;
const PAGES: usize = 40;

/// What a segment of a path may not hold as it is: everything but unreserved characters (RFC 3986 §2.3). User ids have
/// a |, which `url` lets through.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Why the tenant told no roles.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ManagementError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("the issuer {0:?} is no address, so that nobody can be asked for roles")]
    NoAddress(String),
    #[error("the application may not read users' roles at {host}{words}")]
    NotAllowed {
        host: String,
        words: String,
        status: u16,
    },
    #[error("the Management API of {host} has had too many requests")]
    Throttled {
        host: String,
        status: u16,
        wait: Option<Duration>,
    },
    #[error("the Management API of {host} refused: status {status}{words}")]
    Refused {
        host: String,
        words: String,
        status: u16,
    },
    #[error("the answer of {host} is no list of roles: {problem}")]
    BadAnswer { host: String, problem: &'static str },
    #[error("the tenant's access token holds what no header may")]
    Unsendable,
}

/// With `include_totals`, as asked for; older tenants and proxies answer the bare list.
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

/// What the Management API says where it refuses.
#[derive(Default, Deserialize)]
struct Wire {
    message: Option<String>,
    /// Auth0's name for what is wrong.
    #[serde(rename = "errorCode")]
    code: Option<String>,
}

/// The Management API of an issuer, in the name of an application.
pub(crate) struct Management<'a> {
    pub(crate) http: &'a Http,
    /// The tenant.
    pub(crate) issuer: &'a str,
    /// A token for its Management API.
    pub(crate) token: &'a SecretString,
}

impl Management<'_> {
    /// The names of a user's roles; none for a user that the tenant does not know.
    pub(crate) fn roles(&self, sub: &str) -> Result<Vec<String>, ManagementError> {
        // In a path, nothing, one dot and two dots are no names, however they are written.
        if matches!(sub, "" | "." | "..") {
            return Ok(Vec::new());
        }
        let mut names = Vec::new();
        for page in 0..PAGES {
            let url = self.address(sub, page)?;
            let answer = self.http.get_with(&url, bearer(self.token)?);
            let answer = answer.map_err(|error| error.without(&[self.token.expose_secret()]))?;
            let (roles, total) = self.read(&http::host(&url), &answer)?;
            let last = roles.len() < PAGE;
            names.extend(roles.into_iter().map(|role| role.name));
            if last || total.is_some_and(|total| names.len() >= total) {
                break;
            }
        }
        Ok(names)
    }

    fn address(&self, sub: &str, page: usize) -> Result<Url, ManagementError> {
        let user = utf8_percent_encode(sub, RESERVED);
        let query = format!("per_page={PAGE}&page={page}&include_totals=true");
        let url = Url::parse(&format!(
            "{}users/{user}/roles?{query}",
            management_api(self.issuer)
        ));
        url.map_err(|_| ManagementError::NoAddress(text::excerpt(self.issuer, 200)))
    }

    /// A page of roles, and how many there are on all pages where that is told.
    fn read(
        &self,
        host: &str,
        answer: &Answer,
    ) -> Result<(Vec<Role>, Option<usize>), ManagementError> {
        let (host, status) = (host.to_owned(), answer.status.as_u16());
        if !answer.status.is_success() {
            let wire: Wire = serde_json::from_slice(&answer.body).unwrap_or_default();
            let words = wire
                .message
                .map(|words| text::without(&words, &[self.token.expose_secret()]));
            let words = words
                .map(|words| format!(" (it says: {})", text::excerpt(&words, 300)))
                .unwrap_or_default();
            return match status {
                // Whoever has no such API answers 404 as well, though not in Auth0's words.
                404 if wire.code.is_some() => Ok((Vec::new(), None)),
                404 => Err(ManagementError::BadAnswer {
                    host,
                    problem: "status 404, and no word of the user",
                }),
                401 | 403 => Err(ManagementError::NotAllowed {
                    host,
                    words,
                    status,
                }),
                429 => Err(ManagementError::Throttled {
                    host,
                    status,
                    wait: answer.wait(),
                }),
                _ => Err(ManagementError::Refused {
                    host,
                    words,
                    status,
                }),
            };
        }
        match serde_json::from_slice(&answer.body) {
            Ok(Page::Counted { roles, total }) => Ok((roles, Some(total))),
            Ok(Page::Bare(roles)) => Ok((roles, None)),
            Err(_) => Err(ManagementError::BadAnswer {
                host,
                problem: "it has no names of roles",
            }),
        }
    }
}

fn bearer(token: &SecretString) -> Result<HeaderMap, ManagementError> {
    let value = Zeroizing::new(format!("Bearer {}", token.expose_secret()));
    let mut value = HeaderValue::from_str(&value).map_err(|_| ManagementError::Unsendable)?;
    value.set_sensitive(true);
    Ok(HeaderMap::from_iter([(AUTHORIZATION, value)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_user_id_can_leave_its_place_in_the_path() {
        let encoded = |sub| utf8_percent_encode(sub, RESERVED).to_string();
        assert_eq!(encoded("auth0|65f1-a_b~c.d"), "auth0%7C65f1-a_b~c.d");
        assert_eq!(
            encoded("../a/b?c#d%2e \\ü"),
            "..%2Fa%2Fb%3Fc%23d%252e%20%5C%C3%BC"
        );
    }

    #[test]
    fn without_its_token_nothing_is_asked() {
        assert!(matches!(
            bearer(&"a\nb".into()),
            Err(ManagementError::Unsendable)
        ));
        assert_eq!(bearer(&"a.b".into()).unwrap()[AUTHORIZATION], "Bearer a.b");
    }
}
