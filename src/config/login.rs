//! Everything that a login needs.

use std::time::Duration;

use super::application::{Application, ApplicationFlags, Needs};
use super::credentials::{CredentialSources, PasswordFlags, SecondFactor};
use super::error::ConfigError;
use super::load_context::LoadContext;
use super::missing::Missing;
use super::network::Network;
use super::roles::ManagementApi;
use super::sources::Sources;
use super::stdin;
use super::tenant::TenantRef;
use super::tenant_sources::{Purpose, TenantSources};
use super::token_request_options::TokenRequestOptions;
use crate::args::{self, LoginArgs, RequirementArgs};
use crate::deadline::Deadline;
use crate::input::Interactivity;
use crate::keys::{Algorithm, SecretEncoding};
use crate::output::{Prints, SignInForm};
use crate::settings;
use crate::verify::Requirements;

const DEFAULT_SCOPE: &str = "openid profile email";

/// Everything that a login needs.
#[derive(Debug)]
pub(crate) struct Login {
    pub(crate) tenant: TenantRef,
    /// The source that names the tenant, where the person should know it.
    pub(crate) tenant_from: Option<&'static str>,
    pub(crate) network: Network,
    pub(crate) application: Application,
    pub(crate) credentials: CredentialSources,
    pub(crate) second_factor: SecondFactor,
    pub(crate) grant: PasswordGrant,
    pub(crate) options: TokenRequestOptions,
    pub(crate) rules: SignInRules,
    pub(crate) userinfo: bool,
    pub(crate) output: SignInOutput,
}

/// What the tokens of a sign-in are held to.
#[derive(Debug)]
pub(crate) struct SignInRules {
    /// The algorithms that the id_token may be signed with; never empty.
    pub(crate) algorithms: Vec<Algorithm>,
    /// How the client secret is a key, where an algorithm needs one.
    pub(crate) secret_encoding: SecretEncoding,
    /// Seconds by which clocks may differ.
    pub(crate) leeway: u32,
    /// Seconds since the user signed in, at most.
    pub(crate) max_age: Option<u32>,
    pub(crate) requirements: Requirements,
    /// `None`: roles are in a claim.
    pub(crate) roles_from_tenant: Option<ManagementApi>,
}

/// What the password grant asks for (RFC 6749 §4.3.2, and Auth0's realm).
#[derive(Debug)]
pub(crate) struct PasswordGrant {
    pub(crate) audience: Option<String>,
    pub(crate) scope: String,
    pub(crate) realm: Option<String>,
}

