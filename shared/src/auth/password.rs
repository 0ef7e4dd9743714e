//! Passwords: Argon2id (RFC 9106) with 19 MiB, two passes and one lane, and the rules for a new one, which are those of
//! Django's validators.

use std::sync::{LazyLock, Mutex, PoisonError};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::{
    characters::{composed, is_invisible, is_visible},
    error::ApiError,
    text::Text,
};

/// The longest password, in characters. Hashing costs the same for any length; reading does not.
pub const MAX_CHARACTERS: usize = 128;
const MIN_CHARACTERS: usize = 8;
/// How alike a password and the e-mail or a name may be, as Django measures it.
const MAX_SIMILARITY: f64 = 0.7;

// The costliest hashes from elsewhere that are verified: more than Django has ever asked for, and what a sign-in may take.
const MAX_ROUNDS: u32 = 2_000_000;
const MAX_BCRYPT_COST: u32 = 14;
const MAX_MEMORY_KIB: u32 = 256 * 1024;
/// Memory times passes over it.
const MAX_WORK_KIB: u32 = 1024 * 1024;

/// Verified where there is no account, so that its answer takes the same time as a wrong password's. No password is
/// known to belong to it.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn params() -> argon2::Result<Params> {
    Params::new(19 * 1024, 2, 1, Some(Params::DEFAULT_OUTPUT_LEN))
}

fn hash_blocking(password: &str, salt: &[u8]) -> Result<String, argon2::password_hash::Error> {
    let (algorithm, version, params, salt) = (Algorithm::Argon2id, Version::V0x13, params()?, Salt::new(salt)?);
    let hash = PasswordHash {
        algorithm: algorithm.ident(),
        version: Some(version.into()),
        params: ParamsString::try_from(&params)?,
        hash: Some(digest(&Argon2::new(algorithm, version, params), password, &salt)?),
        salt: Some(salt),
    };
    Ok(hash.to_string())
}

/// A stored hash that can be verified. Anything else, such as Django's mark for no password, belongs to nobody.
enum Stored<'a> {
    Argon2 {
        argon2: Argon2<'static>,
        salt: Salt,
        expected: Output,
    },
    Pbkdf2 {
        rounds: u32,
        salt: &'a str,
        expected: Output,
    },
    Scrypt {
        params: scrypt::Params,
        salt: &'a str,
        expected: Output,
    },
    /// Of the password's SHA-256 in hexadecimal, since bcrypt reads 72 bytes.
    Bcrypt(&'a str),
}

impl<'a> Stored<'a> {
    /// Reads a PHC string of ours, and what Django writes: `argon2$…` (a PHC string behind its name),
    /// `pbkdf2_sha256$rounds$salt$base64`, `scrypt$n$salt$r$p$base64` and `bcrypt_sha256$` with a hash of bcrypt's own form.
    fn read(hash: &'a str) -> Option<Self> {
        match hash.split_once('$')? {
            ("pbkdf2_sha256", rest) => {
                let [rounds, salt, expected] = parts(rest)?;
                let rounds = rounds.parse().ok().filter(|rounds| (1..=MAX_ROUNDS).contains(rounds))?;
                Some(Self::Pbkdf2 { rounds, salt, expected: output::<32>(expected)? })
            }
            ("scrypt", rest) => {
                let [n, salt, r, p, expected] = parts(rest)?;
                let (n, r, p): (u32, u32, u32) = (n.parse().ok()?, r.parse().ok()?, p.parse().ok()?);
                // Blocks of 128 bytes. Those of the lanes are there from the beginning, however little each lane takes.
                let memory = n.checked_add(p)?.checked_mul(r)?.div_ceil(8);
                let work = n.checked_mul(r)?.checked_mul(p)?.div_ceil(8);
                if !n.is_power_of_two() || memory > MAX_MEMORY_KIB || work > MAX_WORK_KIB {
                    return None;
                }
                let params = scrypt::Params::new(u8::try_from(n.ilog2()).ok()?, r, p).ok()?;
                Some(Self::Scrypt { params, salt, expected: output::<64>(expected)? })
            }
            ("bcrypt_sha256", rest) => {
                let cost = rest.parse::<bcrypt::HashParts>().ok()?.get_cost();
                (cost <= MAX_BCRYPT_COST).then_some(Self::Bcrypt(rest))
            }
            _ => Self::read_argon2(hash.strip_prefix("argon2").unwrap_or(hash)),
        }
    }

