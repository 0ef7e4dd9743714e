//! The one definition of an e-mail address: which are accepted, how they are stored, and how they are compared.
//!
//! An address is brought into its stored form where it enters ([`normalize`]). Two stored addresses are the same mailbox
//! if their keys are equal: ASCII letters ignore case, and nothing else does. `address_key` in PostgreSQL and [`key_of`]
//! agree on any string, whatever the locale of the database.

use std::collections::BTreeSet;

use icu_properties::{
    CodePointMapData,
    props::{GeneralCategory, Script},
    script::ScriptWithExtensions,
};

/// The longest address, in characters, in both spellings of its domain (RFC 5321, section 4.5.3.1.3).
pub const MAX_CHARACTERS: usize = 254;

/// The stored form: an internationalized domain in lower case and in Unicode (UTS 46), so that `xn--exmple-cua.sn` and
/// `EXÄMPLE.sn` are one domain. Everything else stays as it is.
pub fn normalize(address: &str) -> String {
    let is_international = |domain: &str| {
        let is_punycode = |label: &str| label.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("xn--"));
        !domain.is_ascii() || domain.split('.').any(is_punycode)
    };
    let split = address.rsplit_once('@').filter(|(_, domain)| is_international(domain));
    match split.and_then(|(local, domain)| Some((local, unicode_domain(domain)?))) {
        Some((local, domain)) => format!("{local}@{domain}"),
        None => address.to_owned(),
    }
}

/// What an address is stored, counted and found by. It is also the address of a new account.
pub fn key(address: &str) -> String {
    key_of(&normalize(address))
}

/// The key of a stored address: `address_key` in PostgreSQL.
pub fn key_of(stored: &str) -> String {
    stored.to_ascii_lowercase()
}

/// What an account may be found by, best first: the address as it is written, which an account of the legacy API may be
/// stored under; the key; and the key with the domain as older versions stored it.
pub fn candidates(address: &str) -> Vec<String> {
    let key = key(address);
    let ascii = key.rsplit_once('@').and_then(|(local, domain)| Some(format!("{local}@{}", ascii_domain(domain)?)));
    let mut candidates = vec![address.to_owned(), key_of(address), key];
    candidates.extend(ascii);
    candidates.dedup();
    candidates
}

