//! Hotels. The reference crate: every other function is laid out like this one.

mod handlers;
mod model;
mod queries;

use shared::{
    db::Db,
    routes::{
        Access::{Admin, User},
        Routes,
    },
};

/// The resource's API.
pub fn routes() -> Routes<Db> {
    Routes::new()
        .get("/api/hotels", User, handlers::list_hotels)
        .post("/api/hotels", Admin, handlers::create_hotel)
        .get("/api/hotels/cities", User, handlers::list_cities)
        .get("/api/hotels/{id}", User, handlers::find_hotel)
        .put("/api/hotels/{id}", Admin, handlers::replace_hotel)
        .patch("/api/hotels/{id}", Admin, handlers::update_hotel)
        .delete("/api/hotels/{id}", Admin, handlers::delete_hotel)
}
