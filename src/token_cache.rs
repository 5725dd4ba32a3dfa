//! Access tokens of applications, cached until they are stale: providers bill and limit them.

use aws_lc_rs::digest::{SHA256, digest};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use crate::config::{ClientAuthentication, ClientCredentials, TenantRef};
use crate::deadline::Deadline;
use crate::redact::remember;
use crate::response::TokenResponse;
use crate::state::{FileLock, Fingerprints, StateError, StateFolder};

const PREFIX: &str = "client-credentials-";
const SUFFIX: &str = ".json";

/// The form of the files; one of another version counts as missing.
const VERSION: u32 = 1;

/// Seconds after its end for which an entry is kept, so that nothing is removed that is being
/// replaced.
const KEPT: i64 = 86_400;

/// The cached token of one request, in the user's state folder. Its name depends on the request and
/// on the credential: with another secret or key it is another file.
pub(crate) struct CachedToken {
    folder: StateFolder,
    name: String,
}

/// The content of a file. What the request was is there for people; the file's name decides.
#[derive(Deserialize, Serialize)]
struct Entry<'a> {
    version: u32,
    tenant: &'a str,
    client_id: &'a str,
    audience: Option<&'a str>,
    scope: Option<&'a str>,
    organization: Option<&'a str>,
    /// Seconds since 1970.
    asked_at: i64,
    /// Seconds since 1970.
    expires_at: i64,
    /// The JSON text as it came.
    #[serde(borrow)]
    response: std::borrow::Cow<'a, str>,
}

/// When an entry was asked for and when it ends, in seconds since 1970.
#[derive(Deserialize)]
struct Times {
    version: u32,
    asked_at: i64,
    expires_at: i64,
}

/// A cached token, for people: the request that it came for, without the token.
#[derive(Debug, Deserialize)]
pub(crate) struct TokenDescription {
    pub(crate) tenant: String,
    pub(crate) client_id: String,
    pub(crate) audience: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) organization: Option<String>,
    /// Seconds since 1970.
    pub(crate) expires_at: i64,
}

impl CachedToken {
    /// The place of the token, if there is a state folder by now.
    pub(crate) fn find(settings: &ClientCredentials) -> Result<Option<Self>, StateError> {
        let folder = without_cache(StateFolder::open())?.flatten();
        let Some(folder) = folder else {
            return Ok(None);
        };
        let fingerprints = Fingerprints::read(&folder)?;
        Ok(fingerprints.map(|fingerprints| Self {
            name: file_name(&fingerprints, settings),
            folder,
        }))
    }

    /// The place of the token; `None` where there can be no state folder, or none that can be
    /// written to.
    pub(crate) fn create(
        settings: &ClientCredentials,
        deadline: Deadline,
    ) -> Result<Option<Self>, StateError> {
        let Some(folder) = without_cache(StateFolder::create())? else {
            return Ok(None);
        };
        let fingerprints = without_cache(Fingerprints::open(&folder, deadline))?;
        Ok(fingerprints.map(|fingerprints| Self {
            name: file_name(&fingerprints, settings),
            folder,
        }))
    }

    /// Lets one process at a time ask for the token. `None` where the folder cannot be written to.
    pub(crate) fn lock(
        &self,
        deadline: Deadline,
        announce: fn(&str),
    ) -> Result<Option<FileLock>, StateError> {
        without_cache(self.folder.lock(&self.name, deadline, announce))
    }

    /// The token, if it is valid for this many seconds yet; with its remaining lifetime. One that
    /// seems to be from the future has an unknown lifetime. A damaged file counts as missing.
    pub(crate) fn read(&self, now: i64, min_ttl: i64) -> Result<Option<TokenResponse>, StateError> {
        let Some(content) = self.folder.read(&self.name)? else {
            return Ok(None);
        };
        let Ok(entry) = serde_json::from_slice::<Entry<'_>>(&content) else {
            return Ok(None);
        };
        let remaining = entry.expires_at.saturating_sub(now);
        let is_usable = entry.version == VERSION
            && entry.asked_at <= now
            && remaining > 0
            && remaining >= min_ttl;
        if !is_usable {
            return Ok(None);
        }
        let response = TokenResponse::parse_with_lifetime(&entry.response, remaining);
        let response = response.ok().filter(|response| response.bearer().is_ok());
        if let Some(token) = response.as_ref().and_then(TokenResponse::access_token) {
            remember(token.expose_secret());
        }
        Ok(response)
    }

    /// Keeps a token whose lifetime is known, and removes others that ended long ago. `asked_at` in
    /// seconds since 1970.
    pub(crate) fn write(
        &self,
        settings: &ClientCredentials,
        response: &TokenResponse,
        asked_at: i64,
    ) -> Result<(), StateError> {
        let Some(expires_at) = response.expires_at(asked_at).filter(|at| *at > asked_at) else {
            return self.folder.remove(&self.name);
        };
        let tenant = settings.tenant.name();
        let entry = Entry {
            version: VERSION,
            tenant: &tenant,
            client_id: &settings.application.client_id,
            audience: settings.audience.as_deref(),
            scope: settings.scope.as_deref(),
            organization: settings.organization.as_deref(),
            asked_at,
            expires_at,
            response: response.text.expose_secret().into(),
        };
        // Serializing strings and numbers does not fail.
        let content = zeroize::Zeroizing::new(serde_json::to_vec(&entry).unwrap_or_default());
        self.folder.write(&self.name, &content)?;
        self.remove_old(asked_at)
    }

    fn remove_old(&self, now: i64) -> Result<(), StateError> {
        for name in names(&self.folder)? {
            // What cannot be read is for its own request to report.
            let content = self.folder.read(&name).ok().flatten().unwrap_or_default();
            let times = serde_json::from_slice::<Times>(&content).ok();
            let is_old = |times: Times| {
                times.version == VERSION
                    && times.asked_at < now.saturating_sub(KEPT)
                    && times.expires_at < now.saturating_sub(KEPT)
            };
            if times.is_some_and(is_old) {
                self.folder.remove(&name)?;
            }
        }
        Ok(())
    }
}

