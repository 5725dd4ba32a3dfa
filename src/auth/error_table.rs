//! The error table: the error responses of Auth0 and other servers, and what they mean.

use super::step::Step;
use crate::failure::Class::{
    self, MfaRequired, TenantRefused, Throttled, Unreachable, WrongCredentials,
};
use NextStep::{PollAgain, PollSlower, StartOver, TryAnotherCode};
use Step::{ClientCredentials, MessageCode, Otp, Password, Push, RecoveryCode, SecondFactor};

/// What can be done after an error response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NextStep {
    /// Nothing.
    None,
    /// Try another code, since this one is wrong.
    TryAnotherCode,
    /// Poll again, since the push has not been answered yet.
    PollAgain,
    /// Poll again, but less often (RFC 8628 §3.5).
    PollSlower,
    /// Start the login over, since it took too long.
    StartOver,
}

/// A row: which responses it is about, and what they mean.
pub(super) struct ErrorRow {
    condition: Condition,
    pub(super) class: Class,
    pub(super) message: &'static str,
    /// `{host}` is replaced by the tenant's.
    pub(super) hint: Option<&'static str>,
    pub(super) next_step: NextStep,
    /// Whether to quote the tenant's description, which says more than the message.
    pub(super) is_quoted: bool,
}

/// What a response must match.
struct Condition {
    /// `error`; empty: any.
    code: &'static str,
    /// Part of the description, in lower case; empty: any.
    phrase: &'static str,
    /// 0: any.
    status: u16,
    /// What was requested; empty: anything.
    steps: &'static [Step],
}

