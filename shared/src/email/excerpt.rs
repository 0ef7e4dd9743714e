//! The parts of people's names and titles that the product's own mail repeats.
//!
//! Anyone can register with the address of somebody else, so a name or a title must not carry a message of its own to
//! that address: it is short, stands on one line, and has nothing that a mail program turns into a link.

use crate::characters::{is_blank, is_invisible};

/// The longest name in a greeting, in characters and in words.
const MAX_NAME: usize = 40;
const MAX_NAME_WORDS: usize = 3;
/// Phones link numbers of about so many digits. A date has fewer.
const PHONE_DIGITS: usize = 9;
/// The longest title, in characters.
const MAX_TITLE: usize = 60;

/// A first name for a greeting. `None` if it is empty, long, or has other characters than those of names.
pub(super) fn first_name(name: &str) -> Option<String> {
    let name = on_one_line(name);
    let is_of_names = |c: char| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '’' | '\u{300}'..='\u{36f}');
    let is_name = name.starts_with(char::is_alphabetic)
        && name.chars().all(is_of_names)
        && name.chars().count() <= MAX_NAME
        && name.split(' ').count() <= MAX_NAME_WORDS;
    is_name.then_some(name)
}

/// A title, cut to 60 characters. `None` if it is empty or a mail program could make a link of a part of it.
pub(super) fn title(title: &str) -> Option<String> {
    let title = on_one_line(title);
    (!title.is_empty() && !may_become_a_link(&title)).then(|| cut(&title, MAX_TITLE))
}

/// At most `max` characters. An ellipsis stands for the rest, after a whole word if one ends in the second half.
pub(super) fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let kept: String = text.chars().take(max.saturating_sub(1)).collect();
    let is_between_words = text.chars().nth(max.saturating_sub(1)) == Some(' ');
    let whole_words = kept.rsplit_once(' ').map(|(words, _)| words).filter(|words| 2 * words.chars().count() >= max);
    match whole_words {
        Some(words) if !is_between_words => format!("{words}…"),
        _ => format!("{}…", kept.trim_end()),
    }
}

