//! Auth0's Management API: the roles of one user, and of many.

mod error;
mod api;
mod client;
mod role_cache;

pub(crate) use client::RolesClient;
pub(crate) use role_cache::RoleCache;
