//! The sentences that clients read, in both languages of the product. They are those of Django REST Framework, which
//! existing clients show and match; the few that it leaves in English are translated here.

use std::borrow::Cow;

/// A language of the product. French is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// `fr`
    #[default]
    French,
    /// `en`
    English,
}

impl Language {
    /// The language that an `Accept-Language` header prefers (RFC 9110, section 12.5.4): English only where it is
    /// asked for more strongly than French.
    pub fn preferred(accept_language: &str) -> Self {
        let mut best = (Self::French, 0.0);
        for range in accept_language.split(',') {
            let (tag, weight) = range.split_once(';').unwrap_or((range, ""));
            let language = match tag.trim().split('-').next().map(str::to_ascii_lowercase).as_deref() {
                Some("fr") => Self::French,
                Some("en") => Self::English,
                _ => continue,
            };
            let weight = match weight.trim().strip_prefix("q=") {
                Some(q) => q.parse::<f32>().unwrap_or(0.0),
                None => 1.0,
            };
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }

    /// The code that is stored and answered.
    pub fn code(self) -> &'static str {
        match self {
            Self::French => "fr",
            Self::English => "en",
        }
    }

    /// The language of a stored code.
    pub fn from_code(code: &str) -> Self {
        if code == "en" { Self::English } else { Self::French }
    }
}

