//! The secrets in a response, whatever else is in it: it may be an error, or not what was expected.

use std::fmt;

use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use zeroize::Zeroize;

use super::text::without_mark;
use crate::redact::remember;

/// The members that are secrets.
const NAMES: [&str; 7] = [
    "access_token",
    "id_token",
    "refresh_token",
    "recovery_code",
    "mfa_token",
    "oob_code",
    "device_code",
];

/// Leaves the secrets of a response body out of every text for people from here on.
pub(crate) fn remember_secrets(body: &[u8]) {
    // What is not a JSON object up to its end may have secrets before that.
    let mut json = serde_json::Deserializer::from_slice(without_mark(body));
    json.deserialize_map(Members).ok();
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            if !NAMES.contains(&name.as_str()) {
                members.next_value::<IgnoredAny>()?;
            } else if let Value::String(mut secret) = members.next_value()? {
                remember(&secret);
                secret.zeroize();
            }
        }
        Ok(())
    }
}