/// The cached tokens that are valid yet, the one that ends first at the front, and why files cannot be
/// read. A damaged file is left out, since it is not used either.
pub(crate) fn cached_tokens(
    folder: &StateFolder,
    now: i64,
) -> Result<(Vec<TokenDescription>, Vec<StateError>), StateError> {
    let (mut found, mut unreadable) = (Vec::new(), Vec::new());
    for name in names(folder)? {
        match folder.read(&name) {
            Err(error) => unreadable.push(error),
            Ok(content) => {
                let content = content.unwrap_or_default();
                let description = serde_json::from_slice::<TokenDescription>(&content).ok();
                found.extend(description.filter(|token| token.expires_at > now));
            }
        }
    }
    found.sort_by_key(|token| token.expires_at);
    Ok((found, unreadable))
}

/// Removes all cached tokens, and says how many there were.
pub(crate) fn remove_cached_tokens(folder: &StateFolder) -> Result<usize, StateError> {
    let names = names(folder)?;
    for name in &names {
        folder.remove(name)?;
    }
    Ok(names.len())
}

/// The files with tokens.
fn names(folder: &StateFolder) -> Result<Vec<String>, StateError> {
    let mut names = folder.names()?;
    names.retain(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
    Ok(names)
}

/// A folder that is missing or cannot be written to costs the cache alone. What is not private, and a
/// lock that does not work, is an error.
fn without_cache<T>(result: Result<T, StateError>) -> Result<Option<T>, StateError> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(StateError::NoFolder) => Ok(None),
        Err(StateError::Io { verb, .. }) if verb != "locked" => Ok(None),
        Err(error) => Err(error),
    }
}

/// The name of the file for this request with this credential, which reveals neither.
fn file_name(fingerprints: &Fingerprints, settings: &ClientCredentials) -> String {
    let tenant = settings.tenant.name();
    let mut parts: Vec<Vec<u8>> = vec![
        tenant.into_bytes(),
        settings.application.client_id.clone().into_bytes(),
    ];
    let (method, credential) = credential(&settings.application.authentication);
    parts.extend([method.as_bytes().to_vec(), credential]);
    for part in [&settings.audience, &settings.scope, &settings.organization] {
        // Nothing differs from an empty text.
        let part = part.as_ref().map(|text| format!("={text}"));
        parts.push(part.unwrap_or_default().into_bytes());
    }
    for (name, value) in &settings.options.parameters {
        parts.extend([name.clone().into_bytes(), digest_of(value.expose_secret())]);
    }
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    format!("{PREFIX}{}{SUFFIX}", fingerprints.of(&parts))
}

/// The method of client authentication, and what tells the credential from every other one.
fn credential(authentication: &ClientAuthentication) -> (&'static str, Vec<u8>) {
    match authentication {
        ClientAuthentication::None => ("none", Vec::new()),
        ClientAuthentication::Secret(secret) => ("secret", digest_of(secret.expose_secret())),
        ClientAuthentication::SecretPost(secret) => ("post", digest_of(secret.expose_secret())),
        ClientAuthentication::SecretBasic(secret) => ("basic", digest_of(secret.expose_secret())),
        ClientAuthentication::PrivateKeyJwt(key) => ("key", key.identity()),
    }
}

/// In place of the secret itself, so that no copy of it is left in memory.
fn digest_of(secret: &str) -> Vec<u8> {
    digest(&SHA256, secret.as_bytes()).as_ref().to_vec()
}

impl TenantRef {
    /// The tenant, as the request to it depends on it.
    fn name(&self) -> String {
        match self {
            Self::Auth0(url) => url.to_string(),
            Self::Issuer { issuer, document } => match document {
                Some(document) => format!("{issuer} {document}"),
                None => issuer.clone(),
            },
        }
    }
}
