//! The application, as the tenant knows it, and how it authenticates.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use secrecy::SecretString;

use super::client_auth_method::{AuthenticationSources, Method, Proof};
use super::error::ConfigError;
use super::found::Found;
use super::missing::Missing;
use super::source::is_empty;
use super::tenant_sources::{Rank, TenantSources};
use crate::args::{ApplicationArgs, ClientAuthMethod, TenantArgs};
use crate::deadline::Deadline;
use crate::escape;
use crate::input::{secret, typed_secret};
use crate::keys::{SigningAlgorithm, SigningKey};
use crate::settings::{self, Setting};

/// The name of the secret in messages.
const CLIENT_SECRET: &str = "the client secret";

/// The settings that give the secret.
const SECRET_FORMS: [Setting; 2] = [settings::CLIENT_SECRET, settings::CLIENT_SECRET_FILE];

/// The application, as the tenant knows it.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    pub(crate) client_id: String,
    /// Also the key of an id_token that is signed with HS256.
    pub(crate) client_secret: Option<SecretString>,
    pub(crate) authentication: ClientAuthentication,
}

/// How the application authenticates to the token endpoint (OpenID Connect Core §9).
#[derive(Clone, Debug)]
pub(crate) enum ClientAuthentication {
    /// A public client, which only identifies itself.
    None,
    /// The secret, in the way that the provider takes.
    Secret(SecretString),
    /// The secret in the request body.
    SecretPost(SecretString),
    /// The secret as HTTP Basic.
    SecretBasic(SecretString),
    /// A JWT signed with a private key (RFC 7523).
    PrivateKeyJwt(SigningKey),
}

/// What flags say about the application.
#[derive(Default)]
pub(super) struct ApplicationFlags {
    pub(super) id: Option<String>,
    /// The client ID of a saved session, which no setting changes.
    pub(super) saved_id: Option<String>,
    pub(super) secret_file: Option<PathBuf>,
    pub(super) auth_method: Option<ClientAuthMethod>,
    pub(super) key_file: Option<PathBuf>,
    pub(super) key_id: Option<String>,
    pub(super) key_algorithm: Option<SigningAlgorithm>,
    pub(super) needs: Needs,
}

/// What a command cannot do without.
#[derive(Clone, Copy, Default)]
pub(super) struct Needs {
    /// A confidential client, with a secret or a key.
    pub(super) authentication: bool,
    pub(super) secret: bool,
}

impl ApplicationFlags {
    pub(super) fn new(args: &ApplicationArgs, tenant: &TenantArgs, needs: Needs) -> Self {
        Self {
            id: tenant.client_id.clone(),
            saved_id: None,
            secret_file: tenant.client_secret_file.clone(),
            auth_method: args.client_auth,
            key_file: args.client_key_file.clone(),
            key_id: args.client_key_id.clone(),
            key_algorithm: args.client_key_alg,
            needs,
        }
    }

    /// The flag that says something about a key, if one does.
    fn key_flag(&self) -> Option<&'static str> {
        match (&self.key_file, &self.key_id, self.key_algorithm) {
            (Some(_), ..) => Some("--client-key-file"),
            (None, Some(_), _) => Some("--client-key-id"),
            (None, None, Some(_)) => Some("--client-key-alg"),
            (None, None, None) => None,
        }
    }

    /// Fails where a flag gives a proof that the method does not use.
    fn check_used(&self, method: Method) -> Result<(), ConfigError> {
        let unused = match self.key_flag() {
            Some(flag) if !method.uses_key() => (flag, "private_key_jwt uses"),
            _ if self.secret_file.is_some() && !(method.uses_secret() || self.needs.secret) => (
                "--client-secret-file",
                "client_secret_post, client_secret_basic and HS256 use",
            ),
            _ => return Ok(()),
        };
        let (flag, users) = unused;
        let message = format!("only {users} {flag}, and another method is configured");
        Err(ConfigError::Combination(message))
    }
}

impl Application {
    /// Resolves the application; reads the files of its secret and its key.
    pub(super) fn load(
        flags: ApplicationFlags,
        sources: &TenantSources<'_, '_>,
    ) -> Result<Self, ConfigError> {
        let (mut missing, needs) = (Missing::default(), flags.needs);
        let client_id = match flags.saved_id.clone() {
            Some(id) => Some(id),
            None => sources.text(flags.id.clone(), settings::CLIENT_ID)?,
        };
        let client_id = missing.require(client_id, settings::CLIENT_ID);
        let method = authentication_sources(&flags, sources)?.method()?;
        flags.check_used(method)?;
        let is_secret_used = method.uses_secret() || needs.secret;
        let client_secret = is_secret_used.then(|| client_secret(&flags, sources));
        let client_secret = client_secret.transpose()?.flatten();
        let authentication = authentication(method, flags, sources, client_secret.as_ref());
        let authentication = missing.collect(authentication)?;
        let is_public = matches!(authentication, Some(ClientAuthentication::None));
        if (needs.authentication && is_public) || (needs.secret && client_secret.is_none()) {
            if client_secret.is_none() {
                // Says which source has one that is not for this tenant.
                sources.find(&SECRET_FORMS)?;
            }
            missing.require(client_secret.as_ref(), settings::CLIENT_SECRET);
        }
        missing.check()?;
        let (Some(client_id), Some(authentication)) = (client_id, authentication) else {
            return Err(missing.into_error());
        };
        Ok(Self {
            client_id,
            client_secret,
            authentication,
        })
    }
}

