//! Rows, requests, responses, and what makes them valid.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use shared::{
    error::{ApiError, FieldErrors},
    extract::Versioned,
    fields::{self, Field, Fields, FromFields},
    list::Filter,
    openapi::Shape,
    query::Filters,
    text::Text,
};
use utoipa::ToSchema;

use crate::image::{self, Image};

/// A hotel.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, ToSchema)]
pub(crate) struct Hotel {
    pub id: i64,
    /// The name of the hotel.
    pub name: String,
    /// A text about the hotel.
    pub description: String,
    /// The city that it is in.
    pub city: String,
    /// The street address.
    pub address: String,
    /// The phone number of the reception, as it was typed.
    pub phone: String,
    /// The e-mail address of the reception.
    pub email: String,
    /// The price of a room for one night, with two places.
    #[serde(serialize_with = "shared::format::money")]
    #[schema(value_type = String, pattern = r"^-?[0-9]{1,8}\.[0-9]{2}$")]
    pub price_per_night: Decimal,
    /// The currency of the price.
    #[schema(value_type = Currency)]
    pub currency: String,
    /// The rating, from 0 to 5.
    pub rating: f64,
    /// The number of rooms. 0 means that it is not known.
    pub rooms_count: i32,
    /// The number of free rooms, at most `rooms_count` where that is known.
    pub available_rooms: i32,
    /// Whether users see the hotel. Administrators see all hotels.
    pub is_active: bool,
    #[serde(flatten, serialize_with = "under_every_name")]
    #[schema(value_type = ImageUrl)]
    pub image_url: Option<String>,
    #[serde(skip)]
    pub image_key: Option<String>,
    #[serde(serialize_with = "shared::format::rfc3339")]
    pub created_at: DateTime<Utc>,
    #[serde(serialize_with = "shared::format::rfc3339")]
    pub updated_at: DateTime<Utc>,
    #[serde(skip)]
    pub version: i64,
}

/// The photo's address, wherever clients of the original look for it: [`under_every_name`] in the documentation.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its fields' names are used")]
struct ImageUrl {
    /// The absolute URL of the photo, null without one.
    image_url: Option<String>,
    /// The same as `image_url`, for clients of the legacy API.
    image: Option<String>,
    /// The same as `image_url`, for clients of the legacy API. A body takes a new photo here, as a data URL.
    image_base64: Option<String>,
}

fn under_every_name<S: Serializer>(image_url: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(["image_url", "image", "image_base64"].map(|name| (name, image_url)))
}

impl Hotel {
    /// What is wrong with it, once these changes are made. A hotel of an adopted database may break rules that are younger
    /// than itself, and whoever changes it is asked to put that right.
    pub(crate) fn check(&self, changes: &HotelChanges) -> Result<(), ApiError> {
        let mut errors = FieldErrors::default();
        let mut check = |field: &str, checked: Result<(), Text>| {
            if let Err(text) = checked {
                errors.add(field, text);
            }
        };
        check("price_per_night", not_negative(self.price_per_night).map(drop));
        check("rating", up_to_five(self.rating).map(drop));
        for (field, rooms) in [("rooms_count", self.rooms_count), ("available_rooms", self.available_rooms)] {
            check(field, if rooms < 0 { Err(Text::TooSmall("0".to_owned())) } else { Ok(()) });
        }
        if self.rooms_count > 0 && self.available_rooms > self.rooms_count {
            // A rule over two fields; where neither is being changed it is about the one that is stored.
            let changed = changes.rooms_count.is_some() || changes.available_rooms.is_some();
            let field = if changed { "non_field_errors" } else { "available_rooms" };
            check(field, Err(MORE_ROOMS_FREE_THAN_THERE_ARE));
        }
        if errors.is_empty() { Ok(()) } else { Err(ApiError::Invalid(errors)) }
    }
}

impl Versioned for Hotel {
    fn version(&self) -> i64 {
        self.version
    }
}

/// What a client says of a hotel. What it leaves out stays, or has the default of a new one.
#[derive(Debug, Default)]
pub(crate) struct HotelChanges {
    pub name: Option<String>,
    pub description: Option<String>,
    pub city: Option<String>,
    pub address: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub price_per_night: Option<Decimal>,
    pub currency: Option<String>,
    pub rating: Option<f64>,
    pub rooms_count: Option<i32>,
    pub available_rooms: Option<i32>,
    pub is_active: Option<bool>,
    pub image: Option<Image>,
}

shared::choices!(
    /// A currency (ISO 4217).
    CURRENCIES as Currency = ["XOF", "EUR", "USD"]
);

