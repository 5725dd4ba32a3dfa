//! Sessions in files of the state folder, one for each.

use zeroize::Zeroizing;

use crate::state::{Replacement, StateError, StateFolder};

/// Bytes that the record of a session may grow by at a renewal: the longest response, as text in
/// JSON, and some more.
const GROWTH: u64 = 2 << 20;

pub(super) fn name(id: &str) -> String {
    format!("session-{id}.json")
}

pub(super) fn read(
    folder: &StateFolder,
    id: &str,
) -> Result<Option<Zeroizing<Vec<u8>>>, StateError> {
    folder.read(&name(id))
}

/// Takes the space for the next record of a session, whose present one has `size` bytes.
pub(super) fn prepare<'a>(
    folder: &'a StateFolder,
    id: &str,
    size: usize,
) -> Result<Replacement<'a>, StateError> {
    folder.prepare(&name(id), size as u64 + GROWTH)
}

pub(super) fn remove(folder: &StateFolder, id: &str) -> Result<(), StateError> {
    folder.remove(&name(id))
}
