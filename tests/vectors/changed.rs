//! A genuine token with anything in it changed is a token that nobody signed.

use std::sync::LazyLock;

use proptest::prelude::*;

use crate::cases::{Case, own_cases};

/// Characters that a token is made of, and some that stand near them.
const CHARACTERS: &str =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\0é";

/// The cases that are accepted; every family of algorithms is among them.
static GENUINE: LazyLock<Vec<Case>> = LazyLock::new(|| {
    own_cases()
        .into_iter()
        .filter(Case::expects_accept)
        .collect()
});

fn position(token: &str, at: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a fraction"
    )]
    let index = (at * token.len() as f64) as usize;
    index.min(token.len() - 1)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn one_changed_character_is_never_accepted(which in any::<prop::sample::Index>(), at in 0.0..1.0, with in any::<prop::sample::Index>()) {
        let case = &GENUINE[which.index(GENUINE.len())];
        let characters: Vec<char> = CHARACTERS.chars().collect();
        let (index, character) = (position(&case.token, at), characters[with.index(characters.len())]);
        let changed = format!("{}{character}{}", &case.token[..index], &case.token[index + 1..]);
        prop_assume!(changed != case.token);
        prop_assert!(case.verdict_on(&changed).is_err(), "{}: {changed}", case.id);
    }

    #[test]
    fn one_character_more_or_less_is_never_accepted(which in any::<prop::sample::Index>(), at in 0.0..1.0, with in any::<prop::sample::Index>()) {
        let case = &GENUINE[which.index(GENUINE.len())];
        let characters: Vec<char> = CHARACTERS.chars().collect();
        let (index, character) = (position(&case.token, at), characters[with.index(characters.len())]);
        let longer = format!("{}{character}{}", &case.token[..index], &case.token[index..]);
        let shorter = format!("{}{}", &case.token[..index], &case.token[index + 1..]);
        prop_assert!(case.verdict_on(&longer).is_err(), "{}: {longer}", case.id);
        prop_assert!(case.verdict_on(&shorter).is_err(), "{}: {shorter}", case.id);
    }

    #[test]
    fn any_text_at_all_is_refused_without_a_panic(text in "\\PC{0,40}(\\.[A-Za-z0-9_-]{0,60}){0,5}") {
        prop_assert!(GENUINE[0].verdict_on(&text).is_err());
    }
}
