//! Reads the `mod` lines and the paths of a Rust source file, without its unit tests.

const TEST_ATTRIBUTE: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];

/// A line number with a name, `::` or a single mark.
type Token<'a> = (usize, &'a str);

#[derive(Default)]
pub(super) struct Source {
    /// The modules that have files of their own, in order.
    pub(super) modules: Vec<String>,
    /// Every path from `crate`, `self` or `super`: its line, and its names from the crate's root.
    pub(super) paths: Vec<(usize, Vec<String>)>,
}

pub(super) fn read(text: &str, module: &[String]) -> Source {
    let tokens = without_unit_tests(&tokens(text));
    let (mut source, mut path) = (Source::default(), Vec::new());
    // For each open brace, the module and the start of the `use` group that it is in.
    let mut scopes = vec![(module.to_vec(), Vec::new())];
    for (at, &(line, token)) in tokens.iter().enumerate() {
        let near = |offset| Some(tokens.get(at.checked_add_signed(offset)?)?.1);
        let [before, last, next, second] = [-2, -1, 1, 2].map(|n| near(n).unwrap_or_default());
        let (mut module, group) = scopes.last().cloned().unwrap_or_default();
        match token {
            "mod" if second == ";" => source.modules.push(next.into()),
            "{" if last == "::" => scopes.push((module, path.clone())),
            "{" => {
                module.extend((before == "mod").then(|| last.into()));
                scopes.push((module, Vec::new()));
            }
            "}" => drop(scopes.pop()),
            "::" => (),
            _ if !group.is_empty() && (token == "as" || last == "as") => (),
            _ if is_name(token) || token == "*" && (last == "::" || !group.is_empty()) => {
                match (before, last) {
                    (_, "::") => (),
                    ("(", "in") => path = vec!["pub"], // a visibility
                    _ => path = group,
                }
                path.push(token);
                let ends = next != "::" || ["<", "$"].contains(&second);
                let is_path = path.len() > 1 || next == "as";
                if ends && is_path && ["crate", "self", "super"].contains(&path[0]) {
                    source.paths.push((line, absolute(module, &path)));
                }
            }
            _ => path.clear(),
        }
    }
    source
}

fn without_unit_tests<'a>(mut rest: &[Token<'a>]) -> Vec<Token<'a>> {
    let mut kept = Vec::new();
    while let Some((first, after)) = rest.split_first() {
        if rest.iter().map(|token| token.1).take(7).eq(TEST_ATTRIBUTE) {
            rest = &rest[length_of_item(rest)..];
        } else {
            kept.push(*first);
            rest = after;
        }
    }
    kept
}

/// The length of the item at the start of `tokens`; too short rather than too long.
fn length_of_item(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0;
    for (at, (_, token)) in tokens.iter().enumerate() {
        match *token {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" if depth == 0 => return at,
            "}" | ")" | "]" => depth -= 1,
            _ => (),
        }
        if depth == 0 && ["}", ";", ","].contains(token) {
            return at + 1;
        }
    }
    tokens.len()
}

fn absolute(mut module: Vec<String>, path: &[&str]) -> Vec<String> {
    for name in path {
        match *name {
            "crate" => module.clear(),
            "self" => (),
            "super" => drop(module.pop()),
            name => module.push(name.into()),
        }
    }
    module
}

fn tokens(mut rest: &str) -> Vec<Token<'_>> {
    let (mut tokens, mut line) = (Vec::new(), 1);
    while let Some(first) = rest.chars().next() {
        let (length, is_token) = match comment_or_literal(rest) {
            Some(length) => (length, false),
            None if rest.starts_with("::") => (2, true),
            None if is_name(rest) => (rest.find(|c| !in_name(c)).unwrap_or(rest.len()), true),
            None => (first.len_utf8(), !first.is_whitespace()),
        };
        let (token, after) = rest.split_at(length);
        tokens.extend(is_token.then_some((line, token)));
        line += token.matches('\n').count();
        rest = after;
    }
    tokens
}

fn is_name(text: &str) -> bool {
    text.starts_with(in_name)
}

fn in_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of the comment, string or character at the start of `text`.
fn comment_or_literal(text: &str) -> Option<usize> {
    let through = |start: usize, end: &str| {
        let length = text[start..].find(end).map(|at| start + at + end.len());
        Some(length.unwrap_or(text.len()))
    };
    let raw = text.strip_prefix(['b', 'c']).unwrap_or(text);
    let raw = raw.strip_prefix('r').unwrap_or_default();
    if let Some(content) = raw.trim_start_matches('#').strip_prefix('"') {
        let hashes = "#".repeat(raw.len() - content.len() - 1);
        return through(text.len() - content.len(), &format!("\"{hashes}"));
    }
    let mut chars = text.chars();
    match (chars.next()?, chars.next(), chars.next()) {
        ('/', Some('/'), _) => through(2, "\n"),
        ('/', Some('*'), _) => through(2, "*/"),
        ('"', ..) => Some(quoted(text, '"')),
        ('\'', Some('\\'), _) | ('\'', _, Some('\'')) => Some(quoted(text, '\'')),
        _ => None,
    }
}

fn quoted(text: &str, quote: char) -> usize {
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            c if c == quote => return at + 1,
            _ => (),
        }
    }
    text.len()
}
