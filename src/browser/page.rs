//! What a browser gets: fixed texts, in which nothing of a request is repeated.

/// The style, allowed by its digest (CSP 3 §8.3); no other style, script or image is.
const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:32em;margin:20vh auto;\
                     padding:0 1em;color:#1a1a1a;background:#fff}h1{font-size:1.4em}\
                     @media(prefers-color-scheme:dark){body{color:#eee;background:#1a1a1a}}";
const DIGEST: &str = "eIZEZFdO7JVsQOojV6rOomQEzR9hRriGgnfzmjInwZo=";

/// To everything that is not the redirect of this login.
pub(super) const NOT_FOUND: &[u8] = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\
    cache-control: no-store\r\nconnection: close\r\n\r\n";

/// The last page, which no other site can frame, and no cache keeps.
pub(super) fn last(is_error: bool) -> Vec<u8> {
    let (title, text) = if is_error {
        (
            "The sign-in was not completed",
            "padlock says why in the terminal. You can close this window.",
        )
    } else {
        (
            "Back to the terminal",
            "padlock completes the sign-in there. You can close this window.",
        )
    };
    let body = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>padlock: {title}</title><style>{STYLE}</style></head>\
         <body><h1>{title}</h1><p>{text}</p></body></html>\n"
    );
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\nconnection: close\r\nreferrer-policy: no-referrer\r\n\
         content-security-policy: default-src 'none'; style-src 'sha256-{DIGEST}'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n\
         x-content-type-options: nosniff\r\nx-frame-options: DENY\r\n\
         cross-origin-opener-policy: same-origin\r\n\
         cross-origin-resource-policy: same-origin\r\n\r\n",
        body.len()
    );
    (head + &body).into_bytes()
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest::{SHA256, digest};
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn the_policy_allows_exactly_this_style() {
        assert_eq!(STANDARD.encode(digest(&SHA256, STYLE.as_bytes())), DIGEST);
    }
}
