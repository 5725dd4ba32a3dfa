//! A valid token with any change must be rejected.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;

use crate::cases::{Case, own_cases};

/// The characters of a token, and some that a lenient decoder might accept.
static CHARACTERS: LazyLock<Vec<char>> = LazyLock::new(|| {
    let base64url = ('A'..='Z')
        .chain('a'..='z')
        .chain('0'..='9')
        .chain("-_".chars());
    base64url.chain(".=+/ \n\0é".chars()).collect()
});

/// The accepted cases, which cover every family of algorithms.
static VALID: LazyLock<Vec<Case>> = LazyLock::new(|| {
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
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(1000)
    })]

    #[test]
    fn a_token_with_a_changed_character_is_rejected(
        case in any::<Index>(),
        at in 0.0..1.0,
        character in any::<Index>(),
    ) {
        let case = case.get(&VALID);
        let character = character.get(&CHARACTERS);
        let index = position(&case.token, at);
        let changed = format!("{}{character}{}", &case.token[..index], &case.token[index + 1..]);
        prop_assume!(changed != case.token);
        prop_assert!(case.verdict_on(&changed).is_err(), "{}: {changed}", case.id);
    }

    #[test]
    fn a_token_with_a_character_added_or_removed_is_rejected(
        case in any::<Index>(),
        at in 0.0..1.0,
        character in any::<Index>(),
    ) {
        let case = case.get(&VALID);
        let character = character.get(&CHARACTERS);
        let index = position(&case.token, at);
        let longer = format!("{}{character}{}", &case.token[..index], &case.token[index..]);
        let shorter = format!("{}{}", &case.token[..index], &case.token[index + 1..]);
        prop_assert!(case.verdict_on(&longer).is_err(), "{}: {longer}", case.id);
        prop_assert!(case.verdict_on(&shorter).is_err(), "{}: {shorter}", case.id);
    }

    #[test]
    fn any_text_is_rejected_without_a_panic(text in "\\PC{0,40}(\\.[A-Za-z0-9_-]{0,60}){0,5}") {
        prop_assert!(VALID[0].verdict_on(&text).is_err());
    }
}