    fn read_argon2(hash: &str) -> Option<Self> {
        let hash = PasswordHash::new(hash).ok()?;
        let version = hash.version.map(Version::try_from).transpose().ok()?.unwrap_or_default();
        let params = Params::try_from(&hash).ok().filter(|params| {
            params.m_cost() <= MAX_MEMORY_KIB
                && params.m_cost().checked_mul(params.t_cost()).is_some_and(|work| work <= MAX_WORK_KIB)
        })?;
        let argon2 = Argon2::new(Algorithm::try_from(hash.algorithm.as_str()).ok()?, version, params);
        Some(Self::Argon2 { argon2, salt: hash.salt?, expected: hash.hash? })
    }

    /// Outputs are compared in constant time.
    fn verify(&self, password: &str) -> bool {
        match self {
            Self::Argon2 { argon2, salt, expected } => {
                digest(argon2, password, salt).is_ok_and(|output| output == *expected)
            }
            Self::Pbkdf2 { rounds, salt, expected } => {
                let mut output = [0; 32];
                pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), salt.as_bytes(), *rounds, &mut output);
                Output::new(&output).is_ok_and(|output| output == *expected)
            }
            Self::Scrypt { params, salt, expected } => {
                let mut output = [0; 64];
                scrypt::scrypt(password.as_bytes(), salt.as_bytes(), params, &mut output).is_ok()
                    && Output::new(&output).is_ok_and(|output| output == *expected)
            }
            Self::Bcrypt(hash) => {
                let sha256: String = Sha256::digest(password).iter().map(|byte| format!("{byte:02x}")).collect();
                bcrypt::verify(sha256, hash).unwrap_or_default()
            }
        }
    }
}

/// What is between dollar signs, if there are just so many.
fn parts<const N: usize>(text: &str) -> Option<[&str; N]> {
    text.split('$').collect::<Vec<_>>().try_into().ok()
}

fn output<const N: usize>(base64: &str) -> Option<Output> {
    let bytes: [u8; N] = STANDARD.decode(base64).ok()?.try_into().ok()?;
    Output::new(&bytes).ok()
}

/// Whether a hash is not as we make them now, so that it is replaced where the password is at hand.
pub fn is_outdated(hash: &str) -> bool {
    match (Stored::read(hash), params()) {
        (Some(Stored::Argon2 { argon2, .. }), Ok(params)) => hash.starts_with("argon2") || *argon2.params() != params,
        _ => true,
    }
}

/// Argon2 in memory that is kept for the next time: an allocator that gets 19 MiB at each sign-in ends up with several
/// times as much.
fn digest(argon2: &Argon2<'_>, password: &str, salt: &Salt) -> Result<Output, argon2::password_hash::Error> {
    static KEPT: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());
    let kept = || KEPT.lock().unwrap_or_else(PoisonError::into_inner);

    let params = argon2.params();
    let mut output = vec![0; params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
    let mut memory = kept().pop().unwrap_or_default();
    memory.resize(params.block_count(), Block::default());
    let digested = argon2.hash_password_into_with_memory(password.as_bytes(), salt, &mut output, &mut memory);
    // Hashes from elsewhere may take more than ours; that is not kept.
    if memory.len() <= self::params()?.block_count() {
        kept().push(memory);
    }
    digested?;
    Ok(Output::new(&output)?)
}

/// The hash to store, as a PHC string, of the password's composed form (NFC): keyboards differ in how they type an accent.
/// It takes about 20 ms of a whole CPU.
///
/// # Errors
/// [`ApiError::Internal`] when the machine has no memory or randomness for it.
pub async fn hash(password: String) -> Result<String, ApiError> {
    on_a_cpu(move || {
        let mut salt = [0; Salt::RECOMMENDED_LENGTH];
        getrandom::fill(&mut salt).map_err(|error| ApiError::internal(error.to_string()))?;
        hash_blocking(&composed(&password), &salt).map_err(|error| ApiError::internal(error.to_string()))
    })
    .await?
}

