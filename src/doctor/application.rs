//! Whether the tenant knows the application, and allows it the grant: by a token request that names
//! no user, and so is no attempt to sign in.

use secrecy::SecretString;

use super::findings::Findings;
use crate::auth::{AuthError, Client, NextStep, ProbedGrant};
use crate::config::{Application, ClientAuthentication, TokenRequestOptions};
use crate::failure::{Class, Diagnose, Failure};
use crate::http::Http;
use crate::provider::{Provider, ProviderKind};

/// What is asked, and where.
pub(super) struct Probe<'a> {
    pub(super) http: &'a Http,
    pub(super) provider: &'a Provider,
    pub(super) grant: ProbedGrant,
    pub(super) realm: Option<&'a str>,
    pub(super) clock: fn() -> i64,
}

/// What an answer says.
enum Answer {
    /// Tokens, or the lack of a user or a code: the request was looked at.
    LookedAt,
    /// The client is not accepted.
    NoClient(Failure),
    /// The client is known, and may not use the grant.
    NoGrant(Failure),
    /// The server has no such grant for any application.
    Unsupported(Failure),
    /// The endpoint does not work.
    Broken(Failure),
    /// Nothing.
    Undecided(String),
}

impl Probe<'_> {
    pub(super) fn check(&self, application: &Application, findings: &mut Findings) {
        if let Err(error) = self.require_grant() {
            findings.unknown("client", "not asked, since the provider lacks the grant");
            return findings.bad("grant", error);
        }
        match self.ask(application, self.grant) {
            Answer::LookedAt => self.looked_at(application, findings),
            Answer::NoGrant(failure) => {
                findings.good("client", "known to the tenant");
                findings.bad("grant", failure);
            }
            Answer::Unsupported(failure) => {
                findings.unknown("client", "not looked at, since the grant is not offered");
                findings.bad("grant", failure);
            }
            Answer::NoClient(failure) | Answer::Broken(failure) => findings.bad("client", failure),
            Answer::Undecided(reason) => {
                findings.unknown("client", reason.clone());
                findings.unknown("grant", reason);
            }
        }
    }

    fn require_grant(&self) -> Result<(), Failure> {
        match self.grant {
            ProbedGrant::Password => Ok(self.provider.require_grant("password")?),
            ProbedGrant::AuthorizationCode => Ok(self.provider.require_browser().map(|_| ())?),
            ProbedGrant::Device => Ok(self.provider.require_device().map(|_| ())?),
        }
    }

    /// The server missed the user or the code. Whether it looked at the client before, the answer to
    /// a client that cannot exist shows.
    fn looked_at(&self, application: &Application, findings: &mut Findings) {
        let stranger = stranger();
        match self.ask(&stranger, self.grant) {
            Answer::NoClient(_) => findings.good("client", "known to the tenant"),
            _ => findings.unknown(
                "client",
                "the server looks at the client only when a user signs in",
            ),
        }
        let name = self.grant.name();
        if self.looks_at_grants_first(application) {
            return findings.good("grant", format!("{name} is allowed"));
        }
        findings.unknown(
            "grant",
            format!("not refused; only a sign-in shows whether the application may use {name}"),
        );
    }

    /// Whether the server looks at the grants of the client before it misses the user or the code.
    /// Keycloak is known to do so, except for a code. Auth0 does where it refuses another grant of
    /// the same application, whose code is missing too.
    fn looks_at_grants_first(&self, application: &Application) -> bool {
        match self.provider.kind {
            ProviderKind::Keycloak => self.grant != ProbedGrant::AuthorizationCode,
            ProviderKind::Auth0 => {
                let others = ProbedGrant::ALL.into_iter();
                let mut others = others.filter(|grant| *grant != self.grant);
                others.any(|grant| matches!(self.ask(application, grant), Answer::NoGrant(_)))
            }
            ProviderKind::Other => false,
        }
    }

    fn ask(&self, application: &Application, grant: ProbedGrant) -> Answer {
        let options = TokenRequestOptions::default();
        let client = Client::new(self.http, self.provider, application, &options, self.clock);
        let realm = self.realm.filter(|_| grant == ProbedGrant::Password);
        match client.probe(grant, realm) {
            Ok(_) => Answer::LookedAt,
            Err(error) => Answer::of(error),
        }
    }
}

impl Answer {
    fn of(error: AuthError) -> Self {
        let code = error.code();
        match (error.next_step(), code.as_deref(), error.class()) {
            (Some(NextStep::CorrectClient), ..) => Self::NoClient(error.into()),
            (Some(NextStep::AllowGrant), Some("unsupported_grant_type"), _) => {
                Self::Unsupported(error.into())
            }
            (Some(NextStep::AllowGrant), ..) => Self::NoGrant(error.into()),
            (None, ..) => Self::Broken(error.into()),
            (_, _, Class::Throttled | Class::Unreachable) => {
                Self::Undecided(Failure::from(error).message)
            }
            (_, Some("invalid_request" | "invalid_grant"), _) => Self::LookedAt,
            _ => Self::Undecided(Failure::from(error).message),
        }
    }
}

/// An application that no tenant has.
fn stranger() -> Application {
    let name = format!("padlock-doctor-{:016x}", fastrand::u64(..));
    let secret = SecretString::from(format!("{:032x}", fastrand::u128(..)));
    Application {
        client_id: name,
        client_secret: None,
        authentication: ClientAuthentication::Secret(secret),
    }
}
