//! Turns arguments, environment and files into settings that cannot be wrong.

mod env_file;
mod secret_file;
mod sources;
mod tenant;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

pub(crate) use secret_file::{read_secret, read_secret_from_stdin};
pub(crate) use tenant::{Place, is_loopback};

use crate::args::{ClientCredentialsArgs, LoginArgs, TenantArgs};
use crate::keys::{Algorithm, SharedSecret};
use env_file::EnvFile;
use sources::Sources;

const DEFAULT_SCOPE: &str = "openid profile email";

/// What is wrong with a setting. Names the setting, never a secret value.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("no {what} is given")]
    Missing { what: &'static str, flag: &'static str, variable: &'static str },
    #[error("{name} is not valid: {problem}")]
    Invalid { name: String, problem: String },
    #[error("{path} could not be read")]
    Unreadable { path: String, source: std::io::Error },
    #[error("{first} and {second} both want to read standard input")]
    StdinTwice { first: &'static str, second: &'static str },
}

/// Looks up one variable of the environment.
pub(crate) type Variables<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// How to reach the tenant.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    pub(crate) ca_file: Option<PathBuf>,
    /// For the whole run.
    pub(crate) timeout: Duration,
}

/// The application, as the tenant knows it.
#[derive(Debug)]
pub(crate) struct Application {
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<SecretString>,
}

/// Where the password comes from.
#[derive(Debug)]
pub(crate) enum PasswordSource {
    Given(SecretString),
    Stdin,
    File(PathBuf),
    Prompt,
}

/// Everything that a login needs.
#[derive(Debug)]
pub(crate) struct Login {
    pub(crate) place: Place,
    pub(crate) network: Network,
    pub(crate) application: Application,
    /// Who signs in; `None`: ask.
    pub(crate) email: Option<String>,
    pub(crate) password: PasswordSource,
    pub(crate) audience: Option<String>,
    pub(crate) scope: String,
    pub(crate) realm: Option<String>,
    /// Never empty.
    pub(crate) algorithms: Vec<Algorithm>,
    /// A word for the person about a setting that was passed over.
    pub(crate) notes: Vec<String>,
}

/// Everything that the client credentials grant needs.
#[derive(Debug)]
pub(crate) struct ClientCredentials {
    pub(crate) place: Place,
    pub(crate) network: Network,
    pub(crate) application: Application,
    pub(crate) audience: Option<String>,
    pub(crate) scope: Option<String>,
    /// A word for the person about a setting that was passed over.
    pub(crate) notes: Vec<String>,
}

impl Login {
    /// Resolves the settings of a login; reads the settings file and the client secret's file, nothing else.
    pub(crate) fn load(args: &LoginArgs, variables: Variables<'_>) -> Result<Self, ConfigError> {
        let sources = Sources { variables, file: EnvFile::load(&args.tenant)? };
        let (place, ca_file, notes) = tenant::place(&args.tenant, &sources)?;
        let login = Self {
            place,
            network: network(&args.tenant, ca_file),
            application: application(&args.tenant, &sources)?,
            email: sources.text(args.email.as_deref(), "PADLOCK_EMAIL")?,
            password: password(args, &sources)?,
            audience: sources.text(args.tenant.audience.as_deref(), "AUTH0_AUDIENCE")?,
            scope: sources.text(args.tenant.scope.as_deref(), "AUTH0_SCOPE")?.unwrap_or(DEFAULT_SCOPE.into()),
            realm: sources.text(args.realm.as_deref(), "AUTH0_REALM")?,
            algorithms: algorithms(&args.algorithm, &sources)?,
            notes,
        };
        login.check()?;
        Ok(login)
    }

    /// What no single setting shows: found now, so that no password travels for nothing.
    fn check(&self) -> Result<(), ConfigError> {
        if self.realm.is_some() && matches!(self.place, Place::Issuer(_)) {
            let problem = "only Auth0 has realms, and --issuer names another provider".to_owned();
            return Err(ConfigError::Invalid { name: "the realm".into(), problem });
        }
        let symmetric: Vec<_> = self.algorithms.iter().filter(|algorithm| algorithm.is_symmetric()).collect();
        if symmetric.is_empty() {
            return Ok(());
        }
        let secret = self.application.client_secret.as_ref().ok_or_else(missing_secret)?;
        let shared = SharedSecret::new(secret, false);
        for algorithm in symmetric {
            shared
                .key(*algorithm)
                .map_err(|problem| ConfigError::Invalid { name: "the client secret".into(), problem })?;
        }
        Ok(())
    }
}