/// What a verification found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Another password, or none.
    Wrong,
    /// The password.
    Right,
    /// The password, under a hash of its uncomposed form, which [`hash`] no longer makes.
    RightAsTyped,
}

/// Whether the password belongs to the hash: its composed form, and only if that is another one and wrong, the password as
/// typed. Without a usable hash (no account, a deactivated one, one that was never given a password) it takes the same time
/// as for a wrong password.
///
/// # Errors
/// [`ApiError::Internal`] when the work could not be done.
pub async fn verify(password: String, hash: Option<String>) -> Result<Verdict, ApiError> {
    on_a_cpu(move || {
        let usable = hash.as_deref().and_then(Stored::read);
        let verify = |form: &str| match &usable {
            Some(stored) => stored.verify(form),
            None => {
                let _as_long = Stored::read(NOBODY).is_some_and(|nobody| nobody.verify(form));
                false
            }
        };
        let composed = composed(&password);
        if verify(&composed) {
            Verdict::Right
        } else if composed != password && verify(&password) {
            Verdict::RightAsTyped
        } else {
            Verdict::Wrong
        }
    })
    .await
}

/// Whether a password is longer than any that is accepted.
pub fn is_too_long(password: &str) -> bool {
    composed(password).chars().count() > MAX_CHARACTERS
}

/// Off the request's thread, and as many at once as there are CPUs: more would take memory (19 MiB each) and no less
/// time.
async fn on_a_cpu<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
    static CPUS: LazyLock<Semaphore> =
        LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)));
    let _cpu = CPUS.acquire().await.map_err(ApiError::internal)?;
    tokio::task::spawn_blocking(work).await.map_err(ApiError::internal)
}

/// A value of the account that its password must not resemble.
#[derive(Clone, Debug)]
pub struct Attribute<'a> {
    /// What is compared, case aside.
    pub value: &'a str,
    /// What to say when the two are too alike.
    pub fault: Text,
}

impl<'a> Attribute<'a> {
    /// The account's e-mail address.
    pub fn email(value: &'a str) -> Self {
        let fr = "Le mot de passe est trop semblable au champ «\u{a0}adresse e-mail\u{a0}».";
        Self { value, fault: Text::Own { fr, en: "The password is too similar to the email address." } }
    }

    /// The first name.
    pub fn first_name(value: &'a str) -> Self {
        let fr = "Le mot de passe est trop semblable au champ «\u{a0}prénom\u{a0}».";
        Self { value, fault: Text::Own { fr, en: "The password is too similar to the first name." } }
    }

    /// The last name.
    pub fn last_name(value: &'a str) -> Self {
        let fr = "Le mot de passe est trop semblable au champ «\u{a0}nom\u{a0}».";
        Self { value, fault: Text::Own { fr, en: "The password is too similar to the last name." } }
    }
}

