//! Everything that `verify` needs: whose tokens it trusts, from flags only, and how issuers
//! are reached.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::application::{Application, ApplicationFlags};
use super::error::ConfigError;
use super::key_source::KeySource;
use super::network::Network;
use super::roles::{ManagementApi, RolesSettings};
use super::source::{Sources, Variables};
use super::stdin;
use super::tenant::{self, TenantRef};
use crate::args::{KeyArgs, NetworkArgs, RequirementArgs, ResultArgs, RuleArgs, VerifyArgs};
use crate::deadline::Deadline;
use crate::input::secret;
use crate::keys::Algorithm;
use crate::output::ClaimsForm;
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
    /// Its issuer is `--expect-issuer`'s.
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
    /// For the user, about settings that are ignored.
    pub(crate) notes: Vec<String>,
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
    pub(crate) fn load(args: VerifyArgs, variables: Variables<'_>) -> Result<Self, ConfigError> {
        let token = args.token.filter(|token| token.expose_secret() != "-");
        stdin::read_once([
            (token.is_none(), "the tokens"),
            (
                stdin::is_stdin(args.keys.secret_file.as_deref()),
                "--secret-file -",
            ),
            (
                stdin::is_stdin(args.network.client_secret_file.as_deref()),
                "--client-secret-file -",
            ),
        ])?;
        let deadline = Deadline::after(Duration::from_secs_f64(args.network.timeout));
        let (keys, algorithm) = KeySource::load(&args.keys, deadline)?;
        let asks_for_roles = args.requirements.roles_from_tenant;
        let (network, roles, notes) = if keys.is_remote() || asks_for_roles {
            network(args.network, &args.keys, &args.requirements, variables)?
        } else {
            (None, None, Vec::new())
        };
        let access_token = args.rules.access_token_file.as_deref();
        let access_token =
            access_token.map(|path| secret::from_file(path, "the access token", deadline));
        Ok(Self {
            token,
            is_stream: args.is_stream,
            keys,
            no_cache: args.keys.no_cache,
            access_token: access_token.transpose()?,
            at: args.rules.at,
            policy: policy(args.rules, args.keys.expect_issuer, algorithm)?,
            requirements: args.requirements.into(),
            network,
            roles,
            output: args.result.into(),
            notes,
        })
    }
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

fn policy(
    rules: RuleArgs,
    issuer: Option<String>,
    algorithm: Algorithm,
) -> Result<Policy, ConfigError> {
    let is_open = rules.audience.is_empty() && !rules.any_audience;
    if is_open && rules.kind != TokenKind::Jwt {
        return Err(ConfigError::NoAudience);
    }
    let algorithms = if rules.algorithm.is_empty() {
        vec![algorithm]
    } else {
        rules.algorithm
    };
    Ok(Policy {
        issuer,
        audiences: rules.audience,
        authorized_party: match rules.authorized_party.as_deref() {
            None => AuthorizedParty::Audience,
            Some("any") => AuthorizedParty::Any,
            Some(client) => AuthorizedParty::Client(client.to_owned()),
        },
        allow_bound: rules.allow_bound,
        leeway: rules.leeway,
        nonce: rules.nonce,
        max_age: rules.max_age,
        organization: rules.organization,
        ..Policy::new(rules.kind, algorithms)
    })
}

/// The only tenant that roles may be requested from: an application belongs to one, and its secret
/// must reach no other.
fn only_issuer(keys: &KeyArgs) -> Result<String, ConfigError> {
    match (keys.issuer.as_slice(), &keys.expect_issuer) {
        ([issuer], _) | ([], Some(issuer)) => Ok(issuer.clone()),
        _ => Err(ConfigError::RolesOfSeveral),
    }
}

type NetworkAndRoles = (Option<Network>, Option<RolesSettings>, Vec<String>);

fn network(
    args: NetworkArgs,
    keys: &KeyArgs,
    requirements: &RequirementArgs,
    variables: Variables<'_>,
) -> Result<NetworkAndRoles, ConfigError> {
    let sources = Sources::load(&args.file, args.timeout, variables)?;
    let (ca_file, notes) = tenant::ca_file_for_flags(args.ca_file, &sources)?;
    let flags = ApplicationFlags {
        id: args.client_id,
        secret_file: args.client_secret_file,
        ..ApplicationFlags::default()
    };
    let api = ManagementApi::load(requirements, &sources)?;
    let roles = api.map(|api| {
        let tenant = TenantRef::issuer(&only_issuer(keys)?)?;
        let application = Application::load(flags, &sources)?;
        application.require_authentication()?;
        Ok::<_, ConfigError>(RolesSettings {
            tenant,
            application,
            api,
        })
    });
    let network = Network::new(ca_file, sources.deadline);
    Ok((Some(network), roles.transpose()?, notes))
}
