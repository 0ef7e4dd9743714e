use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::header;
use serde_json::json;
use shared::{
    audit::{self, Action, Event},
    auth::{CurrentUser, Rejection, password},
    db::Conn,
    error::ApiError,
    extract::{Id, NoContent, Whole},
    lambda::Call,
    list::{List, Page},
    openapi::{Describe, Operation},
    text::Text,
    throttle,
};

use super::{LOGIN_ADDRESS, LOGIN_EMAIL, device};
use crate::{
    Auth,
    model::{
        Credentials, LogOut, Refresh, Refreshed, Session, SessionFilter, SessionRow, SignedIn, TokenCredentials,
        TokenPair, User,
    },
    queries,
    tokens::Ticket,
};

pub(crate) async fn log_in(
    State(auth): State<Auth>,
    call: Call,
    Whole(credentials): Whole<Credentials>,
) -> Result<Json<SignedIn>, ApiError> {
    let (user, session_id) = sign_in(&auth, &call, credentials).await?.ok_or_else(wrong_credentials)?;
    Ok(Json(auth.tokens.signed_in(user, session_id)?))
}

/// The path and the answers of simplejwt.
pub(crate) async fn issue_token(
    State(auth): State<Auth>,
    call: Call,
    Whole(TokenCredentials(credentials)): Whole<TokenCredentials>,
) -> Result<Json<TokenPair>, ApiError> {
    let signed_in = sign_in(&auth, &call, credentials).await?;
    let (user, session_id) = signed_in.ok_or(ApiError::Unauthenticated(Rejection::NoActiveAccount))?;
    Ok(Json(auth.tokens.pair(user.id, session_id)?))
}

/// Begins a session, if these are the credentials of an active account. Every way through takes one verification, so
/// that the time does not tell who has an account.
async fn sign_in(auth: &Auth, call: &Call, credentials: Credentials) -> Result<Option<(User, i64)>, ApiError> {
    let Credentials { email, password } = credentials;
    let (subject, address) = (email.to_lowercase(), throttle::address(call.ip));
    let mut conn = auth.db.acquire().await?;
    throttle::count(&mut conn, &[(LOGIN_ADDRESS, address.clone()), (LOGIN_EMAIL, subject.clone())]).await?;
    let account = queries::select_account(&mut conn, &email).await?;
    // Not kept over the hashing: others on this process may need it.
    drop(conn);

    let known = account.as_ref().map(|account| account.user.id);
    let too_long = password.chars().count() > password::MAX_CHARACTERS;
    let usable = account.filter(|account| account.user.is_active && !too_long);
    let outdated = usable.as_ref().is_some_and(|account| password::is_outdated(&account.password));
    let again = outdated.then(|| password.clone());
    let verified = password::verify(password, usable.as_ref().map(|account| account.password.clone())).await?;
    let renewed = match again.filter(|_| verified) {
        Some(password) => Some(password::hash(password).await?),
        None => None,
    };

    let mut conn = auth.db.acquire().await?;
    let Some(mut account) = usable.filter(|_| verified) else {
        audit::record(&mut conn, &Event::new(call, known, Action::LoginFailed, "user", known)).await?;
        return Ok(None);
    };
    let device = device(call)?;
    let mut tx = conn.begin().await?;
    // A hash from elsewhere has served its time, now that the password is at hand.
    if let Some(renewed) = renewed
        && queries::renew_password(&mut tx, account.user.id, &account.password, &renewed).await?
    {
        account.password = renewed;
    }
    if !queries::insert_session(&mut tx, account.user.id, &account.password, &device).await? {
        return Ok(None);
    }
    audit::record(&mut tx, &Event::new(call, known, Action::Login, "session", Some(device.session_id))).await?;
    throttle::take_back(&mut tx, LOGIN_ADDRESS, &address).await?;
    throttle::forgive(&mut tx, LOGIN_EMAIL, &subject).await?;
    tx.commit().await?;
    Ok(Some((account.user, device.session_id)))
}

pub(crate) async fn refresh(
    State(auth): State<Auth>,
    call: Call,
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
        None => user_of_predecessor(&mut conn, &call, ticket).await?,
    };
    let refresh = successor.map(|successor| auth.tokens.refresh(successor)).transpose()?;
    let refresh = refresh.map(|token| token.refresh);
    Ok(Json(Refreshed {
        access: auth.tokens.access(user_id, ticket.session_id)?,
        refresh_token: refresh.clone(),
        refresh,
    }))
}