/// The first row that matches counts.
// One group of lines per row; rustfmt would give each method a line.
#[rustfmt::skip]
pub(super) const TABLE: &[ErrorRow] = &[
    // Second factors.
    code("mfa_required").means(MfaRequired, "a second factor is required")
        .hint("sign in with a browser, or with an account without multi-factor authentication"),
    code("association_required").means(MfaRequired, NOT_ENROLLED).hint(ENROLL),
    code("mfa_registration_required").means(MfaRequired, NOT_ENROLLED).hint(ENROLL),
    code("expired_token").phrase("mfa_token").means(MfaRequired, TOO_LONG).then(StartOver)
        .hint(START_AGAIN),
    code("invalid_grant").phrase("mfa_token").means(MfaRequired, TOO_LONG).then(StartOver)
        .hint(START_AGAIN),
    code("authorization_pending")
        .means(MfaRequired, "the push has not been answered yet").then(PollAgain),
    code("slow_down").means(MfaRequired, "the push was polled too often").then(PollSlower),
    code("unsupported_challenge_type")
        .means(MfaRequired, "the tenant does not accept this second factor")
        .hint("choose another with --factor; Security → Multi-factor Auth lists the tenant's"),
    phrase("too many failed codes").means(Throttled, "too many wrong codes")
        .hint("wait a few minutes"),
    phrase("too many sms").means(Throttled, "too many codes were sent")
        .hint("wait a few minutes, or use another --factor"),
    code("invalid_grant").during(&[Push]).means(WrongCredentials, "the push was declined")
        .hint(DECLINED),
    code("access_denied").phrase("rejected").during(&[Push])
        .means(WrongCredentials, "the push was declined").hint(DECLINED),
    code("invalid_grant").during(&[Otp])
        .means(WrongCredentials, "the one-time code is wrong").then(TryAnotherCode)
        .hint("use the next code: each is valid for 30 s and accepted once; also check the \
               device's clock"),
    code("invalid_grant").during(&[MessageCode])
        .means(WrongCredentials, "the code is wrong").then(TryAnotherCode)
        .hint("use the code from the latest message"),
    code("invalid_grant").during(&[RecoveryCode])
        .means(WrongCredentials, "the recovery code is wrong").then(TryAnotherCode)
        .hint("use another one: each is accepted once; an administrator can reset the user's \
               multi-factor authentication"),
    code("unauthorized_client").phrase("grant").during(FACTORS)
        .means(TenantRefused, "the application may not use second factors")
        .hint("enable Applications → … → Settings → Advanced Settings → Grant Types → MFA"),
    // The user.
    code("too_many_attempts").phrase("suspicious")
        .means(Throttled, "this network address is blocked after too many attempts")
        .hint("wait, or allow the address under Security → Attack Protection → Suspicious IP \
               Throttling → IP AllowList; a back-end that signs users in passes theirs with \
               --forwarded-for"),
    code("too_many_attempts").means(Throttled, "the account is blocked after too many attempts")
        .hint("follow the link in the e-mail that Auth0 sent to the user, or unblock the user \
               under User Management → Users"),
    code("too_many_logins").means(Throttled, "the user signed in too often within a minute"),
    code("password_leaked")
        .means(TenantRefused, "the password appeared in a data breach and is blocked")
        .hint("reset it with the link in the e-mail that Auth0 sent to the user, or on the login \
               page; the setting is Security → Attack Protection → Breached Password Detection"),
    code("requires_verification").means(TenantRefused, BOT).hint(CAPTCHA),
    code("requires_validation").means(TenantRefused, BOT).hint(CAPTCHA),
    phrase("user is blocked").means(TenantRefused, "the user is blocked")
        .hint("ask an administrator to unblock the user under User Management → Users → … → \
               Unblock"),
    code("password_change_required").means(TenantRefused, EXPIRED_PASSWORD).hint(CHANGE_PASSWORD),
    phrase("password change required").means(TenantRefused, EXPIRED_PASSWORD).quoted()
        .hint(CHANGE_PASSWORD),
    phrase("password has expired").means(TenantRefused, EXPIRED_PASSWORD).quoted()
        .hint(CHANGE_PASSWORD),
    phrase("password expired").means(TenantRefused, EXPIRED_PASSWORD).quoted()
        .hint(CHANGE_PASSWORD),
    phrase("change your password").means(TenantRefused, EXPIRED_PASSWORD).quoted()
        .hint(CHANGE_PASSWORD),
    phrase("verify your email").means(TenantRefused, UNVERIFIED).quoted().hint(VERIFY_EMAIL),
    phrase("email is not verified").means(TenantRefused, UNVERIFIED).quoted().hint(VERIFY_EMAIL),
    phrase("email not verified").means(TenantRefused, UNVERIFIED).quoted().hint(VERIFY_EMAIL),
    code("invalid_user_password").means(WrongCredentials, WRONG_PASSWORD).hint(CHECK_BOTH),
    code("invalid_grant").phrase("wrong email or password")
        .means(WrongCredentials, WRONG_PASSWORD).hint(CHECK_BOTH),
    code("invalid_grant").phrase("invalid user credentials")
        .means(WrongCredentials, WRONG_PASSWORD).hint(CHECK_BOTH),
    code("invalid_grant").during(&[Password]).means(WrongCredentials, WRONG_PASSWORD).quoted()
        .hint(CHECK_BOTH),
    // The application.
    phrase("not configured with default connection")
        .means(TenantRefused, "the tenant has no default directory")
        .hint("give a database connection with --realm, or set Settings → General → API \
               Authorization Settings → Default Directory"),
    phrase("connection was not found")
        .means(TenantRefused, "the tenant has no database connection of that name")
        .hint("compare --realm with the exact names under Authentication → Database"),
    phrase("connection was disabled")
        .means(TenantRefused, "the database connection is not enabled for the application")
        .hint("enable it under Authentication → Database → … → Applications"),
    code("unauthorized_client").phrase("grant type").during(&[Password])
        .means(TenantRefused, "the application may not use the password grant")
        .hint("enable Applications → … → Settings → Advanced Settings → Grant Types → Password"),
    code("unauthorized_client").phrase("grant type").during(&[ClientCredentials])
        .means(TenantRefused, "the application may not use the client credentials grant")
        .hint("enable Applications → … → Settings → Advanced Settings → Grant Types → Client \
               Credentials"),
    code("unauthorized_client").means(TenantRefused, "the application may not do this").quoted()
        .hint("check Applications → … → Settings → Advanced Settings → Grant Types"),
    code("unsupported_grant_type").means(TenantRefused, "the server does not offer this grant")
        .hint("ask its administrator whether the grant is enabled"),
    code("invalid_client").means(TenantRefused, "client authentication failed").quoted()
        .hint("compare client ID, client secret or key, and --client-auth with Applications → … → \
               Credentials"),
    phrase("unknown client")
        .means(TenantRefused, "the tenant has no application with this client ID")
        .hint("compare the client ID and the domain with Applications → … → Settings → Basic \
               Information"),
    phrase("service not found").means(TenantRefused, UNKNOWN_API).quoted().hint(COMPARE_AUDIENCE),
    phrase("service not enabled within domain").means(TenantRefused, UNKNOWN_API).quoted()
        .hint(COMPARE_AUDIENCE),
    phrase("no audience parameter").means(TenantRefused, "the tenant requires an audience")
        .hint("give it with --audience, or set Settings → General → API Authorization Settings → \
               Default Audience"),
    phrase("not authorized to access")
        .means(TenantRefused, "the application is not authorized for this API").quoted()
        .hint("authorize it under Applications → APIs → … → Machine to Machine Applications \
               (Application Access)"),
    phrase("not been granted scopes")
        .means(TenantRefused, "the application was not granted these scopes").quoted()
        .hint("grant them under Applications → APIs → … → Machine to Machine Applications, or ask \
               for less with --scope"),
    code("consent_required")
        .means(TenantRefused, "the API requires consent, which users can only give in a browser")
        .hint("enable Applications → APIs → … → Settings → Allow Skipping User Consent"),
    code("access_denied").phrase("unauthorized").status(401).during(CLIENT_STEPS)
        .means(TenantRefused, "the tenant does not accept the client ID with this client secret")
        .hint("compare both with Applications → … → Settings → Basic Information; for an \
               application whose Credentials → Authentication Method is None, use --client-auth \
               none"),
    code("invalid_scope").means(TenantRefused, "the tenant does not grant this scope").quoted()
        .hint("ask for less with --scope"),
    phrase("global limit has been reached")
        .means(Throttled, "the tenant's rate limit has been reached"),
    code("temporarily_unavailable").means(Unreachable, "the tenant is temporarily unavailable")
        .hint("try again later"),
    // An Action or a Rule, with the tenant's own text.
    code("access_denied").status(403).during(LOGIN_STEPS)
        .means(TenantRefused, "an Action of the tenant refused the login").quoted().hint(ACTION),
    code("unauthorized").during(LOGIN_STEPS)
        .means(TenantRefused, "a Rule of the tenant refused the login").quoted().hint(ACTION),
];

