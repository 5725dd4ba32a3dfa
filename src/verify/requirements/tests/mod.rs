//! Each requirement is met by exactly what it names.

mod lists;
mod values;

use serde_json::json;

use super::*;

fn verified(claims: &Value) -> Claims {
    Claims::verified_before(&claims.to_string()).unwrap()
}

/// The codes of the requirements that the claims do not meet.
fn unmet(requirements: &Requirements, claims: &Value) -> Vec<&'static str> {
    match requirements.check(&verified(claims), None) {
        Ok(()) => Vec::new(),
        Err(unmet) => {
            let rules = unmet.violations().iter();
            rules.map(|violation| violation.rule.code()).collect()
        }
    }
}

/// Why a claim of this JSON text does not meet a requirement; `None` if it does.
fn refusal(claim: &str, required: &str) -> Option<String> {
    let claims = Claims::verified_before(&format!("{{\"n\":{claim}}}")).unwrap();
    let error = requiring(required).check(&claims, None).err()?;
    Some(error.violations()[0].message.clone())
}

fn requiring(text: &str) -> Requirements {
    Requirements {
        claims: vec![ClaimRequirement::parse(text)],
        ..Requirements::default()
    }
}