impl ClientCredentials {
    /// Resolves the settings of the client credentials grant.
    pub(crate) fn load(args: &ClientCredentialsArgs, variables: Variables<'_>) -> Result<Self, ConfigError> {
        let sources = Sources { variables, file: EnvFile::load(&args.tenant)? };
        let (place, ca_file, notes) = tenant::place(&args.tenant, &sources)?;
        let application = application(&args.tenant, &sources)?;
        if application.client_secret.is_none() {
            return Err(missing_secret());
        }
        let audience = sources.text(args.tenant.audience.as_deref(), "AUTH0_AUDIENCE")?;
        if audience.is_none() && matches!(place, Place::Auth0(_)) {
            return Err(ConfigError::Missing { what: "audience", flag: "--audience", variable: "AUTH0_AUDIENCE" });
        }
        // AUTH0_SCOPE is meant for a login: `openid` and the like mean nothing for an application.
        let scope = args.tenant.scope.clone().filter(|scope| !scope.is_empty());
        Ok(Self { place, network: network(&args.tenant, ca_file), application, audience, scope, notes })
    }
}

fn network(args: &TenantArgs, ca_file: Option<PathBuf>) -> Network {
    Network { ca_file, timeout: Duration::from_secs_f64(args.timeout) }
}

fn application(args: &TenantArgs, sources: &Sources<'_>) -> Result<Application, ConfigError> {
    let client_id = sources.text(args.client_id.as_deref(), "AUTH0_CLIENT_ID")?.ok_or(ConfigError::Missing {
        what: "client ID",
        flag: "--client-id",
        variable: "AUTH0_CLIENT_ID",
    })?;
    let client_secret = match &args.client_secret_file {
        Some(path) if path.as_os_str() == "-" => Some(read_secret_from_stdin("the client secret")?),
        Some(path) => Some(read_secret(path, "the client secret")?),
        None => sources.secret("AUTH0_CLIENT_SECRET")?.filter(|secret| !secret.expose_secret().is_empty()),
    };
    Ok(Application { client_id, client_secret })
}

fn missing_secret() -> ConfigError {
    ConfigError::Missing { what: "client secret", flag: "--client-secret-file", variable: "AUTH0_CLIENT_SECRET" }
}

fn password(args: &LoginArgs, sources: &Sources<'_>) -> Result<PasswordSource, ConfigError> {
    let secret_from_stdin = args.tenant.client_secret_file.as_ref().is_some_and(|path| path.as_os_str() == "-");
    if args.password_stdin && secret_from_stdin {
        return Err(ConfigError::StdinTwice { first: "--password-stdin", second: "--client-secret-file -" });
    }
    if args.password_stdin {
        return Ok(PasswordSource::Stdin);
    }
    if let Some(path) = &args.password_file {
        return Ok(PasswordSource::File(path.clone()));
    }
    if let Some(password) = &args.password {
        return given(password.clone(), "--password");
    }
    match sources.secret("PADLOCK_PASSWORD")? {
        Some(password) => given(password, "PADLOCK_PASSWORD"),
        None => Ok(PasswordSource::Prompt),
    }
}

fn given(password: SecretString, name: &str) -> Result<PasswordSource, ConfigError> {
    if password.expose_secret().is_empty() {
        return Err(ConfigError::Invalid { name: name.into(), problem: "the password is empty".into() });
    }
    Ok(PasswordSource::Given(password))
}

fn algorithms(flags: &[Algorithm], sources: &Sources<'_>) -> Result<Vec<Algorithm>, ConfigError> {
    if !flags.is_empty() {
        return Ok(flags.to_vec());
    }
    let Some(names) = sources.text(None, "AUTH0_ALGORITHM")? else { return Ok(vec![Algorithm::RS256]) };
    let parse = |name: &str| crate::args::algorithm(name.trim());
    names
        .split(',')
        .map(parse)
        .collect::<Result<_, _>>()
        .map_err(|problem| ConfigError::Invalid { name: "AUTH0_ALGORITHM".into(), problem })
}
