//! What was requested, as far as the meaning of an error response depends on it.

/// What was requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Password,
    ClientCredentials,
    /// The list of second factors, or a challenge for one.
    SecondFactor,
    Otp,
    /// A code that came by message.
    MessageCode,
    Push,
    RecoveryCode,
    Userinfo,
    Refresh,
    Revocation,
    AuthorizationCode,
    Device,
}

/// The steps of a second factor.
pub(super) const FACTORS: &[Step] = &[
    Step::SecondFactor,
    Step::Otp,
    Step::MessageCode,
    Step::Push,
    Step::RecoveryCode,
];

/// The grants with which a user signs in with a password.
pub(super) const LOGIN: &[Step] = &[
    Step::Password,
    Step::Otp,
    Step::MessageCode,
    Step::Push,
    Step::RecoveryCode,
];

/// What is no grant with which a user signs in with a password.
pub(super) const NO_LOGIN: &[Step] = &[
    Step::ClientCredentials,
    Step::SecondFactor,
    Step::Userinfo,
    Step::Refresh,
    Step::AuthorizationCode,
    Step::Device,
];

/// Every grant for a user.
pub(super) const USER_FLOWS: &[Step] = &[
    Step::Password,
    Step::Otp,
    Step::MessageCode,
    Step::Push,
    Step::RecoveryCode,
    Step::Refresh,
    Step::AuthorizationCode,
    Step::Device,
];

/// The steps at which the application authenticates.
pub(super) const CLIENT: &[Step] = &[
    Step::Password,
    Step::ClientCredentials,
    Step::SecondFactor,
    Step::Otp,
    Step::MessageCode,
    Step::Push,
    Step::RecoveryCode,
    Step::Refresh,
    Step::Revocation,
    Step::AuthorizationCode,
    Step::Device,
];