const FACTORS: &[Step] = &[SecondFactor, Otp, MessageCode, Push, RecoveryCode];
const LOGIN_STEPS: &[Step] = &[Password, Otp, MessageCode, Push, RecoveryCode];
const CLIENT_STEPS: &[Step] = &[
    Password,
    ClientCredentials,
    SecondFactor,
    Otp,
    MessageCode,
    Push,
    RecoveryCode,
];

const NOT_ENROLLED: &str = "a second factor is required, and none is enrolled";
pub(super) const ENROLL: &str = "sign in once with a browser at an application of {host} and \
                                 follow the steps there, or ask an administrator to send an \
                                 enrollment invitation (User Management → Users → … → \
                                 Multi-Factor Authentication)";
const TOO_LONG: &str = "the login took too long: the time for the second factor has expired";
const START_AGAIN: &str = "sign in again, and enter the code promptly";
const DECLINED: &str = "change the password if you did not start this login: someone else knows it";
const BOT: &str = "bot detection requires a CAPTCHA, which this grant cannot show";
const CAPTCHA: &str = "sign in with a browser, or change Security → Attack Protection → Bot \
                       Detection (its response for the password flow, or its IP AllowList)";
const EXPIRED_PASSWORD: &str = "the password has expired and must be changed first";
const CHANGE_PASSWORD: &str = "change it on the login page of {host}, or ask an administrator to \
                               do so (User Management → Users → … → Actions)";
const UNVERIFIED: &str = "the e-mail address is not verified";
const VERIFY_EMAIL: &str = "follow the link in the verification e-mail; an administrator can \
                            resend it (User Management → Users → … → Actions)";
const WRONG_PASSWORD: &str = "the e-mail address or the password is wrong";
const CHECK_BOTH: &str = "check both; too many failed attempts block the account";
const UNKNOWN_API: &str = "the tenant has no API with this audience";
const COMPARE_AUDIENCE: &str =
    "compare the audience with the Identifier under Applications → APIs, exactly";
const ACTION: &str = "check Actions → Triggers → post-login, and Auth Pipeline → Rules: the \
                      refusal is theirs";

/// A response with this `error`.
const fn code(code: &'static str) -> Condition {
    Condition {
        code,
        phrase: "",
        status: 0,
        steps: &[],
    }
}

/// A response whose description contains this phrase.
const fn phrase(phrase: &'static str) -> Condition {
    code("").phrase(phrase)
}

impl Condition {
    const fn phrase(mut self, phrase: &'static str) -> Self {
        self.phrase = phrase;
        self
    }

    const fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    const fn during(mut self, steps: &'static [Step]) -> Self {
        self.steps = steps;
        self
    }

    const fn means(self, class: Class, message: &'static str) -> ErrorRow {
        ErrorRow {
            condition: self,
            class,
            message,
            hint: None,
            next_step: NextStep::None,
            is_quoted: false,
        }
    }
}

impl ErrorRow {
    /// Whether a response matches; `description` in lower case.
    pub(super) fn matches(&self, step: Step, status: u16, code: &str, description: &str) -> bool {
        let condition = &self.condition;
        (condition.steps.is_empty() || condition.steps.contains(&step))
            && (condition.status == 0 || condition.status == status)
            && (condition.code.is_empty() || condition.code == code)
            && description.contains(condition.phrase)
    }

    const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }

    const fn then(mut self, next_step: NextStep) -> Self {
        self.next_step = next_step;
        self
    }

    const fn quoted(mut self) -> Self {
        self.is_quoted = true;
        self
    }
}
