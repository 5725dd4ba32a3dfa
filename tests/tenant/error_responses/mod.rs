//! The errors Auth0 returns, with its own statuses and words.

mod client;
mod management;
mod second_factor;
mod user;

pub(crate) use {client::*, management::*, second_factor::*, user::*};
