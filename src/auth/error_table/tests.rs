//! The order of the rows, and what each response of the evidence comes to.

use super::row::Condition;
use super::*;
use crate::auth::step::Step;
use crate::failure::Class;
use crate::provider::ProviderKind;

const STEPS: [Step; 11] = [
    Step::Password,
    Step::ClientCredentials,
    Step::SecondFactor,
    Step::Otp,
    Step::MessageCode,
    Step::Push,
    Step::RecoveryCode,
    Step::Userinfo,
    Step::Refresh,
    Step::AuthorizationCode,
    Step::Device,
];
const KINDS: [ProviderKind; 3] = [
    ProviderKind::Auth0,
    ProviderKind::Keycloak,
    ProviderKind::Other,
];

/// The values that a condition allows, or all of them where it allows any.
fn allowed<T: Copy>(condition: &[T], all: &[T]) -> Vec<T> {
    if condition.is_empty() { all } else { condition }.to_vec()
}

/// Every code that the table knows, and one that it does not.
fn all_codes() -> Vec<&'static str> {
    let rows = TABLE.iter().copied().flatten();
    let mut codes: Vec<_> = rows.flat_map(|row| row.condition.codes).copied().collect();
    codes.push("odd_thing");
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Every response that has exactly what a row asks for, and nothing else that another row asks for.
fn responses(condition: Condition) -> Vec<(Situation, Vec<String>, &'static str)> {
    // A number of Microsoft's comes with a code of OAuth.
    let statuses: &[u16] = &[200, 401, 403, 500];
    let statuses = match condition.status {
        0 => statuses.to_vec(),
        status => vec![status],
    };
    let mut responses = Vec::new();
    for code in allowed(condition.codes, &all_codes()) {
        let codes: Vec<String> = if code.starts_with("AAD") {
            vec!["invalid_grant".into(), code.into()]
        } else {
            vec![code.into()]
        };
        for phrase in allowed(condition.phrases, &[""]) {
            for step in allowed(condition.steps, &STEPS) {
                for kind in allowed(condition.kinds, &KINDS) {
                    for status in statuses.iter().copied() {
                        let situation = Situation { step, status, kind };
                        responses.push((situation, codes.clone(), phrase));
                    }
                }
            }
        }
    }
    responses
}

#[test]
fn no_row_is_shadowed_by_one_above_it() {
    for row in TABLE.iter().copied().flatten() {
        for (situation, codes, phrase) in responses(row.condition) {
            if row.condition.phrases.is_empty() && !row.condition.is_wordless {
                // A row of codes is for any words.
                let found = find(situation, &codes, "words that no row knows");
                assert!(
                    found.is_some_and(|found| std::ptr::eq(found, row)),
                    "{:?}: {situation:?} {codes:?} gets {:?}",
                    row.message,
                    found.map(|found| found.message)
                );
                continue;
            }
            let found = find(situation, &codes, phrase);
            // Microsoft's number says more than the words beside it.
            let is_entras = codes.iter().any(|code| code.starts_with("AAD"));
            assert!(
                is_entras || found.is_some_and(|found| std::ptr::eq(found, row)),
                "{:?}: {situation:?} {codes:?} {phrase:?} gets {:?}",
                row.message,
                found.map(|found| found.message)
            );
        }
    }
}

#[test]
fn every_row_says_what_to_do_and_phrases_are_in_lower_case() {
    for row in TABLE.iter().copied().flatten() {
        for kind in KINDS {
            // A throttled request can be retried: when is added to the hint.
            let needs_hint = row.class != Class::Throttled;
            assert!(
                !needs_hint || row.hint_at(kind).is_some(),
                "{}",
                row.message
            );
        }
        for phrase in row.condition.phrases {
            assert_eq!(*phrase, phrase.to_lowercase());
        }
    }
}

#[test]
fn auth0s_dashboard_is_named_only_at_auth0() {
    let words = ["→", "Auth0", "Action", "dashboard", "Rule"];
    let entra = super::entra::BY_CODE.iter();
    let entra: Vec<_> = entra.map(|row| row.message).collect();
    for row in TABLE.iter().copied().flatten() {
        let elsewhere = allowed(row.condition.kinds, &KINDS);
        for kind in elsewhere.into_iter().filter(|kind| !kind.is_auth0()) {
            let text = format!("{} {}", row.message, row.hint_at(kind).unwrap_or_default());
            let is_named = words.iter().any(|word| text.contains(word));
            assert!(
                !is_named || entra.contains(&row.message),
                "{kind:?}: {text}"
            );
        }
    }
}

/// The class and part of the hint for a response of the evidence.
fn assert_found(step: Step, status: u16, code: &str, words: &str, class: Class, hint: &str) {
    let kind = ProviderKind::Auth0;
    let situation = Situation { step, status, kind };
    let row = find(situation, &[code.to_owned()], &words.to_lowercase());
    let row = row.unwrap_or_else(|| panic!("no row for {code}: {words}"));
    assert_eq!(row.class, class, "{code}: {words}: {}", row.message);
    let found = row.hint_at(kind).unwrap_or_default();
    assert!(found.contains(hint), "{code}: {words}: {found}");
}

#[test]
fn sessions_browsers_and_devices_have_their_rows() {
    use Class::{NoSession, TenantRefused, Usage, WrongCredentials};
    use Step::{AuthorizationCode, Device, Refresh};
    let (grant, denied) = ("invalid_grant", "access_denied");
    let unknown = "Unknown or invalid refresh token.";
    let gone = "The refresh_token was generated for a user who doesn't exist anymore.";
    assert_found(Refresh, 403, grant, unknown, NoSession, "sign in again");
    assert_found(Refresh, 403, denied, gone, NoSession, "sign in again");
    let code = "Invalid authorization code";
    assert_found(
        AuthorizationCode,
        403,
        grant,
        code,
        TenantRefused,
        "sign in again",
    );
    let verifier = "Failed to verify code verifier";
    assert_found(
        AuthorizationCode,
        403,
        grant,
        verifier,
        TenantRefused,
        "sign in again",
    );
    let cancelled = "User cancelled the confirmation prompt";
    assert_found(Device, 403, denied, cancelled, WrongCredentials, "confirm");
    let scopes = "Scopes online_access and offline_access can't be requested together";
    assert_found(Device, 400, "invalid_request", scopes, Usage, "--scope");
}
