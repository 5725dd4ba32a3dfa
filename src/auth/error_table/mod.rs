//! The error table: the error responses of Auth0 and other servers, and what they mean.
//!
//! The first row that matches counts. Rows by a server's words come before those by its code alone,
//! since the words say more.

mod row;
mod second_factor;
mod entra;
mod user;
mod application;
mod flows;

pub(super) use flows::{DEVICE_EXPIRED, IN_TIME};
pub(crate) use row::NextStep;
pub(super) use row::{ErrorRow, Situation};
pub(super) use second_factor::ENROLL;

static TABLE: &[&[ErrorRow]] = &[
    entra::BY_CODE,
    flows::BY_WORDS,
    second_factor::BY_WORDS,
    user::BY_WORDS,
    application::BY_WORDS,
    flows::BY_CODE,
    second_factor::BY_CODE,
    user::BY_CODE,
    application::BY_CODE,
];

/// The row for a response; `description` in lower case.
pub(super) fn find(
    situation: Situation,
    codes: &[String],
    description: &str,
) -> Option<&'static ErrorRow> {
    let mut rows = TABLE.iter().copied().flatten();
    rows.find(|row| row.matches(situation, codes, description))
}

#[cfg(test)]
mod tests;
