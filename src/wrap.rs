//! Text broken into lines at words, for a person at a terminal.

use unicode_width::UnicodeWidthStr;

/// Breaks lines that are wider than the terminal; those after the first are indented. A word that
/// is wider by itself, such as a URL, stays in one piece.
#[must_use]
pub(crate) fn wrap(text: &str, width: Option<u16>, indent: usize) -> String {
    let Some(width) = width.map(usize::from) else {
        return text.to_owned();
    };
    let mut wrapped = String::with_capacity(text.len() + 16);
    let (mut column, mut has_word) = (0, false);
    for piece in text.split_inclusive([' ', '\n']) {
        let word = piece.trim_end_matches([' ', '\n']);
        if has_word && column + word.width() > width && !word.is_empty() {
            wrapped.truncate(wrapped.trim_end_matches(' ').len());
            wrapped.push('\n');
            wrapped.extend(std::iter::repeat_n(' ', indent));
            (column, has_word) = (indent, false);
        }
        wrapped.push_str(piece);
        column += piece.width();
        has_word |= !word.is_empty();
        if piece.ends_with('\n') {
            (column, has_word) = (0, false);
        }
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_words_and_are_indented() {
        let text = "hint: check both; too many";
        assert_eq!(wrap(text, None, 2), text);
        assert_eq!(wrap(text, Some(26), 2), text);
        assert_eq!(wrap(text, Some(25), 2), "hint: check both; too\n  many");
        assert_eq!(wrap(text, Some(12), 2), "hint: check\n  both; too\n  many");
    }

    #[test]
    fn a_long_word_stays_in_one_piece() {
        assert_eq!(
            wrap("see https://acme.example/help now", Some(10), 0),
            "see\nhttps://acme.example/help\nnow"
        );
    }

    #[test]
    fn each_line_of_a_text_is_broken_by_itself() {
        let text = "open this address:\n\nhttps://acme.example/help\n\nand enter the code X";
        assert_eq!(wrap(text, Some(30), 0), text);
        assert_eq!(wrap("a b\nc d e f", Some(5), 2), "a b\nc d e\n  f");
    }

    #[test]
    fn wide_characters_count_twice_and_the_space_after_a_question_is_kept() {
        assert_eq!(wrap("李小龍 李", Some(8), 0), "李小龍\n李");
        assert_eq!(wrap("Email: ", Some(7), 0), "Email: ");
    }
}
