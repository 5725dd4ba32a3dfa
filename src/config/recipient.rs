//! Whom settings go to, and which source names it.

use url::Url;

use super::belonging::Named;
use super::source::{Source, SourceKind, SourceTenant};
use super::tenant::TenantRef;

/// Whom settings go to.
pub(super) struct Recipient {
    servers: Vec<Server>,
    /// The source that names it.
    pub(super) kind: SourceKind,
    /// That source's name in messages.
    pub(super) named_by: String,
}

/// A server that is contacted.
pub(super) enum Server {
    Tenant(TenantRef),
    /// A server that is only known by the address of its keys.
    Keys(Url),
}

impl Recipient {
    /// The tenant that a flag names.
    pub(super) fn of_flag(flag: &str, tenant: TenantRef) -> Self {
        Self::of_flags(flag, vec![Server::Tenant(tenant)])
    }

    /// All servers that flags name.
    pub(super) fn of_flags(flag: &str, servers: Vec<Server>) -> Self {
        Self {
            servers,
            kind: SourceKind::Flag,
            named_by: flag.to_owned(),
        }
    }

    /// The tenant that another source names.
    pub(super) fn of_source(source: &Source<'_>, tenant: TenantRef) -> Self {
        Self {
            servers: vec![Server::Tenant(tenant)],
            kind: source.kind,
            named_by: source.name.clone(),
        }
    }

    /// The tenant of a saved session, where no source names it.
    pub(super) fn of_session(tenant: TenantRef) -> Self {
        Self {
            servers: vec![Server::Tenant(tenant)],
            kind: SourceKind::Session,
            named_by: "the saved session".to_owned(),
        }
    }

    /// What the source's own tenant is to this recipient. An invalid one is another: where it
    /// counts, it is reported.
    pub(super) fn relation(&self, source: &Source<'_>) -> Named {
        match source.tenant() {
            Ok(SourceTenant::None | SourceTenant::Empty) => Named::None,
            Ok(SourceTenant::Named(_, tenant)) => {
                let is_same = self.servers.iter().all(|server| server.belongs_to(&tenant));
                if is_same { Named::Same } else { Named::Other }
            }
            Err(_) => Named::Other,
        }
    }

    /// The tenant, where there is exactly one.
    pub(super) fn tenant(&self) -> Option<&TenantRef> {
        match self.servers.as_slice() {
            [Server::Tenant(tenant)] => Some(tenant),
            _ => None,
        }
    }
}

impl Server {
    fn belongs_to(&self, tenant: &TenantRef) -> bool {
        match self {
            Self::Tenant(one) => one.is_same(tenant),
            Self::Keys(url) => tenant
                .url()
                .is_some_and(|tenant| tenant.origin() == url.origin()),
        }
    }
}