/// A refresh token that is no longer the current one: within ten seconds of its rotation it is a second tab's, or one
/// whose answer was lost, and both end up with the same successor. Later it is taken for stolen, and the session ends.
async fn user_of_predecessor(conn: &mut Conn, call: &Call, ticket: Ticket) -> Result<i64, ApiError> {
    let session = queries::select_session(conn, ticket.session_id).await?;
    match session {
        Some(Session { is_active: false, .. }) => Err(ApiError::Unauthenticated(Rejection::UserInactive)),
        Some(Session { is_revoked: true, .. }) | None => Err(refresh_not_valid()),
        Some(Session { is_expired: true, .. }) => Err(ApiError::Unauthenticated(Rejection::RefreshExpired)),
        Some(session) if session.just_rotated && session.generation == ticket.generation.saturating_add(1) => {
            Ok(session.user_id)
        }
        Some(Session { user_id, generation, .. }) if generation > ticket.generation => {
            // Committed although the request fails: that is the point of it.
            let mut tx = conn.begin().await?;
            queries::revoke_session(&mut tx, ticket.session_id).await?;
            let reused = Event::new(call, Some(user_id), Action::RefreshReused, "session", Some(ticket.session_id));
            audit::record(&mut tx, &reused).await?;
            tx.commit().await?;
            Err(refresh_not_valid())
        }
        Some(_) => Err(refresh_not_valid()),
    }
}

pub(crate) async fn log_out(
    State(auth): State<Auth>,
    call: Call,
    request: Result<Whole<LogOut>, ApiError>,
) -> Result<NoContent, ApiError> {
    let token = request.ok().and_then(|Whole(LogOut { token })| token);
    if let Some(ticket) = token.and_then(|token| auth.tokens.read_refresh(&token)) {
        let mut conn = auth.db.acquire().await?;
        let mut tx = conn.begin().await?;
        if let Some(user_id) = queries::revoke_session(&mut tx, ticket.session_id).await? {
            let logout = Event::new(&call, Some(user_id), Action::Logout, "session", Some(ticket.session_id));
            audit::record(&mut tx, &logout).await?;
        }
        tx.commit().await?;
    }
    Ok(NoContent)
}

pub(crate) async fn list_sessions(
    State(auth): State<Auth>,
    user: CurrentUser,
    list: List<SessionFilter>,
) -> Result<Json<Page<SessionRow>>, ApiError> {
    let mut conn = auth.db.acquire().await?;
    let page = queries::select_sessions(&mut conn, &list, user).await?;
    Ok(Json(page))
}

pub(crate) async fn delete_session(
    State(auth): State<Auth>,
    call: Call,
    user: CurrentUser,
    Id(id): Id,
) -> Result<NoContent, ApiError> {
    let mut conn = auth.db.acquire().await?;
    let mut tx = conn.begin().await?;
    if !queries::revoke_own_session(&mut tx, id, user.id).await? {
        return Err(ApiError::not_found());
    }
    audit::record(&mut tx, &Event::new(&call, Some(user.id), Action::Logout, "session", Some(id))).await?;
    tx.commit().await?;
    Ok(NoContent)
}

pub(crate) async fn list_keys(State(auth): State<Auth>) -> KeySet {
    KeySet(auth.jwks)
}

/// The public halves of the keys that are valid now, as a JWK set (RFC 7517).
pub(crate) struct KeySet(Bytes);

impl IntoResponse for KeySet {
    fn into_response(self) -> Response {
        let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "max-age=300")];
        (headers, self.0).into_response()
    }
}

impl Describe for KeySet {
    fn describe(operation: &mut Operation) {
        let schema = json!({
            "type": "object",
            "required": ["keys"],
            "properties": { "keys": { "type": "array", "items": { "type": "object", "additionalProperties": true }, "minItems": 1, "maxItems": 2 } },
        });
        operation.answers(200, "A JWK set (RFC 7517).", Some(("application/json", schema)));
    }
}

fn wrong_credentials() -> ApiError {
    ApiError::invalid_body(Text::Own { fr: "Email ou mot de passe incorrect", en: "Wrong email or password" })
}

fn refresh_not_valid() -> ApiError {
    ApiError::Unauthenticated(Rejection::RefreshNotValid)
}
