//! Which saved session the settings name, and what renewing or revoking it needs.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use secrecy::ExposeSecret;

use super::application::{Application, ApplicationFlags, Needs};
use super::credentials::SecondFactor;
use super::error::ConfigError;
use super::handover::handover;
use super::load_context::LoadContext;
use super::network::Network;
use super::recipient::Recipient;
use super::sign_in_rules::SignInRules;
use super::source::Source;
use super::sources::Sources;
use super::stdin;
use super::tenant::TenantRef;
use super::tenant_sources::{Purpose, TenantSources};
use super::token_request_options::TokenRequestOptions;
use crate::args::{
    ApplicationArgs, LogoutArgs, SaveArgs, SessionArgs, SessionFilterArgs, SettingsFileArgs,
    StoreKind, TenantArgs, TokenArgs,
};
use crate::deadline::Deadline;
use crate::output::Handover;
use crate::settings;

/// Reading of files for a command that sends nothing, in seconds.
const READING: f64 = 30.0;

/// Which session to use, as far as the settings say so.
#[derive(Debug, Default)]
pub(crate) struct SessionChoice {
    pub(crate) tenant: Option<TenantRef>,
    pub(crate) client_id: Option<String>,
    /// The account: e-mail address, user name or ID.
    pub(crate) email: Option<String>,
    pub(crate) store: Option<StoreKind>,
    /// The audience of the token; `None`: that of the session.
    pub(crate) audience: Option<String>,
}

/// How a sign-in is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SaveSettings {
    /// `None`: the best one of this machine.
    pub(crate) store: Option<StoreKind>,
}

/// What renewing or revoking a session needs.
#[derive(Debug)]
pub(crate) struct SessionClient {
    pub(crate) tenant: TenantRef,
    pub(crate) network: Network,
    pub(crate) application: Application,
    pub(crate) options: TokenRequestOptions,
}

/// What a renewal needs besides.
#[derive(Debug)]
pub(crate) struct RenewalSettings {
    pub(crate) client: SessionClient,
    pub(crate) second_factor: SecondFactor,
    pub(crate) rules: SignInRules,
}

/// The client that a session was saved for.
pub(crate) struct SavedClient {
    pub(crate) tenant: TenantRef,
    pub(crate) client_id: String,
    pub(crate) is_confidential: bool,
}

/// The flags that choose a session.
struct Flags<'a> {
    domain: Option<&'a str>,
    issuer: Option<&'a str>,
    client_id: Option<&'a str>,
    email: Option<&'a str>,
    audience: Option<&'a str>,
    store: Option<StoreKind>,
    file: &'a SettingsFileArgs,
    /// Seconds.
    timeout: f64,
}

impl SessionChoice {
    /// For `token` and `run`.
    pub(crate) fn of_token(
        args: &SessionArgs,
        context: &LoadContext<'_>,
    ) -> Result<Self, ConfigError> {
        let flags = Flags::new(&args.tenant, args.email.as_deref(), args.store);
        Self::load(&flags, context)
    }

    /// For `logout`.
    pub(crate) fn of_logout(
        args: &LogoutArgs,
        context: &LoadContext<'_>,
    ) -> Result<Self, ConfigError> {
        let flags = Flags::new(&args.tenant, args.email.as_deref(), args.store);
        Self::load(&flags, context)
    }

    /// For `status`.
    pub(crate) fn of_status(
        args: &SessionFilterArgs,
        context: &LoadContext<'_>,
    ) -> Result<Self, ConfigError> {
        let flags = Flags {
            domain: args.domain.as_deref(),
            issuer: args.issuer.as_deref(),
            client_id: args.client_id.as_deref(),
            email: args.email.as_deref(),
            audience: None,
            store: args.store,
            file: &args.file,
            timeout: READING,
        };
        Self::load(&flags, context)
    }

    fn load(flags: &Flags<'_>, context: &LoadContext<'_>) -> Result<Self, ConfigError> {
        let sources = flags.sources(context)?;
        let recipient = sources.tenant(flags.domain, flags.issuer)?;
        let sources = TenantSources::new(&sources, recipient.as_ref(), Purpose::Session);
        let text = |flag: Option<&str>, setting| sources.text(flag.map(str::to_owned), setting);
        Ok(Self {
            tenant: recipient.as_ref().and_then(Recipient::tenant).cloned(),
            client_id: text(flags.client_id, settings::CLIENT_ID)?,
            email: text(flags.email, settings::EMAIL)?,
            audience: text(flags.audience, settings::AUDIENCE)?,
            store: store(flags.store, context)?,
        })
    }
}

impl<'a> Flags<'a> {
    fn new(tenant: &'a TenantArgs, email: Option<&'a str>, store: Option<StoreKind>) -> Self {
        Self {
            domain: tenant.domain.as_deref(),
            issuer: tenant.issuer.as_deref(),
            client_id: tenant.client_id.as_deref(),
            email,
            audience: tenant.audience.as_deref(),
            store,
            file: &tenant.file,
            timeout: tenant.timeout,
        }
    }

