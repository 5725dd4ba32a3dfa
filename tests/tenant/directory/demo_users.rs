//! The users of the demo, one for each page of the README.

use serde_json::json;

use super::{User, strings};
use crate::tenant::error_responses;
use crate::tenant::options::TenantOptions;
use crate::tenant::resources::api::READ_ORDERS;
use crate::tenant::second_factors::factor::Factor;
use crate::tenant::{EMAIL, USER_PASSWORD};

/// The secret of an authenticator app: this text in base32, twice.
const TOTP_SECRET: &[u8] = b"Hello!\xde\xad\xbe\xefHello!\xde\xad\xbe\xef";
const APP_CODE: &str = "123456";
const MESSAGE_CODE: &str = "234567";
const PHONE: &str = "XXXXXXXXX9167";

/// The e-mail address of each user, and what a person has to know to sign in.
pub(crate) const DEMO_USERS: &[(&str, &str)] = &[
    (EMAIL, "no second factor"),
    (
        "admin@percy.test",
        "the role admin, in the claim https://percy.test/roles",
    ),
    ("app@percy.test", "code of an authenticator app: 123456"),
    (
        "totp@percy.test",
        "authenticator app with the secret JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    ),
    ("sms@percy.test", "code by text message: 234567"),
    ("push@percy.test", "push notification, accepted by itself"),
    (
        "recovery@percy.test",
        "recovery code: 8F2K4D6H1M3P5R7T; padlock prints the next one",
    ),
    (
        "several@percy.test",
        "app (123456), text message (234567), or push",
    ),
    (
        "unverified@percy.test",
        "refused: e-mail address not verified",
    ),
    ("blocked@percy.test", "refused: blocked"),
    ("expired@percy.test", "refused: password expired"),
];

impl TenantOptions {
    /// The users of the demo, and what the README's examples need besides.
    pub(crate) fn for_demo(mut self) -> Self {
        self.directory.apis[0].scopes = strings(&[READ_ORDERS, "write:orders"]);
        self.directory.users[0].permissions = strings(&[READ_ORDERS]);
        let users = DEMO_USERS.iter().enumerate().skip(1);
        let users = users.map(|(number, (email, _))| user(email, number + 1));
        self.directory.users.extend(users);
        self.native_client().management_scopes(&["read:roles"])
    }

    /// Adds a scope to the demo's API.
    pub(crate) fn scope(mut self, scope: &str) -> Self {
        self.directory.apis[0].scopes.push(scope.to_owned());
        self
    }
}

fn user(email: &str, number: usize) -> User {
    let mut user = User::new(email, USER_PASSWORD, number);
    user.permissions = strings(&[READ_ORDERS]);
    let app = Factor::otp(APP_CODE);
    let message = Factor::sms(PHONE, MESSAGE_CODE);
    let push = Factor::push_accepted_after(0);
    let factors = match user.nickname.as_str() {
        "app" => vec![app],
        "totp" => vec![Factor::totp(TOTP_SECRET)],
        "sms" => vec![message],
        "push" => vec![push],
        "recovery" => vec![Factor::recovery_code("8F2K4D6H1M3P5R7T")],
        "several" => vec![app, message, push],
        _ => Vec::new(),
    };
    for factor in factors {
        user.enrol(factor);
    }
    match user.nickname.as_str() {
        "admin" => {
            let roles = json!(["admin"]);
            user.claims
                .insert("https://percy.test/roles".to_owned(), roles);
            user.roles = strings(&["admin"]);
            user.permissions = strings(&[READ_ORDERS, "write:orders"]);
        }
        "unverified" => user.denied = Some(error_responses::email_not_verified),
        "blocked" => user.blocked = true,
        "expired" => user.denied = Some(error_responses::password_expired),
        _ => {}
    }
    user
}
