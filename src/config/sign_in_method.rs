//! How the user signs in: with a password, a browser, or another device.

use super::credentials::{CredentialSources, PasswordFlags, SecondFactor};
use super::error::ConfigError;
use super::missing::Missing;
use super::redirect_uri::RedirectUri;
use super::tenant_sources::TenantSources;
use crate::args::{BrowserArgs, LoginArgs};
use crate::deadline::Deadline;
use crate::fields;
use crate::input::{self, InputError, Interactivity};
use crate::settings;

/// How the user signs in.
#[derive(Debug)]
pub(crate) enum SignInMethod {
    /// The password grant.
    Password(Box<PasswordMethod>),
    /// The authorization code flow.
    Browser(Box<BrowserMethod>),
    /// The device flow.
    Device {
        /// The only account that may sign in.
        email: Option<String>,
    },
}

/// What the password grant takes.
#[derive(Debug)]
pub(crate) struct PasswordMethod {
    pub(crate) credentials: CredentialSources,
    pub(crate) second_factor: SecondFactor,
    /// Auth0's database connection.
    pub(crate) realm: Option<String>,
}

/// What the authorization code flow takes.
#[derive(Debug)]
pub(crate) struct BrowserMethod {
    pub(crate) redirect_uri: RedirectUri,
    /// Whether padlock may open the browser.
    pub(crate) opens: bool,
    /// The only account that may sign in, and the hint for the login page.
    pub(crate) email: Option<String>,
    pub(crate) organization: Option<String>,
    pub(crate) connection: Option<String>,
    pub(crate) prompt: Option<String>,
}

/// Who signs in, as far as that is known without a person.
pub(super) enum Account {
    /// Whoever the password is for.
    Password(CredentialSources),
    /// Whoever signs in with a browser; the only account that may.
    Browser(Option<String>),
}

impl Account {
    pub(super) fn load(
        args: &mut LoginArgs,
        sources: &TenantSources<'_, '_>,
    ) -> Result<Self, ConfigError> {
        refuse_flags_of_a_browser(&args.browser)?;
        if args.browser.browser || args.browser.device {
            let email = sources.text(args.email.take(), settings::EMAIL)?;
            return Ok(Self::Browser(email));
        }
        let password = PasswordFlags {
            password: args.password.take(),
            stdin: args.password_stdin,
            file: args.password_file.take(),
            command: args.password_command.take(),
            code_from_stdin: args.second_factor.otp_stdin,
        };
        let credentials = CredentialSources::load(args.email.take(), password, sources)?;
        Ok(Self::Password(credentials))
    }

    /// Notes what a person would be asked for.
    pub(super) fn require(&self, missing: &mut Missing) {
        match self {
            Self::Password(credentials) => credentials.require(missing),
            Self::Browser(_) => {}
        }
    }
}

impl SignInMethod {
    pub(super) fn load(
        account: Account,
        args: &mut LoginArgs,
        sources: &TenantSources<'_, '_>,
    ) -> Result<Self, ConfigError> {
        let organization = args.tenant.organization.take();
        let organization = sources.text(organization, settings::ORGANIZATION)?;
        if organization.is_some() && !args.browser.browser {
            let kind = if args.browser.device {
                "device"
            } else {
                "password"
            };
            let message = format!(
                "a {kind} login cannot carry an organization (AUTH0_ORGANIZATION); use --browser"
            );
            return Err(ConfigError::Combination(message));
        }
        Ok(match account {
            Account::Browser(email) if args.browser.browser => {
                let names = args.application.parameters.iter().map(|(name, _)| name);
                refuse_fields_of_the_address(names)?;
                let method = BrowserMethod::new(&mut args.browser, email, organization)?;
                Self::Browser(Box::new(method))
            }
            Account::Browser(email) => Self::Device { email },
            Account::Password(credentials) => Self::Password(Box::new(PasswordMethod {
                credentials,
                second_factor: SecondFactor::load(
                    std::mem::take(&mut args.second_factor),
                    args.password_stdin,
                    sources,
                )?,
                realm: None,
            })),
        })
    }

    /// The same with the database connection of a password login.
    pub(super) fn with_realm(
        mut self,
        flag: Option<String>,
        sources: &TenantSources<'_, '_>,
    ) -> Result<Self, ConfigError> {
        if let Self::Password(method) = &mut self {
            method.realm = sources.text(flag, settings::REALM)?;
        }
        Ok(self)
    }

