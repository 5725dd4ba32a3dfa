//! What a valid token must grant, for `verify` and for a login.

#![expect(clippy::doc_markdown, reason = "the comments are the text of --help")]

use clap::Args;

use super::values::{identifier, without_control_characters};
use crate::strict_json::{self, JsonError};
use crate::verify::{ClaimRequirement, Requirements};

/// What a token must grant beyond being valid, and whether the tenant is asked for roles.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Requirements (exit 9 if one is not met; repeatable)")]
pub(crate) struct RequirementArgs {
    #[command(flatten)]
    grants: GrantArgs,
    /// Ask the tenant's Management API for the user's roles, with a client credentials token
    #[arg(long, requires = "require_role", conflicts_with = "roles_claim")]
    pub(crate) roles_from_tenant: bool,
    /// Audience of the Management API, if the tenant has a custom domain
    /// [env: AUTH0_MANAGEMENT_AUDIENCE]
    #[arg(long, value_name = "API", requires = "roles_from_tenant", value_parser = identifier)]
    pub(crate) management_audience: Option<String>,
}

/// What a token must grant beyond being valid.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct GrantArgs {
    /// Require a scope: a word or member of the claim scope, else scp
    #[arg(long, value_name = "SCOPE", value_parser = identifier)]
    pub(super) require_scope: Vec<String>,
    /// Require a permission: a member of the claim permissions
    #[arg(long, value_name = "PERMISSION", value_parser = identifier)]
    pub(super) require_permission: Vec<String>,
    /// Require a role: a member of the claim that --roles-claim names
    #[arg(long, value_name = "ROLE", value_parser = identifier)]
    pub(super) require_role: Vec<String>,
    /// Require a claim, or a claim with this value: JSON if it parses as JSON, else text
    #[arg(long, value_name = "NAME[=VALUE]", value_parser = claim)]
    pub(super) require_claim: Vec<ClaimRequirement>,
    /// Require a list that contains this value
    #[arg(long, value_name = "CLAIM=VALUE", value_parser = member)]
    pub(super) require_member: Vec<(String, String)>,
    /// Claim that contains the scopes [default: scope, else scp]
    #[arg(long, value_name = "NAME", requires = "require_scope", value_parser = identifier)]
    pub(super) scope_claim: Option<String>,
    /// Claim that contains the roles [default: roles]
    #[arg(long, value_name = "NAME", requires = "require_role", value_parser = identifier)]
    pub(super) roles_claim: Option<String>,
}

impl From<RequirementArgs> for Requirements {
    fn from(args: RequirementArgs) -> Self {
        args.grants.into()
    }
}

impl From<GrantArgs> for Requirements {
    fn from(args: GrantArgs) -> Self {
        Self {
            scopes: args.require_scope,
            permissions: args.require_permission,
            roles: args.require_role,
            roles_claim: args.roles_claim.unwrap_or_else(|| "roles".into()),
            claims: args.require_claim,
            members: args.require_member,
            scope_claim: args.scope_claim,
        }
    }
}

fn claim(text: &str) -> Result<ClaimRequirement, &'static str> {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    identifier(name)?;
    // As text it would equal no claim, since a token with such a number cannot be read.
    if let Err(JsonError::Number(_)) = strict_json::value(value.as_bytes()) {
        return Err(
            "a number beyond the range of a double, about 1.8e308, is in no token that padlock can \
             read; to require text, put it in double quotes",
        );
    }
    Ok(ClaimRequirement::parse(text))
}

fn member(text: &str) -> Result<(String, String), &'static str> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = pair.ok_or("expected CLAIM=VALUE")?;
    without_control_characters(name)?;
    Ok((name.to_owned(), value.to_owned()))
}
