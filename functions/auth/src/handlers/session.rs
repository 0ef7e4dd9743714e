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
    auth::{
        CurrentUser, Rejection,
        password::{self, Verdict},
    },
    db::Conn,
    error::ApiError,
    extract::{Id, NoContent, Whole},
    lambda::Call,
    list::{List, Page},
    openapi::{Describe, Operation},
    text::Text,
    throttle::{self, Outcome},
};

use super::{LOGIN_ADDRESS, LOGIN_EMAIL, LOGIN_PAIR, SIGN_INS, counts, device};
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
    let attempt = counts([LOGIN_ADDRESS, LOGIN_PAIR, LOGIN_EMAIL], &email, call);
    throttle::begin(&auth.db, &attempt).await?;
    let mut conn = auth.db.acquire().await?;
    let account = queries::select_account(&mut conn, &email).await?;
    // Not kept over the hashing: others on this process may need it.
    drop(conn);

    let known = account.as_ref().map(|account| account.user.id);
    let too_long = password::is_too_long(&password);
    let usable = account.filter(|account| account.user.is_active && !too_long);
    let outdated = usable.as_ref().is_some_and(|account| password::is_outdated(&account.password));
    let verdict = password::verify(password.clone(), usable.as_ref().map(|account| account.password.clone())).await?;
    let renewed = match verdict {
        Verdict::Right if outdated => Some(password::hash(password).await?),
        Verdict::RightAsTyped => Some(password::hash(password).await?),
        Verdict::Right | Verdict::Wrong => None,
    };

    let mut conn = auth.db.acquire().await?;
    let Some(mut account) = usable.filter(|_| verdict != Verdict::Wrong) else {
        throttle::settle(&mut conn, &attempt.map(|count| (count, Outcome::Failed)), &[]).await?;
        audit::record(&mut conn, &Event::new(call, known, Action::LoginFailed, "user", known)).await?;
        return Ok(None);
    };
    let [by_address, by_pair, by_email] = attempt;
    let ended = [(by_address, Outcome::Succeeded), (by_pair, Outcome::Forgiven), (by_email, Outcome::Forgiven)];
    throttle::settle(&mut conn, &ended, &[(SIGN_INS, account.user.id.to_string())]).await?;
    let device = device(call)?;
    let mut tx = conn.begin().await?;
    // A hash of another form is replaced, now that the password is at hand.
    if let Some(renewed) = renewed
        && queries::renew_password(&mut tx, account.user.id, &account.password, &renewed).await?
    {
        account.password = renewed;
    }
    if !queries::insert_session(&mut tx, account.user.id, &account.password, &device).await? {
        return Ok(None);
    }
    audit::record(&mut tx, &Event::new(call, known, Action::Login, "session", Some(device.session_id))).await?;
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
    let accepted = if request.rotate {
        let next = Ticket { generation: ticket.generation.saturating_add(1), ..ticket };
        queries::rotate_session(&mut conn, ticket).await?.map(|user_id| (user_id, next))
    } else {
        queries::touch_session(&mut conn, ticket).await?.map(|user_id| (user_id, ticket))
    };
    let (user_id, current) = match accepted {
        Some(accepted) => accepted,
        None => successor(&mut conn, &call, ticket).await?,
    };
    let refresh = request.rotate.then(|| auth.tokens.refresh(current)).transpose()?;
    let refresh = refresh.map(|token| token.refresh);
    Ok(Json(Refreshed {
        access: auth.tokens.access(user_id, ticket.session_id)?,
        refresh_token: refresh.clone(),
        refresh,
    }))
}

/// The session's user and current refresh token, for a token that is no longer the current one. Within ten seconds of its
/// own rotation it is another tab's, or its answer was lost: all of them end up with the current token, however many
/// rotations there were meanwhile. Later it is taken for stolen, and the session ends.
async fn successor(conn: &mut Conn, call: &Call, ticket: Ticket) -> Result<(i64, Ticket), ApiError> {
    let session = queries::select_session(conn, ticket).await?;
    match session {
        Some(Session { is_active: false, .. }) => Err(ApiError::Unauthenticated(Rejection::UserInactive)),
        Some(Session { is_revoked: true, .. }) | None => Err(refresh_not_valid()),
        Some(Session { is_expired: true, .. }) => Err(ApiError::Unauthenticated(Rejection::RefreshExpired)),
        Some(Session { user_id, generation, just_rotated: true, .. }) => Ok((user_id, Ticket { generation, ..ticket })),
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
