//! The application, as the tenant knows it, and how it authenticates.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use secrecy::SecretString;

use super::error::ConfigError;
use super::missing::Missing;
use super::tenant_sources::TenantSources;
use crate::args::{ApplicationArgs, ClientAuthMethod, TenantArgs};
use crate::deadline::Deadline;
use crate::escape;
use crate::input::secret;
use crate::keys::{SigningAlgorithm, SigningKey};
use crate::settings;

/// The name of the secret in messages.
const CLIENT_SECRET: &str = "the client secret";

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
            secret_file: tenant.client_secret_file.clone(),
            auth_method: args.client_auth,
            key_file: args.client_key_file.clone(),
            key_id: args.client_key_id.clone(),
            key_algorithm: args.client_key_alg,
            needs,
        }
    }

    /// The flag that gives a key, if one does.
    fn key_flag(&self) -> Option<&'static str> {
        match (&self.key_file, &self.key_id, self.key_algorithm) {
            (Some(_), ..) => Some("--client-key-file"),
            (None, Some(_), _) => Some("--client-key-id"),
            (None, None, Some(_)) => Some("--client-key-alg"),
            (None, None, None) => None,
        }
    }
}

impl Application {
    /// Resolves the application; reads the files of its secret and its key.
    pub(super) fn load(
        flags: ApplicationFlags,
        sources: &TenantSources<'_, '_>,
    ) -> Result<Self, ConfigError> {
        let (mut missing, needs) = (Missing::default(), flags.needs);
        let client_id = sources.text(flags.id.clone(), settings::CLIENT_ID)?;
        let client_id = missing.require(client_id, settings::CLIENT_ID);
        let client_secret = client_secret(flags.secret_file.as_deref(), sources)?;
        let authentication = authentication(flags, sources, client_secret.as_ref());
        let authentication = missing.collect(authentication)?;
        let is_public = matches!(authentication, Some(ClientAuthentication::None));
        if (needs.authentication && is_public) || (needs.secret && client_secret.is_none()) {
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

fn client_secret(
    file: Option<&Path>,
    sources: &TenantSources<'_, '_>,
) -> Result<Option<SecretString>, ConfigError> {
    if let Some(path) = file {
        sources.path(Some(path.to_owned()), settings::CLIENT_SECRET_FILE)?;
        return Ok(Some(secret::from_file_or_stdin(
            path,
            CLIENT_SECRET,
            sources.deadline,
        )?));
    }
    let forms = [settings::CLIENT_SECRET, settings::CLIENT_SECRET_FILE];
    match sources.find(&forms)? {
        None => Ok(None),
        // An empty one is a secret too: UAA registers the client `cf` with it.
        Some(found) if found.setting == settings::CLIENT_SECRET => found.secret().map(Some),
        Some(found) => {
            let path = found.path()?;
            let secret = path.map(|path| secret::from_file(&path, CLIENT_SECRET, sources.deadline));
            Ok(secret.transpose()?)
        }
    }
}

/// The method that is named, else one that the key or the secret allows; a key comes before a
/// secret.
fn authentication(
    flags: ApplicationFlags,
    sources: &TenantSources<'_, '_>,
    secret: Option<&SecretString>,
) -> Result<ClientAuthentication, ConfigError> {
    let named = method(flags.auth_method, sources)?;
    let key_flag = flags.key_flag();
    let key_file = sources.path(flags.key_file, settings::CLIENT_KEY_FILE)?;
    let method = match (named, &key_file, secret) {
        (Some(named), ..) => Some(named),
        (None, Some(_), _) => Some(ClientAuthMethod::PrivateKeyJwt),
        (None, None, Some(_)) => None,
        (None, None, None) => Some(ClientAuthMethod::None),
    };
    if let (Some(flag), true) = (key_flag, method != Some(ClientAuthMethod::PrivateKeyJwt)) {
        let message = format!("only private_key_jwt uses {flag}, and another method is configured");
        return Err(ConfigError::Combination(message));
    }
    let secret = || {
        let missing = ConfigError::Missing(vec![settings::CLIENT_SECRET]);
        secret.cloned().ok_or(missing)
    };
    Ok(match method {
        None => ClientAuthentication::Secret(secret()?),
        Some(ClientAuthMethod::None) => ClientAuthentication::None,
        Some(ClientAuthMethod::SecretPost) => ClientAuthentication::SecretPost(secret()?),
        Some(ClientAuthMethod::SecretBasic) => ClientAuthentication::SecretBasic(secret()?),
        Some(ClientAuthMethod::PrivateKeyJwt) => {
            let kid = sources.text(flags.key_id, settings::CLIENT_KEY_ID)?;
            let missing = ConfigError::Missing(vec![settings::CLIENT_KEY_FILE]);
            let path = key_file.ok_or(missing)?;
            let key = signing_key(&path, kid, flags.key_algorithm, sources.deadline)?;
            ClientAuthentication::PrivateKeyJwt(key)
        }
    })
}

fn method(
    flag: Option<ClientAuthMethod>,
    sources: &TenantSources<'_, '_>,
) -> Result<Option<ClientAuthMethod>, ConfigError> {
    if flag.is_some() {
        sources.report.flag(settings::CLIENT_AUTH, true);
        return Ok(flag);
    }
    let Some(found) = sources.find(&[settings::CLIENT_AUTH])? else {
        return Ok(None);
    };
    match found.text()?.as_str() {
        "" => Ok(None),
        name => ClientAuthMethod::from_str(name, false)
            .map(Some)
            .map_err(|_| {
                found.invalid(
                    "expected client_secret_post, client_secret_basic, private_key_jwt or none",
                )
            }),
    }
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
