//! What a person sees in a browser: the login page and the page for a device's code.

pub(super) mod activate;
mod html;
pub(super) mod login;
pub(super) mod visit;