/// White space becomes one space. Control and invisible characters are dropped, those that change the direction of
/// writing among them.
pub(super) fn on_one_line(text: &str) -> String {
    let visible: String =
        text.chars().map(|c| if is_blank(c) { ' ' } else { c }).filter(|c| !is_invisible(*c)).collect();
    visible.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Mail programs make links of more than URLs: of `example.com`, `name@example`, `tel:123`, `\\server`,
/// `192.0.2.1` and phone numbers.
fn may_become_a_link(text: &str) -> bool {
    let text: Vec<char> = text
        .chars()
        .map(|c| match c {
            '。' | '．' | '｡' | '․' | '﹒' => '.',
            '：' | '﹕' | '︰' => ':',
            '＠' | '﹫' => '@',
            '／' => '/',
            '＼' => '\\',
            c => c,
        })
        .collect();
    let has = |part: &str| text.windows(part.len()).any(|window| window.iter().copied().eq(part.chars()));
    let is_domain = text.windows(4).any(|w| {
        // A mark or a symbol may end a label, too.
        !(w[0].is_whitespace() || w[0].is_ascii_punctuation())
            && w[1] == '.'
            && w[2..].iter().all(|c| is_label(*c))
            && w[2..].iter().any(|c| c.is_alphabetic())
    });
    let is_scheme = (1..text.len().saturating_sub(1)).filter(|at| text[*at] == ':' && text[at + 1] != ' ').any(|at| {
        let is_of_schemes = |c: &&char| c.is_alphanumeric() || matches!(c, '+' | '.' | '-');
        let name: Vec<_> = text[..at].iter().rev().take_while(is_of_schemes).collect();
        name.len() >= 2 && name.last().is_some_and(|first| first.is_alphabetic())
    });
    let is_phone_number = text
        .split(|c| !c.is_ascii_digit() && !" +-.()".contains(*c))
        .any(|run| run.iter().filter(|c| c.is_ascii_digit()).count() >= PHONE_DIGITS);
    let is_address = text
        .split(|c| !c.is_ascii_digit() && *c != '.')
        .any(|word| word.windows(2).filter(|w| w[0].is_ascii_digit() && w[1] == '.').count() >= 3);
    text.contains(&'@') || has("//") || has("\\\\") || is_domain || is_scheme || is_address || is_phone_number
}

fn is_label(c: char) -> bool {
    c.is_alphanumeric() || c == '-'
}

#[cfg(test)]
mod tests {
    use super::{first_name, title};

    #[test]
    fn a_first_name_is_short_and_made_of_letters() {
        for (name, greeted) in [
            ("Awa", Some("Awa")),
            (" Marie-Noëlle  Fatou ", Some("Marie-Noëlle Fatou")),
            ("N'Deye", Some("N'Deye")),
            ("Ndèye Coumba Aïssatou", Some("Ndèye Coumba Aïssatou")),
            ("Ade\u{300}le", Some("Ade\u{300}le")),
            ("عائشة", Some("عائشة")),
            ("A\u{202e}wa\n", Some("Awa")),
            ("", None),
            (" \u{3164}\u{200b} ", None),
            ("evil.example", None),
            ("awa@example.sn", None),
            ("http://evil.example", None),
            ("Awa <b>", None),
            ("\"Awa\"", None),
            ("Appelez le 33 800 00 00", None),
            ("Votre compte est bloqué", None),
            ("-", None),
        ] {
            assert_eq!(first_name(name).as_deref(), greeted, "{name:?}");
        }
        assert_eq!(first_name(&"a".repeat(41)), None);
        assert!(first_name(&"a".repeat(40)).is_some());
    }

    #[test]
    fn a_title_that_may_become_a_link_is_left_out() {
        for text in [
            "Gagnez sur https://evil.example/x",
            "Voir evil.example",
            "bit.ly/abc",
            "www.evil.sn",
            "x.co",
            "evil.c0",
            "evil．example",
            "evil。example",
            "ev\u{200b}il.exa\u{ad}mple",
            "moi@example",
            "moi＠example",
            "mailto:moi",
            "tel:338000000",
            "http:evil",
            "\\\\serveur\\partage",
            "//evil/x",
            "Voir 192.0.2.1",
            "evil\u{301}.com",
            "i❤\u{fe0f}.ws",
            "h323:x",
            "Urgent, appelez le 33 800 00 00",
            "+221771234567",
        ] {
            assert_eq!(title(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_title_is_one_short_line() {
        for (text, shown) in [
            ("Climatisation en panne", "Climatisation en panne"),
            (" Chambre 12 :\r\n fuite\t d'eau ", "Chambre 12 : fuite d'eau"),
            ("Rendez-vous à 12h:30, 4.5 étoiles", "Rendez-vous à 12h:30, 4.5 étoiles"),
            ("Fin. Merci...", "Fin. Merci..."),
            ("a\u{202e}b\u{2066}c\u{7}", "abc"),
            ("« Suite » & <b>", "« Suite » & <b>"),
        ] {
            assert_eq!(title(text).as_deref(), Some(shown), "{text:?}");
        }
        assert_eq!(title("\u{200b}\u{3164}"), None);
        assert_eq!(title("a\u{e0100}b\u{2800}c\u{fe00}\u{1d173}d").as_deref(), Some("ab cd"));
        assert_eq!(title(&"é".repeat(60)), Some("é".repeat(60)));
        assert_eq!(title(&"é".repeat(61)), Some(format!("{}…", "é".repeat(59))));
        assert_eq!(title(&format!("{} bcd", "a".repeat(57))), Some(format!("{}…", "a".repeat(57))));
        assert_eq!(title(&format!("{} bcd", "a".repeat(59))), Some(format!("{}…", "a".repeat(59))));
        assert_eq!(title(&format!("a {}", "b".repeat(60))), Some(format!("a {}…", "b".repeat(57))));
    }
}
