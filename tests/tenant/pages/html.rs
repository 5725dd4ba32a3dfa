//! The pages as HTML.

use crate::tenant::transport::response::Response;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:22em;margin:12vh auto}\
                     label,input,button{display:block;width:100%;box-sizing:border-box}\
                     input{padding:.5em;margin-bottom:1em}button{padding:.6em;margin-top:.5em}\
                     .problem{color:#b00020}";

/// A page with a heading and a form below it.
pub(super) fn page(title: &str, problem: Option<&str>, form: &str) -> Response {
    let problem = problem.map(|text| format!("<p class=\"problem\">{}</p>", escaped(text)));
    let body = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title>\
         <style>{STYLE}</style></head><body><h1>{0}</h1>{1}{form}</body></html>\n",
        escaped(title),
        problem.unwrap_or_default()
    );
    Response::new(200, body)
        .header("content-type", "text/html; charset=utf-8")
        .header("cache-control", "no-store")
        .header("content-security-policy", "frame-ancestors 'none'")
}

/// A form that goes back to where it came from, with hidden fields.
pub(super) fn form(hidden: &[(&str, &str)], content: &str) -> String {
    let hidden = hidden.iter().map(|(name, value)| {
        format!(
            "<input type=\"hidden\" name=\"{name}\" value=\"{}\">",
            escaped(value)
        )
    });
    let hidden: String = hidden.collect();
    format!("<form method=\"post\">{hidden}{content}</form>")
}

/// A field with its label.
pub(super) fn field(name: &str, kind: &str, label: &str, value: &str) -> String {
    format!(
        "<label>{label}<input name=\"{name}\" type=\"{kind}\" value=\"{}\"></label>",
        escaped(value)
    )
}

/// A button that sends a field.
pub(super) fn button(name: &str, value: &str, label: &str) -> String {
    format!("<button name=\"{name}\" value=\"{value}\">{label}</button>")
}

pub(super) fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('"', "&quot;").replace('\'', "&#39;")
}
