//! What administrators do: rows of their own, rows that others of them write too, and rows that people have.

use serde_json::{Value, json};

use super::{
    client::{Ask, Client, Outcome},
    model::Kind,
    people::Own,
    privacy,
};

/// How many forms an administrator has at a time.
const MOST_FORMS: usize = 8;

/// An administrator at work.
pub struct Admin {
    /// How they talk to the API.
    pub client: Client,
    /// Their hotels.
    pub hotels: Vec<Own>,
    /// Their forms.
    pub forms: Vec<Own>,
    /// Their e-mails.
    pub emails: Vec<Own>,
    /// Of everybody: whom they may write to.
    pub people: i64,
    /// Administrators have the first ids.
    pub admins: i64,
}

impl Admin {
    /// An administrator without rows.
    pub fn new(client: Client, people: i64, admins: i64) -> Self {
        Self { client, hotels: Vec::new(), forms: Vec::new(), emails: Vec::new(), people, admins }
    }

    /// Does one thing.
    pub async fn act(&mut self) {
        match self.client.rng.below(100) {
            0..10 => self.create_hotel().await,
            10..22 => self.change_hotel().await,
            22..27 => self.change_somebodys_hotel().await,
            27..31 => self.delete_hotel().await,
            31..45 => self.count_up().await,
            45..53 => self.answer_ticket().await,
            53..60 => self.move_ticket().await,
            60..66 => self.compose().await,
            66..69 => self.cancel().await,
            69..74 => self.keep_forms().await,
            74..79 => {
                let recipient = self.client.someone(self.people);
                self.client.write_to(recipient).await;
            }
            79..82 => self.client.see_to_messages().await,
            82..85 => self.client.be_curious_about_messages().await,
            85 => self.create_user().await,
            86..90 => self.see_dashboard().await,
            90..92 => {
                let rotate = self.client.rng.chance(50);
                self.client.renew(rotate).await;
            }
            92 => self.client.sign_out().await,
            _ => self.look_around().await,
        }
    }

    async fn create_hotel(&mut self) {
        let marker = self.client.marker('h', "");
        let body = json!({
            "name": format!("{marker} Hôtel"), "city": "Thiès", "price_per_night": "45000.00",
            "description": "v0", "address": "a0",
        });
        let registers = [("description", "v0"), ("address", "a0")];
        let created = self.client.create(Kind::Hotel, "/api/hotels/", &marker, body, &registers).await;
        let Some((id, answer)) = created else { return };
        let is_shared = self.client.rng.chance(40);
        if is_shared {
            self.client.world.board().hotels.push((id, self.client.user, marker.clone()));
        }
        let own = Own { id, marker, etag: answer.etag(), written: 0, is_shared };
        own.keep(&mut self.hotels, &mut self.client.rng);
    }

    async fn change_hotel(&mut self) {
        let at = self.client.rng.below(self.hotels.len());
        let Some(own) = self.hotels.get_mut(at) else { return };
        let path = format!("/api/hotels/{}/", own.id);
        change(&mut self.client, own, &path).await;
    }

    /// The other half of two people who change different fields of one row: neither undoes what the other did.
    async fn change_somebodys_hotel(&mut self) {
        let next = self.client.user % self.admins + 1;
        let hotels = self.client.world.board().hotels.clone();
        let theirs: Vec<(i64, String)> =
            hotels.into_iter().filter(|(_, owner, _)| *owner == next).map(|(id, _, marker)| (id, marker)).collect();
        let Some((id, marker)) = self.client.rng.pick(&theirs) else { return };
        let value = self.client.marker('a', "");
        let ask = Ask::patch(format!("/api/hotels/{id}/"), json!({ "address": value }));
        self.client.write(ask, &marker, ("address", &value), None).await;
    }

    async fn delete_hotel(&mut self) {
        let at = self.client.rng.below(self.hotels.len());
        if self.hotels.get(at).is_none_or(|own| own.is_shared) {
            return;
        }
        let own = self.hotels.swap_remove(at);
        self.client.delete(format!("/api/hotels/{}/", own.id), &own.marker).await;
    }

