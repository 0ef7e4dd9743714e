//! Plain text as it is sent: wrapped, and as the parts of an HTML document.

use std::borrow::Cow;

use linkify::{LinkFinder, LinkKind};
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

use crate::characters::{is_blank, is_invisible};

/// The columns of a line, as readers of plain text expect (RFC 5322, section 2.1.1).
const WIDTH: usize = 76;
/// The most octets that a line may have (RFC 5322, section 2.1.1).
const MAX_LINE: usize = 998;

/// The most octets of text or of an address in a line of HTML, which leaves room for a tag (see `letter.html`).
const MAX_HTML_PIECE: usize = 980;

/// Longer words are not searched for links, which would take long.
const MAX_LINKED: usize = 2_000;

/// A part of a paragraph of HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Text, not escaped yet.
    Text(String),
    /// An address, not escaped yet, that the reader can follow.
    Link(String),
    /// A place where the source of the document goes on in another line, which shows as a space.
    Fold,
    /// A line break that shows.
    LineBreak,
}

/// The text with lines of at most 76 columns. A line breaks at spaces alone, so links stay whole; only a word of more
/// than 998 octets is broken.
pub(super) fn wrap(text: &str) -> String {
    let text = normalized(text);
    let lines: Vec<_> = text.split('\n').flat_map(folded).collect();
    lines.iter().flat_map(|line| pieces(line, MAX_LINE, char::len_utf8)).collect::<Vec<_>>().join("\n")
}

/// The paragraphs of a text, which are separated by empty lines.
pub(super) fn paragraphs(text: &str) -> Vec<Vec<Part>> {
    let text = normalized(text);
    let lines: Vec<&str> = text.split('\n').map(str::trim_end).collect();
    let paragraphs = lines.split(|line| line.is_empty()).filter(|lines| !lines.is_empty());
    paragraphs.map(|lines| lines.iter().map(|line| parts(line)).collect::<Vec<_>>().join(&Part::LineBreak)).collect()
}

fn parts(line: &str) -> Vec<Part> {
    folded(line).iter().map(|line| linked(line)).collect::<Vec<_>>().join(&Part::Fold)
}

/// Text, and the addresses of the web in it.
fn linked(line: &str) -> Vec<Part> {
    let mut finder = LinkFinder::new();
    finder.kinds(if line.len() <= MAX_LINKED { &[LinkKind::Url] } else { &[] });
    let is_web = |text: &str| {
        let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        matches!(scheme.as_deref(), Some("http" | "https"))
            && !text.chars().any(|c| is_invisible(c) || is_blank(c))
            && text.chars().map(escaped_octets).sum::<usize>() <= MAX_HTML_PIECE
    };
    let (mut parts, mut text) = (Vec::new(), String::new());
    for span in finder.spans(line) {
        if span.kind() == Some(&LinkKind::Url) && is_web(span.as_str()) {
            push_text(&mut parts, &std::mem::take(&mut text));
            parts.push(Part::Link(span.as_str().to_owned()));
        } else {
            text += span.as_str();
        }
    }
    push_text(&mut parts, &text);
    parts
}

/// Adds text, in as many lines as it needs.
fn push_text(parts: &mut Vec<Part>, text: &str) {
    if text.is_empty() {
        return;
    }
    // HTML shows a run of spaces as one.
    let text = text.replace('\t', "    ").replace("  ", "\u{a0} ");
    for (n, piece) in pieces(&text, MAX_HTML_PIECE, escaped_octets).into_iter().enumerate() {
        if n > 0 {
            parts.push(Part::Fold);
        }
        parts.push(Part::Text(piece.to_owned()));
    }
}

fn folded(line: &str) -> Vec<Cow<'_, str>> {
    if line.chars().count() <= WIDTH {
        return vec![line.into()];
    }
    let options = Options::new(WIDTH)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    textwrap::wrap(line, options)
}

/// The line in pieces of at most `max` octets, of which a character takes as many as `octets` says.
fn pieces(line: &str, max: usize, octets: impl Fn(char) -> usize) -> Vec<&str> {
    let (mut pieces, mut start, mut length) = (Vec::new(), 0, 0);
    for (place, c) in line.char_indices() {
        length += octets(c);
        if length > max {
            pieces.push(&line[start..place]);
            (start, length) = (place, octets(c));
        }
    }
    pieces.push(&line[start..]);
    pieces
}

/// What a character takes when it is escaped, as in `&#38;`.
fn escaped_octets(c: char) -> usize {
    if matches!(c, '<' | '>' | '&' | '"' | '\'') { 5 } else { c.len_utf8() }
}

