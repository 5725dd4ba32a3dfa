//! Everything that `guard` needs: whose tokens it trusts and what it requires of them, from flags
//! only, and where it listens.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use hyper::header::HeaderName;

use super::error::ConfigError;
use super::key_source::KeySource;
use super::load_context::LoadContext;
use super::network::Network;
use super::permissions::warn_if_others_can_read;
use super::recipient::Recipient;
use super::sources::Sources;
use super::stdin;
use super::tenant_sources::{Purpose, TenantSources};
use super::verify::{check_kind, every_tenant, servers, shared_policy};
use crate::args::{CheckArgs, FetchArgs, GuardArgs, ListenAddress, SocketArgs};
use crate::deadline::Deadline;
use crate::settings;
use crate::verify::{Policy, Requirements};

/// Everything that `guard` needs.
#[derive(Debug)]
pub(crate) struct Guard {
    pub(crate) sockets: Vec<ListenSocket>,
    /// Where `/healthz` and `/readyz` are.
    pub(crate) health: Option<ListenAddress>,
    /// Permissions of sockets in the file system.
    pub(crate) socket_mode: u32,
    pub(crate) keys: KeySource,
    /// Bypass the key cache.
    pub(crate) no_cache: bool,
    /// Its issuer is set for each source of keys.
    pub(crate) policy: Policy,
    /// The first has no name, and what it requires all others require too.
    pub(crate) checks: Vec<Check>,
    pub(crate) passed_claims: Vec<PassedClaim>,
    /// Add a body with the reasons to every refusal.
    pub(crate) explain: bool,
    /// `None` where nothing is fetched.
    pub(crate) network: Option<Network>,
}

/// An address, and how its requests name their check.
#[derive(Debug)]
pub(crate) struct ListenSocket {
    pub(crate) address: ListenAddress,
    /// The index of the check of all its requests; `None`: the path names it.
    pub(crate) check: Option<usize>,
}

/// What a token must grant for a request.
#[derive(Debug)]
pub(crate) struct Check {
    /// Empty for the first.
    pub(crate) name: String,
    pub(crate) requirements: Requirements,
}

/// A claim that every 200 has in a header.
#[derive(Debug)]
pub(crate) struct PassedClaim {
    pub(crate) claim: String,
    pub(crate) header: HeaderName,
}

impl Guard {
    /// Resolves the settings; reads the files that flags name, and fetches nothing.
    pub(crate) fn load(args: GuardArgs, context: &LoadContext<'_>) -> Result<Self, ConfigError> {
        let secrets = args.keys.secret_file.iter();
        let from_stdin = secrets.filter(|file| stdin::is_stdin(Some(file))).count();
        stdin::read_once([
            (from_stdin > 0, "--secret-file -"),
            (from_stdin > 1, "another --secret-file -"),
        ])?;
        for file in args.keys.secret_file.iter().map(PathBuf::as_path) {
            warn_if_others_can_read(file, "secret file", context.report);
        }
        if args.rules.audience.is_empty() {
            return Err(combination(
                "--audience is required, so that a token for another API is not accepted",
            ));
        }
        check_kind(&args.rules, false)?;
        let checks = checks(args.checks)?;
        let sockets = sockets(&args.sockets, &checks)?;
        warn_of_other_machines(&args.sockets, context);
        let deadline = Deadline::after(Duration::from_secs_f64(args.fetch.timeout));
        let (keys, algorithms) = KeySource::load(&args.keys, false, deadline)?;
        for check in &checks {
            if let Some(note) = every_tenant(&args.keys.expect_issuer, &check.requirements) {
                context.report.note(note);
                break;
            }
        }
        Ok(Self {
            sockets,
            health: args.sockets.health_listen,
            socket_mode: args.sockets.socket_mode,
            network: network(args.fetch, &keys, deadline, context)?,
            keys,
            no_cache: args.keys.no_cache,
            policy: shared_policy(args.rules, args.keys.expect_issuer, algorithms),
            checks,
            passed_claims: passed_claims(args.responses.pass_claim)?,
            explain: args.responses.explain,
        })
    }
}

fn combination(message: impl Into<String>) -> ConfigError {
    ConfigError::Combination(message.into())
}

/// All checks, the first without a name.
fn checks(args: CheckArgs) -> Result<Vec<Check>, ConfigError> {
    let base = Requirements::from(args.base);
    let mut checks = vec![Check {
        name: String::new(),
        requirements: base.clone(),
    }];
    for (name, added) in args.checks {
        if checks.iter().any(|check| check.name == name) {
            return Err(combination(format!("--check {name} is given twice")));
        }
        let requirements = base.clone().and(added.into());
        checks.push(Check { name, requirements });
    }
    Ok(checks)
}

fn sockets(args: &SocketArgs, checks: &[Check]) -> Result<Vec<ListenSocket>, ConfigError> {
    let by_path = args.listen.iter().map(|address| {
        Ok(ListenSocket {
            address: address.clone(),
            check: None,
        })
    });
    let of_one = args.listen_for.iter().map(|(name, address)| {
        let check = checks.iter().position(|check| check.name == *name);
        let check = check.filter(|check| *check > 0).ok_or_else(|| {
            combination(format!(
                "--listen-for names the check {name:?}, which no --check begins"
            ))
        })?;
        Ok(ListenSocket {
            address: address.clone(),
            check: Some(check),
        })
    });
    by_path.chain(of_one).collect()
}

/// Tokens are sent in the clear, so that only programs on this machine should send them.
fn warn_of_other_machines(args: &SocketArgs, context: &LoadContext<'_>) {
    let for_one = args.listen_for.iter().map(|(_, address)| address);
    for address in args.listen.iter().chain(for_one) {
        if let ListenAddress::Tcp(address, _) = address
            && !is_loopback(*address)
        {
            context.report.note(format!(
                "tokens come to {address} without encryption; listen at 127.0.0.1 or unix:PATH \
                 unless the network is your own"
            ));
        }
    }
}

fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

fn passed_claims(args: Vec<(String, String)>) -> Result<Vec<PassedClaim>, ConfigError> {
    let mut passed: Vec<PassedClaim> = Vec::new();
    for (claim, name) in args {
        let header = HeaderName::from_bytes(name.as_bytes());
        let header = header.map_err(|_| combination(format!("{name:?} is no header's name")))?;
        if passed.iter().any(|one| one.header == header) {
            return Err(combination(format!(
                "--pass-claim names the header {name} twice"
            )));
        }
        passed.push(PassedClaim { claim, header });
    }
    Ok(passed)
}

/// How issuers are reached, where keys are fetched.
fn network(
    args: FetchArgs,
    keys: &KeySource,
    deadline: Deadline,
    context: &LoadContext<'_>,
) -> Result<Option<Network>, ConfigError> {
    if !keys.is_remote() {
        return Ok(None);
    }
    let sources = Sources::read(&args.file, deadline, true, context)?;
    let all = Recipient::of_flags(keys.flag(), servers(keys, None));
    let for_all = TenantSources::new(&sources, Some(&all), Purpose::Verification);
    let ca_file = for_all.path(args.ca_file, settings::CA_FILE)?;
    Ok(Some(Network::new(ca_file, deadline)))
}
