//! Which characters can be seen, for every text that is shown as a name or compared by eye.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{BidiControl, DefaultIgnorableCodePoint, GeneralCategory},
};

/// The form in which a character with an accent is one character (NFC), whatever keyboard it came from.
pub fn composed(text: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// Whether a character changes the direction of the text around it, such as U+202E.
pub fn is_bidi_control(c: char) -> bool {
    CodePointSetData::new::<BidiControl>().contains(c)
}

/// Whether a character leaves no trace: joiners, directions, fillers, variation selectors, tags, and controls.
pub fn is_invisible(c: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
        || matches!(category(c), GeneralCategory::Control | GeneralCategory::Format)
}

/// Whether a character is a space or looks like one, as the blank pattern of Braille does.
pub fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{2800}'
}

/// Whether a character leaves ink by itself. A mark needs a letter.
pub fn is_visible(c: char) -> bool {
    let needs_another = matches!(
        category(c),
        GeneralCategory::NonspacingMark
            | GeneralCategory::EnclosingMark
            | GeneralCategory::SpacingMark
            | GeneralCategory::Unassigned
            | GeneralCategory::PrivateUse
    );
    !(is_invisible(c) || is_blank(c) || needs_another)
}

fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

#[cfg(test)]
mod tests {
    use super::{composed, is_bidi_control, is_invisible, is_visible};

    #[test]
    fn what_leaves_no_ink_is_not_visible() {
        for c in
            "\u{200b}\u{200d}\u{2060}\u{feff}\u{ad}\u{34f}\u{115f}\u{1160}\u{3164}\u{ffa0}\u{2800}\u{fe0f}\u{e0041}\
                  \u{e0100}\u{301}\u{20dd}\u{a0}\u{2003}\u{3000}\u{180e}\u{17b4}\u{202e}\0\t\u{e000}\u{fff0}"
                .chars()
        {
            assert!(!is_visible(c), "U+{:04X}", u32::from(c));
        }
        for c in "aÀ0-.'文字ع한🐟ạॐ".chars().filter(|c| !('\u{300}'..='\u{36f}').contains(c)) {
            assert!(is_visible(c), "{c}");
        }
    }

    #[test]
    fn every_bidirectional_control_is_one_and_invisible() {
        let controls: Vec<char> = ('\0'..=char::MAX).filter(|c| is_bidi_control(*c)).collect();
        let expected =
            "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}";
        assert_eq!(controls, expected.chars().collect::<Vec<_>>());
        assert!(controls.into_iter().all(is_invisible));
    }

    #[test]
    fn an_accent_is_one_character_whatever_the_keyboard() {
        assert_eq!(composed("Thie\u{300}s"), "Thiès");
    }
}