/// The rule over both numbers of rooms. The database keeps it too, where a change names only one of them.
pub(crate) const MORE_ROOMS_FREE_THAN_THERE_ARE: Text = Text::Own {
    fr: "Le nombre de chambres disponibles ne peut pas dépasser le nombre de chambres.",
    en: "There cannot be more available rooms than rooms.",
};

impl FromFields for HotelChanges {
    /// A photo of 4 MiB in base64, and room for the rest: 5.7 MiB, which the gateway still lets through.
    const EXAMPLE: &'static str = r#"{
        "name": "Hôtel Teranga", "description": "Face à la mer.", "city": "Dakar", "address": "Corniche Ouest",
        "phone": "+221 33 800 00 00", "email": "accueil@teranga.example", "is_active": true,
        "price_per_night": "45000.00", "currency": "XOF", "rating": 4.5, "rooms_count": 40, "available_rooms": 12
    }"#;
    const LARGE_FIELD: Option<(&'static str, usize)> = Some(("image_base64", 57 * 1024 * 1024 / 10));

    fn repeats(name: &str, value: &Value, stored: &Value) -> bool {
        if name == "image_base64" { image::repeats_address(value, stored) } else { value == stored }
    }

    fn from_fields(fields: &mut Fields) -> Self {
        let changes = Self {
            name: fields.required("name", fields::title(255)),
            description: fields.optional("description", fields::text_or_blank(fields::MAX_TEXT)),
            city: fields.required("city", fields::title(100)),
            address: fields.optional("address", fields::text_or_blank(255)),
            phone: fields.optional("phone", fields::contact_phone()),
            email: fields.optional("email", fields::email_or_blank()),
            price_per_night: fields.required("price_per_night", price()),
            currency: fields.optional("currency", fields::choice(CURRENCIES)),
            rating: fields.optional("rating", rating()),
            rooms_count: fields.optional("rooms_count", fields::integer(0..=i32::MAX)),
            available_rooms: fields.optional("available_rooms", fields::integer(0..=i32::MAX)),
            is_active: fields.optional("is_active", fields::boolean()),
            image: fields.nullable("image_base64", Image::field()).flatten(),
        };
        if let (Some(rooms), Some(available)) = (changes.rooms_count, changes.available_rooms)
            && rooms > 0
            && available > rooms
        {
            fields.fault("non_field_errors", MORE_ROOMS_FREE_THAN_THERE_ARE);
        }
        changes
    }
}

fn price() -> Field<impl Fn(&Value) -> Result<Decimal, Text>> {
    let shape = || {
        json!({ "anyOf": [
            { "type": "number", "minimum": 0 },
            { "type": "string", "format": "decimal", "pattern": r"^[0-9]{1,8}(\.[0-9]{1,2})?$" },
        ] })
    };
    fields::decimal(10, 2).shaped(Shape::Other(shape)).and(not_negative)
}

fn not_negative(price: Decimal) -> Result<Decimal, Text> {
    if price < Decimal::ZERO {
        return Err(Text::Own { fr: "Le prix ne peut pas être négatif", en: "The price cannot be negative" });
    }
    Ok(price)
}

fn rating() -> Field<impl Fn(&Value) -> Result<f64, Text>> {
    let shape = || json!({ "type": "number", "minimum": 0, "maximum": 5 });
    fields::number().shaped(Shape::Other(shape)).and(up_to_five)
}

fn up_to_five(rating: f64) -> Result<f64, Text> {
    match rating {
        0.0..=5.0 => Ok(rating),
        _ => Err(Text::Own { fr: "La note doit être entre 0 et 5", en: "The rating must be between 0 and 5" }),
    }
}

/// What the list can be asked for.
#[derive(Debug)]
pub(crate) struct HotelFilter {
    pub city: Option<String>,
    pub is_active: Option<bool>,
    pub currency: Option<String>,
    pub min_price: Option<Decimal>,
    pub max_price: Option<Decimal>,
    pub min_rating: Option<f64>,
    pub min_available_rooms: Option<i64>,
}

impl Filter for HotelFilter {
    const ORDERINGS: &'static [(&'static str, &'static str)] = &[
        ("name", "name_key"),
        ("city", "city_key"),
        ("price_per_night", "price_per_night"),
        ("rating", "rating"),
        ("available_rooms", "available_rooms"),
        ("created_at", "created_at"),
    ];
    const SEARCH: &'static str = "search";

    fn read(filters: &mut Filters<'_>) -> Self {
        Self {
            city: filters.text("city"),
            is_active: filters.boolean("is_active"),
            currency: filters.choice("currency", CURRENCIES),
            min_price: filters.decimal("price_per_night__gte"),
            max_price: filters.decimal("price_per_night__lte"),
            min_rating: filters.number("rating__gte"),
            min_available_rooms: filters.at_least("available_rooms__gte"),
        }
    }
}
