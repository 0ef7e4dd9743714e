//! One function per route.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use shared::{
    auth::{CurrentUser, Rejection, password},
    db::Conn,
    email::{Mail, queue::enqueue},
    error::{ApiError, OnConstraint, OrNotFound},
    extract::{IfMatch, NoContent, Partial, Row, Whole},
    lambda::Call,
    text::Text,
};

use crate::{
    Auth,
    model::{Credentials, Device, LogOut, ProfileChanges, Refresh, Refreshed, Registration, Session, SignedIn, User},
    queries,
    tokens::Ticket,
};

pub(crate) async fn register(
    State(auth): State<Auth>,
    call: Call,
    Whole(new): Whole<Registration>,
) -> Result<(StatusCode, Json<SignedIn>), ApiError> {
    let password_hash = password::hash(new.password.clone()).await?;
    let mut conn = auth.db.acquire().await?;

    let mut tx = conn.begin().await?;
    let user = queries::insert_user(&mut tx, &new, &password_hash, call.language)
        .await
        .on_constraint("users_email_key_key", email_taken)?;
    let welcome = Mail::Welcome { first_name: &user.first_name, web_origin: &auth.web_origin };
    enqueue(&mut tx, &user.email, call.language, &welcome).await?;
    let session_id = queries::insert_session(&mut tx, user.id, &device(&call)).await?.ok_or_else(wrong_credentials)?;
    tx.commit().await?;

    Ok((StatusCode::CREATED, Json(signed_in(&auth, user, session_id)?)))
}

pub(crate) async fn log_in(
    State(auth): State<Auth>,
    call: Call,
    Whole(credentials): Whole<Credentials>,
) -> Result<Json<SignedIn>, ApiError> {
    let account = queries::select_account(&mut auth.db.acquire().await?, &credentials.email).await?;

    // Every way through takes one verification, so that the time does not tell who has an account.
    let usable = account.filter(|account| account.user.is_active);
    let too_long = credentials.password.chars().count() > password::MAX_CHARACTERS;
    let hash = usable.as_ref().filter(|_| !too_long).map(|account| account.password.clone());
    let verified = password::verify(credentials.password, hash).await?;
    let account = usable.filter(|_| verified).ok_or_else(wrong_credentials)?;

    let mut conn = auth.db.acquire().await?;
    let session_id = queries::insert_session(&mut conn, account.user.id, &device(&call)).await?;
    let session_id = session_id.ok_or_else(wrong_credentials)?;
    Ok(Json(signed_in(&auth, account.user, session_id)?))
}

pub(crate) async fn refresh(
    State(auth): State<Auth>,
    Whole(request): Whole<Refresh>,
) -> Result<Json<Refreshed>, ApiError> {
    let ticket = auth.tokens.read_refresh(&request.token).ok_or_else(refresh_not_valid)?;
    let mut conn = auth.db.acquire().await?;
    let (accepted, successor) = if request.rotate {
        let next = Ticket { generation: ticket.generation.saturating_add(1), ..ticket };
        (queries::rotate_session(&mut conn, ticket).await?, Some(next))
    } else {
        (queries::touch_session(&mut conn, ticket).await?, None)
    };
    let user_id = match accepted {
        Some(user_id) => user_id,
        None => user_of_predecessor(&mut conn, ticket).await?,
    };
    Ok(Json(Refreshed {
        access: auth.tokens.access(user_id, ticket.session_id)?,
        refresh: successor.map(|successor| auth.tokens.refresh(successor)).transpose()?,
    }))
}

/// A refresh token that is no longer the current one: within ten seconds of its rotation it is a second tab's, or one
/// whose answer was lost, and both end up with the same successor. Later it is taken for stolen, and the session ends.
async fn user_of_predecessor(conn: &mut Conn, ticket: Ticket) -> Result<i64, ApiError> {
    let session = queries::select_session(conn, ticket.session_id).await?;
    match session {
        Some(Session { is_active: false, .. }) => Err(ApiError::Unauthenticated(Rejection::UserInactive)),
        Some(Session { is_revoked: true, .. }) | None => Err(refresh_not_valid()),
        Some(Session { is_expired: true, .. }) => Err(ApiError::Unauthenticated(Rejection::RefreshExpired)),
        Some(session) if session.just_rotated && session.generation == ticket.generation.saturating_add(1) => {
            Ok(session.user_id)
        }
        Some(session) if session.generation > ticket.generation => {
            queries::revoke_session(conn, ticket.session_id).await?;
            Err(refresh_not_valid())
        }
        Some(_) => Err(refresh_not_valid()),
    }
}

pub(crate) async fn log_out(State(auth): State<Auth>, Whole(request): Whole<LogOut>) -> Result<NoContent, ApiError> {
    if let Some(ticket) = request.token.and_then(|token| auth.tokens.read_refresh(&token)) {
        let mut conn = auth.db.acquire().await?;
        queries::revoke_session(&mut conn, ticket.session_id).await?;
    }
    Ok(NoContent)
}

pub(crate) async fn find_me(State(auth): State<Auth>, user: CurrentUser) -> Result<Row<User>, ApiError> {
    let mut conn = auth.db.acquire().await?;
    let me = queries::select_user(&mut conn, user.id).await?.or_not_found()?;
    Ok(Row(me))
}

pub(crate) async fn update_me(
    State(auth): State<Auth>,
    user: CurrentUser,
    if_match: IfMatch,
    Partial(changes): Partial<ProfileChanges>,
) -> Result<Row<User>, ApiError> {
    let mut conn = auth.db.acquire().await?;
    let me = queries::update_user(&mut conn, user.id, &changes, if_match.versions()).await?;
    me.map(Row).ok_or(ApiError::PreconditionFailed)
}

pub(crate) async fn list_keys(State(auth): State<Auth>) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "max-age=300")];
    (headers, auth.jwks).into_response()
}

fn signed_in(auth: &Auth, user: User, session_id: i64) -> Result<SignedIn, ApiError> {
    Ok(SignedIn {
        access: auth.tokens.access(user.id, session_id)?,
        refresh: auth.tokens.refresh(Ticket::first(session_id))?,
        user,
    })
}

fn device(call: &Call) -> Device<'_> {
    Device { user_agent: &call.user_agent, ip: call.ip.map(|ip| ip.to_string()) }
}

fn email_taken() -> ApiError {
    let text = Text::Own {
        fr: "Un objet custom user avec ce champ email existe déjà.",
        en: "custom user with this email already exists.",
    };
    ApiError::invalid("email", text)
}

fn wrong_credentials() -> ApiError {
    ApiError::invalid_body(Text::Own { fr: "Email ou mot de passe incorrect", en: "Wrong email or password" })
}

fn refresh_not_valid() -> ApiError {
    ApiError::Unauthenticated(Rejection::RefreshNotValid)
}
