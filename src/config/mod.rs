//! Turns arguments, environment and files into settings that cannot be wrong.

mod application;
mod env_file;
mod extras;
mod person;
mod secret_file;
mod sources;
mod tenant;
mod verify;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) use application::{Application, ClientAuthentication};
pub(crate) use extras::Extras;
pub(crate) use person::{CodeSource, PasswordSource, SecondFactor};
pub(crate) use secret_file::{read_secret, read_secret_from_stdin, read_two_secrets_from_stdin};
pub(crate) use tenant::{Place, is_loopback};
pub(crate) use verify::{KeySource, management_api};

use crate::args::{ClientCredentialsArgs, LoginArgs, LoginOutput, TenantArgs};
use crate::keys::{Algorithm, KeySetError, SharedSecret};
use env_file::EnvFile;
use sources::Sources;

const DEFAULT_SCOPE: &str = "openid profile email";

/// What is wrong with a setting. Names the setting, never a secret value.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("no {what} is given")]
    Missing {
        what: &'static str,
        flag: &'static str,
        variable: &'static str,
    },
    #[error("{name} is not valid: {problem}")]
    Invalid { name: String, problem: String },
    #[error("{path} could not be read")]
    Unreadable {
        path: String,
        source: std::io::Error,
    },
    #[error("{first} and {second} both want to read standard input")]
    StdinTwice {
        first: &'static str,
        second: &'static str,
    },
    #[error("no source of keys is given, and padlock never merely decodes a token")]
    NoKeys,
    #[error("--roles-from-tenant asks one tenant, and the flags do not name one")]
    RolesOfSeveral,
    #[error("{name} is not usable")]
    KeySet { name: String, source: KeySetError },
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

/// Everything that a login needs.
#[derive(Debug)]
pub(crate) struct Login {
    pub(crate) place: Place,
    pub(crate) network: Network,
    pub(crate) application: Application,
    /// Who signs in; `None`: ask.
    pub(crate) email: Option<String>,
    pub(crate) password: PasswordSource,
    pub(crate) second_factor: SecondFactor,
    pub(crate) extras: Extras,
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
    pub(crate) extras: Extras,
    pub(crate) audience: Option<String>,
    pub(crate) scope: Option<String>,
    /// A word for the person about a setting that was passed over.
    pub(crate) notes: Vec<String>,
}

impl Login {
    /// Resolves the settings of a login; reads the settings file and the client secret's file, nothing else.
    pub(crate) fn load(args: &LoginArgs, variables: Variables<'_>) -> Result<Self, ConfigError> {
        let sources = Sources {
            variables,
            file: EnvFile::load(&args.tenant)?,
        };
        let (place, ca_file, notes) = tenant::place(&args.tenant, &sources)?;
        let login = Self {
            place,
            network: network(&args.tenant, ca_file),
            application: application::application(&args.application, &args.tenant, &sources)?,
            email: sources.text(args.email.as_deref(), "PADLOCK_EMAIL")?,
            password: person::password(args, &sources)?,
            second_factor: person::second_factor(args, &sources)?,
            extras: extras::of_login(args, &sources)?,
            audience: sources.text(args.tenant.audience.as_deref(), "AUTH0_AUDIENCE")?,
            scope: sources
                .text(args.tenant.scope.as_deref(), "AUTH0_SCOPE")?
                .unwrap_or(DEFAULT_SCOPE.into()),
            realm: sources.text(args.realm.as_deref(), "AUTH0_REALM")?,
            algorithms: algorithms(&args.algorithm, &sources)?,
            notes,
        };
        login.check()?;
        if args.userinfo && !matches!(args.output, LoginOutput::Table | LoginOutput::Json) {
            let problem = "it goes with --output table and --output json".to_owned();
            return Err(ConfigError::Invalid {
                name: "--userinfo".into(),
                problem,
            });
        }
        if args.gates.roles_from_tenant
            && matches!(login.application.authentication, ClientAuthentication::None)
        {
            return Err(application::missing_secret());
        }
        Ok(login)
    }

