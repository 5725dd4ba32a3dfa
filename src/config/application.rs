//! The application, as the tenant knows it, and how it authenticates.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use secrecy::{ExposeSecret, SecretString};

use super::error::ConfigError;
use super::source::Sources;
use crate::args::{ApplicationArgs, ClientAuthMethod};
use crate::deadline::Deadline;
use crate::escape;
use crate::input::secret;
use crate::keys::{SigningAlgorithm, SigningKey};
use crate::settings;

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
}

impl ApplicationFlags {
    pub(super) fn new(
        args: &ApplicationArgs,
        id: Option<String>,
        secret_file: Option<PathBuf>,
    ) -> Self {
        Self {
            id,
            secret_file,
            auth_method: args.client_auth,
            key_file: args.client_key_file.clone(),
            key_id: args.client_key_id.clone(),
            key_algorithm: args.client_key_alg,
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
        sources: &Sources<'_>,
    ) -> Result<Self, ConfigError> {
        let client_id = sources.text(flags.id.clone(), settings::CLIENT_ID)?;
        let client_id = client_id.ok_or(ConfigError::Missing(settings::CLIENT_ID))?;
        let client_secret = client_secret(flags.secret_file.as_deref(), sources)?;
        let authentication = authentication(flags, sources, client_secret.as_ref())?;
        Ok(Self {
            client_id,
            client_secret,
            authentication,
        })
    }

    /// Fails where the application cannot authenticate, for what only a confidential client may do.
    pub(super) fn require_authentication(&self) -> Result<(), ConfigError> {
        match self.authentication {
            ClientAuthentication::None => Err(ConfigError::Missing(settings::CLIENT_SECRET)),
            ClientAuthentication::Secret(_)
            | ClientAuthentication::SecretPost(_)
            | ClientAuthentication::SecretBasic(_)
            | ClientAuthentication::PrivateKeyJwt(_) => Ok(()),
        }
    }
}

fn client_secret(
    file: Option<&Path>,
    sources: &Sources<'_>,
) -> Result<Option<SecretString>, ConfigError> {
    match file {
        Some(path) => Ok(Some(secret::from_file_or_stdin(
            path,
            "the client secret",
            sources.deadline,
        )?)),
        None => Ok(sources
            .secret(settings::CLIENT_SECRET)?
            .filter(|secret| !secret.expose_secret().is_empty())),
    }
}

/// The method that is named, else one that the key or the secret allows; a key comes before a
/// secret.
fn authentication(
    flags: ApplicationFlags,
    sources: &Sources<'_>,
    secret: Option<&SecretString>,
) -> Result<ClientAuthentication, ConfigError> {
    let named = method(flags.auth_method, sources)?;
    let key_flag = flags.key_flag();
    let key_file = match flags.key_file {
        Some(path) => Some(path),
        None => sources
            .text(None, settings::CLIENT_KEY_FILE)?
            .map(PathBuf::from),
    };
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
        let missing = ConfigError::Missing(settings::CLIENT_SECRET);
        secret.cloned().ok_or(missing)
    };
    Ok(match method {
        None => ClientAuthentication::Secret(secret()?),
        Some(ClientAuthMethod::None) => ClientAuthentication::None,
        Some(ClientAuthMethod::SecretPost) => ClientAuthentication::SecretPost(secret()?),
        Some(ClientAuthMethod::SecretBasic) => ClientAuthentication::SecretBasic(secret()?),
        Some(ClientAuthMethod::PrivateKeyJwt) => {
            let kid = sources.text(flags.key_id, settings::CLIENT_KEY_ID)?;
            let path = key_file.ok_or(ConfigError::Missing(settings::CLIENT_KEY_FILE))?;
            let key = signing_key(&path, kid, flags.key_algorithm, sources.deadline)?;
            ClientAuthentication::PrivateKeyJwt(key)
        }
    })
}

fn method(
    flag: Option<ClientAuthMethod>,
    sources: &Sources<'_>,
) -> Result<Option<ClientAuthMethod>, ConfigError> {
    if flag.is_some() {
        return Ok(flag);
    }
    let Some(name) = sources.text(None, settings::CLIENT_AUTH)? else {
        return Ok(None);
    };
    let method = ClientAuthMethod::from_str(&name, false).map_err(|_| {
        ConfigError::invalid(
            settings::CLIENT_AUTH.variable,
            "expected client_secret_post, client_secret_basic, private_key_jwt or none",
        )
    })?;
    Ok(Some(method))
}

fn signing_key(
    path: &Path,
    kid: Option<String>,
    algorithm: Option<SigningAlgorithm>,
    deadline: Deadline,
) -> Result<SigningKey, ConfigError> {
    let pem = secret::from_file(path, "the private key", deadline)?;
    SigningKey::from_pem(&pem, kid, algorithm).map_err(|problem| {
        let name = format!("the private key in {}", escape::path(path));
        ConfigError::invalid(name, problem.to_string())
    })
}
