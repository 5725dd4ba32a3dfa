//! Everything that a login needs.

use super::application::{Application, ApplicationFlags};
use super::credentials::{PasswordFlags, SecondFactor};
use super::error::ConfigError;
use super::network::Network;
use super::roles::ManagementApi;
use super::source::{Sources, Variables};
use super::stdin;
use super::tenant::{self, TenantRef};
use super::token_request_options::TokenRequestOptions;
use crate::args::{self, LoginArgs, RequirementArgs};
use crate::input::PasswordSource;
use crate::keys::{Algorithm, SecretEncoding};
use crate::output::{Prints, SignInForm};
use crate::settings;
use crate::verify::Requirements;

const DEFAULT_SCOPE: &str = "openid profile email";

/// Everything that a login needs.
#[derive(Debug)]
pub(crate) struct Login {
    pub(crate) tenant: TenantRef,
    pub(crate) network: Network,
    pub(crate) application: Application,
    pub(crate) credentials: CredentialSources,
    pub(crate) second_factor: SecondFactor,
    pub(crate) grant: PasswordGrant,
    pub(crate) options: TokenRequestOptions,
    pub(crate) rules: SignInRules,
    pub(crate) userinfo: bool,
    pub(crate) output: SignInOutput,
    /// For the user, about settings that are ignored.
    pub(crate) notes: Vec<String>,
}

/// Who signs in.
#[derive(Debug)]
pub(crate) struct CredentialSources {
    /// `None`: prompt for it.
    pub(crate) email: Option<String>,
    pub(crate) password: PasswordSource,
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
    /// Resolves the settings; reads the settings file, the client secret and the private key,
    /// nothing else.
    pub(crate) fn load(args: LoginArgs, variables: Variables<'_>) -> Result<Self, ConfigError> {
        let tenant = args.tenant;
        let sources = Sources::load(&tenant.file, tenant.timeout, variables)?;
        let (from_stdin, code_from_stdin) = (args.password_stdin, args.second_factor.otp_stdin);
        let secret_from_stdin = stdin::is_stdin(tenant.client_secret_file.as_deref());
        let parameter_from_stdin = stdin::is_parameter(&args.application.parameter_files);
        stdin::read_once([
            (from_stdin, "--password-stdin"),
            (code_from_stdin && !from_stdin, "--otp-stdin"),
            (secret_from_stdin, "--client-secret-file -"),
            (parameter_from_stdin, "--parameter-file NAME=-"),
        ])?;
        let place = tenant::load(
            tenant.domain,
            tenant.issuer,
            tenant.discovery_url.as_deref(),
            tenant.ca_file,
            &sources,
        )?;
        let (client_id, secret_file) = (tenant.client_id, tenant.client_secret_file);
        let application = ApplicationFlags::new(&args.application, client_id, secret_file);
        let password = PasswordFlags {
            password: args.password,
            stdin: from_stdin,
            file: args.password_file,
            code_from_stdin,
        };
        let login = Self {
            tenant: place.tenant,
            network: Network::new(place.ca_file, sources.deadline),
            application: Application::load(application, &sources)?,
            credentials: CredentialSources::load(args.email, password, &sources)?,
            second_factor: SecondFactor::load(args.second_factor, from_stdin, &sources)?,
            grant: PasswordGrant::load(tenant.audience, tenant.scope, args.realm, &sources)?,
            options: TokenRequestOptions::new(
                args.application.parameters,
                args.application.parameter_files,
                sources.deadline,
            )?
            .forwarded_for(args.forwarded_for, &sources)?,
            rules: SignInRules {
                algorithms: algorithms(args.algorithm, &sources)?,
                secret_encoding: args.client_secret_encoding,
                roles_from_tenant: ManagementApi::load(&args.requirements, &sources)?,
                ..SignInRules::new(args.leeway, args.max_age, args.requirements)
            },
            userinfo: args.userinfo,
            output: SignInOutput::new(args.claim, args.output, args.all_claims),
            notes: place.notes,
        };
        login.check()?;
        Ok(login)
    }

    /// What no single setting shows, found before a password is sent in vain.
    fn check(&self) -> Result<(), ConfigError> {
        self.check_auth0_only()?;
        if self.userinfo && !self.output.shows_claims() {
            let message = "--userinfo can only be combined with --output table or --output json";
            return Err(ConfigError::Combination(message.to_owned()));
        }
        if self.rules.roles_from_tenant.is_some() {
            self.application.require_authentication()?;
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
            let secret = secret.ok_or(ConfigError::Missing(settings::CLIENT_SECRET))?;
            let invalid = |problem| ConfigError::invalid("the client secret", problem);
            let secret = self.rules.secret_encoding.shared_secret(secret);
            let secret = secret.ok_or_else(|| invalid("it is not base64".to_owned()))?;
            secret.key(*algorithm).map_err(invalid)?;
        }
        Ok(())
    }
}

impl CredentialSources {
    fn load(
        email: Option<String>,
        password: PasswordFlags,
        sources: &Sources<'_>,
    ) -> Result<Self, ConfigError> {
        Ok(Self {
            email: sources.text(email, settings::EMAIL)?,
            password: password.source(sources)?,
        })
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
        sources: &Sources<'_>,
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

fn algorithms(flags: Vec<Algorithm>, sources: &Sources<'_>) -> Result<Vec<Algorithm>, ConfigError> {
    if !flags.is_empty() {
        return Ok(flags);
    }
    let Some(names) = sources.text(None, settings::ALGORITHM)? else {
        return Ok(vec![Algorithm::RS256]);
    };
    let parsed = names.split(',').map(|name| args::algorithm(name.trim()));
    let parsed: Result<_, String> = parsed.collect();
    parsed.map_err(|problem| ConfigError::invalid(settings::ALGORITHM.variable, problem))
}
