//! Everything that `verify` needs: whose tokens it trusts, from flags only, and how issuers
//! are reached.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::application::{Application, ApplicationFlags, Needs};
use super::error::ConfigError;
use super::key_source::KeySource;
use super::load_context::LoadContext;
use super::network::Network;
use super::permissions::warn_if_others_can_read;
use super::recipient::{Recipient, Server};
use super::roles::{ManagementApi, RolesSettings};
use super::sources::Sources;
use super::stdin;
use super::tenant::TenantRef;
use super::tenant_sources::{Purpose, TenantSources};
use crate::args::{
    KeyArgs, NetworkArgs, OneTokenArgs, RequirementArgs, ResultArgs, RuleArgs, VerifyArgs,
};
use crate::deadline::Deadline;
use crate::input::secret;
use crate::keys::Algorithm;
use crate::output::ClaimsForm;
use crate::settings;
use crate::verify::{AuthorizedParty, Policy, Requirements, TokenKind};

/// Everything that `verify` needs.
#[derive(Debug)]
pub(crate) struct Verify {
    /// `None`: read tokens from standard input.
    pub(crate) token: Option<SecretString>,
    /// Treat standard input as a stream: each line is judged as soon as it is complete.
    pub(crate) is_stream: bool,
    pub(crate) keys: KeySource,
    /// Bypass the key cache.
    pub(crate) no_cache: bool,
    /// Its issuer is set for each source of keys.
    pub(crate) policy: Policy,
    pub(crate) requirements: Requirements,
    /// The access token that came with an id_token.
    pub(crate) access_token: Option<SecretString>,
    /// Verify as of this time instead of now, in seconds since 1970.
    pub(crate) at: Option<i64>,
    /// `None` where nothing is fetched.
    pub(crate) network: Option<Network>,
    /// `None`: roles are in a claim.
    pub(crate) roles: Option<RolesSettings>,
    pub(crate) output: ClaimsOutput,
}