/// With line feeds as the only line ends, and no other control character than tabs.
fn normalized(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

#[cfg(test)]
mod tests {
    use super::{Part, paragraphs, wrap};

    fn text(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    fn link(address: &str) -> Part {
        Part::Link(address.to_owned())
    }

    #[test]
    fn a_long_line_is_wrapped_and_a_short_one_is_left_alone() {
        let words = "mot ".repeat(40);
        let url = format!("https://red.example/{}", "a".repeat(200));

        let wrapped = wrap(&format!("  Court  et aligné\r\n-- \r{words}\n\nVoir {url} ici"));

        let lines: Vec<_> = wrapped.split('\n').collect();
        assert_eq!(lines[..2], ["  Court  et aligné", "-- "]);
        assert!(lines[2..].iter().all(|line| line.chars().count() <= 76 || *line == url), "{wrapped}");
        assert!(lines.contains(&url.as_str()), "{wrapped}");
        assert_eq!(wrapped.matches("mot").count(), 40);
    }

    #[test]
    fn a_no_break_space_does_not_break() {
        let line = format!("{} n°\u{a0}34\u{a0}: fin", "x".repeat(72));

        assert_eq!(wrap(&line).lines().last(), Some("n°\u{a0}34\u{a0}: fin"));
    }

    #[test]
    fn a_text_becomes_paragraphs_with_its_line_breaks_and_links() {
        let written = "Bonjour Awa,\n\nVoir https://red.example/a?b=1&c=2.\nÀ demain\n \n\n(http://red.example)\n";

        assert_eq!(
            paragraphs(written),
            [
                vec![text("Bonjour Awa,")],
                vec![
                    text("Voir "),
                    link("https://red.example/a?b=1&c=2"),
                    text("."),
                    Part::LineBreak,
                    text("À demain")
                ],
                vec![text("("), link("http://red.example"), text(")")],
            ]
        );
    }

    #[test]
    fn only_addresses_of_the_web_become_links() {
        for body in [
            "javascript:alert(1)",
            "javascript://x/%0aalert(1)",
            "data:text/html,x",
            "ftp://red.example/x",
            "awa@example.sn",
            "red.example",
            "https://red.example\u{202e}/moc.live",
        ] {
            let is_link =
                |part: &Part| matches!(part, Part::Link(address) if !address.starts_with("https://red.example"));
            assert!(!paragraphs(body).iter().flatten().any(is_link), "{body}: {:?}", paragraphs(body));
        }
    }
}

#[cfg(test)]
mod properties {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::{Part, escaped_octets, paragraphs, wrap};
    use crate::{email::Written, properties::text};

    fn escaped(text: &str) -> usize {
        text.chars().map(escaped_octets).sum()
    }

    fn body() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            text(),
            "([a-zé]{1,12} ){0,40}",
            "[é界]{300,1200}",
            "https://red[.]example/[a-z0-9/?=&%-]{1,900}",
            "(https://red[.]example/[a-z0-9/?=&%-]{1,300}[)<,;]){0,6}",
            "[a-z]{900}(https://red[.]example/[a-z]{1,900})?",
            "([a-z]{1,9} ){0,9}https://red[.]example/[a-z]{1,80}( [a-z]{1,9}){0,9}",
        ];
        proptest::collection::vec((line, proptest::sample::select(vec!["\n", "\r\n", "\r", "\n\n", " "])), 0..6)
            .prop_map(|lines| lines.into_iter().flat_map(|(line, end)| [line, end.to_owned()]).collect())
    }

    proptest! {
        #[test]
        fn no_line_is_too_long_and_no_link_is_broken(body in body()) {
            let wrapped = wrap(&body);

            for line in wrapped.split('\n') {
                prop_assert!(line.len() <= 998);
                prop_assert!(line.chars().count() <= 76 || !line.trim().contains(' ') || line.starts_with(' '), "{line:?}");
                prop_assert!(!line.contains(|c: char| c.is_control() && c != '\t'), "{line:?}");
            }
            for part in paragraphs(&body).iter().flatten() {
                prop_assert!(!matches!(part, Part::Text(text) | Part::Link(text) if escaped(text) > 980), "{part:?}");
            }
            for subject in [body.as_str(), &"&".repeat(255)] {
                let subject: String = subject.chars().take(255).collect();
                let html = Written::by_a_person(&subject, &body).unwrap().html;
                prop_assert!(html.lines().all(|line| line.len() <= 998), "{html}");
            }
            for link in body.split([' ', '\r', '\n', '\t']).filter(|word| word.starts_with("https://red.example/") && word.is_ascii() && escaped(word) <= 980) {
                prop_assert!(wrapped.contains(link), "{link}");
                let is_link = |part: &Part| matches!(part, Part::Link(address) if link.starts_with(address.as_str()));
                prop_assert!(paragraphs(&body).iter().flatten().any(is_link), "{link}");
            }
        }

        #[test]
        fn wrapping_loses_nothing_that_shows(body in body()) {
            let visible = |text: &str| text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect::<String>();

            prop_assert_eq!(visible(&wrap(&body)), visible(&body));
            let html: String = paragraphs(&body).iter().flatten().map(|part| match part {
                Part::Text(text) | Part::Link(text) => text.as_str(),
                Part::Fold | Part::LineBreak => "\n",
            }).collect();
            prop_assert_eq!(visible(&html), visible(&body));
        }
    }
}