/// A sentence that is not written yet: its language is known only when the answer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// The field is missing.
    Required,
    /// The field is `null`.
    Null,
    /// The field is empty, or white space.
    Blank,
    /// Not a string, nor a number that could be read as one.
    NotAString,
    /// A NUL byte, which PostgreSQL cannot store.
    NulCharacter,
    /// A text has a control character other than tab and line breaks.
    ControlCharacter,
    /// JSON of more than this many bytes.
    TooManyBytes(usize),
    /// More characters than this.
    TooLong(usize),
    /// Fewer characters than this.
    TooShort(usize),
    /// Not an e-mail address.
    NotAnEmail,
    /// Not a whole number.
    NotAnInteger,
    /// Not a number.
    NotANumber,
    /// Less than this.
    TooSmall(String),
    /// More than this.
    TooLarge(String),
    /// More digits than this.
    TooManyDigits(u32),
    /// More digits after the decimal point than this.
    TooManyDecimals(u32),
    /// More digits before the decimal point than this.
    TooManyWholeDigits(u32),
    /// Neither true nor false.
    NotABoolean,
    /// Not one of the choices.
    NotAChoice(String),
    /// The body is not an object but this.
    NotAnObject(&'static str),
    /// The field is not a list but this.
    NotAList(&'static str),
    /// More items in a list than this.
    TooManyItems(usize),
    /// The field should be the id of another row, and is this.
    NotAKey(&'static str),
    /// The id of another row, of which there is none.
    NoSuchKey(String),
    /// A filter that should be a number.
    FilterNotANumber,
    /// The page of a list does not exist.
    InvalidPage,
    /// No such row or path.
    NotFound,
    /// The caller's role does not allow the action.
    Forbidden,
    /// A page of another site sent this.
    ForeignOrigin,
    /// There is no token.
    NotAuthenticated,
    /// The header is not `Bearer <token>`.
    MalformedAuthorization,
    /// The access token does not hold.
    TokenNotValid,
    /// The refresh token is not one of ours, or its session has ended.
    RefreshNotValid,
    /// The refresh token is too old.
    RefreshExpired,
    /// The token's account is gone.
    UserNotFound,
    /// The token's account is deactivated.
    UserInactive,
    /// `If-Match` names another version.
    PreconditionFailed,
    /// The method is not served at this path.
    MethodNotAllowed(String),
    /// The body is not JSON but this media type.
    UnsupportedMediaType(String),
    /// The body has this `Content-Encoding`.
    UnsupportedEncoding(String),
    /// The JSON is not in UTF-8 but in this character set.
    UnsupportedCharset(String),
    /// The body is larger than this number of bytes.
    BodyTooLarge(usize),
    /// Too many requests; again in this number of seconds.
    Throttled(u64),
    /// The database is away.
    Unavailable,
    /// Our fault.
    ServerError,
    /// A sentence of one resource.
    Own {
        /// In French.
        fr: &'static str,
        /// In English.
        en: &'static str,
    },
    /// A sentence that is the same in both languages, such as a parser's.
    Verbatim(String),
}

impl Text {
    /// The sentence in a language. French typography wants a no-break space inside quotation marks and before units.
    pub fn in_language(&self, language: Language) -> Cow<'static, str> {
        match language {
            Language::French => self.french(),
            Language::English => self.english(),
        }
    }

    fn french(&self) -> Cow<'static, str> {
        match self {
            Self::Required => "Ce champ est obligatoire.".into(),
            Self::Null => "Ce champ ne peut être nul.".into(),
            Self::Blank => "Ce champ ne peut être vide.".into(),
            Self::NotAString => "Une chaîne de caractères est requise.".into(),
            Self::NulCharacter => "Le caractère nul n’est pas autorisé.".into(),
            Self::ControlCharacter => "Les caractères de contrôle ne sont pas autorisés.".into(),
            Self::TooManyBytes(max) => format!(
                "Assurez-vous que ce champ comporte au plus {}\u{a0}ko de JSON. Raccourcissez ses textes les plus longs.",
                max / 1_000
            )
            .into(),
            Self::TooLong(max) => format!("Assurez-vous que ce champ comporte au plus {max}\u{a0}caractères.").into(),
            Self::TooShort(min) => format!("Assurez-vous que ce champ comporte au moins {min}\u{a0}caractères.").into(),
            Self::NotAnEmail => "Saisissez une adresse e-mail valide.".into(),
            Self::NotAnInteger => "Un nombre entier valide est requis.".into(),
            Self::NotANumber => "Un nombre valide est requis.".into(),
            Self::TooSmall(min) => {
                format!("Assurez-vous que cette valeur est supérieure ou égale à\u{a0}{min}.").into()
            }
            Self::TooLarge(max) => {
                format!("Assurez-vous que cette valeur est inférieure ou égale à\u{a0}{max}.").into()
            }
            Self::TooManyDigits(max) => {
                format!("Assurez-vous qu'il n'y a pas plus de {max}\u{a0}chiffres au total.").into()
            }
            Self::TooManyDecimals(max) => {
                format!("Assurez-vous qu'il n'y a pas plus de {max}\u{a0}chiffres après la virgule.").into()
            }
            Self::TooManyWholeDigits(max) => {
                format!("Assurez-vous qu'il n'y a pas plus de {max} chiffres avant la virgule.").into()
            }
            Self::NotABoolean => "Une valeur vraie ou fausse est requise.".into(),
            Self::NotAChoice(value) => format!("«\u{a0}{value}\u{a0}» n'est pas un choix valide.").into(),
            Self::NotAnObject(kind) => format!("Donnée non valide. Attendait un dictionnaire, a reçu {kind}.").into(),
            Self::NotAList(kind) => format!("Donnée non valide. Attendait une liste, a reçu {kind}.").into(),
            Self::TooManyItems(max) => format!("Assurez-vous que ce champ n'a pas plus de {max}\u{a0}éléments.").into(),
            Self::NotAKey(kind) => format!("Type incorrect. Attendait une clé primaire, a reçu {kind}.").into(),
            Self::NoSuchKey(id) => format!("Clé primaire «\u{a0}{id}\u{a0}» non valide - l'objet n'existe pas.").into(),
            Self::FilterNotANumber => "Saisissez un nombre.".into(),
            Self::InvalidPage => "Page non valide.".into(),
            Self::NotFound => "Pas trouvé.".into(),
            Self::Forbidden => "Vous n'avez pas la permission d'effectuer cette action.".into(),
            Self::ForeignOrigin => "Cette requête vient d'une page d'un autre site, qui n'y est pas autorisé. \
                                    Envoyez-la depuis l'application, ou avec le type «\u{a0}application/json\u{a0}»."
                .into(),
            Self::NotAuthenticated => "Informations d'authentification non fournies.".into(),
            Self::MalformedAuthorization => {
                "L'en-tête 'Authorization' doit contenir deux valeurs séparées par des espaces".into()
            }
            Self::TokenNotValid => "Le type de jeton fourni n'est pas valide".into(),
            Self::RefreshNotValid | Self::RefreshExpired => "Le jeton est invalide ou expiré".into(),
            Self::UserNotFound => "L'utilisateur n'a pas été trouvé".into(),
            Self::UserInactive => "L'utilisateur est désactivé".into(),
            Self::PreconditionFailed => {
                "La ressource a changé depuis sa lecture. Rechargez-la avant de la modifier.".into()
            }
            Self::MethodNotAllowed(method) => format!("Méthode «\u{a0}{method}\u{a0}» non autorisée.").into(),
            Self::UnsupportedMediaType(media_type) => {
                format!("Type de média «\u{a0}{media_type}\u{a0}» non supporté.").into()
            }
            Self::UnsupportedEncoding(encoding) => format!(
                "Encodage de contenu «\u{a0}{encoding}\u{a0}» non supporté\u{a0}: envoyez le corps sans compression."
            )
            .into(),
            Self::UnsupportedCharset(charset) => {
                format!("Jeu de caractères «\u{a0}{charset}\u{a0}» non supporté\u{a0}: envoyez le JSON en UTF-8.")
                    .into()
            }
            Self::BodyTooLarge(max) => format!("Le corps de la requête dépasse {max}\u{a0}octets.").into(),
            Self::Throttled(seconds) => {
                format!("Requête ralentie. Nouvel essai possible dans {seconds}\u{a0}secondes.").into()
            }
            Self::Unavailable => "Service momentanément indisponible. Réessayez dans un instant.".into(),
            Self::ServerError => "Une erreur du serveur est survenue.".into(),
            Self::Own { fr, .. } => (*fr).into(),
            Self::Verbatim(text) => text.clone().into(),
        }
    }

    fn english(&self) -> Cow<'static, str> {
        match self {
            Self::Required => "This field is required.".into(),
            Self::Null => "This field may not be null.".into(),
            Self::Blank => "This field may not be blank.".into(),
            Self::NotAString => "Not a valid string.".into(),
            Self::NulCharacter => "Null characters are not allowed.".into(),
            Self::ControlCharacter => "Control characters are not allowed.".into(),
            Self::TooManyBytes(max) => {
                format!("Ensure this field has no more than {} kB of JSON. Shorten its longest texts.", max / 1_000)
                    .into()
            }
            Self::TooLong(max) => format!("Ensure this field has no more than {max} characters.").into(),
            Self::TooShort(min) => format!("Ensure this field has at least {min} characters.").into(),
            Self::NotAnEmail => "Enter a valid email address.".into(),
            Self::NotAnInteger => "A valid integer is required.".into(),
            Self::NotANumber => "A valid number is required.".into(),
            Self::TooSmall(min) => format!("Ensure this value is greater than or equal to {min}.").into(),
            Self::TooLarge(max) => format!("Ensure this value is less than or equal to {max}.").into(),
            Self::TooManyDigits(max) => format!("Ensure that there are no more than {max} digits in total.").into(),
            Self::TooManyDecimals(max) => format!("Ensure that there are no more than {max} decimal places.").into(),
            Self::TooManyWholeDigits(max) => {
                format!("Ensure that there are no more than {max} digits before the decimal point.").into()
            }
            Self::NotABoolean => "Must be a valid boolean.".into(),
            Self::NotAChoice(value) => format!("\"{value}\" is not a valid choice.").into(),
            Self::NotAnObject(kind) => format!("Invalid data. Expected a dictionary, but got {kind}.").into(),
            Self::NotAList(kind) => format!("Invalid data. Expected a list, but got {kind}.").into(),
            Self::TooManyItems(max) => format!("Ensure this field has no more than {max} elements.").into(),
            Self::NotAKey(kind) => format!("Incorrect type. Expected pk value, received {kind}.").into(),
            Self::NoSuchKey(id) => format!("Invalid pk \"{id}\" - object does not exist.").into(),
            Self::FilterNotANumber => "Enter a number.".into(),
            Self::InvalidPage => "Invalid page.".into(),
            Self::NotFound => "Not found.".into(),
            Self::Forbidden => "You do not have permission to perform this action.".into(),
            Self::ForeignOrigin => "This request comes from a page of another site, which may not send it. \
                                    Send it from the application, or with the type \"application/json\"."
                .into(),
            Self::NotAuthenticated => "Authentication credentials were not provided.".into(),
            Self::MalformedAuthorization => "Authorization header must contain two space-delimited values".into(),
            Self::TokenNotValid => "Given token not valid for any token type".into(),
            Self::RefreshNotValid => "Token is invalid".into(),
            Self::RefreshExpired => "Token is expired".into(),
            Self::UserNotFound => "User not found".into(),
            Self::UserInactive => "User is inactive".into(),
            Self::PreconditionFailed => {
                "The resource has changed since it was read. Reload it before changing it.".into()
            }
            Self::MethodNotAllowed(method) => format!("Method \"{method}\" not allowed.").into(),
            Self::UnsupportedMediaType(media_type) => {
                format!("Unsupported media type \"{media_type}\" in request.").into()
            }
            Self::UnsupportedEncoding(encoding) => {
                format!("Unsupported content encoding \"{encoding}\": send the body uncompressed.").into()
            }
            Self::UnsupportedCharset(charset) => {
                format!("Unsupported character set \"{charset}\": send the JSON in UTF-8.").into()
            }
            Self::BodyTooLarge(max) => format!("The request body is larger than {max} bytes.").into(),
            Self::Throttled(seconds) => {
                format!("Request was throttled. Expected available in {seconds} seconds.").into()
            }
            Self::Unavailable => "Service temporarily unavailable. Try again in a moment.".into(),
            Self::ServerError => "A server error occurred.".into(),
            Self::Own { en, .. } => (*en).into(),
            Self::Verbatim(text) => text.clone().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn english_is_answered_only_where_it_is_preferred() {
        for (header, expected) in [
            ("", Language::French),
            ("de, *;q=0.5", Language::French),
            ("en", Language::English),
            ("en-GB,en;q=0.9,fr;q=0.8", Language::English),
            ("fr-SN,fr;q=0.9,en;q=0.8", Language::French),
            ("fr;q=0.5, EN ; q=0.9", Language::English),
            ("fr, en", Language::French),
            ("en;q=0", Language::French),
            ("en;q=banana", Language::French),
        ] {
            assert_eq!(Language::preferred(header), expected, "{header}");
        }
    }
}
