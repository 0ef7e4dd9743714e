//! One function per route.
//!
//! A write about an account locks it and the caller's own, and looks at the caller's role only then: two administrators
//! who take it from each other at once leave one of them.

use axum::{Json, extract::State};
use shared::{
    audit::{self, Action, Event},
    auth::{CurrentUser, LinkToken, password},
    db::{Db, Tx},
    email::{
        Mail, address,
        queue::{enqueue, enqueue_secret},
    },
    error::{ApiError, OnConstraint, OrNotFound, Refusal},
    extract::{Created, Draft, Id, IfMatch, NoContent, Partial, Row, Whole, valid_or_refused},
    idempotency::Idempotency,
    lambda::Call,
    list::{List, Page},
    text::Text,
    throttle::{self, Limit},
};

use crate::{
    Users,
    model::{DirectoryFilter, NewUser, Person, User, UserChanges, UserFilter},
    queries,
};

/// What is stored for an account that has no password yet. It is the hash of none.
const NO_PASSWORD: &str = "!";
/// How long an invitation holds.
const INVITATION_HOURS: i32 = 7 * 24;
/// Mails to one account about what administrators changed in it.
const NOTICES: Limit = Limit { kind: "account-notices", max: 5, seconds: 60 * 60 };

pub(crate) async fn list_users(State(db): State<Db>, list: List<UserFilter>) -> Result<Json<Page<User>>, ApiError> {
    let mut conn = db.acquire().await?;
    let page = queries::select_users(&mut conn, &list).await?;
    Ok(Json(page))
}

pub(crate) async fn list_people(
    State(db): State<Db>,
    list: List<DirectoryFilter>,
) -> Result<Json<Page<Person>>, ApiError> {
    let mut conn = db.acquire().await?;
    let page = queries::select_people(&mut conn, &list).await?;
    Ok(Json(page))
}

pub(crate) async fn find_person(State(db): State<Db>, Id(id): Id) -> Result<Json<Person>, ApiError> {
    let mut conn = db.acquire().await?;
    let person = queries::select_person(&mut conn, id).await?.or_not_found()?;
    Ok(Json(person))
}

pub(crate) async fn find_user(State(db): State<Db>, Id(id): Id) -> Result<Row<User>, ApiError> {
    let mut conn = db.acquire().await?;
    let user = queries::select_user(&mut conn, id).await?.or_not_found()?;
    Ok(Row(user))
}

pub(crate) async fn create_user(
    State(users): State<Users>,
    call: Call,
    admin: CurrentUser,
    idempotency: Idempotency,
    new: Draft<Whole<NewUser>>,
) -> Result<Created<User>, ApiError> {
    let email = new.text("email");
    let new = match new.read_new() {
        Ok(new) => new,
        Err(error) => return Err(with_taken(&users.db, error, email, None).await?),
    };
    let password_hash = match &new.changes.password {
        Some(password) => password::hash(password.clone()).await?,
        None => NO_PASSWORD.to_owned(),
    };
    let mut conn = users.db.acquire().await?;
    let mut tx = conn.begin().await?;
    if let Some(first_answer) = idempotency.replay(&mut tx).await? {
        return Ok(first_answer);
    }
    let created = queries::insert_user(&mut tx, &new.changes, &password_hash, call.language, admin.id)
        .await
        .on_constraint("users_email_key_key", email_taken)?
        .ok_or(ApiError::Forbidden)?;
    if new.invite {
        invite(&mut tx, &users, &created).await?;
    } else if created.is_active {
        let mail = Mail::AccountCreated { web_origin: &users.web_origin, first_name: &created.first_name };
        enqueue(&mut tx, &created.email, created.reads(), &mail).await?;
    }
    let event = Event::new(&call, Some(admin.id), Action::Create, "user", Some(created.id));
    audit::record(&mut tx, &event.with_changes(None, Some(&created))).await?;
    idempotency.commit(tx, created).await
}

pub(crate) async fn replace_user(
    State(users): State<Users>,
    call: Call,
    admin: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
    user: Draft<Whole<UserChanges>>,
) -> Result<Row<User>, ApiError> {
    let email = user.text("email");
    let changes = match user.read(stored(&users.db, id), refusal(&users.db, id, admin)).await {
        Ok(changes) => changes,
        Err(error) => return Err(with_taken(&users.db, error, email, Some(id)).await?),
    };
    change(&users, &call, admin, id, &if_match, changes).await
}

