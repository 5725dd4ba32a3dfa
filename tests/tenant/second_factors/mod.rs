//! Second factors: enrolment, challenges, and the grants that complete a login.

pub(super) mod endpoints;
pub(super) mod factor;
pub(super) mod grants;
pub(super) mod totp;
pub(super) mod transactions;
