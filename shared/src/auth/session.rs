//! Whether the session behind an access token still holds: the authorizer's one query, and a function's own where the
//! authorizer could not ask.

use super::{CurrentUser, Rejection};
use crate::db::Conn;

/// Asks once, by primary keys, for the session and its account.
///
/// # Errors
/// When the database does not answer.
pub async fn select_caller(
    db: &mut Conn,
    user_id: i64,
    session_id: i64,
) -> sqlx::Result<Result<CurrentUser, Rejection>> {
    let standing = sqlx::query!(
        r#"
        select
            users.is_active as "is_active?",
            users.is_admin as "is_admin?",
            session.id is not null as "session_lives!"
        from (select $1::bigint as user_id, $2::bigint as session_id) as token
        left join users_customuser as users on users.id = token.user_id
        left join auth_session as session
            on session.id = token.session_id and session.user_id = token.user_id and session.revoked_at is null
        "#,
        user_id,
        session_id,
    )
    .fetch_one(db)
    .await?;

    Ok(match (standing.is_active, standing.is_admin) {
        (Some(true), Some(is_admin)) if standing.session_lives => Ok(CurrentUser { id: user_id, session_id, is_admin }),
        (Some(true), _) => Err(Rejection::TokenNotValid),
        (Some(false), _) => Err(Rejection::UserInactive),
        (None, _) => Err(Rejection::UserNotFound),
    })
}