pub(crate) async fn update_user(
    State(users): State<Users>,
    call: Call,
    admin: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
    changes: Draft<Partial<UserChanges>>,
) -> Result<Row<User>, ApiError> {
    let email = changes.text("email");
    let changes = match changes.read(stored(&users.db, id), refusal(&users.db, id, admin)).await {
        Ok(changes) => changes,
        Err(error) => return Err(with_taken(&users.db, error, email, Some(id)).await?),
    };
    change(&users, &call, admin, id, &if_match, changes).await
}

pub(crate) async fn delete_user(
    State(db): State<Db>,
    call: Call,
    admin: CurrentUser,
    Id(id): Id,
    if_match: IfMatch,
) -> Result<NoContent, ApiError> {
    let mut conn = db.acquire().await?;
    let mut tx = conn.begin().await?;
    let before = lock(&mut tx, id, admin).await?;
    if id == admin.id {
        return Err(conflict(
            "Vous ne pouvez pas supprimer votre propre compte.",
            "You cannot delete your own account.",
        ));
    }
    queries::delete_user(&mut tx, id)
        .await
        .on_constraint("tickets_user_id_fkey", has_tickets)
        .on_constraint("comments_author_id_fkey", has_tickets)
        .on_constraint("messages_sender_id_fkey", has_messages)
        .on_constraint("messages_recipient_id_fkey", has_messages)?;
    if !if_match.admits(before.version) {
        return Err(ApiError::PreconditionFailed);
    }
    let event = Event::new(&call, Some(admin.id), Action::Delete, "user", Some(id));
    audit::record(&mut tx, &event.with_changes(Some(&before), None)).await?;
    // In an adopted database tables of Django's name users too, and their foreign keys are asked at the commit.
    tx.commit().await.map_err(|error| match error.as_database_error() {
        Some(violation) if violation.is_foreign_key_violation() => has_a_past(),
        _ => error.into(),
    })?;
    Ok(NoContent)
}

async fn change(
    users: &Users,
    call: &Call,
    admin: CurrentUser,
    id: i64,
    if_match: &IfMatch,
    changes: UserChanges,
) -> Result<Row<User>, ApiError> {
    let password_hash = match hash(&users.db, admin, id, &changes).await {
        Ok(hash) => hash,
        Err(error) => return Err(with_taken(&users.db, error, changes.email, Some(id)).await?),
    };

    let mut conn = users.db.acquire().await?;
    let mut tx = conn.begin().await?;
    let before = lock(&mut tx, id, admin).await?;
    let after = queries::update_user(&mut tx, id, &changes, password_hash.as_deref())
        .await
        .on_constraint("users_email_key_key", email_taken)?;
    if id == admin.id && changes.is_admin == Some(false) {
        return Err(conflict(
            "Vous ne pouvez pas vous retirer vos propres droits d'administrateur.",
            "You cannot take away your own administrator's role.",
        ));
    }
    if id == admin.id && changes.is_active == Some(false) {
        return Err(conflict(
            "Vous ne pouvez pas désactiver votre propre compte.",
            "You cannot deactivate your own account.",
        ));
    }
    if !if_match.admits(before.version) {
        return Err(ApiError::PreconditionFailed);
    }
    let event = |action| Event::new(call, Some(admin.id), action, "user", Some(id));
    audit::record(&mut tx, &event(Action::Update).with_changes(Some(&before), Some(&after))).await?;
    if after.is_admin != before.is_admin {
        let role = |user: &User| serde_json::json!({ "is_admin": user.is_admin });
        let changed = event(Action::RoleChanged).with_changes(Some(&role(&before)), Some(&role(&after)));
        audit::record(&mut tx, &changed).await?;
    }
    if password_hash.is_some() {
        queries::revoke_sessions(&mut tx, id).await?;
        audit::record(&mut tx, &event(Action::PasswordChanged)).await?;
    }
    tell_owner(&mut tx, users, admin, &before, &after, password_hash.is_some()).await?;
    tx.commit().await?;
    Ok(Row(after))
}

/// Queues a link to choose a password. The account is active: its body was checked.
async fn invite(tx: &mut Tx<'_>, users: &Users, invited: &User) -> Result<(), ApiError> {
    let token = LinkToken::generate()?;
    queries::insert_invitation(tx, invited.id, &token.digest(), INVITATION_HOURS).await?;
    let mail = Mail::Invitation { web_origin: &users.web_origin, first_name: &invited.first_name };
    Ok(enqueue_secret(tx, invited.id, invited.reads(), &mail, token.as_str(), INVITATION_HOURS).await?)
}

