//! padlock: password login to Auth0, and verification of what comes back.

mod text;
mod json;
pub mod keys;
pub mod verify;
