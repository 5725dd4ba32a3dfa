//! Everything that a login needs.

use std::time::Duration;

use super::application::{Application, ApplicationFlags, ClientAuthentication, Needs};
use super::error::ConfigError;
use super::handover::handover;
use super::load_context::LoadContext;
use super::missing::Missing;
use super::network::Network;
use super::session::{self, SaveSettings};
use super::sign_in_method::{Account, SignInMethod};
use super::sign_in_output::SignInOutput;
use super::sign_in_rules::SignInRules;
use super::sources::Sources;
use super::stdin;
use super::tenant::TenantRef;
use super::tenant_sources::{Purpose, TenantSources};
use super::token_request_options::TokenRequestOptions;
use crate::args::LoginArgs;
use crate::deadline::Deadline;
use crate::input::Interactivity;
use crate::output::Handover;
use crate::settings;

const DEFAULT_SCOPE: &str = "openid profile email";

/// Everything that a login needs.
#[derive(Debug)]
pub(crate) struct Login {
    pub(crate) tenant: TenantRef,
    /// The source that names the tenant, where the person should know it.
    pub(crate) tenant_from: Option<&'static str>,
    pub(crate) network: Network,
    pub(crate) application: Application,
    pub(crate) method: SignInMethod,
    pub(crate) grant: UserGrant,
    pub(crate) options: TokenRequestOptions,
    pub(crate) rules: SignInRules,
    pub(crate) userinfo: bool,
    pub(crate) output: SignInOutput,
    pub(crate) handover: Handover,
    /// How the session is kept, if it is.
    pub(crate) save: Option<SaveSettings>,
}

/// What a grant for a user asks for, whichever it is.
#[derive(Debug)]
pub(crate) struct UserGrant {
    pub(crate) audience: Option<String>,
    pub(crate) scope: String,
}

impl Login {
    /// Resolves the settings; reads the settings files, the client secret and the private key,
    /// nothing else.
    pub(crate) fn load(args: LoginArgs, context: &LoadContext<'_>) -> Result<Self, ConfigError> {
        let tenant = &args.tenant;
        let (from_stdin, code_from_stdin) = (args.password_stdin, args.second_factor.otp_stdin);
        let secret_from_stdin = stdin::is_stdin(tenant.client_secret_file.as_deref());
        let parameter_from_stdin = stdin::is_parameter(&args.application.parameter_files);
        stdin::read_once([
            (from_stdin, "--password-stdin"),
            (code_from_stdin && !from_stdin, "--otp-stdin"),
            (secret_from_stdin, "--client-secret-file -"),
            (parameter_from_stdin, "--parameter-file NAME=-"),
        ])?;
        let is_tenant_known = tenant.domain.is_some() || tenant.issuer.is_some();
        let deadline = Deadline::after(Duration::from_secs_f64(tenant.timeout));
        let sources = Sources::read(&tenant.file, deadline, is_tenant_known, context)?;
        let recipient = sources.tenant(tenant.domain.as_deref(), tenant.issuer.as_deref())?;
        let sources = TenantSources::new(&sources, recipient.as_ref(), Purpose::Login);
        let save = args.save;
        let mut login = Self::resolve(args, &sources, context)?;
        login.save = session::saved_in(save, context)?;
        if login.save.is_some() {
            login.grant.scope = with_offline_access(&login.grant.scope);
        }
        login.check()?;
        Ok(login)
    }

    fn resolve(
        mut args: LoginArgs,
        sources: &TenantSources<'_, '_>,
        context: &LoadContext<'_>,
    ) -> Result<Self, ConfigError> {
        let rules = SignInRules::load(&mut args, sources)?;
        let required = Required::load(&mut args, &rules, sources, context.interactivity)?;
        let method = SignInMethod::load(required.account, &mut args, sources)?;
        let output = SignInOutput::new(args.claim, args.output, args.all_claims);
        let flags = args.tenant;
        let ca_file = sources.path(flags.ca_file, settings::CA_FILE)?;
        let options = TokenRequestOptions::new(args.application, sources)?;
        let grant = UserGrant::load(flags.audience, flags.scope, sources)?;
        let method = method.with_realm(args.realm, sources)?;
        let options = match method {
            SignInMethod::Password(_) => options.forwarded_for(args.forwarded_for, sources)?,
            SignInMethod::Browser(_) | SignInMethod::Device { .. } => options,
        };
        Ok(Self {
            tenant: required.tenant,
            tenant_from: sources.tenant_from(),
            network: Network::new(ca_file, sources.deadline),
            application: required.application,
            method,
            grant,
            options,
            rules,
            userinfo: args.userinfo,
            handover: handover(args.handover, output.prints(), context.variables)?,
            output,
            save: None,
        })
    }

