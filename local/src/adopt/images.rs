//! `cargo local adopt images`: the photos that the original keeps in its rows, or in its media folder, into the store of
//! photos. What is there already is not touched, so whatever stopped it, it goes on where it stopped.

use std::path::{Component, Path, PathBuf};

use bytes::Bytes;
use hotels::{Image, Images};
use indicatif::{ProgressBar, ProgressStyle};
use shared::text::{Language, Text};
use sqlx::{AssertSqlSafe, PgConnection};
use toolbox::tools::Error;

/// What became of the photos.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How many were stored.
    pub stored: usize,
    /// Which were left, and why.
    pub left: Vec<Left>,
}

/// A photo that was not stored. The original's own row has not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The hotel's id.
    pub hotel: i64,
    /// Its name.
    pub name: String,
    /// What is wrong with its photo.
    pub reason: String,
}

/// Stores every photo that is not stored yet.
///
/// # Errors
/// Where the database or the store does not answer, or the database is not adopted.
pub async fn adopt(db: &mut PgConnection, images: &Images, media: Option<&Path>) -> Result<Outcome, Error> {
    let columns: Vec<String> = sqlx::query_scalar(
        "select attname::text
         from pg_attribute
         where attrelid = to_regclass('hotels_hotel') and attname in ('image', 'image_base64', 'image_key')",
    )
    .fetch_all(&mut *db)
    .await?;
    let has = |column: &str| columns.iter().any(|found| found == column);
    if !has("image_key") {
        return Err("the database is not adopted yet: cargo local adopt --database-url …".into());
    }
    let or_null = |column: &'static str| if has(column) { column } else { "null::text" };
    let source = format!("coalesce(nullif({}, ''), nullif({}, ''))", or_null("image_base64"), or_null("image"));
    let select =
        format!("select id, name from hotels_hotel where image_key is null and {source} is not null order by id");
    let hotels: Vec<(i64, String)> = sqlx::query_as(AssertSqlSafe(select)).fetch_all(&mut *db).await?;

    let bar = ProgressBar::new(hotels.len() as u64);
    bar.set_style(ProgressStyle::with_template("photos {wide_bar} {human_pos}/{human_len}  {eta}")?);
    let mut outcome = Outcome::default();
    // One at a time: a photo has several megabytes.
    let select = format!("select {source} from hotels_hotel where id = $1");
    for (id, name) in hotels {
        let source: Option<String> =
            sqlx::query_scalar(AssertSqlSafe(select.as_str())).bind(id).fetch_optional(&mut *db).await?.flatten();
        let Some(source) = source else { continue };
        match read(&source, media).await {
            Ok(image) => outcome.stored += usize::from(store(db, images, id, &image).await?),
            Err(reason) => outcome.left.push(Left { hotel: id, name, reason }),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(outcome)
}

/// False where the hotel was given another photo meanwhile, or is gone.
async fn store(db: &mut PgConnection, images: &Images, id: i64, image: &Image) -> Result<bool, Error> {
    let away = "the store of photos does not answer; what is stored stays stored: run this again";
    let key = images.put(Some(image)).await.map_err(|_| away)?;
    let update = "update hotels_hotel set image_key = $2 where id = $1 and image_key is null";
    let stored = sqlx::query(update).bind(id).bind(&key).execute(db).await?.rows_affected() == 1;
    if !stored {
        images.remove(key).await;
    }
    Ok(stored)
}

async fn read(source: &str, media: Option<&Path>) -> Result<Image, String> {
    let in_words = |text: Text| text.in_language(Language::English).into_owned();
    let bytes = if source.starts_with("data:") {
        Image::bytes_of_data_url(source).map_err(in_words)?
    } else {
        let media = media.ok_or("it is in the media folder: say where that is with --media")?;
        let file = inside(media, source).ok_or_else(|| format!("{source:.100} is no path inside the media folder"))?;
        tokio::fs::read(&file).await.map(Bytes::from).map_err(|error| format!("{}: {error}", file.display()))?
    };
    Image::read_of_original(bytes).map_err(in_words)
}

/// A path below a folder, and nowhere else.
fn inside(folder: &Path, path: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    path.components().all(|component| matches!(component, Component::Normal(_))).then(|| folder.join(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_is_never_read_outside_of_the_media_folder() {
        let media = Path::new("/srv/media");
        assert_eq!(inside(media, "hotels/a.jpg"), Some("/srv/media/hotels/a.jpg".into()));
        for path in ["/etc/passwd", "../secret", "hotels/../../secret", ".."] {
            assert_eq!(inside(media, path), None, "{path}");
        }
    }
}
