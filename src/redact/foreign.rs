//! Text from outside, as it was put into messages.
//!
//! A secret that is an ordinary word, such as `wrong`, is also in padlock's own sentences. Hiding it
//! there would give it away, so that it is hidden only in the words of others.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The most texts that are kept; one message quotes far fewer.
const MOST: usize = 256;

/// Whether a secret of this run is an ordinary word: else the texts are not needed.
static IS_NEEDED: AtomicBool = AtomicBool::new(false);

static TEXTS: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());

/// No word of padlock's is longer, in characters.
const LONGEST_WORD: usize = 24;

/// Whether a secret could be among the words of a sentence.
pub(super) fn is_ordinary(secret: &str) -> bool {
    let is_allowed = |char: char| char.is_alphabetic() || matches!(char, '-' | '_' | '.' | '\'');
    let mut words = secret.split_whitespace();
    words.all(|word| word.chars().count() <= LONGEST_WORD && word.chars().all(is_allowed))
}

/// Keeps the texts that are noted from here on, where this secret needs them.
pub(super) fn prepare_for(secret: &str) {
    if is_ordinary(secret) {
        IS_NEEDED.store(true, Ordering::Relaxed);
    }
}

/// Notes a text that comes from outside, as it will be in a message.
pub(crate) fn note_foreign(text: &str) {
    if !IS_NEEDED.load(Ordering::Relaxed) {
        return;
    }
    let mut texts = lock();
    if texts.len() == MOST {
        texts.pop_front();
    }
    texts.push_back(text.to_owned());
}

/// The texts that were noted.
pub(super) fn texts() -> Vec<String> {
    lock().iter().cloned().collect()
}

pub(super) fn forget() {
    lock().clear();
}

fn lock() -> MutexGuard<'static, VecDeque<String>> {
    TEXTS.lock().unwrap_or_else(PoisonError::into_inner)
}
