use std::{slice, time::Duration};

use axum::{Json, extract::State};
use shared::{
    audit::{self, Action, Event},
    auth::{
        CurrentUser, LinkToken,
        password::{self, Verdict},
    },
    db::Tx,
    email::{
        Mail, address,
        queue::{enqueue, enqueue_secret},
    },
    error::{ApiError, FieldErrors, OrNotFound},
    extract::{NoContent, Whole},
    lambda::Call,
    text::{Language, Text},
    throttle::{self, Outcome},
};
use tokio::time::{Instant, sleep_until};

use super::{
    CURRENT_PASSWORD, FORGOT_ADDRESS, FORGOT_EMAIL, FORGOT_PAIR, LOGIN_EMAIL, LOGIN_PAIR, PASSWORD_CHANGES,
    PASSWORD_NOTICES, counts,
};
use crate::{
    Auth,
    model::{Account, ForgottenPassword, NewPassword, PasswordChange, ResetRequested, User},
    queries,
};

/// When a forgotten password is answered: far longer than the steps take, and no longer than a person notices.
const RESET_ANSWER_TIME: Duration = Duration::from_millis(100);

/// How long a mail with a link is worth sending: as long as the link holds (`migrations/0002_users.sql`).
const LINK_HOURS: i32 = 1;

/// Where there is no account, every step is taken for this one.
const NOBODY: i64 = 0;

const WRONG_PASSWORD: Text =
    Text::Own { fr: "Le mot de passe actuel est incorrect.", en: "The current password is wrong." };

pub(crate) async fn change_password(
    State(auth): State<Auth>,
    call: Call,
    user: CurrentUser,
    Whole(change): Whole<PasswordChange>,
) -> Result<NoContent, ApiError> {
    let mut conn = auth.db.acquire().await?;
    let Account { user: account, password: stored } =
        queries::select_own_account(&mut conn, user.id).await?.or_not_found()?;
    drop(conn);
    let guess = (CURRENT_PASSWORD, user.session_id.to_string());
    throttle::begin(&auth.db, slice::from_ref(&guess)).await?;

    let is_wrong = password::verify(change.current, Some(stored.clone())).await? == Verdict::Wrong;
    let mut errors = faults(&account, "new_password", &change.new);
    if is_wrong {
        errors.add("current_password", WRONG_PASSWORD);
        let mut conn = auth.db.acquire().await?;
        throttle::settle(&mut conn, &[(guess, Outcome::Failed)], &[]).await?;
        let failed = Event::new(&call, Some(user.id), Action::PasswordChangeFailed, "user", Some(user.id));
        audit::record(&mut conn, &failed).await?;
        return Err(ApiError::Invalid(errors));
    }
    if !errors.is_empty() {
        throttle::settle(&mut auth.db.acquire().await?, &[(guess, Outcome::Succeeded)], &[]).await?;
        return Err(ApiError::Invalid(errors));
    }
    let change_of_account = (PASSWORD_CHANGES, user.id.to_string());
    throttle::settle(&mut auth.db.acquire().await?, &[(guess, Outcome::Forgiven)], &[change_of_account]).await?;
    let hash = password::hash(change.new).await?;

    let mut conn = auth.db.acquire().await?;
    let mut tx = conn.begin().await?;
    if !queries::change_password(&mut tx, user, &stored, &hash).await? {
        return Err(ApiError::invalid("current_password", WRONG_PASSWORD));
    }
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
    let token = LinkToken::generate()?;
    let mut conn = auth.db.acquire().await?;
    let attempt = counts([FORGOT_ADDRESS, FORGOT_PAIR, FORGOT_EMAIL], &email, &call);
    let is_throttled = match throttle::count(&mut conn, &attempt).await {
        Ok(()) => false,
        Err(ApiError::Throttled(_)) => true,
        Err(error) => return Err(error),
    };
    let account = queries::select_account(&mut conn, &email).await?;
    let known = account.as_ref().map(|account| account.user.id);
    let reader = account.map(|account| account.user).filter(|user| user.is_active && !is_throttled);

    let user_id = reader.as_ref().map_or(NOBODY, |user| user.id);
    let language = reader.as_ref().map_or(call.language, |user| Language::from_code(&user.language));
    let first_name = reader.as_ref().map_or("", |user| user.first_name.as_str());
    let mail = Mail::PasswordReset { web_origin: &auth.web_origin, first_name };
    let mut tx = conn.begin().await?;
    let address = reader.as_ref().map_or("", |user| &user.email);
    let has_link = queries::insert_password_reset(&mut tx, user_id, address, &token.digest()).await?;
    let reader = if has_link { user_id } else { NOBODY };
    enqueue_secret(&mut tx, reader, language, &mail, token.as_str(), LINK_HOURS).await?;
    // Not for what is refused: a flood would fill the record.
    if !is_throttled {
        let requested = Event::new(&call, known, Action::PasswordResetRequested, "user", known);
        audit::record(&mut tx, &requested).await?;
    }
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
    let digest = LinkToken::from(new.token).digest();
    let mut conn = auth.db.acquire().await?;
    let user = queries::select_reset_user(&mut conn, &digest).await?;
    drop(conn);
    let Some(user) = user else {
        let mut errors = password_faults("password", &new.password, &[]);
        errors.add("token", LINK_NOT_VALID);
        return Err(ApiError::Invalid(errors));
    };
    let errors = faults(&user, "password", &new.password);
    if !errors.is_empty() {
        return Err(ApiError::Invalid(errors));
    }
    let hash = password::hash(new.password).await?;

    let mut conn = auth.db.acquire().await?;
    let mut tx = conn.begin().await?;
    if !queries::use_password_reset(&mut tx, user.id, &digest).await? {
        return Err(ApiError::invalid("token", LINK_NOT_VALID));
    }
    queries::reset_password(&mut tx, user.id, &hash).await?;
    let email = address::key(&user.email);
    throttle::forgive_all(&mut tx, &[(LOGIN_PAIR, email.clone()), (LOGIN_EMAIL, email)]).await?;
    tell(&mut tx, &auth, &user).await?;
    audit::record(&mut tx, &Event::new(&call, Some(user.id), Action::PasswordReset, "user", Some(user.id))).await?;
    tx.commit().await?;
    Ok(NoContent)
}

/// Tells the owner of a new password, which somebody else may have set: once an hour, since the address may be a
/// stranger's.
async fn tell(tx: &mut Tx<'_>, auth: &Auth, user: &User) -> Result<(), ApiError> {
    match throttle::count(tx, &[(PASSWORD_NOTICES, user.id.to_string())]).await {
        Ok(()) => {}
        Err(ApiError::Throttled(_)) => return Ok(()),
        Err(error) => return Err(error),
    }
    let mail = Mail::PasswordChanged { web_origin: &auth.web_origin, first_name: &user.first_name };
    Ok(enqueue(tx, &user.email, Language::from_code(&user.language), &mail).await?)
}

fn faults(user: &User, field: &str, new: &str) -> FieldErrors {
    let attributes = [
        password::Attribute::email(&user.email),
        password::Attribute::first_name(&user.first_name),
        password::Attribute::last_name(&user.last_name),
    ];
    password_faults(field, new, &attributes)
}

fn password_faults(field: &str, new: &str, attributes: &[password::Attribute<'_>]) -> FieldErrors {
    let mut errors = FieldErrors::default();
    for fault in password::faults(new, attributes) {
        errors.add(field, fault);
    }
    errors
}

const LINK_NOT_VALID: Text = Text::Own {
    fr: "Ce lien n'est pas valide, a déjà servi ou a expiré.",
    en: "This link is not valid, was used already, or has expired.",
};