/// Everything that is wrong with a new password. Empty means that it may be used.
pub fn faults(password: &str, attributes: &[Attribute<'_>]) -> Vec<Text> {
    let password = composed(password);
    let characters = password.chars().count();
    if characters > MAX_CHARACTERS {
        return vec![Text::TooLong(MAX_CHARACTERS)];
    }
    if password.contains('\0') {
        return vec![Text::NulCharacter];
    }
    if !password.chars().any(is_visible) {
        return vec![Text::Blank];
    }
    let mut faults = Vec::new();
    let password = password.to_lowercase();
    let similar = attributes.iter().find(|attribute| {
        let value = attribute.value.to_lowercase();
        let parts = value.split(|c: char| !c.is_alphanumeric() && c != '_');
        parts.chain([value.as_str()]).any(|part| !part.is_empty() && similarity(&password, part) >= MAX_SIMILARITY)
    });
    if let Some(attribute) = similar {
        faults.push(attribute.fault.clone());
    }
    if characters < MIN_CHARACTERS {
        faults.push(Text::Own {
            fr: "Ce mot de passe est trop court. Il doit contenir au minimum 8 caractères.",
            en: "This password is too short. It must contain at least 8 characters.",
        });
    }
    if is_common(password.trim()) {
        faults.push(Text::Own { fr: "Ce mot de passe est trop courant.", en: "This password is too common." });
    }
    if password.chars().all(|c| c.is_numeric() || is_invisible(c)) {
        faults.push(Text::Own {
            fr: "Ce mot de passe est entièrement numérique.",
            en: "This password is entirely numeric.",
        });
    }
    faults
}

/// The share of characters that two texts have in common, wherever they stand: twice their number over the length of
/// both. Django calls it `SequenceMatcher.quick_ratio`.
fn similarity(a: &str, b: &str) -> f64 {
    let mut rest: Vec<char> = b.chars().collect();
    let (a_length, b_length) = (a.chars().count(), rest.len());
    let common = a
        .chars()
        .filter(|c| match rest.iter().position(|other| other == c) {
            Some(at) => {
                rest.swap_remove(at);
                true
            }
            None => false,
        })
        .count();
    #[expect(clippy::cast_precision_loss, reason = "lengths of a password and a name")]
    let ratio = 2.0 * common as f64 / (a_length + b_length) as f64;
    ratio
}

/// The 20,000 most common passwords of Royce Williams's list, as Django ships it, without those that another rule
/// refuses already. In byte order, one a line.
static COMMON: &str = include_str!("common-passwords.txt");

fn is_common(password: &str) -> bool {
    let (mut low, mut high) = (0, COMMON.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        let start = COMMON.as_bytes()[..middle].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let end =
            COMMON.as_bytes()[middle..].iter().position(|byte| *byte == b'\n').map_or(COMMON.len(), |at| middle + at);
        match COMMON.as_bytes()[start..end].cmp(password.as_bytes()) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{
        Attribute, COMMON, NOBODY, Stored, Verdict, faults, hash, hash_blocking, is_common, is_outdated, params, verify,
    };

    #[test]
    fn nobody_costs_what_an_account_costs() {
        let nobody = argon2::password_hash::phc::PasswordHash::new(NOBODY);

        assert_eq!(nobody.ok().and_then(|hash| argon2::Params::try_from(&hash).ok()), params().ok());
        assert!(!is_outdated(NOBODY));
    }

    /// As Django 5.2's hashers write them for "Teranga-2026-Dakar".
    const DJANGOS: [&str; 4] = [
        "pbkdf2_sha256$1000$J0kHDN2gZ5MscK0eVLjVxa$sgVyhR3xDcG4cM5N6v5fl8V3DVmVFKtNOx15KcDkbyM=",
        "argon2$argon2id$v=19$m=102400,t=2,p=8$SjBrSEROMmdaNU1zY0swZVZMalZ4YQ$87TrGh+Mv663jzRUG0asXRh23VOF9xnLwhJelge6cfg",
        "bcrypt_sha256$$2b$04$HixlaMEgtliw17NB6biHmOHzugu1ApU4So1mZmlybShI8shpx4NhK",
        "scrypt$16384$J0kHDN2gZ5MscK0eVLjVxa$8$5$ASrUqVuE9gafFeH2wi4FYFOk++Rq4Mu34fHCP4zbWRYG8zT10idl2G+2B25uJB0HyV17ha5EU0ApWjmjGSBcuA==",
    ];

    #[test]
    fn djangos_hashes_are_verified_and_outdated() {
        for hash in DJANGOS {
            let verified = |password| Stored::read(hash).map(|stored| stored.verify(password));
            assert_eq!(verified("Teranga-2026-Dakar"), Some(true), "{hash}");
            assert_eq!(verified("Teranga-2026-Thies"), Some(false), "{hash}");
            assert!(is_outdated(hash), "{hash}");
        }
    }

    #[test]
    fn a_hash_that_costs_too_much_or_is_none_belongs_to_nobody() {
        let [pbkdf2, argon2, bcrypt, scrypt] = DJANGOS;
        for hash in [
            &pbkdf2.replace("$1000$", "$0$"),
            &pbkdf2.replace("$1000$", "$2000001$"),
            &pbkdf2.replace('=', ""),
            &argon2.replace("m=102400", "m=2097152"),
            &argon2.replace("t=2", "t=200"),
            &bcrypt.replace("$04$", "$15$"),
            &bcrypt.replace("sha256", "sha1"),
            &scrypt.replace("$16384$", "$1048576$"),
            &scrypt.replace("$16384$", "$16383$"),
            &scrypt.replace("$16384$", "$0$"),
            &scrypt.replace("$8$5$", "$8$500$"),
            &scrypt.replace("$8$5$", "$4294967295$4294967295$"),
            // Hardly any work, and half a gibibyte for the lanes.
            &scrypt.replace("$16384$", "$2$").replace("$8$5$", "$1$4194304$"),
            "!BFSHWguKJP1PhPNIvaPvv7LDzkrrc0ZgYqCNIy02",
            "!",
            "plain",
            "",
        ] {
            assert!(Stored::read(hash).is_none(), "{hash}");
            assert!(is_outdated(hash), "{hash}");
        }
    }

    #[tokio::test]
    async fn a_password_is_right_in_both_spellings_of_an_accent() {
        let (composed, decomposed) = ("Thiès-Ñdar-2026", "Thie\u{300}s-N\u{303}dar-2026");
        for (stored, typed, expected) in [
            (composed, composed, Verdict::Right),
            (composed, decomposed, Verdict::Right),
            (decomposed, composed, Verdict::Right),
            (decomposed, decomposed, Verdict::Right),
            (composed, "Thies-Ndar-2026", Verdict::Wrong),
            (composed, "Thie\u{300}s-N\u{303}dar-2027", Verdict::Wrong),
        ] {
            let stored = hash(stored.to_owned()).await.unwrap();
            assert_eq!(verify(typed.to_owned(), Some(stored)).await.unwrap(), expected, "{typed}");
        }
        // As older versions and Django hashed it.
        let old = hash_blocking(decomposed, &[7; 16]).unwrap();
        assert_eq!(verify(decomposed.to_owned(), Some(old)).await.unwrap(), Verdict::RightAsTyped);
        assert_eq!(verify(decomposed.to_owned(), None).await.unwrap(), Verdict::Wrong);
    }

    #[test]
    fn every_password_of_the_list_is_found_and_no_other() {
        assert!(COMMON.lines().all(is_common));
        assert!(COMMON.lines().is_sorted());
        for other in ["", "\n", "teranga-2026-dakar", "password-", "passwor", "zzzzzzzzzzzzzzzzzz"] {
            assert!(!is_common(other), "{other:?}");
        }
    }

    #[test]
    fn a_new_password_is_judged_by_every_rule_at_once() {
        let attributes = [Attribute::email("awa.diop@hotel.sn"), Attribute::first_name("Awa")];
        for (password, expected) in [
            ("Teranga-2026-Dakar", 0),
            ("court", 1),
            ("12345", 2),
            ("987654321098", 1),
            // Digits of any script, and with something between them that cannot be seen.
            ("１２３４５６７８９０", 1),
            ("١٢٣٤٥٦٧٨٩٠", 1),
            ("१२३४५६७८९०", 1),
            ("98765\u{200b}432109", 1),
            ("①②③④⑤⑥⑦⑧", 1),
            ("Teranga\0-2026", 1),
            ("        ", 1),
            ("\u{a0}\u{2003}\u{3000}\u{200b}\t\n  ", 1),
            ("Te\u{301}ranga-2026", 0),
            ("Password1", 1),
            ("AwaDiop@hotel.sn", 1),
            (&"x".repeat(128), 0),
            (&"x".repeat(129), 1),
        ] {
            assert_eq!(faults(password, &attributes).len(), expected, "{password}");
        }
    }
}

#[cfg(test)]
mod properties {
    use proptest::{prelude::*, sample::select};

    use super::{MAX_ROUNDS, Stored, is_outdated};
    use crate::properties::{mutated, text};

    fn number() -> impl Strategy<Value = String> {
        prop_oneof![
            (0..40_u32).prop_map(|exponent| 1_u64.wrapping_shl(exponent).to_string()),
            any::<u32>().prop_map(|number| number.to_string()),
            (0..20_u32).prop_map(|number| number.to_string()),
            select(vec!["1", "2", "4"]).prop_map(str::to_owned),
            "[+-]?[0-9]{1,12}",
        ]
    }

    /// Hashes as Django writes them, with any parameters.
    fn hash() -> impl Strategy<Value = String> {
        const DIGEST: &str = "sgVyhR3xDcG4cM5N6v5fl8V3DVmVFKtNOx15KcDkbyM=";
        const LONG: &str = "ASrUqVuE9gafFeH2wi4FYFOk++Rq4Mu34fHCP4zbWRYG8zT10idl2G+2B25uJB0HyV17ha5EU0ApWjmjGSBcuA==";
        const BCRYPT: &str = "HixlaMEgtliw17NB6biHmOHzugu1ApU4So1mZmlybShI8shpx4NhK";
        let made = prop_oneof![
            number().prop_map(|rounds| format!("pbkdf2_sha256${rounds}$salt${DIGEST}")),
            (number(), number(), number()).prop_map(|(n, r, p)| format!("scrypt${n}$salt${r}${p}${LONG}")),
            (number(), number(), number(), select(vec!["argon2id", "argon2i", "argon2d", "argon2x"])).prop_map(
                |(m, t, p, kind)| format!(
                    "argon2${kind}$v=19$m={m},t={t},p={p}$SjBrSEROMmdaNU1zY0swZVZMalZ4YQ$87TrGh+Mv663jzRUG0asXRh23VOF9xnLwhJelge6cfg"
                )
            ),
            (0..40_u8).prop_map(|cost| format!("bcrypt_sha256$$2b${cost:02}${BCRYPT}")),
        ]
        .boxed();
        prop_oneof![3 => made.clone(), 2 => mutated(made), 1 => text()]
    }

    /// The bytes and the steps that a verification takes, by each function's own definition.
    fn cost(stored: &Stored<'_>) -> (u64, u64) {
        match stored {
            Stored::Argon2 { argon2, .. } => {
                let memory = u64::from(argon2.params().m_cost()) * 1024;
                (memory, memory * u64::from(argon2.params().t_cost()))
            }
            Stored::Pbkdf2 { rounds, .. } => (0, u64::from(*rounds)),
            // RFC 7914, section 6: a block of 128 r bytes for each of p, and n of them beside.
            Stored::Scrypt { params, .. } => {
                let (n, r, p) = (1_u64 << params.log_n(), u64::from(params.r()), u64::from(params.p()));
                (128 * r * (n + p), 128 * r * n * p)
            }
            Stored::Bcrypt(hash) => (0, hash.parse::<bcrypt::HashParts>().map_or(0, |parts| 1 << parts.get_cost())),
        }
    }

    proptest! {
        #[test]
        fn no_stored_hash_costs_more_than_a_sign_in_may(hash in hash()) {
            let Some(stored) = Stored::read(&hash) else {
                prop_assert!(is_outdated(&hash));
                return Ok(());
            };

            let (memory, work) = cost(&stored);

            prop_assert!(memory <= 256 * 1024 * 1024, "{hash}: {memory} bytes");
            prop_assert!(work <= 1024 * 1024 * 1024, "{hash}: {work}");
            let too_many = matches!(stored, Stored::Pbkdf2 { rounds, .. } if rounds > MAX_ROUNDS);
            prop_assert!(!too_many, "{hash}");
            // A hash that can be verified at all is one that nobody's guess belongs to.
            if memory <= 1024 * 1024 && work <= 64 * 1024 {
                prop_assert!(!stored.verify("not the password"), "{hash}");
            }
        }

        #[test]
        fn the_rules_for_a_password_take_any_text(password in text(), email in text(), name in text()) {
            let attributes = [super::Attribute::email(&email), super::Attribute::first_name(&name)];
            let faults = super::faults(&password, &attributes);
            let characters = crate::characters::composed(&password).chars().count();
            prop_assert!(!faults.is_empty() || (8..=128).contains(&characters));
            // Whatever resembles it, a password that is the name is refused.
            prop_assert!(!super::faults(&name, &attributes).is_empty() || name.is_empty());
        }
    }
}