/// Tells the owner of an account of a new password and of a new role, in one mail. If their address changed too, the old
/// one is told as well: whoever has it may be the owner. A deactivated account is told nothing.
async fn tell_owner(
    tx: &mut Tx<'_>,
    users: &Users,
    admin: CurrentUser,
    before: &User,
    after: &User,
    has_new_password: bool,
) -> Result<(), ApiError> {
    let is_admin = (after.is_admin != before.is_admin).then_some(after.is_admin);
    if !after.is_active || !(has_new_password || is_admin.is_some()) {
        return Ok(());
    }
    match throttle::count(tx, &[(NOTICES, after.id.to_string())]).await {
        Ok(()) => {}
        Err(ApiError::Throttled(_)) => return Ok(()),
        Err(error) => return Err(error),
    }
    let (web_origin, first_name) = (&*users.web_origin, after.first_name.as_str());
    // Nobody else did it, unless somebody else has their session.
    let mail = if after.id == admin.id {
        Mail::PasswordChanged { web_origin, first_name }
    } else {
        Mail::AccountChanged { web_origin, first_name, has_new_password, is_admin }
    };
    enqueue(tx, &after.email, after.reads(), &mail).await?;
    if address::key_of(&before.email) != address::key_of(&after.email) {
        enqueue(tx, &before.email, after.reads(), &mail).await?;
    }
    Ok(())
}

/// The hash of the new password, if there is one. No connection is held while it is made.
async fn hash(db: &Db, admin: CurrentUser, id: i64, changes: &UserChanges) -> Result<Option<String>, ApiError> {
    let Some(password) = &changes.password else { return Ok(None) };
    let before = queries::select_user(&mut db.acquire().await?, id).await?.or_not_found();
    let checked = before.and_then(|before| changes.check_password(&before));
    valid_or_refused(checked, refusal(db, id, admin)).await?;
    Ok(Some(password::hash(password.clone()).await?))
}

/// Locks the account, and the caller's own. Their role cannot be withdrawn from here on.
async fn lock(tx: &mut Tx<'_>, id: i64, admin: CurrentUser) -> Result<User, ApiError> {
    let mut users = queries::lock_users(tx, [id, admin.id]).await?;
    if !users.iter().any(|user| user.id == admin.id && user.is_admin && user.is_active) {
        return Err(ApiError::Forbidden);
    }
    let position = users.iter().position(|user| user.id == id).or_not_found()?;
    Ok(users.swap_remove(position))
}

async fn stored(db: &Db, id: i64) -> Result<Option<User>, ApiError> {
    Ok(queries::select_user(&mut db.acquire().await?, id).await?)
}

async fn refusal(db: &Db, id: i64, admin: CurrentUser) -> sqlx::Result<Refusal> {
    queries::select_refusal(&mut db.acquire().await?, id, admin.id).await
}

/// What is wrong with a body, together with that its address is taken, if it is.
async fn with_taken(db: &Db, error: ApiError, email: Option<String>, id: Option<i64>) -> Result<ApiError, ApiError> {
    match email {
        Some(email) if error.spares("email") && queries::is_taken(&mut db.acquire().await?, &email, id).await? => {
            Ok(error.with("email", TAKEN))
        }
        _ => Ok(error),
    }
}

const TAKEN: Text = Text::Own {
    fr: "Un objet custom user avec ce champ email existe déjà.",
    en: "custom user with this email already exists.",
};

fn email_taken() -> ApiError {
    ApiError::invalid("email", TAKEN)
}

fn has_tickets() -> ApiError {
    conflict(
        "Cet utilisateur a des tickets ou y a participé. Désactivez son compte.",
        "This user has tickets, or took part in one. Deactivate the account instead.",
    )
}

fn has_a_past() -> ApiError {
    conflict(
        "L'administration d'origine garde des traces de cet utilisateur (groupes, journal). Désactivez son compte.",
        "The original's administration keeps track of this user (groups, log). Deactivate the account instead.",
    )
}

fn has_messages() -> ApiError {
    conflict(
        "Cet utilisateur a envoyé ou reçu des messages. Désactivez son compte.",
        "This user sent or received messages. Deactivate the account instead.",
    )
}

fn conflict(fr: &'static str, en: &'static str) -> ApiError {
    ApiError::Conflict(Text::Own { fr, en })
}
