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
}
