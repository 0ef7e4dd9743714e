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
        .about("Lists hotels. Users see active ones only.")
        .post("/api/hotels", Admin, handlers::create_hotel)
        .about("Creates a hotel.")
        .get("/api/hotels/cities", User, handlers::list_cities)
        .about("Lists the cities of the hotels that the caller may see, sorted.")
        .get("/api/hotels/{id}", User, handlers::find_hotel)
        .about("Returns a hotel.")
        .put("/api/hotels/{id}", Admin, handlers::replace_hotel)
        .about("Replaces a hotel. Omitted optional fields keep their value.")
        .patch("/api/hotels/{id}", Admin, handlers::update_hotel)
        .about("Changes fields of a hotel.")
        .delete("/api/hotels/{id}", Admin, handlers::delete_hotel)
        .about("Deletes a hotel and its photo.")
        .put("/api/hotels/{id}/image", Admin, handlers::replace_image)
        .about("Replaces the photo of a hotel with the file in the body.")
        .delete("/api/hotels/{id}/image", Admin, handlers::delete_image)
        .about("Removes the photo of a hotel.")
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