/// Whether mail can go to an address in its stored form: an address by the RFCs, with what Django asks for beyond them: a
/// local part in ASCII, a host name as DNS has it, and a top-level domain of two letters or more. A quoted local part may
/// not contain a tab: an address goes into headers.
pub fn is_deliverable(stored: &str) -> bool {
    let rules = email_address::Options::default().with_required_tld().without_domain_literal().without_display_text();
    let Some((local, domain)) = stored.rsplit_once('@') else { return false };
    let Some(ascii) = ascii_domain(domain) else { return false };
    let label = |label: &str| label.chars().all(|c| !c.is_ascii() || c.is_ascii_alphanumeric() || c == '-');
    let top = domain.rsplit('.').next().unwrap_or_default();
    email_address::EmailAddress::parse_with_options(&format!("{local}@{ascii}"), rules).is_ok()
        && local.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
        && local.len() + 1 + ascii.len() <= MAX_CHARACTERS
        && domain.split('.').all(label)
        && top.chars().count() >= 2
        && !top.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether an address in its stored form looks like another one: its local part is quoted, so that it can contain another
/// address, or its domain mixes scripts. UTS 39 calls the latter moderately restrictive for the whole domain (Latin beside
/// another script, which is neither Cyrillic nor Greek) and highly restrictive for each label.
pub fn is_misleading(stored: &str) -> bool {
    let (local, domain) = stored.rsplit_once('@').unwrap_or(("", stored));
    let scripts: Vec<BTreeSet<Script>> = domain.split('.').map(scripts_of).collect();
    let all: BTreeSet<Script> = scripts.iter().flatten().copied().collect();
    let looks_latin = all.contains(&Script::Cyrillic) || all.contains(&Script::Greek);
    local.starts_with('"')
        || scripts.iter().any(|label| !is_one_writing_system(label))
        || (looks_latin && all.len() > 1)
        || digit_systems(domain) > 1
}

/// The scripts of a label. A character that several scripts share counts for the one that the label has already.
fn scripts_of(label: &str) -> BTreeSet<Script> {
    let extensions = ScriptWithExtensions::new();
    let shared = |script: &Script| matches!(*script, Script::Common | Script::Inherited);
    let of = |c: char| extensions.get_script_extensions_val(c).iter().filter(|s| !shared(s)).collect::<Vec<_>>();
    let mut scripts: BTreeSet<Script> = label.chars().map(of).filter(|scripts| scripts.len() == 1).flatten().collect();
    for of_character in label.chars().map(of).filter(|scripts| scripts.len() > 1) {
        if !of_character.iter().any(|script| scripts.contains(script)) {
            scripts.extend(of_character.first());
        }
    }
    scripts
}

/// One script, or those that are written together in Japanese, Chinese and Korean, with or without Latin.
fn is_one_writing_system(scripts: &BTreeSet<Script>) -> bool {
    const TOGETHER: [&[Script]; 3] = [
        &[Script::Latin, Script::Han, Script::Hiragana, Script::Katakana],
        &[Script::Latin, Script::Han, Script::Hangul],
        &[Script::Latin, Script::Han, Script::Bopomofo],
    ];
    scripts.len() <= 1 || TOGETHER.iter().any(|together| scripts.iter().all(|script| together.contains(script)))
}

/// How many systems of decimal digits there are in a text: `1` and `١` are two. Each system has a row of sixteen characters
/// of its own.
fn digit_systems(text: &str) -> usize {
    let categories = CodePointMapData::<GeneralCategory>::new();
    let digits = text.chars().filter(|c| categories.get(*c) == GeneralCategory::DecimalNumber);
    digits.map(|digit| u32::from(digit) / 16).collect::<BTreeSet<_>>().len()
}

/// A domain that DNS can have, in ASCII.
fn ascii_domain(domain: &str) -> Option<String> {
    idna::domain_to_ascii_strict(domain).ok().filter(|ascii| !ascii.is_empty())
}

/// The same in Unicode.
fn unicode_domain(domain: &str) -> Option<String> {
    let ascii = ascii_domain(domain)?;
    let (unicode, valid) = idna::domain_to_unicode(&ascii);
    valid.is_ok().then_some(unicode)
}

#[cfg(test)]
mod tests {
    use super::{is_deliverable, is_misleading, key, normalize};

    #[test]
    fn spellings_of_one_mailbox_have_one_key() {
        for (address, expected) in [
            ("Awa.Diop@Example.SN", "awa.diop@example.sn"),
            ("a@xn--exmple-cua.sn", "a@exämple.sn"),
            ("a@EXÄMPLE.SN", "a@exämple.sn"),
            ("a@exa\u{308}mple.sn", "a@exämple.sn"),
            ("a@ｅxample.sn", "a@example.sn"),
            ("a@example。sn", "a@example.sn"),
            ("a@exam\u{ad}ple.sn", "a@example.sn"),
            ("a@straße.de", "a@straße.de"),
            ("a@xn--strae-oqa.de", "a@straße.de"),
            // Not one mailbox: a dotless or dotted letter is another letter.
            ("a@İstanbul.sn", "a@i\u{307}stanbul.sn"),
            ("lİlian@example.sn", "lİlian@example.sn"),
            ("\u{212a}im@example.sn", "\u{212a}im@example.sn"),
            // Not an address.
            ("Awa", "awa"),
            ("A@b@C D", "a@b@c d"),
        ] {
            assert_eq!(key(address), expected, "{address}");
        }
        assert_eq!(normalize("Awa@EXÄMPLE.sn"), "Awa@exämple.sn");
    }

    #[test]
    fn an_address_that_looks_like_another_is_misleading() {
        for address in [
            "\"admin@red.example\"@evil.example",
            "\"a\"@example.sn",
            "admin@rеd.example",
            "admin@сосо.com",
            "admin@red.ехample",
            "admin@ρaypal.example",
            "a@ドメインдом.example",
            "a@1\u{661}.sn",
            "a@mañana\u{43e}.es",
        ] {
            let stored = normalize(address);
            assert!(!is_deliverable(&stored) || is_misleading(&stored), "{address}");
        }
        for address in [
            "awa@example.sn",
            "awa@exämple.sn",
            "a@почта.рф",
            "a@日本語ドメイン.jp",
            "a@abc日本.jp",
            "a@한국.kr",
            "a@مثال.com",
            "a@उदाहरण.com",
            "a@ελλάδα.ελ",
            "a@7-8.example",
        ] {
            let stored = normalize(address);
            assert!(is_deliverable(&stored) && !is_misleading(&stored), "{address}");
        }
    }
}

#[cfg(test)]
mod properties {
    use proptest::{prelude::*, sample::select};

    use super::{candidates, is_deliverable, is_misleading, key, key_of, normalize};
    use crate::properties::text;

    /// Addresses of many kinds, and any text.
    fn address() -> impl Strategy<Value = String> {
        let domain = prop_oneof![
            select(vec!["example.sn", "EXÄMPLE.sn", "xn--exmple-cua.sn", "İstanbul.sn", "почта.рф", "ß.de", "xn--.sn"])
                .prop_map(str::to_owned),
            "[a-zA-ZÀ-ÿ0-9-]{1,10}[.][a-z]{2,4}",
            "\\PC{1,12}[.]\\PC{1,4}",
        ];
        prop_oneof![
            3 => ("[A-Za-z.İıſK]{1,8}", domain).prop_map(|(local, domain)| format!("{local}@{domain}")),
            1 => text(),
        ]
    }

    proptest! {
        #[test]
        fn a_key_is_the_same_for_every_spelling_that_finds_the_account(address in address()) {
            let key = key(&address);
            prop_assert_eq!(&super::key(&key), &key);
            prop_assert_eq!(super::key(&key_of(&address)), key.clone());
            prop_assert_eq!(super::key(&address.to_ascii_uppercase()), key.clone());
            // Counting by key: whatever stored key a spelling finds, that key counts it too.
            for candidate in candidates(&address) {
                prop_assert_eq!(super::key(&candidate), key.clone(), "{}", candidate);
            }
        }

        #[test]
        fn the_stored_form_is_stable(address in address()) {
            let stored = normalize(&address);
            prop_assert_eq!(normalize(&stored), stored.clone());
            prop_assert_eq!(is_deliverable(&normalize(&stored)), is_deliverable(&stored));
            let _takes_any_text = is_misleading(&address);
        }
    }
}
