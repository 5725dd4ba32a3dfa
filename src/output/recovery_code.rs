//! A new recovery code, for the person to keep.

use serde_json::json;

use crate::args::ErrorFormat;
use crate::text;

/// The lines for stderr: a request to keep the code, or one JSON object for programs.
#[must_use]
pub fn recovery_code(code: &str, format: ErrorFormat) -> String {
    match format {
        ErrorFormat::Text => {
            let code = text::escape(code);
            format!(
                "padlock: the recovery code is used up; keep the new one, which is shown only now: {code}\n"
            )
        }
        ErrorFormat::Json => format!("{}\n", json!({ "recovery_code": code })),
    }
}
