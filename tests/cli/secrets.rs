//! No password and no other secret in any message.

use serde_json::json;

use crate::program::padlock_at;
use crate::tenant::{CLIENT_SECRET, EMAIL, Tenant, TenantOptions, error_responses, now};

const PASSWORD: &str = "hunter2-hunter2";

fn oauth_error(error: &str, description: &str) -> String {
    json!({ "error": error, "error_description": description }).to_string()
}

fn failing() -> Vec<TenantOptions> {
    let tenant = || Tenant::builder().first_user(|user| PASSWORD.clone_into(&mut user.password));
    // A server that echoes the request must not make padlock show it.
    let echo = format!("<html>{PASSWORD} {CLIENT_SECRET}</html>");
    vec![
        Tenant::builder(),
        tenant().token_error(error_responses::unauthorized()),
        tenant().token_error(error_responses::too_many_attempts()),
        tenant().token_error(error_responses::mfa_required("Fe26...Ha")),
        tenant().token_response(200, &[], echo.clone()),
        tenant().token_response(500, &[], echo.clone()),
        tenant().token_response(404, &[], echo),
        tenant().token_response(
            403,
            &[],
            oauth_error(
                "invalid_grant",
                &format!("{PASSWORD} is wrong, {CLIENT_SECRET} is right"),
            ),
        ),
        tenant().token_response(400, &[], oauth_error(PASSWORD, CLIENT_SECRET)),
        tenant().token_response(
            429,
            &[("retry-after", PASSWORD)],
            oauth_error("too_many_requests", PASSWORD),
        ),
        tenant().token_response(
            302,
            &[(
                "location",
                &format!("http://127.0.0.1:9/?password={PASSWORD}"),
            )],
            "",
        ),
        tenant().token_response(
            302,
            &[(
                "location",
                &format!("http://127.0.0.1:9/{}{CLIENT_SECRET}", "x".repeat(160)),
            )],
            "",
        ),
        tenant().token_response(
            200,
            &[],
            json!({ "access_token": "opaque", "token_type": PASSWORD }).to_string(),
        ),
        tenant().token_response(307, &[("location", "http://127.0.0.1:9/")], ""),
        tenant().claim("exp", json!(now() - 1000)),
        tenant().without_id_token(),
    ]
}

#[test]
fn no_failure_shows_the_password_the_client_secret_or_a_token() {
    for options in failing() {
        let tenant = options.start();
        for format in ["text", "json"] {
            let mut login = padlock_at(&tenant);
            login.args([
                "--email",
                EMAIL,
                "--password",
                PASSWORD,
                "--error-format",
                format,
            ]);
            login.env("RUST_BACKTRACE", "1").env("RUST_LOG", "trace");
            let output = login.output().unwrap();
            let shown = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            assert_ne!(output.status.code(), Some(0));
            for secret in [PASSWORD, &CLIENT_SECRET[..16], "eyJ", "Fe26"] {
                assert!(!shown.contains(secret), "{secret} in {shown}");
            }
        }
    }
}
