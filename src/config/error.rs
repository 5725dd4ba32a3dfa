//! What is wrong with a setting.

use std::io::ErrorKind;

use crate::escape;
use crate::failure::{Class, Diagnose};
use crate::input::SecretError;
use crate::input::secret::MORE_TIME;
use crate::keys::KeySetError;
use crate::settings::{self, Setting};
use crate::threads::NoThread;

/// What is wrong with a setting. Names the setting, never a secret value.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// Settings without which nothing can be sent, at least one.
    #[error("{}", missing(.0))]
    Missing(Vec<Setting>),
    /// The same for `setup`, which reads no other source.
    #[error("{}", missing(.0))]
    MissingForSetup(Vec<Setting>),
    #[error("there is no profile in {file}")]
    NoProfile { file: String, existing: Vec<String> },
    #[error("{file} exists already")]
    ProfileExists { file: String },
    #[error("nothing was written: another program has changed {file} in the meantime")]
    ProfileChanged { file: String },
    #[error("{file} is a link to {target}, which does not exist")]
    DanglingProfile { file: String, target: String },
    /// A secret that would go to the tenant that `.env` in the working directory names.
    #[error(
        "{name} is not sent to the tenant that ./.env names, since ./.env may come with a cloned \
         repository"
    )]
    NotForDotEnv { name: String },
    /// A client secret and a private key from the same source.
    #[error(
        "{secret} and {key} are both {place}, and an application authenticates with one of them"
    )]
    TwoProofs {
        secret: &'static str,
        key: &'static str,
        place: String,
    },
    #[error("{0} is empty")]
    Empty(&'static str),
    #[error("{name} is not valid: {problem}")]
    Invalid { name: String, problem: String },
    #[error("the issuer is the address of its discovery document")]
    DiscoveryAddress {
        /// The address without the suffix.
        issuer: String,
        suffix: &'static str,
    },
    /// Settings that are each valid, and not together.
    #[error("{0}")]
    Combination(String),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("{name} could not be read")]
    Unreadable {
        name: String,
        source: std::io::Error,
    },
    #[error("{name} could not be written to")]
    Unwritable {
        name: String,
        source: std::io::Error,
    },
    #[error("--shell github is only for jobs in GitHub Actions, and GITHUB_ACTIONS is not true")]
    NotInGithubActions,
    #[error("{first} and {second} both read standard input")]
    StdinTwice {
        first: &'static str,
        second: &'static str,
    },
    #[error(
        "no source of keys is given, and padlock does not decode tokens without verifying them"
    )]
    NoKeys,
    #[error(
        "no source of keys and no audience is given, and padlock does not decode tokens without \
         verifying them"
    )]
    NoKeysAndNoAudience,
    #[error("no audience is given, and a token for anyone would pass")]
    NoAudience,
    #[error("--roles-from-tenant asks one tenant, and the flags do not name exactly one")]
    RolesOfSeveral,
    #[error("{name} is not usable")]
    KeySet { name: String, source: KeySetError },
}

impl ConfigError {
    /// A setting that is not valid.
    pub(super) fn invalid(name: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Invalid {
            name: name.into(),
            problem: problem.into(),
        }
    }

    /// A file that could not be read.
    pub(super) fn unreadable(
        what: &str,
        path: &std::path::Path,
    ) -> impl Fn(std::io::Error) -> Self + use<> {
        let name = format!("{what} {}", escape::path(path));
        move |source| Self::Unreadable {
            name: name.clone(),
            source,
        }
    }
}

impl ConfigError {
    fn no_thread(&self) -> Option<&NoThread> {
        match self {
            Self::Unreadable { source, .. } => NoThread::in_error(source),
            _ => None,
        }
    }
}

impl Diagnose for ConfigError {
    fn class(&self) -> Class {
        match self {
            Self::Secret(error) => error.class(),
            _ => self.no_thread().map_or(Class::Usage, NoThread::class),
        }
    }

