//! Writes the seed corpora: tokens, headers, payloads and JWKS of the test vectors.

use std::error::Error;
use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz");
    let write = |target: &str, name: &str, seed: &[u8]| {
        let folder = fuzz.join("corpus").join(target);
        fs::create_dir_all(&folder).and_then(|()| fs::write(folder.join(name), seed))
    };
    for line in fs::read_to_string(fuzz.join("../vectors/attacks.jsonl"))?.lines() {
        let case: Value = serde_json::from_str(line)?;
        let (Some(id), Some(token)) = (case["id"].as_str(), case["token"].as_str()) else {
            continue;
        };
        write("token", id, token.as_bytes())?;
        let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part));
        for target in ["header", "claims"] {
            if let Some(Ok(seed)) = parts.next() {
                write(target, id, &seed)?;
            }
        }
        if case["key"]["jwks"].is_object() {
            write("key_set", id, case["key"]["jwks"].to_string().as_bytes())?;
        }
    }
    // Found by fuzzing: a joiner inside a word is kept in messages.
    let joined = json!({ "alg": "A\u{200c}S" });
    write("header", "joiner", joined.to_string().as_bytes())?;
    let document = json!({
        "issuer": "https://idp.example/",
        "token_endpoint": "https://idp.example/t",
        "jwks_uri": "https://idp.example/k",
    });
    Ok(write(
        "discovery",
        "document",
        document.to_string().as_bytes(),
    )?)
}
