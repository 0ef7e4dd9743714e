//! Hotels. The reference crate: every other function is laid out like this one.

mod handlers;
mod image;
mod image_store;
mod model;
mod queries;

use axum::extract::FromRef;
pub use image::Image;
pub use image_store::Images;
use shared::{
    db::Db,
    routes::{
        Access::{Admin, User},
        Routes,
    },
};

/// The resource's API.
pub fn routes() -> Routes<Hotels> {
    Routes::new()
        .get("/api/hotels", User, handlers::list_hotels)
        .post("/api/hotels", Admin, handlers::create_hotel)
        .get("/api/hotels/cities", User, handlers::list_cities)
        .get("/api/hotels/{id}", User, handlers::find_hotel)
        .put("/api/hotels/{id}", Admin, handlers::replace_hotel)
        .patch("/api/hotels/{id}", Admin, handlers::update_hotel)
        .delete("/api/hotels/{id}", Admin, handlers::delete_hotel)
        .put("/api/hotels/{id}/image", Admin, handlers::replace_image)
        .delete("/api/hotels/{id}/image", Admin, handlers::delete_image)
}

/// What the handlers stand on. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Hotels {
    db: Db,
    images: Images,
}

impl Hotels {
    /// Takes a database and a store of photos.
    pub fn new(db: Db, images: Images) -> Self {
        Self { db, images }
    }
}

impl FromRef<Hotels> for Db {
    fn from_ref(hotels: &Hotels) -> Self {
        hotels.db.clone()
    }
}