/// What is printed.
#[derive(Clone, Debug)]
pub(crate) enum ClaimsOutput {
    Nothing,
    Claims(Vec<String>),
    Form(&'static ClaimsForm),
}

impl Verify {
    /// Resolves the settings; reads the files that flags name, and fetches nothing.
    pub(crate) fn load(args: VerifyArgs, context: &LoadContext<'_>) -> Result<Self, ConfigError> {
        read_once(&args)?;
        let access_token_file = args.one_token.access_token_file.as_deref();
        let secret_files = args.keys.secret_file.iter().map(PathBuf::as_path);
        for file in secret_files.chain(access_token_file) {
            warn_if_others_can_read(file, "secret file", context.report);
        }
        let deadline = Deadline::after(Duration::from_secs_f64(args.network.fetch.timeout));
        let (keys, algorithms) = keys(&args, deadline)?;
        let access_token = access_token_file
            .map(|path| secret::from_file(path, "the access token", deadline))
            .transpose()?;
        let (network, roles) = network(
            args.network,
            &args.keys,
            &keys,
            &args.requirements,
            deadline,
            context,
        )?;
        let requirements = Requirements::from(args.requirements);
        if let Some(note) = every_tenant(&args.keys.expect_issuer, &requirements) {
            context.report.note(note);
        }
        Ok(Self {
            token: args.token.filter(|token| token.expose_secret() != "-"),
            is_stream: args.is_stream,
            keys,
            no_cache: args.keys.no_cache,
            access_token,
            at: args.one_token.at,
            policy: policy(
                args.rules,
                args.one_token,
                args.keys.expect_issuer,
                algorithms,
            )?,
            requirements,
            network,
            roles,
            output: args.result.into(),
        })
    }
}

/// The keys and their default algorithm; where an audience is missing too, both are named.
fn keys(args: &VerifyArgs, deadline: Deadline) -> Result<(KeySource, Vec<Algorithm>), ConfigError> {
    match KeySource::load(&args.keys, args.allow_short_secret, deadline) {
        Err(ConfigError::NoKeys) if lacks_audience(&args.rules, &args.one_token) => {
            Err(ConfigError::NoKeysAndNoAudience)
        }
        keys => keys,
    }
}

/// Fails where standard input is wanted twice.
fn read_once(args: &VerifyArgs) -> Result<(), ConfigError> {
    let token = args.token.as_ref().map(ExposeSecret::expose_secret);
    let secrets = args.keys.secret_file.iter();
    let secrets = secrets.filter(|file| stdin::is_stdin(Some(file))).count();
    let client_secret_file = args.network.client_secret_file.as_deref();
    stdin::read_once([
        (token.is_none_or(|token| token == "-"), "the tokens"),
        (secrets > 0, "--secret-file -"),
        (secrets > 1, "another --secret-file -"),
        (
            stdin::is_stdin(client_secret_file),
            "--client-secret-file -",
        ),
    ])
}

impl From<ResultArgs> for ClaimsOutput {
    fn from(args: ResultArgs) -> Self {
        match (args.quiet, args.claim) {
            (true, _) => Self::Nothing,
            (false, names) if names.is_empty() => Self::Form(args.output),
            (false, names) => Self::Claims(names),
        }
    }
}

/// Whether a token for anyone would pass although no flag allows it.
fn lacks_audience(rules: &RuleArgs, one_token: &OneTokenArgs) -> bool {
    rules.audience.is_empty() && !one_token.any_audience && rules.kind != TokenKind::Jwt
}

/// Fails where a rule would be ignored for this kind of token.
pub(super) fn check_kind(rules: &RuleArgs, has_access_token: bool) -> Result<(), ConfigError> {
    let message = match rules.kind {
        TokenKind::AccessToken | TokenKind::Jwt if rules.authorized_party.is_some() => {
            "--authorized-party is a rule for id_tokens; add --kind id-token"
        }
        TokenKind::AccessToken if has_access_token => {
            "--access-token-file is for the at_hash of an id_token; add --kind id-token"
        }
        _ => return Ok(()),
    };
    Err(ConfigError::Combination(message.to_owned()))
}

/// The claim of Entra's tokens with the tenant, and what stands for it in an issuer.
const TENANT: (&str, &str) = ("tid", "{tenantid}");

/// A note where the tokens of every Entra tenant are accepted.
pub(super) fn every_tenant(issuers: &[String], requirements: &Requirements) -> Option<String> {
    let (claim, template) = TENANT;
    let is_any = issuers.iter().any(|issuer| issuer.contains(template));
    let claims = &requirements.claims;
    let is_one = claims
        .iter()
        .any(|required| required.name == claim && required.has_value());
    (is_any && !is_one).then(|| {
        "tokens of every Entra tenant are accepted; --require-claim tid=TENANT-ID accepts those of one".to_owned()
    })
}

fn policy(
    rules: RuleArgs,
    one_token: OneTokenArgs,
    other_issuers: Vec<String>,
    default_algorithms: Vec<Algorithm>,
) -> Result<Policy, ConfigError> {
    if lacks_audience(&rules, &one_token) {
        return Err(ConfigError::NoAudience);
    }
    check_kind(&rules, one_token.access_token_file.is_some())?;
    Ok(Policy {
        allow_bound: one_token.allow_bound,
        nonce: one_token.nonce,
        max_age: one_token.max_age,
        ..shared_policy(rules, other_issuers, default_algorithms)
    })
}

/// The rules that `verify` and `guard` have in common.
pub(super) fn shared_policy(
    rules: RuleArgs,
    other_issuers: Vec<String>,
    default_algorithms: Vec<Algorithm>,
) -> Policy {
    let algorithms = if rules.algorithm.is_empty() {
        default_algorithms
    } else {
        rules.algorithm
    };
    Policy {
        other_issuers,
        audiences: rules.audience,
        authorized_party: match rules.authorized_party.as_deref() {
            None => AuthorizedParty::Audience,
            Some("any") => AuthorizedParty::Any,
            Some(client) => AuthorizedParty::Client(client.to_owned()),
        },
        leeway: rules.leeway,
        organization: rules.organization,
        ..Policy::new(rules.kind, algorithms)
    }
}

/// The only tenant that roles may be requested from: an application belongs to one, and its secret
/// must reach no other.
fn only_tenant(keys: &KeyArgs) -> Result<TenantRef, ConfigError> {
    match (keys.issuer.as_slice(), keys.expect_issuer.as_slice()) {
        ([issuer], _) | ([], [issuer]) => TenantRef::issuer(issuer),
        _ => Err(ConfigError::RolesOfSeveral),
    }
}

/// How issuers are reached and who asks for roles, where anything is fetched.
fn network(
    args: NetworkArgs,
    key_args: &KeyArgs,
    keys: &KeySource,
    requirements: &RequirementArgs,
    deadline: Deadline,
    context: &LoadContext<'_>,
) -> Result<(Option<Network>, Option<RolesSettings>), ConfigError> {
    let roles_tenant = requirements.roles_from_tenant;
    let roles_tenant = roles_tenant.then(|| only_tenant(key_args)).transpose()?;
    if !keys.is_remote() && roles_tenant.is_none() {
        return Ok((None, None));
    }
    let sources = Sources::read(&args.fetch.file, deadline, true, context)?;
    let all = Recipient::of_flags(keys.flag(), servers(keys, roles_tenant.as_ref()));
    let for_all = TenantSources::new(&sources, Some(&all), Purpose::Verification);
    let ca_file = for_all.path(args.fetch.ca_file, settings::CA_FILE)?;
    let flags = ApplicationFlags {
        id: args.client_id,
        secret_file: args.client_secret_file,
        needs: Needs {
            authentication: true,
            secret: false,
        },
        ..ApplicationFlags::default()
    };
    let roles = roles_tenant.map(|tenant| {
        let recipient = Recipient::of_flag(keys.flag(), tenant.clone());
        let sources = TenantSources::new(&sources, Some(&recipient), Purpose::Verification);
        Ok::<_, ConfigError>(RolesSettings {
            tenant,
            application: Application::load(flags, &sources)?,
            api: ManagementApi::new(requirements, &sources)?,
        })
    });
    Ok((Some(Network::new(ca_file, deadline)), roles.transpose()?))
}

/// Every server that is contacted.
pub(super) fn servers(keys: &KeySource, roles_tenant: Option<&TenantRef>) -> Vec<Server> {
    let of_keys = match keys {
        KeySource::Issuers(issuers) => {
            let tenant = |issuer: &String| {
                Server::Tenant(TenantRef::Issuer {
                    issuer: issuer.clone(),
                    document: None,
                })
            };
            issuers.iter().map(tenant).collect()
        }
        KeySource::Url(url) => vec![Server::Keys(url.clone())],
        KeySource::Local(_) => Vec::new(),
    };
    let roles_tenant = roles_tenant.cloned().map(Server::Tenant);
    of_keys.into_iter().chain(roles_tenant).collect()
}
