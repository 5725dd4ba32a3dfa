//! The table of refusals: what Auth0 and other servers answer, and what it means. The first row that fits counts.

use super::{Meaning, Step};
use crate::failure::Class::{
    self, MfaRequired, TenantRefused, Throttled, Unreachable, WrongCredentials,
};
use Meaning::{Expired, Pending, SlowDown, WrongCode};
use Step::{ClientCredentials, MessageCode, Otp, Password, Push, RecoveryCode, SecondFactor};

/// A row. It fits where the tenant's `error` is `code` (empty: any), its description contains `phrase` (in lower case;
/// empty: any), its status is `status` (0: any) and it was asked for one of `steps` (none: any).
pub(super) struct Row {
    pub(super) code: &'static str,
    pub(super) phrase: &'static str,
    pub(super) status: u16,
    pub(super) steps: &'static [Step],
    pub(super) class: Class,
    pub(super) message: &'static str,
    /// `{host}` stands for the tenant's.
    pub(super) hint: Option<&'static str>,
    pub(super) meaning: Meaning,
    /// Whether the tenant's words say more than ours.
    pub(super) quoted: bool,
}

pub(super) const TABLE: &[Row] = &[
    // Second factors.
    row("mfa_required", "", MfaRequired, "the account wants a second factor")
        .hint("sign in with a browser, or with an account for which multi-factor authentication is off"),
    row("association_required", "", MfaRequired, NOT_ENROLLED).hint(ENROL),
    row("mfa_registration_required", "", MfaRequired, NOT_ENROLLED).hint(ENROL),
    row("expired_token", "mfa_token", MfaRequired, TOO_LONG).hint(START_AGAIN).means(Expired),
    row("invalid_grant", "mfa_token", MfaRequired, TOO_LONG).hint(START_AGAIN).means(Expired),
    row("authorization_pending", "", MfaRequired, "the push is not answered yet").means(Pending),
    row("slow_down", "", MfaRequired, "the push was asked about too often").means(SlowDown),
    row("unsupported_challenge_type", "", MfaRequired, "the tenant does not take this second factor")
        .hint("choose another with --factor; the tenant's are under Security → Multi-factor Auth"),
    row("", "too many failed codes", Throttled, "too many wrong codes").hint("wait some minutes"),
    row("", "too many sms", Throttled, "too many codes were sent").hint("wait some minutes, or use another --factor"),
    row("invalid_grant", "", WrongCredentials, "the push was declined").during(&[Push]).hint(DECLINED),
    row("access_denied", "rejected", WrongCredentials, "the push was declined").during(&[Push]).hint(DECLINED),
    row("invalid_grant", "", WrongCredentials, "the one-time code is wrong").during(&[Otp]).means(WrongCode).hint(
        "a code holds for 30 s and is taken once: use the next one, and check the clock of the device it is from",
    ),
    row("invalid_grant", "", WrongCredentials, "the code is wrong")
        .during(&[MessageCode])
        .means(WrongCode)
        .hint("use the code of the newest message"),
    row("invalid_grant", "", WrongCredentials, "the recovery code is wrong")
        .during(&[RecoveryCode])
        .means(WrongCode)
        .hint("each is taken once; an administrator can reset the user's multi-factor authentication"),
    row("unauthorized_client", "grant", TenantRefused, "the application may not use second factors")
        .during(FACTORS)
        .hint("switch on Applications → … → Settings → Advanced Settings → Grant Types → MFA"),
    // The person.
    row("too_many_attempts", "suspicious", Throttled, "this network address is blocked after too many attempts").hint(
        "wait, or allow the address under Security → Attack Protection → Suspicious IP Throttling → IP AllowList; \
               a back-end that signs users in names theirs with --forwarded-for",
    ),
    row("too_many_attempts", "", Throttled, "the account is blocked after too many attempts").hint(
        "follow the link in the e-mail that Auth0 sent to the user, or unblock the user under User Management → Users",
    ),
    row("too_many_logins", "", Throttled, "the user signed in too often within a minute"),
    row("password_leaked", "", TenantRefused, "the password is known from a breach elsewhere, and is blocked").hint(
        "reset it by the link in the e-mail that Auth0 sent to the user, or on the login page; the setting is \
               Security → Attack Protection → Breached Password Detection",
    ),
    row("requires_verification", "", TenantRefused, BOT).hint(CAPTCHA),
    row("requires_validation", "", TenantRefused, BOT).hint(CAPTCHA),
    row("", "user is blocked", TenantRefused, "the user is blocked")
        .hint("an administrator can unblock the user under User Management → Users → … → Unblock"),
    row("password_change_required", "", TenantRefused, EXPIRED_PASSWORD).hint(CHANGE_PASSWORD),
    row("", "password change required", TenantRefused, EXPIRED_PASSWORD).hint(CHANGE_PASSWORD).quoted(),
    row("", "password has expired", TenantRefused, EXPIRED_PASSWORD).hint(CHANGE_PASSWORD).quoted(),
    row("", "password expired", TenantRefused, EXPIRED_PASSWORD).hint(CHANGE_PASSWORD).quoted(),
    row("", "change your password", TenantRefused, EXPIRED_PASSWORD).hint(CHANGE_PASSWORD).quoted(),
    row("", "verify your email", TenantRefused, UNVERIFIED).hint(VERIFY_EMAIL).quoted(),
    row("", "email is not verified", TenantRefused, UNVERIFIED).hint(VERIFY_EMAIL).quoted(),
    row("", "email not verified", TenantRefused, UNVERIFIED).hint(VERIFY_EMAIL).quoted(),
    row("invalid_user_password", "", WrongCredentials, WRONG_PASSWORD).hint(CHECK_BOTH),
    row("invalid_grant", "wrong email or password", WrongCredentials, WRONG_PASSWORD).hint(CHECK_BOTH),
    row("invalid_grant", "invalid user credentials", WrongCredentials, WRONG_PASSWORD).hint(CHECK_BOTH),
    row("invalid_grant", "", WrongCredentials, WRONG_PASSWORD).during(&[Password]).hint(CHECK_BOTH).quoted(),
    // The application.
    row(
        "",
        "not configured with default connection",
        TenantRefused,
        "the tenant has no default directory to look the user up in",
    )
    .hint(
        "name a database connection with --realm, or set Settings → General → API Authorization Settings → \
               Default Directory",
    ),
    row("", "connection was not found", TenantRefused, "the tenant knows no database connection of that name")
        .hint("compare --realm with the names under Authentication → Database, letter by letter"),
    row("", "connection was disabled", TenantRefused, "the database connection is not switched on for the application")
        .hint("switch it on under Authentication → Database → … → Applications"),
    row("unauthorized_client", "grant type", TenantRefused, "the application may not use the password grant")
        .during(&[Password])
        .hint("switch on Applications → … → Settings → Advanced Settings → Grant Types → Password"),
    row("unauthorized_client", "grant type", TenantRefused, "the application may not use the client credentials grant")
        .hint("switch on Applications → … → Settings → Advanced Settings → Grant Types → Client Credentials")
        .during(&[ClientCredentials]),
    row("unauthorized_client", "", TenantRefused, "the application may not do this")
        .quoted()
        .hint("see Applications → … → Settings → Advanced Settings → Grant Types"),
    row("unsupported_grant_type", "", TenantRefused, "the server does not offer this grant")
        .hint("ask who runs it whether the grant is switched on"),
    row("invalid_client", "", TenantRefused, "the tenant does not accept how the application proves itself")
        .quoted()
        .hint("compare client ID, client secret or key, and --client-auth with Applications → … → Credentials"),
    row("", "unknown client", TenantRefused, "the tenant knows no application with this client ID")
        .hint("compare it with Applications → … → Settings → Basic Information, and the domain with it"),
    row("", "service not found", TenantRefused, UNKNOWN_API).hint(COMPARE_AUDIENCE).quoted(),
    row("", "service not enabled within domain", TenantRefused, UNKNOWN_API).hint(COMPARE_AUDIENCE).quoted(),
    row("", "no audience parameter", TenantRefused, "the tenant wants to know which API the token is for")
        .hint("name it with --audience, or set Settings → General → API Authorization Settings → Default Audience"),
    row("", "not authorized to access", TenantRefused, "the application is not authorised for this API")
        .quoted()
        .hint("authorise it under Applications → APIs → … → Machine to Machine Applications (Application Access)"),
    row("", "not been granted scopes", TenantRefused, "the application was not granted these scopes").quoted().hint(
        "grant them under Applications → APIs → … → Machine to Machine Applications, or ask for less with --scope",
    ),
    row("consent_required", "", TenantRefused, "the API wants the user's consent, which only a browser can ask for")
        .hint("switch on Applications → APIs → … → Settings → Allow Skipping User Consent"),
    row(
        "access_denied",
        "unauthorized",
        TenantRefused,
        "the tenant does not accept the client ID with this client secret",
    )
    .status(401)
    .during(CLIENT_STEPS)
    .hint(
        "compare both with Applications → … → Settings → Basic Information; an application \
               whose Credentials → Authentication Method is None must send no secret: --client-auth none",
    ),
    row("invalid_scope", "", TenantRefused, "the tenant does not grant this scope")
        .hint("ask for less with --scope")
        .quoted(),
    row("", "global limit has been reached", Throttled, "the tenant's rate limit has been reached"),
    row("temporarily_unavailable", "", Unreachable, "the tenant is out of service for the moment")
        .hint("try again later"),
    // An Action or a Rule: the text is the application's own.
    row("access_denied", "", TenantRefused, "an Action of the tenant refused the login")
        .hint(ACTION)
        .quoted()
        .during(LOGIN_STEPS)
        .status(403),
    row("unauthorized", "", TenantRefused, "a Rule of the tenant refused the login")
        .hint(ACTION)
        .quoted()
        .during(LOGIN_STEPS),
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

const NOT_ENROLLED: &str = "the account wants a second factor, and none is enrolled yet";
pub(in crate::auth) const ENROL: &str = "padlock cannot enrol one: sign in once with a browser at an application of {host} and follow \
                     the steps there, or let an administrator send an enrolment invitation (User Management → Users \
                     → … → Multi-Factor Authentication)";
const TOO_LONG: &str = "the login took too long: the tenant's time for the second factor is over";
const START_AGAIN: &str = "start again, and give the code at once";
const DECLINED: &str = "if it was not you who asked for it, somebody knows the password: change it";
const BOT: &str = "the tenant takes this login for a robot's and wants proof of a person, which this grant cannot give";
const CAPTCHA: &str = "sign in with a browser, or change Security → Attack Protection → Bot Detection (the answer for \
                       the password flow, or its IP AllowList)";
const EXPIRED_PASSWORD: &str = "the password has expired and must be changed first";
const CHANGE_PASSWORD: &str = "change it on the login page of {host}, or let an administrator do so (User Management → \
                               Users → … → Actions)";
const UNVERIFIED: &str = "the e-mail address is not verified";
const VERIFY_EMAIL: &str = "follow the link in the verification e-mail; an administrator can send another (User \
                            Management → Users → … → Actions)";
const WRONG_PASSWORD: &str = "the e-mail address or the password is wrong";
const CHECK_BOTH: &str = "check both; several wrong attempts block the account";
const UNKNOWN_API: &str = "the tenant knows no API with this audience";
const COMPARE_AUDIENCE: &str =
    "compare the audience with the Identifier under Applications → APIs, byte by byte";
const ACTION: &str = "the words are the application's own; see Actions → Triggers → post-login, and Auth Pipeline → Rules";

const fn row(code: &'static str, phrase: &'static str, class: Class, message: &'static str) -> Row {
    let (status, steps, hint, meaning, quoted) = (0, &[] as &[Step], None, Meaning::No, false);
    Row {
        code,
        phrase,
        status,
        steps,
        class,
        message,
        hint,
        meaning,
        quoted,
    }
}

impl Row {
    const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }

    const fn during(mut self, steps: &'static [Step]) -> Self {
        self.steps = steps;
        self
    }

    const fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    const fn means(mut self, meaning: Meaning) -> Self {
        self.meaning = meaning;
        self
    }

    const fn quoted(mut self) -> Self {
        self.quoted = true;
        self
    }
}