    fn sources<'c>(&self, context: &LoadContext<'c>) -> Result<Sources<'c>, ConfigError> {
        let is_tenant_known = self.domain.is_some() || self.issuer.is_some();
        let deadline = Deadline::after(Duration::from_secs_f64(self.timeout));
        Sources::read(self.file, deadline, is_tenant_known, context)
    }
}

impl SessionClient {
    /// For `logout`.
    pub(crate) fn of_logout(
        args: &LogoutArgs,
        saved: &SavedClient,
        context: &LoadContext<'_>,
    ) -> Result<Self, ConfigError> {
        let tenant = &args.tenant;
        with_sources(tenant, saved, context, |sources| {
            Self::resolve(&args.application, tenant, saved, false, sources)
        })
    }

    fn resolve(
        application: &ApplicationArgs,
        flags: &TenantArgs,
        saved: &SavedClient,
        needs_secret: bool,
        sources: &TenantSources<'_, '_>,
    ) -> Result<Self, ConfigError> {
        let needs = Needs {
            authentication: saved.is_confidential,
            secret: needs_secret,
        };
        let client = ApplicationFlags {
            saved_id: Some(saved.client_id.clone()),
            ..ApplicationFlags::new(application, flags, needs)
        };
        let discovery_url = flags.discovery_url.as_deref();
        let ca_file: Option<PathBuf> = flags.ca_file.clone();
        Ok(Self {
            tenant: saved.tenant.clone().discovered_at(discovery_url)?,
            network: Network::new(sources.path(ca_file, settings::CA_FILE)?, sources.deadline),
            application: Application::load(client, sources)?,
            options: TokenRequestOptions::new(application.clone(), sources)?,
        })
    }
}

impl RenewalSettings {
    /// Reads the secrets of the application, which a token that is still valid does not need.
    pub(crate) fn load(
        args: &SessionArgs,
        saved: &SavedClient,
        context: &LoadContext<'_>,
    ) -> Result<Self, ConfigError> {
        let (application, tenant) = (&args.application, &args.tenant);
        stdin::read_once([
            (args.second_factor.otp_stdin, "--otp-stdin"),
            (
                stdin::is_stdin(tenant.client_secret_file.as_deref()),
                "--client-secret-file -",
            ),
            (
                stdin::is_parameter(&application.parameter_files),
                "--parameter-file NAME=-",
            ),
        ])?;
        with_sources(tenant, saved, context, |sources| {
            let rules = SignInRules::of_session(args, sources)?;
            let needs_secret = rules.need_secret();
            let client = SessionClient::resolve(application, tenant, saved, needs_secret, sources)?;
            rules.check_secret(client.application.client_secret.as_ref())?;
            Ok(Self {
                client,
                second_factor: SecondFactor::load(args.second_factor.clone(), false, sources)?,
                rules,
            })
        })
    }
}

/// How `token` hands tokens over.
pub(crate) fn handover_of_token(
    args: &TokenArgs,
    context: &LoadContext<'_>,
) -> Result<Handover, ConfigError> {
    handover(args.handover, Some(args.output.prints), context.variables)
}

/// Reads the sources, as far as they may serve the tenant of a saved session.
fn with_sources<T>(
    flags: &TenantArgs,
    saved: &SavedClient,
    context: &LoadContext<'_>,
    load: impl FnOnce(&TenantSources<'_, '_>) -> Result<T, ConfigError>,
) -> Result<T, ConfigError> {
    let sources = Flags::new(flags, None, None).sources(context)?;
    let named = sources.tenant(flags.domain.as_deref(), flags.issuer.as_deref())?;
    // `logout --all` also ends sessions of other tenants than the one that the settings name.
    let is_same = |recipient: &Recipient| {
        let tenant = recipient.tenant();
        tenant.is_some_and(|tenant| tenant.is_same(&saved.tenant))
    };
    let recipient = named
        .filter(is_same)
        .unwrap_or_else(|| Recipient::of_session(saved.tenant.clone()));
    load(&TenantSources::new(
        &sources,
        Some(&recipient),
        Purpose::Session,
    ))
}

/// How a sign-in is kept, if it is.
pub(super) fn saved_in(
    args: SaveArgs,
    context: &LoadContext<'_>,
) -> Result<Option<SaveSettings>, ConfigError> {
    if !args.save {
        return Ok(None);
    }
    let store = store(args.store, context)?;
    Ok(Some(SaveSettings { store }))
}

/// Where sessions are kept, as a flag or the environment says.
fn store(
    flag: Option<StoreKind>,
    context: &LoadContext<'_>,
) -> Result<Option<StoreKind>, ConfigError> {
    if flag.is_some() {
        context.report.origin(settings::STORE, "--store");
        return Ok(flag);
    }
    let environment = Source::environment(context.variables);
    let Some((setting, value)) = environment.one_of(&[settings::STORE])? else {
        return Ok(None);
    };
    match value.expose_secret() {
        "" => Ok(None),
        name => {
            context.report.origin(setting, &environment.name);
            let store = StoreKind::from_str(name, false).map(Some);
            store.map_err(|_| environment.invalid(setting, format!("expected {}", names())))
        }
    }
}

fn names() -> String {
    let names = StoreKind::value_variants().iter().map(|one| one.name());
    names.collect::<Vec<_>>().join(" or ")
}
