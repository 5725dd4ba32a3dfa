//! Strict JSON: one value in UTF-8, no duplicate names at any depth, nothing after it.

mod whole;
mod selected;

pub(crate) use selected::selected;
pub(crate) use whole::{JsonError, object, value};
