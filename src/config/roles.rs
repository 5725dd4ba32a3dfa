//! The application that asks a tenant's Management API for roles.

use super::application::Application;
use super::tenant::TenantRef;

/// The tenant, and the application that asks it.
#[derive(Clone, Debug)]
pub(crate) struct RolesSettings {
    pub(crate) tenant: TenantRef,
    pub(crate) application: Application,
}
