//! The gates: what a trusted token must grant, for `verify` and for a login.

use clap::Args;

use crate::verify::{Gates, Requirement};

/// What a token must grant beyond being genuine.
#[derive(Debug, Args)]
#[command(next_help_heading = "Gates (exit 9 where one is missed; each may be repeated)")]
pub struct GateArgs {
    /// Require a scope: a whole word of the claim scope
    #[arg(long, value_name = "SCOPE")]
    pub require_scope: Vec<String>,
    /// Require a permission: a member of the claim permissions
    #[arg(long, value_name = "PERMISSION")]
    pub require_permission: Vec<String>,
    /// Require a role: a member of the claim that --roles-claim names
    #[arg(long, value_name = "ROLE")]
    pub require_role: Vec<String>,
    /// Require a claim, or a value of it: JSON where it parses as JSON, else text
    #[arg(long, value_name = "NAME[=VALUE]", value_parser = requirement)]
    pub require_claim: Vec<Requirement>,
    /// The claim that holds roles [default: roles]
    #[arg(long, value_name = "NAME", requires = "require_role")]
    pub roles_claim: Option<String>,
    /// Ask the tenant's Management API for the roles of sub, with a client-credentials token
    #[arg(long, requires = "require_role", conflicts_with = "roles_claim")]
    pub roles_from_tenant: bool,
}

impl GateArgs {
    /// The gates as they are checked.
    pub(crate) fn gates(&self) -> Gates {
        Gates {
            scopes: self.require_scope.clone(),
            permissions: self.require_permission.clone(),
            roles: self.require_role.clone(),
            roles_claim: self.roles_claim.clone().unwrap_or_else(|| "roles".into()),
            claims: self.require_claim.clone(),
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that clap asks for")]
fn requirement(text: &str) -> Result<Requirement, std::convert::Infallible> {
    Ok(Requirement::parse(text))
}
