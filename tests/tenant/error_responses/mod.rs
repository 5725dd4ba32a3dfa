//! Auth0's error responses, with its statuses and descriptions.

mod client;
mod management;
mod second_factor;
mod user;

pub(crate) use {client::*, management::*, second_factor::*, user::*};