    /// What no single setting shows, found before a password is sent for nothing.
    fn check(&self) -> Result<(), ConfigError> {
        self.check_auth0_only()?;
        self.check_device()?;
        let combination = |message: &str| Err(ConfigError::Combination(message.to_owned()));
        if self.userinfo && !self.output.shows_claims() {
            return combination(
                "--userinfo can only be combined with --output table or --output json",
            );
        }
        if self.output.lacks_the_table_of_all_claims() {
            return combination("--all-claims can only be combined with --output table");
        }
        self.rules
            .check_secret(self.application.client_secret.as_ref())
    }

    fn check_auth0_only(&self) -> Result<(), ConfigError> {
        let TenantRef::Issuer { .. } = self.tenant else {
            return Ok(());
        };
        let only_auth0 = [
            (self.method.realm().is_some(), "a realm"),
            (self.method.connection().is_some(), "a connection"),
            (
                self.options.forwarded_for.is_some(),
                "the user's IP address",
            ),
        ];
        match only_auth0.into_iter().find(|(given, _)| *given) {
            None => Ok(()),
            Some((_, name)) => {
                let message =
                    format!("only Auth0 supports {name}, and the tenant is another provider");
                Err(ConfigError::Combination(message))
            }
        }
    }

    /// Auth0 offers the device flow to native applications only, which have no secret.
    fn check_device(&self) -> Result<(), ConfigError> {
        let is_public = matches!(self.application.authentication, ClientAuthentication::None);
        match (&self.method, &self.tenant) {
            (SignInMethod::Device { .. }, TenantRef::Auth0(_)) if !is_public => {
                let message = "--device at an Auth0 domain needs an application of type Native, \
                               which has no secret or key, and one is given; use --browser, or \
                               another client ID with --client-auth none";
                Err(ConfigError::Combination(message.to_owned()))
            }
            _ => Ok(()),
        }
    }
}

/// The scope with the one that asks for a refresh token (OpenID Connect Core §11).
pub(super) fn with_offline_access(scope: &str) -> String {
    const OFFLINE_ACCESS: &str = "offline_access";
    if scope.split_whitespace().any(|word| word == OFFLINE_ACCESS) {
        scope.to_owned()
    } else {
        format!("{scope} {OFFLINE_ACCESS}").trim_start().to_owned()
    }
}

/// Settings without which nothing can be sent.
struct Required {
    tenant: TenantRef,
    application: Application,
    account: Account,
}

impl Required {
    /// Fails with the list of all that are missing. One that is missing alone is reported where a
    /// person would be asked for it, which may know more about it.
    fn load(
        args: &mut LoginArgs,
        rules: &SignInRules,
        sources: &TenantSources<'_, '_>,
        interactivity: Interactivity,
    ) -> Result<Self, ConfigError> {
        let needs = Needs {
            authentication: rules.roles_from_tenant.is_some(),
            secret: rules.need_secret(),
        };
        let application = ApplicationFlags::new(&args.application, &args.tenant, needs);
        let mut missing = Missing::default();
        let tenant = sources.tenant(args.tenant.discovery_url.as_deref());
        let tenant = missing.collect(tenant)?;
        let application = missing.collect(Application::load(application, sources))?;
        let account = Account::load(args, sources)?;
        if !interactivity.is_interactive() {
            account.require(&mut missing);
        }
        missing.check_several()?;
        let (Some(tenant), Some(application)) = (tenant, application) else {
            return Err(missing.into_error());
        };
        Ok(Self {
            tenant,
            application,
            account,
        })
    }
}

impl UserGrant {
    fn load(
        audience: Option<String>,
        scope: Option<String>,
        sources: &TenantSources<'_, '_>,
    ) -> Result<Self, ConfigError> {
        let scope = sources.text(scope, settings::SCOPE)?;
        Ok(Self {
            audience: sources.text(audience, settings::AUDIENCE)?,
            scope: scope.unwrap_or_else(|| DEFAULT_SCOPE.to_owned()),
        })
    }
}