    /// Fails, before anything is sent, where a person would have to be asked for the e-mail address
    /// or the password, and there is none.
    pub(crate) fn ensure_available(&self, interactivity: Interactivity) -> Result<(), InputError> {
        match self {
            Self::Password(method) => {
                let CredentialSources { email, password } = &method.credentials;
                input::ensure_available(email.as_deref(), password, interactivity)
            }
            Self::Browser(_) | Self::Device { .. } => Ok(()),
        }
    }

    /// The same with the password read from where that takes no person, so that an unusable one is
    /// reported before anything is sent.
    pub(crate) fn read_ahead(self, deadline: Deadline) -> Result<Self, InputError> {
        let Self::Password(mut method) = self else {
            return Ok(self);
        };
        let password = method.credentials.password.read_ahead(deadline)?;
        method.credentials.password = password;
        Ok(Self::Password(method))
    }

    /// Whether a program may take time to write the password.
    pub(crate) fn reads_from_a_program(&self) -> bool {
        match self {
            Self::Password(method) => method.credentials.password.is_from_program(),
            Self::Browser(_) | Self::Device { .. } => false,
        }
    }

    /// Fails, before anything is sent, where the source of a one-time code cannot be used.
    pub(crate) fn ensure_code_is_usable(&self, deadline: Deadline) -> Result<(), InputError> {
        match self {
            Self::Password(method) => method.second_factor.code.ensure_usable(deadline),
            Self::Browser(_) | Self::Device { .. } => Ok(()),
        }
    }

    /// Whether a person types, or signs in elsewhere.
    pub(crate) fn asks_a_person(&self) -> bool {
        match self {
            Self::Password(method) => method.credentials.password.is_prompt(),
            Self::Browser(_) | Self::Device { .. } => true,
        }
    }

    /// Auth0's connection of a login with a browser.
    pub(super) fn connection(&self) -> Option<&str> {
        match self {
            Self::Browser(method) => method.connection.as_deref(),
            Self::Password(_) | Self::Device { .. } => None,
        }
    }

    /// The database connection of a password login.
    pub(super) fn realm(&self) -> Option<&str> {
        match self {
            Self::Password(method) => method.realm.as_deref(),
            Self::Browser(_) | Self::Device { .. } => None,
        }
    }
}

impl BrowserMethod {
    fn new(
        args: &mut BrowserArgs,
        email: Option<String>,
        organization: Option<String>,
    ) -> Result<Self, ConfigError> {
        Ok(Self {
            redirect_uri: RedirectUri::load(args.redirect_uri.as_deref())?,
            opens: !args.no_open,
            email,
            organization,
            connection: args.connection.take(),
            prompt: args.prompt.take(),
        })
    }
}

/// Flags that only a login with a browser takes. Rules in the definition of the command line would
/// cost every run more than the flags themselves.
fn refuse_flags_of_a_browser(args: &BrowserArgs) -> Result<(), ConfigError> {
    if args.browser {
        return Ok(());
    }
    let flags = [
        (args.no_open, "--no-open"),
        (args.redirect_uri.is_some(), "--redirect-uri"),
        (args.connection.is_some(), "--connection"),
        (args.prompt.is_some(), "--prompt"),
    ];
    let message = match flags.into_iter().find(|(is_given, _)| *is_given) {
        None => return Ok(()),
        Some((_, flag)) if args.device => format!("{flag} and --device cannot be combined"),
        Some((_, flag)) => {
            format!("{flag} is for a login with --browser, and --browser is missing")
        }
    };
    Err(ConfigError::Combination(message))
}

/// A parameter goes into the address of the login page too, where it could replace what makes the
/// response trustworthy.
fn refuse_fields_of_the_address<'a>(
    names: impl Iterator<Item = &'a String>,
) -> Result<(), ConfigError> {
    let mut names = names.filter(|name| fields::is_in_authorization_request(name));
    match names.next() {
        None => Ok(()),
        Some(name) => {
            let message =
                format!("--parameter {name} is not possible: padlock sends {name} itself");
            Err(ConfigError::Combination(message))
        }
    }
}
