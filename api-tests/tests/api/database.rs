//! What becomes of a request whose database connection does not, in a sandbox that has only that one.

use api_tests::{TestApp, registration};
use serde_json::json;
use shared::db::{Db, MIGRATOR};
use sqlx::{Connection, PgConnection, PgPool, postgres::PgConnectOptions};

/// A platform whose functions have one connection together, as a sandbox has. Never through PgBouncer: these tests cut and
/// look at the functions' own connections to the server, which would be PgBouncer's then.
async fn sandboxed(owner: PgPool) -> (TestApp, PgConnectOptions) {
    let mut options = None;
    let app = TestApp::start_with(owner, |setup| {
        setup.settings.database = Db::sandbox(setup.direct.clone());
        setup.settings.authorizer_database = Db::sandbox(setup.direct.clone());
        options = Some(setup.direct.clone());
    })
    .await;
    (app, options.expect("set above"))
}

/// Ends every connection of the functions, as an administrator or a failover would.
async fn kill_connections(options: &PgConnectOptions) -> i64 {
    let mut connection = PgConnection::connect_with(options).await.unwrap();
    let kill = "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity
                where datname = current_database() and usename = current_user and pid <> pg_backend_pid()";
    sqlx::query_scalar(kill).fetch_one(&mut connection).await.unwrap()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_read_outlives_its_connection(owner: PgPool) {
    let (app, options) = sandboxed(owner).await;
    let user = app.user().await;
    assert_eq!(user.get("/api/hotels/").await.status, 200);

    assert_eq!(kill_connections(&options).await, 2);
    let answer = user.get("/api/hotels/").await;

    assert_eq!(answer.status, 200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_read_that_a_pooler_refuses_is_asked_once_more(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let hotel = json!({ "name": "Hôtel", "city": "Dakar", "price_per_night": 1 });
    let hotel = admin.post("/api/hotels/", hotel).await.expect(201);
    // What PgBouncer says where it ends a client's connection, whatever the reason.
    sqlx::raw_sql(
        "
        create sequence readings;
        create function refuse_once() returns boolean language plpgsql security definer as $$
        begin
            if nextval('readings') = 1 then
                raise exception 'server conn crashed?' using errcode = '08P01';
            end if;
            return true;
        end
        $$;
        create policy refuse_once on hotels_hotel using (refuse_once());
        alter table hotels_hotel enable row level security;
        ",
    )
    .execute(&app.owner)
    .await
    .unwrap();

    let answer = admin.get(&format!("/api/hotels/{}/", hotel["id"])).await;

    assert_eq!(answer.status, 200);
    let readings = sqlx::query_scalar::<_, i64>("select last_value from readings").fetch_one(&app.owner).await;
    assert_eq!(readings.unwrap(), 2);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_write_on_a_dead_connection_is_503_and_the_next_one_holds(owner: PgPool) {
    let (app, options) = sandboxed(owner).await;
    let admin = app.admin().await;
    let hotel = json!({ "name": "Hôtel", "city": "Dakar", "price_per_night": 1 });
    admin.post("/api/hotels/", hotel.clone()).await.expect(201);

    kill_connections(&options).await;
    let first = admin.post("/api/hotels/", hotel.clone()).await;
    let second = admin.post("/api/hotels/", hotel).await;

    assert_eq!((first.status.as_u16(), first.header("retry-after")), (503, "5"));
    assert_eq!(second.status, 201);
    assert_eq!(admin.get("/api/hotels/").await.expect(200)["count"], 2);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_refused_transaction_is_over_before_its_answer_leaves(owner: PgPool) {
    let (app, options) = sandboxed(owner).await;
    let user = app.user().await;

    app.public().post("/api/auth/register/", registration(user.email())).await.expect(400);

    // Only the role itself may see what its connections do.
    let mut connection = PgConnection::connect_with(&options).await.unwrap();
    let states: Vec<String> = sqlx::query_scalar(
        "select state from pg_stat_activity where datname = current_database() and usename = current_user
         and pid <> pg_backend_pid()",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert_eq!(states, ["idle"]);
}