    fn hint(&self) -> Option<String> {
        if let Some(error) = self.no_thread() {
            return error.hint();
        }
        let hint = match self {
            Self::Missing(settings) => return Some(next_step(settings)),
            Self::NoProfile { existing, .. } => return Some(list_profiles(existing)),
            Self::ProfileExists { .. } => {
                "give --replace to replace it, or another name with --profile"
            }
            Self::ProfileChanged { .. } => "check what it has now, and run the command again",
            Self::DanglingProfile { .. } => "create what it links to, or remove the link",
            Self::MissingForSetup(settings) => return Some(setup_step(settings)),
            Self::NotForDotEnv { .. } => {
                "if the tenant is the right one, give --env-file .env, or name it in the \
                 environment too"
            }
            Self::Secret(error) => return error.hint(),
            Self::StdinTwice { .. } => "read one of them from a file",
            Self::NotInGithubActions => "give --shell bash, zsh or fish elsewhere",
            Self::TwoProofs { .. } => {
                "remove one of them, or choose with --client-auth or AUTH0_CLIENT_AUTH"
            }
            Self::NoAudience => {
                "give --audience API, or --any-audience to accept tokens for anyone"
            }
            Self::NoKeysAndNoAudience => {
                "give --issuer URL, --jwks URL|FILE, --key-file FILE or --secret-file FILE, and \
                 --audience API or --any-audience"
            }
            Self::NoKeys => {
                "give --issuer URL, --jwks URL|FILE, --key-file FILE or --secret-file FILE"
            }
            Self::RolesOfSeveral => "give one --issuer, or --expect-issuer with the keys",
            Self::Unreadable { source, .. } if source.kind() == ErrorKind::TimedOut => MORE_TIME,
            Self::KeySet { source, .. } => return source.hint().map(str::to_owned),
            Self::DiscoveryAddress { issuer, suffix } => {
                return Some(format!("cut off {suffix}: give {issuer}"));
            }
            Self::Empty(_)
            | Self::Invalid { .. }
            | Self::Combination(_)
            | Self::Unreadable { .. }
            | Self::Unwritable { .. } => return None,
        };
        Some(hint.to_owned())
    }

    fn reasons(&self) -> Vec<String> {
        let describe = |setting: &Setting| {
            let (what, flags) = (setting.what, setting.recommended_flags());
            format!("{what}: {flags}, or {}", setting.variable)
        };
        match self {
            Self::Missing(settings) if settings.len() > 1 => {
                settings.iter().map(describe).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn missing(settings: &[Setting]) -> String {
    let names: Vec<_> = settings.iter().map(|setting| setting.what).collect();
    match names.as_slice() {
        [] => "a setting is missing".to_owned(),
        [only] => format!("no {only} is given"),
        [first, rest @ ..] => format!("no {first} is given; also missing: {}", rest.join(", ")),
    }
}

fn next_step(missing: &[Setting]) -> String {
    let step = match missing {
        [only] => format!(
            "give {}, or set {} in the environment or in .env",
            only.recommended_flags(),
            only.variable
        ),
        _ => "give the flags, or set the variables in the environment or in .env".to_owned(),
    };
    if missing.contains(&settings::DOMAIN) {
        format!(
            "run padlock setup, or {step}; Auth0 shows the domain and the client ID under \
             Applications → your application → Settings"
        )
    } else {
        step
    }
}

/// The next step of a `setup` that cannot ask.
fn setup_step(missing: &[Setting]) -> String {
    let flags = |setting: &Setting| match *setting {
        settings::DOMAIN => "--domain or --issuer".to_owned(),
        setting => setting.recommended_flags(),
    };
    let flags: Vec<_> = missing.iter().map(flags).collect();
    format!(
        "give {}, or run padlock setup on a terminal without --no-input, which asks for them",
        flags.join(" and ")
    )
}

fn list_profiles(existing: &[String]) -> String {
    match existing {
        [] => "write it with padlock setup, or give --env-file FILE; there are no profiles yet"
            .to_owned(),
        names => format!("give one of the profiles that exist: {}", names.join(", ")),
    }
}
