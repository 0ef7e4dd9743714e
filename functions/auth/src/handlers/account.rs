use axum::extract::State;
use shared::{
    audit::{self, Action, Event},
    auth::{CurrentUser, Rejection, password},
    config,
    email::{Mail, queue::enqueue},
    error::{ApiError, OnConstraint, OrNotFound, Refusal},
    extract::{Draft, IfMatch, Made, Partial, Row, Whole},
    lambda::Call,
    text::Text,
    throttle,
};

use super::{REGISTER_ADDRESS, TAKEN_ADDRESSES, device};
use crate::{
    Auth,
    model::{ProfileChanges, Registration, SignedIn, User},
    queries,
};

pub(crate) async fn register(
    State(auth): State<Auth>,
    call: Call,
    new: Draft<Whole<Registration>>,
) -> Result<Made<SignedIn>, ApiError> {
    if auth.registration == config::Registration::Closed {
        return Err(ApiError::Forbidden);
    }
    let email = new.text("email");
    let new = match new.read_new() {
        Ok(new) => new,
        Err(error) => return Err(with_taken(&auth, &call, error, email).await?),
    };
    throttle::count(&mut auth.db.acquire().await?, &[(REGISTER_ADDRESS, throttle::address(call.ip))]).await?;
    let password_hash = password::hash(new.password.clone()).await?;

    let mut conn = auth.db.acquire().await?;
    let mut tx = conn.begin().await?;
    let user = queries::insert_user(&mut tx, &new, &password_hash, call.language)
        .await
        .on_constraint("users_email_key_key", email_taken)?;
    let welcome = Mail::Welcome { web_origin: &auth.web_origin };
    enqueue(&mut tx, &user.email, call.language, &welcome).await?;
    let device = device(&call)?;
    queries::insert_session(&mut tx, user.id, &password_hash, &device).await?;
    let login = Event::new(&call, Some(user.id), Action::Login, "session", Some(device.session_id));
    audit::record(&mut tx, &login).await?;
    tx.commit().await?;

    Ok(Made::New(auth.tokens.signed_in(user, device.session_id)?))
}

pub(crate) async fn find_me(State(auth): State<Auth>, user: CurrentUser) -> Result<Row<User>, ApiError> {
    let mut conn = auth.db.acquire().await?;
    let me = queries::select_user(&mut conn, user.id).await?.or_not_found()?;
    Ok(Row(me))
}

pub(crate) async fn update_me(
    State(auth): State<Auth>,
    call: Call,
    user: CurrentUser,
    if_match: IfMatch,
    changes: Draft<Partial<ProfileChanges>>,
) -> Result<Row<User>, ApiError> {
    let stored = async { Ok(queries::select_user(&mut auth.db.acquire().await?, user.id).await?) };
    let own = async { Ok(Refusal { is_admin: true, exists: true }) };
    let changes = changes.read(stored, own).await?;
    let unchanged = || match if_match.versions() {
        Some(_) => ApiError::PreconditionFailed,
        None => ApiError::Unauthenticated(Rejection::UserNotFound),
    };
    let mut conn = auth.db.acquire().await?;
    if !user.is_admin {
        let me = queries::update_user(&mut conn, user.id, &changes, if_match.versions()).await?;
        return me.map(Row).ok_or_else(unchanged);
    }
    // What administrators write is on record, their own data too.
    let mut tx = conn.begin().await?;
    let before = queries::select_user(&mut tx, user.id).await?;
    let me = queries::update_user(&mut tx, user.id, &changes, if_match.versions()).await?.ok_or_else(unchanged)?;
    let event = Event::new(&call, Some(user.id), Action::Update, "user", Some(user.id));
    audit::record(&mut tx, &event.with_changes(before.as_ref(), Some(&me))).await?;
    tx.commit().await?;
    Ok(Row(me))
}

/// What is wrong with a registration, together with that its address is taken, if it is. A stranger who asks for many
/// addresses is not told: such a body is no registration, so the limit on registrations does not count it.
async fn with_taken(auth: &Auth, call: &Call, error: ApiError, email: Option<String>) -> Result<ApiError, ApiError> {
    let Some(email) = email.filter(|_| error.spares("email")) else { return Ok(error) };
    let mut conn = auth.db.acquire().await?;
    match throttle::count(&mut conn, &[(TAKEN_ADDRESSES, throttle::address(call.ip))]).await {
        Ok(()) => {}
        Err(ApiError::Throttled(_)) => return Ok(error),
        Err(other) => return Err(other),
    }
    let is_taken = queries::is_taken(&mut conn, &email).await?;
    Ok(if is_taken { error.with("email", TAKEN) } else { error })
}

const TAKEN: Text = Text::Own {
    fr: "Un objet custom user avec ce champ email existe déjà.",
    en: "custom user with this email already exists.",
};

fn email_taken() -> ApiError {
    ApiError::invalid("email", TAKEN)
}