    /// Reads, adds one, and writes on top of what was read: no two get the same number.
    async fn count_up(&mut self) {
        let counters = self.client.world.board().counters.clone();
        let Some((id, marker)) = self.client.rng.pick(&counters) else { return };
        let path = format!("/api/hotels/{id}/");
        let Some(read) = self.client.call(&Ask::get(path.clone())).await.done() else { return };
        let Some(count) = read.body["rooms_count"].as_i64() else { return };
        let ask = Ask::patch(path, json!({ "rooms_count": count + 1 }));
        self.client.write(ask, &marker, ("rooms_count", &(count + 1).to_string()), read.etag()).await;
    }

    async fn answer_ticket(&mut self) {
        let tickets = self.client.world.board().tickets.clone();
        let Some((id, ..)) = self.client.rng.pick(&tickets) else { return };
        let marker = self.client.marker('c', "");
        let body = json!({ "content": format!("{marker} On s'en occupe.") });
        self.client.create(Kind::Comment, &format!("/api/tickets/{id}/comments/"), &marker, body, &[]).await;
    }

    /// Each ticket has one administrator who sees to its status.
    async fn move_ticket(&mut self) {
        let tickets = self.client.world.board().tickets.clone();
        let mine = tickets.into_iter().filter(|(id, ..)| id % self.admins + 1 == self.client.user);
        let mine: Vec<(i64, String)> = mine.map(|(id, _, marker)| (id, marker)).collect();
        let Some((id, marker)) = self.client.rng.pick(&mine) else { return };
        let path = format!("/api/tickets/{id}/");
        let Some(read) = self.client.call(&Ask::get(path.clone())).await.done() else { return };
        self.client.compare(&marker, &["status"], &read);
        let next = if read.body["status"] == "open" { "in_progress" } else { "open" };
        let ask = Ask::patch(path, json!({ "status": next }));
        self.client.write(ask, &marker, ("status", next), read.etag()).await;
    }

    async fn compose(&mut self) {
        let marker = self.client.marker('e', "");
        let body =
            json!({ "recipient": "lecteur@example.sn", "subject": format!("{marker} Objet"), "body": "Bonjour." });
        let created = self.client.create(Kind::Email, "/api/emails/", &marker, body, &[("status", "pending")]).await;
        if let Some((id, answer)) = created {
            let own = Own { id, marker, etag: answer.etag(), written: 0, is_shared: false };
            own.keep(&mut self.emails, &mut self.client.rng);
        }
    }

    async fn cancel(&mut self) {
        let at = self.client.rng.below(self.emails.len());
        if at >= self.emails.len() {
            return;
        }
        let own = self.emails.swap_remove(at);
        let ask = Ask::post(format!("/api/emails/{}/cancel/", own.id), json!({})).to_be(200);
        self.client.write(ask, &own.marker, ("status", "cancelled"), None).await;
    }

    async fn keep_forms(&mut self) {
        let at = self.client.rng.below(MOST_FORMS);
        match self.forms.get_mut(at) {
            Some(own) if self.client.rng.chance(70) => {
                let path = format!("/api/forms/{}/", own.id);
                change(&mut self.client, own, &path).await;
            }
            Some(_) => {
                let own = self.forms.swap_remove(at);
                self.client.delete(format!("/api/forms/{}/", own.id), &own.marker).await;
            }
            None => {
                let marker = self.client.marker('f', "");
                let fields = json!([{ "name": "marker", "label": "Marque", "type": "text" }]);
                let body = json!({ "title": format!("{marker} Avis"), "description": "v0", "fields": fields });
                let registers = [("description", "v0")];
                let created = self.client.create(Kind::Form, "/api/forms/", &marker, body, &registers).await;
                if let Some((id, answer)) = created {
                    self.forms.push(Own { id, marker, etag: answer.etag(), written: 0, is_shared: false });
                }
            }
        }
    }

    async fn create_user(&mut self) {
        let marker = self.client.marker('u', "");
        let email = format!("{marker}@torture.test");
        let body = json!({ "email": email, "password": "Un mot de passe 2026", "first_name": "v0" });
        self.client.create(Kind::User, "/api/users/", &marker, body, &[("first_name", "v0")]).await;
    }

