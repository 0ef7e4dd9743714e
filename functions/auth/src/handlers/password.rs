use std::time::Duration;

use axum::{Json, extract::State};
use shared::{
    audit::{self, Action, Event},
    auth::{CurrentUser, password},
    db::Tx,
    email::{
        Mail,
        queue::{enqueue, enqueue_secret},
    },
    error::{ApiError, FieldErrors, OrNotFound},
    extract::{NoContent, Whole},
    lambda::Call,
    text::{Language, Text},
    throttle,
};
use tokio::time::{Instant, sleep_until};

use super::{FORGOT_EMAIL, LOGIN_EMAIL};
use crate::{
    Auth,
    model::{ForgottenPassword, NewPassword, PasswordChange, ResetRequested, User},
    queries,
    tokens::ResetToken,
};

/// When a forgotten password is answered: far longer than the steps take, and no longer than a person notices.
const RESET_ANSWER_TIME: Duration = Duration::from_millis(100);

/// Where there is no account, every step is taken for this one.
const NOBODY: i64 = 0;

pub(crate) async fn change_password(
    State(auth): State<Auth>,
    call: Call,
    user: CurrentUser,
    Whole(change): Whole<PasswordChange>,
) -> Result<NoContent, ApiError> {
    let mut conn = auth.db.acquire().await?;
    let account = queries::select_user(&mut conn, user.id).await?.or_not_found()?;
    let current = queries::select_password(&mut conn, user.id).await?;
    // Whoever found an open browser may not guess here more often than at the door.
    let subject = account.email.to_lowercase();
    throttle::count(&mut conn, &[(LOGIN_EMAIL, subject.clone())]).await?;
    drop(conn);

    if !password::verify(change.current, current).await? {
        let text = Text::Own { fr: "Le mot de passe actuel est incorrect.", en: "The current password is wrong." };
        return Err(ApiError::invalid("current_password", text));
    }
    if let Err(unfit) = check(&account, "new_password", &change.new) {
        // Nothing was guessed.
        throttle::take_back(&mut auth.db.acquire().await?, LOGIN_EMAIL, &subject).await?;
        return Err(unfit);
    }
    let hash = password::hash(change.new).await?;

    let mut conn = auth.db.acquire().await?;
    let mut tx = conn.begin().await?;
    queries::update_password(&mut tx, user.id, &hash).await?;
    queries::revoke_sessions(&mut tx, user.id, Some(user.session_id)).await?;
    throttle::forgive(&mut tx, LOGIN_EMAIL, &subject).await?;
    tell(&mut tx, &auth, &account).await?;
    audit::record(&mut tx, &Event::new(&call, Some(user.id), Action::PasswordChanged, "user", Some(user.id))).await?;
    tx.commit().await?;
    Ok(NoContent)
}

/// The same answer after the same steps and at the same time, whether or not there is such an account, and whether or
/// not this is one time too many.
pub(crate) async fn request_reset(
    State(auth): State<Auth>,
    call: Call,
    Whole(ForgottenPassword { email }): Whole<ForgottenPassword>,
) -> Result<Json<ResetRequested>, ApiError> {
    let answered_at = Instant::now() + RESET_ANSWER_TIME;
    let token = ResetToken::generate()?;
    let mut conn = auth.db.acquire().await?;
    let counted = throttle::count(&mut conn, &[(FORGOT_EMAIL, email.to_lowercase())]).await;
    let account = queries::select_account(&mut conn, &email).await?;
    let reader = match counted {
        Ok(()) => account.filter(|account| account.user.is_active).map(|account| account.user),
        Err(ApiError::Throttled(_)) => None,
        Err(error) => return Err(error),
    };

    let user_id = reader.as_ref().map_or(NOBODY, |user| user.id);
    let language = reader.as_ref().map_or(call.language, |user| Language::from_code(&user.language));
    let first_name = reader.as_ref().map_or("", |user| user.first_name.as_str());
    let mail = Mail::PasswordReset { web_origin: &auth.web_origin, first_name };
    let mut tx = conn.begin().await?;
    queries::insert_password_reset(&mut tx, user_id, &token.digest()).await?;
    enqueue_secret(&mut tx, user_id, language, &mail, token.as_str()).await?;
    tx.commit().await?;
    drop(conn);
    // Called whether or not there is a mail. A transaction that wrote nothing commits sooner: no disk is waited for.
    tokio::join!(sleep_until(answered_at), auth.dispatcher.call());

    let sent = Text::Own {
        fr: "Si un compte existe pour cette adresse, un e-mail vient de lui être envoyé.",
        en: "If there is an account for this address, an email has just been sent to it.",
    };
    let sent = sent.in_language(call.language).into_owned();
    Ok(Json(ResetRequested { detail: sent.clone(), message: sent }))
}

pub(crate) async fn reset_password(
    State(auth): State<Auth>,
    call: Call,
    Whole(new): Whole<NewPassword>,
) -> Result<NoContent, ApiError> {
    let digest = ResetToken::from(new.token).digest();
    let mut conn = auth.db.acquire().await?;
    let user = queries::select_reset_user(&mut conn, &digest).await?.ok_or_else(link_not_valid)?;
    drop(conn);
    check(&user, "password", &new.password)?;
    let hash = password::hash(new.password).await?;

    let mut conn = auth.db.acquire().await?;
    let mut tx = conn.begin().await?;
    if !queries::use_password_reset(&mut tx, &digest).await? {
        return Err(link_not_valid());
    }
    queries::update_password(&mut tx, user.id, &hash).await?;
    queries::revoke_sessions(&mut tx, user.id, None).await?;
    throttle::forgive(&mut tx, LOGIN_EMAIL, &user.email.to_lowercase()).await?;
    tell(&mut tx, &auth, &user).await?;
    audit::record(&mut tx, &Event::new(&call, Some(user.id), Action::PasswordReset, "user", Some(user.id))).await?;
    tx.commit().await?;
    Ok(NoContent)
}

/// Whoever changed the password may not be its owner, who hears of it.
async fn tell(tx: &mut Tx<'_>, auth: &Auth, user: &User) -> sqlx::Result<()> {
    let mail = Mail::PasswordChanged { web_origin: &auth.web_origin, first_name: &user.first_name };
    enqueue(tx, &user.email, Language::from_code(&user.language), &mail).await
}

fn check(user: &User, field: &str, new: &str) -> Result<(), ApiError> {
    let attributes = [
        password::Attribute::email(&user.email),
        password::Attribute::first_name(&user.first_name),
        password::Attribute::last_name(&user.last_name),
    ];
    let mut errors = FieldErrors::default();
    for fault in password::faults(new, &attributes) {
        errors.add(field, fault);
    }
    if errors.is_empty() { Ok(()) } else { Err(ApiError::Invalid(errors)) }
}

fn link_not_valid() -> ApiError {
    let text = Text::Own {
        fr: "Ce lien n'est pas valide, a déjà servi ou a expiré.",
        en: "This link is not valid, was used already, or has expired.",
    };
    ApiError::invalid("token", text)
}