/// What is printed.
#[derive(Debug)]
pub(crate) enum SignInOutput {
    Claims(Vec<String>),
    Form {
        form: &'static SignInForm,
        all_claims: bool,
    },
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
        let login = Self::resolve(args, &sources, context.interactivity)?;
        login.check()?;
        Ok(login)
    }

    fn resolve(
        args: LoginArgs,
        sources: &TenantSources<'_, '_>,
        interactivity: Interactivity,
    ) -> Result<Self, ConfigError> {
        let flags = args.tenant;
        let algorithms = algorithms(args.algorithm, sources)?;
        let needs = Needs {
            authentication: args.requirements.roles_from_tenant,
            secret: algorithms.iter().any(|one| one.is_symmetric()),
        };
        let (client_id, secret_file) = (flags.client_id, flags.client_secret_file);
        let application = ApplicationFlags::new(&args.application, client_id, secret_file, needs);
        let password = PasswordFlags {
            password: args.password,
            stdin: args.password_stdin,
            file: args.password_file,
            code_from_stdin: args.second_factor.otp_stdin,
        };
        if let Some(_organization) = sources.text(flags.organization, settings::ORGANIZATION)? {
            let message = "a password login cannot carry an organization (AUTH0_ORGANIZATION)";
            return Err(ConfigError::Combination(message.to_owned()));
        }
        let mut missing = Missing::default();
        let tenant = missing.collect(sources.tenant(flags.discovery_url.as_deref()))?;
        let application = missing.collect(Application::load(application, sources))?;
        let credentials = CredentialSources::load(args.email, password, sources)?;
        if !interactivity.is_interactive() {
            credentials.require(&mut missing);
        }
        missing.check_several()?;
        let (Some(tenant), Some(application)) = (tenant, application) else {
            return Err(missing.into_error());
        };
        Ok(Self {
            tenant,
            tenant_from: sources.tenant_from(),
            network: Network::new(
                sources.path(flags.ca_file, settings::CA_FILE)?,
                sources.deadline,
            ),
            application,
            credentials,
            second_factor: SecondFactor::load(args.second_factor, args.password_stdin, sources)?,
            grant: PasswordGrant::load(flags.audience, flags.scope, args.realm, sources)?,
            options: TokenRequestOptions::new(
                args.application.parameters,
                args.application.parameter_files,
                sources,
            )?
            .forwarded_for(args.forwarded_for, sources)?,
            rules: SignInRules {
                algorithms,
                secret_encoding: args.client_secret_encoding,
                roles_from_tenant: ManagementApi::load(&args.requirements, sources)?,
                ..SignInRules::new(args.leeway, args.max_age, args.requirements)
            },
            userinfo: args.userinfo,
            output: SignInOutput::new(args.claim, args.output, args.all_claims),
        })
    }

    /// What no single setting shows, found before a password is sent in vain.
    fn check(&self) -> Result<(), ConfigError> {
        self.check_auth0_only()?;
        if self.userinfo && !self.output.shows_claims() {
            let message = "--userinfo can only be combined with --output table or --output json";
            return Err(ConfigError::Combination(message.to_owned()));
        }
        self.check_shared_secret()
    }

    fn check_auth0_only(&self) -> Result<(), ConfigError> {
        let TenantRef::Issuer { .. } = self.tenant else {
            return Ok(());
        };
        let only_auth0 = [
            (self.grant.realm.is_some(), "a realm"),
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

    fn check_shared_secret(&self) -> Result<(), ConfigError> {
        for algorithm in self
            .rules
            .algorithms
            .iter()
            .filter(|one| one.is_symmetric())
        {
            let secret = self.application.client_secret.as_ref();
            let missing = || ConfigError::Missing(vec![settings::CLIENT_SECRET]);
            let secret = secret.ok_or_else(missing)?;
            let invalid = |problem| ConfigError::invalid("the client secret", problem);
            let secret = self.rules.secret_encoding.shared_secret(secret);
            let secret = secret.ok_or_else(|| invalid("it is not base64".to_owned()))?;
            secret.key(*algorithm).map_err(invalid)?;
        }
        Ok(())
    }
}

impl SignInRules {
    fn new(leeway: u32, max_age: Option<u32>, requirements: RequirementArgs) -> Self {
        Self {
            algorithms: vec![Algorithm::RS256],
            secret_encoding: SecretEncoding::Text,
            leeway,
            max_age,
            roles_from_tenant: None,
            requirements: requirements.into(),
        }
    }
}

impl PasswordGrant {
    fn load(
        audience: Option<String>,
        scope: Option<String>,
        realm: Option<String>,
        sources: &TenantSources<'_, '_>,
    ) -> Result<Self, ConfigError> {
        let scope = sources.text(scope, settings::SCOPE)?;
        Ok(Self {
            audience: sources.text(audience, settings::AUDIENCE)?,
            scope: scope.unwrap_or_else(|| DEFAULT_SCOPE.to_owned()),
            realm: sources.text(realm, settings::REALM)?,
        })
    }
}

impl SignInOutput {
    fn new(claims: Vec<String>, form: &'static SignInForm, all_claims: bool) -> Self {
        if claims.is_empty() {
            Self::Form { form, all_claims }
        } else {
            Self::Claims(claims)
        }
    }

    fn shows_claims(&self) -> bool {
        let Self::Form { form, .. } = self else {
            return false;
        };
        matches!(form.prints, Prints::Claims | Prints::ClaimsTable)
    }

    /// Whether the access token is printed for use at an API.
    pub(crate) fn is_access_token(&self) -> bool {
        matches!(self, Self::Form { form, .. } if form.prints == Prints::AccessToken)
    }
}

fn algorithms(
    flags: Vec<Algorithm>,
    sources: &TenantSources<'_, '_>,
) -> Result<Vec<Algorithm>, ConfigError> {
    if !flags.is_empty() {
        sources.report.flag(settings::ALGORITHM, true);
        return Ok(flags);
    }
    let Some(found) = sources.find(&[settings::ALGORITHM])? else {
        return Ok(vec![Algorithm::RS256]);
    };
    let names = found.text()?;
    if names.is_empty() {
        return Ok(vec![Algorithm::RS256]);
    }
    let parsed = names.split(',').map(|name| args::algorithm(name.trim()));
    let parsed: Result<_, String> = parsed.collect();
    parsed.map_err(|problem| found.invalid(problem))
}