    async fn see_dashboard(&mut self) {
        let Some(answer) = self.client.call(&Ask::get("/api/dashboard/")).await.done() else { return };
        let messages = answer.body["recent_messages"].as_array();
        if !messages.is_some_and(|rows| rows.iter().all(|row| privacy::is_message_of(self.client.user, row))) {
            self.client.wrong("an administrator's dashboard shows other people's messages", &answer);
        }
    }

    async fn look_around(&mut self) {
        let form = self.client.world.board().form;
        let paths = [
            "/api/hotels/?ordering=-created_at&page=last".to_owned(),
            "/api/hotels/?search=thies&is_active=true".to_owned(),
            "/api/tickets/?status=open&page_size=20".to_owned(),
            "/api/emails/?status=pending".to_owned(),
            "/api/entries/?ordering=-created_at".to_owned(),
            format!("/api/entries/?form={form}"),
            "/api/users/?search=user1".to_owned(),
            "/api/audit/?action=create&page_size=50".to_owned(),
            "/api/audit/?resource=hotel&ordering=created_at".to_owned(),
            "/api/forms/".to_owned(),
        ];
        let Some(path) = self.client.rng.pick(&paths) else { return };
        // The last page may be gone when it is read.
        let Some(answer) = self.client.call(&Ask::get(path)).await.done() else { return };
        if !answer.body["count"].is_u64() {
            self.client.wrong("a list without its count", &answer);
        }
    }
}

/// Writes the description of a row, and reads it where it is not known what became of that.
async fn change(client: &mut Client, own: &mut Own, path: &str) {
    own.written += 1;
    let value = format!("v{}", own.written);
    let etag = own.etag.take().filter(|_| client.rng.chance(60));
    let ask = Ask::patch(path, json!({ "description": value }));
    if let Outcome::Done(answer) = client.write(ask, &own.marker, ("description", &value), etag).await {
        own.etag = answer.etag();
        return;
    }
    let Some(answer) = client.call(&Ask::get(path)).await.done() else { return };
    client.compare(&own.marker, &["description"], &answer);
    own.etag = answer.etag();
}

/// Somebody without an account, who answers the form.
pub async fn visit(client: &mut Client) {
    let form = client.world.board().form;
    // From one address, only so many answers are taken.
    if client.rng.chance(10) {
        client.move_on();
    }
    if client.rng.chance(50) {
        let marker = client.marker('x', "");
        client.world.model().begin_create(Kind::Entry, &marker, &[]);
        let body = json!({ "data": { "marker": marker } });
        let ask = Ask::post(format!("/api/public/forms/{form}/entries/"), body).or(429);
        match client.call(&ask).await {
            Outcome::Done(_) => {
                let wrong = client.world.model().created(&marker, None);
                debug_assert!(wrong.is_none());
            }
            Outcome::Refused(_) => client.world.model().refused(&marker),
            Outcome::Unknown => {}
        }
        return;
    }
    let asks = [
        Ask::get(format!("/api/public/forms/{form}/")),
        Ask::get("/.well-known/jwks.json"),
        Ask::get("/api/health/"),
        Ask::get("/api/tickets/").to_be(401),
        Ask::get("/api/hotels/?page=0").to_be(401),
    ];
    let Some(ask) = client.rng.pick(&asks) else { return };
    client.call(&ask).await;
}

/// What a list of the API has, page by page, as far as it answers.
pub async fn ids(client: &mut Client, path: &str) -> Option<Vec<i64>> {
    let mut ids = Vec::new();
    for page in 1.. {
        let ask = Ask::get(format!("{path}page={page}&page_size=100&ordering=id"));
        let answer = client.insist(&ask).await.0.done()?;
        ids.extend(answer.rows().iter().filter_map(|row: &Value| row["id"].as_i64()));
        if answer.body["next"].is_null() {
            break;
        }
    }
    ids.sort_unstable();
    Some(ids)
}