/// What the flags and the sources below say about client authentication.
fn authentication_sources(
    flags: &ApplicationFlags,
    sources: &TenantSources<'_, '_>,
) -> Result<AuthenticationSources, ConfigError> {
    let typed = |name| Proof {
        rank: Rank::Flag,
        name,
        place: "given".to_owned(),
        is_empty: false,
    };
    let read = |(rank, found): (Rank, Found<'_, '_>)| Proof {
        rank,
        name: found.setting.variable,
        place: format!("set in {}", found.source.name),
        is_empty: is_empty(&found.value),
    };
    let secret = match &flags.secret_file {
        Some(_) => Some(typed("--client-secret-file")),
        None => sources.peek(&SECRET_FORMS)?.map(read),
    };
    let key_file = match &flags.key_file {
        Some(_) => Some(typed("--client-key-file")),
        None => sources.peek(&[settings::CLIENT_KEY_FILE])?.map(read),
    };
    // An ID or an algorithm for a key asks for the key.
    let key = match flags.key_flag() {
        Some(flag) => key_file.map(|_| typed(flag)),
        None => key_file,
    };
    Ok(AuthenticationSources {
        method: named_method(flags.auth_method, sources)?,
        key,
        secret,
        needs_secret: flags.needs.secret,
    })
}

fn named_method(
    flag: Option<ClientAuthMethod>,
    sources: &TenantSources<'_, '_>,
) -> Result<Option<(Rank, ClientAuthMethod)>, ConfigError> {
    if let Some(method) = flag {
        return Ok(Some((Rank::Flag, method)));
    }
    let Some((rank, found)) = sources.peek(&[settings::CLIENT_AUTH])? else {
        return Ok(None);
    };
    let expected = "expected client_secret_post, client_secret_basic, private_key_jwt or none";
    let method = ClientAuthMethod::from_str(&found.text()?, false);
    let method = method.map_err(|_| found.invalid(expected))?;
    Ok(Some((rank, method)))
}

fn client_secret(
    flags: &ApplicationFlags,
    sources: &TenantSources<'_, '_>,
) -> Result<Option<SecretString>, ConfigError> {
    let deadline = sources.deadline;
    if let Some(path) = &flags.secret_file {
        sources.path(Some(path.clone()), settings::CLIENT_SECRET_FILE)?;
        let secret = typed_secret::from_file_or_stdin(path, CLIENT_SECRET, deadline)?;
        return Ok(Some(secret));
    }
    match sources.find(&SECRET_FORMS)? {
        None => Ok(None),
        // An empty one is a secret too: UAA registers the client `cf` with it.
        Some(found) if found.setting == settings::CLIENT_SECRET => found.secret().map(Some),
        Some(found) => {
            let secret = secret::from_file(&found.path()?, CLIENT_SECRET, deadline)?;
            Ok(Some(secret))
        }
    }
}

/// The method with the proof that it uses.
fn authentication(
    method: Method,
    flags: ApplicationFlags,
    sources: &TenantSources<'_, '_>,
    secret: Option<&SecretString>,
) -> Result<ClientAuthentication, ConfigError> {
    let secret = || {
        let missing = ConfigError::Missing(vec![settings::CLIENT_SECRET]);
        secret.cloned().ok_or(missing)
    };
    let Method::Named(named) = method else {
        return Ok(ClientAuthentication::Secret(secret()?));
    };
    note_method(flags.auth_method, named, sources)?;
    Ok(match named {
        ClientAuthMethod::None => ClientAuthentication::None,
        ClientAuthMethod::SecretPost => ClientAuthentication::SecretPost(secret()?),
        ClientAuthMethod::SecretBasic => ClientAuthentication::SecretBasic(secret()?),
        ClientAuthMethod::PrivateKeyJwt => {
            let path = sources.path(flags.key_file, settings::CLIENT_KEY_FILE)?;
            let kid = sources.text(flags.key_id, settings::CLIENT_KEY_ID)?;
            let missing = ConfigError::Missing(vec![settings::CLIENT_KEY_FILE]);
            let path = path.ok_or(missing)?;
            let key = signing_key(&path, kid, flags.key_algorithm, sources.deadline)?;
            ClientAuthentication::PrivateKeyJwt(key)
        }
    })
}

/// Records where the method comes from, if a source names it.
fn note_method(
    flag: Option<ClientAuthMethod>,
    used: ClientAuthMethod,
    sources: &TenantSources<'_, '_>,
) -> Result<(), ConfigError> {
    sources.report.flag(settings::CLIENT_AUTH, flag.is_some());
    if let (None, Some((_, named))) = (flag, named_method(flag, sources)?)
        && named == used
    {
        sources.find(&[settings::CLIENT_AUTH])?;
    }
    Ok(())
}

fn signing_key(
    path: &Path,
    kid: Option<String>,
    algorithm: Option<SigningAlgorithm>,
    deadline: Deadline,
) -> Result<SigningKey, ConfigError> {
    let pem = secret::pem_from_file(path, "the private key", deadline)?;
    SigningKey::from_pem(&pem, kid, algorithm).map_err(|problem| {
        let name = format!("the private key in {}", escape::path(path));
        ConfigError::invalid(name, problem.to_string())
    })
}
