//! The pass over one text.

use std::borrow::Cow;

use zeroize::Zeroizing;

use super::foreign;
use super::needle::needles;
use super::view::{folded, views};

/// The text that replaces a secret.
const MARK: &str = "[hidden]";

/// The text without the secrets, in whatever encoding they are in it; `foreign` are the parts of it
/// that come from outside.
pub(super) fn without<'t, 's>(
    text: &'t str,
    secrets: impl Iterator<Item = &'s str>,
    foreign: &[String],
) -> Cow<'t, str> {
    let mut secrets = secrets.peekable();
    if secrets.peek().is_none() {
        return Cow::Borrowed(text);
    }
    let views = views(text);
    let mut found = Vec::new();
    for secret in secrets {
        let own_words = OwnWords::new(text, secret, foreign);
        for needle in needles(secret, text.len()) {
            for view in &views {
                let starts = 0..view.len();
                let ranges = starts.filter_map(|start| needle.find_at(view, start));
                found.extend(ranges.filter(|range| !own_words.contain(*range)));
            }
        }
    }
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    found.sort_unstable();
    Cow::Owned(replaced(text, &found))
}

/// Where an ordinary word is one of padlock's own.
struct OwnWords<'t> {
    text: &'t str,
    /// The secret as it is compared, if it is an ordinary word.
    word: Option<Zeroizing<String>>,
    /// The parts that come from outside.
    foreign: Vec<(usize, usize)>,
}

impl<'t> OwnWords<'t> {
    fn new(text: &'t str, secret: &str, foreign: &[String]) -> Self {
        let word = foreign::is_ordinary(secret).then(|| folded(secret).collect());
        let ranges = |part: &str| {
            let found = text.match_indices(part);
            found
                .map(|(start, part)| (start, start + part.len()))
                .collect::<Vec<_>>()
        };
        // A message may quote a text as Rust's `Debug` does.
        let quoted = |part: &str| format!("{part:?}").trim_matches('"').to_owned();
        let foreign = foreign.iter().filter(|_| word.is_some());
        let foreign = foreign.flat_map(|part| [ranges(part), ranges(&quoted(part))]);
        Self {
            text,
            foreign: foreign.flatten().collect(),
            word: word.map(Zeroizing::new),
        }
    }

    /// Whether this range is the secret as it is, in words of padlock's own.
    fn contain(&self, (start, end): (usize, usize)) -> bool {
        let Some(word) = &self.word else {
            return false;
        };
        let is_foreign = |(from, to): &(usize, usize)| *from <= start && end <= *to;
        folded(&self.text[start..end]).eq(word.chars()) && !self.foreign.iter().any(is_foreign)
    }
}

/// The text with a mark in the place of the ranges, which are sorted and may overlap.
fn replaced(text: &str, ranges: &[(usize, usize)]) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut done = 0;
    for &(start, end) in ranges {
        if start >= done {
            safe += &text[done..start];
            safe += MARK;
        }
        done = done.max(end);
    }
    safe + &text[done..]
}
