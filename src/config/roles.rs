//! The application that asks a tenant's Management API for roles.

use super::application::Application;
use super::error::ConfigError;
use super::tenant::TenantRef;
use super::tenant_sources::TenantSources;
use crate::args::RequirementArgs;
use crate::settings;

/// The tenant, and the application that asks it.
#[derive(Clone, Debug)]
pub(crate) struct RolesSettings {
    pub(crate) tenant: TenantRef,
    pub(crate) application: Application,
    pub(crate) api: ManagementApi,
}

/// The Management API, which is at the tenant's address.
#[derive(Clone, Debug)]
pub(crate) struct ManagementApi {
    /// Its identifier, if it is not its address: a custom domain changes only the latter.
    pub(crate) audience: Option<String>,
}

impl ManagementApi {
    /// `None` where roles come from a claim.
    pub(super) fn load(
        args: &RequirementArgs,
        sources: &TenantSources<'_, '_>,
    ) -> Result<Option<Self>, ConfigError> {
        let is_asked = args.roles_from_tenant;
        is_asked.then(|| Self::new(args, sources)).transpose()
    }

    pub(super) fn new(
        args: &RequirementArgs,
        sources: &TenantSources<'_, '_>,
    ) -> Result<Self, ConfigError> {
        let flag = args.management_audience.clone();
        let audience = sources.text(flag, settings::MANAGEMENT_AUDIENCE)?;
        Ok(Self { audience })
    }
}