    /// The same application, asking the Management API of `issuer`.
    pub(crate) fn for_roles(&self, issuer: &str) -> ClientCredentials {
        ClientCredentials {
            place: self.place.clone(),
            network: self.network.clone(),
            application: self.application.clone(),
            extras: Extras::default(),
            audience: Some(management_api(issuer)),
            scope: None,
            notes: Vec::new(),
        }
    }

    /// What no single setting shows: found now, so that no password travels for nothing.
    fn check(&self) -> Result<(), ConfigError> {
        if self.realm.is_some() && matches!(self.place, Place::Issuer(_)) {
            let problem = "only Auth0 has realms, and --issuer names another provider".to_owned();
            return Err(ConfigError::Invalid {
                name: "the realm".into(),
                problem,
            });
        }
        if self.extras.forwarded_for.is_some() && matches!(self.place, Place::Issuer(_)) {
            let problem = "only Auth0 takes it, and --issuer names another provider".to_owned();
            return Err(ConfigError::Invalid {
                name: "the user's address".into(),
                problem,
            });
        }
        let symmetric: Vec<_> = self
            .algorithms
            .iter()
            .filter(|algorithm| algorithm.is_symmetric())
            .collect();
        if symmetric.is_empty() {
            return Ok(());
        }
        let secret = self
            .application
            .client_secret
            .as_ref()
            .ok_or_else(application::missing_secret)?;
        let shared = SharedSecret::new(secret, false);
        for algorithm in symmetric {
            shared
                .key(*algorithm)
                .map_err(|problem| ConfigError::Invalid {
                    name: "the client secret".into(),
                    problem,
                })?;
        }
        Ok(())
    }
}

impl ClientCredentials {
    /// Resolves the settings of the client credentials grant.
    pub(crate) fn load(
        args: &ClientCredentialsArgs,
        variables: Variables<'_>,
    ) -> Result<Self, ConfigError> {
        let sources = Sources {
            variables,
            file: EnvFile::load(&args.tenant)?,
        };
        let (place, ca_file, notes) = tenant::place(&args.tenant, &sources)?;
        let application = application::application(&args.application, &args.tenant, &sources)?;
        if matches!(application.authentication, ClientAuthentication::None) {
            return Err(application::missing_secret());
        }
        let audience = sources.text(args.tenant.audience.as_deref(), "AUTH0_AUDIENCE")?;
        if audience.is_none() && matches!(place, Place::Auth0(_)) {
            return Err(ConfigError::Missing {
                what: "audience",
                flag: "--audience",
                variable: "AUTH0_AUDIENCE",
            });
        }
        // AUTH0_SCOPE is meant for a login: `openid` and the like mean nothing for an application.
        let scope = args.tenant.scope.clone().filter(|scope| !scope.is_empty());
        let extras = extras::of_application(&args.application)?;
        Ok(Self {
            place,
            network: network(&args.tenant, ca_file),
            application,
            extras,
            audience,
            scope,
            notes,
        })
    }
}

fn network(args: &TenantArgs, ca_file: Option<PathBuf>) -> Network {
    Network {
        ca_file,
        timeout: Duration::from_secs_f64(args.timeout),
    }
}

fn algorithms(flags: &[Algorithm], sources: &Sources<'_>) -> Result<Vec<Algorithm>, ConfigError> {
    if !flags.is_empty() {
        return Ok(flags.to_vec());
    }
    let Some(names) = sources.text(None, "AUTH0_ALGORITHM")? else {
        return Ok(vec![Algorithm::RS256]);
    };
    let parse = |name: &str| crate::args::algorithm(name.trim());
    names
        .split(',')
        .map(parse)
        .collect::<Result<_, _>>()
        .map_err(|problem| ConfigError::Invalid {
            name: "AUTH0_ALGORITHM".into(),
            problem,
        })
}
