//! What people do who are no administrators: each with rows of their own, which nobody else may see.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    answer::Answer,
    client::{Ask, Client, Outcome},
    model::Kind,
    privacy,
    rng::Rng,
};

/// How many rows somebody remembers as theirs to change.
const KEPT: usize = 12;

/// A row of one's own.
#[derive(Clone, Debug)]
pub struct Own {
    /// Its id.
    pub id: i64,
    /// Its marker.
    pub marker: String,
    /// Its version, where it is known.
    pub etag: Option<String>,
    /// How often it was written.
    pub written: u64,
    /// Whether others write it too: then it is never deleted.
    pub is_shared: bool,
}

impl Own {
    /// Remembers it, in place of another one where there are many.
    pub fn keep(self, rows: &mut Vec<Own>, rng: &mut Rng) {
        if rows.len() < KEPT {
            rows.push(self);
        } else {
            rows[rng.below(KEPT)] = self;
        }
    }
}

/// Somebody at work.
pub struct Person {
    /// How they talk to the API.
    pub client: Client,
    /// Their tickets.
    pub tickets: Vec<Own>,
    /// Of everybody: whom they may write to.
    pub people: i64,
}

impl Person {
    /// Does one thing.
    pub async fn act(&mut self) {
        match self.client.rng.below(100) {
            0..12 => self.create_ticket().await,
            12..24 => self.change_ticket().await,
            24..28 => self.close_ticket().await,
            28..32 => self.delete_ticket().await,
            32..38 => self.comment().await,
            38..44 => self.list_tickets().await,
            44..52 => {
                let recipient = self.client.someone(self.people);
                self.client.write_to(recipient).await;
            }
            52..58 => {
                self.client.list_messages("").await;
            }
            58..62 => self.client.see_to_messages().await,
            62..70 => self.be_curious().await,
            70..74 => self.change_profile().await,
            74..77 => self.list_sessions().await,
            77..82 => self.see_dashboard().await,
            82..90 => self.browse().await,
            90..95 => self.enter().await,
            95..98 => {
                let rotate = self.client.rng.chance(50);
                self.client.renew(rotate).await;
            }
            98 => self.client.sign_out().await,
            _ => self.do_what_administrators_do().await,
        }
    }

    async fn create_ticket(&mut self) {
        let marker = self.client.marker('t', "");
        let body = json!({ "title": format!("{marker} Panne"), "description": "v0", "priority": "low" });
        let registers = [("description", "v0"), ("status", "open"), ("priority", "low")];
        let created = self.client.create(Kind::Ticket, "/api/tickets/", &marker, body, &registers).await;
        let Some((id, answer)) = created else { return };
        let is_shared = self.client.rng.chance(30);
        if is_shared {
            self.client.world.board().tickets.push((id, self.client.user, marker.clone()));
        }
        let own = Own { id, marker, etag: answer.etag(), written: 0, is_shared };
        own.keep(&mut self.tickets, &mut self.client.rng);
    }

    async fn change_ticket(&mut self) {
        let at = self.client.rng.below(self.tickets.len());
        let Some(own) = self.tickets.get_mut(at) else { return };
        own.written += 1;
        let value = format!("v{}", own.written);
        let etag = own.etag.take().filter(|_| self.client.rng.chance(60));
        let hurried = self.client.rng.chance(2);
        let path = format!("/api/tickets/{}/", own.id);
        let mut ask = Ask::patch(path, json!({ "description": value })).or(409);
        if hurried {
            ask = ask.patience(Duration::from_millis(20));
        }
        match self.client.write(ask, &own.marker, ("description", &value), etag).await {
            Outcome::Done(answer) => own.etag = answer.etag(),
            Outcome::Refused(answer) if answer.status == 409 => {
                if !self.client.world.model().admits(&own.marker, "status", "closed") {
                    self.client.wrong("an open ticket was taken for a closed one", &answer);
                }
            }
            _ => {
                self.read_ticket(at).await;
            }
        }
    }

    /// Reads what was written: nobody else writes it.
    async fn read_ticket(&mut self, at: usize) -> Option<Answer> {
        let own = self.tickets.get_mut(at)?;
        let answer = self.client.call(&Ask::get(format!("/api/tickets/{}/", own.id))).await.done()?;
        let registers: &[&str] = if own.is_shared { &["description"] } else { &["description", "status"] };
        self.client.compare(&own.marker, registers, &answer);
        own.etag = answer.etag();
        Some(answer)
    }

    /// Closes a ticket that is nobody else's, or opens it again; always on top of the version that was read.
    async fn close_ticket(&mut self) {
        let at = self.client.rng.below(self.tickets.len());
        if self.tickets.get(at).is_none_or(|own| own.is_shared) {
            return;
        }
        let Some(read) = self.read_ticket(at).await else { return };
        let Some(own) = self.tickets.get_mut(at) else { return };
        let next = if read.body["status"] == "open" { "closed" } else { "open" };
        let ask = Ask::patch(format!("/api/tickets/{}/", own.id), json!({ "status": next }));
        let etag = own.etag.take();
        if let Outcome::Done(answer) = self.client.write(ask, &own.marker, ("status", next), etag).await {
            own.etag = answer.etag();
        }
    }

    async fn delete_ticket(&mut self) {
        let at = self.client.rng.below(self.tickets.len());
        if self.tickets.get(at).is_none_or(|own| own.is_shared) {
            return;
        }
        let own = self.tickets.swap_remove(at);
        self.client.delete(format!("/api/tickets/{}/", own.id), &own.marker).await;
    }

    async fn comment(&mut self) {
        let Some(own) = self.client.rng.pick(&self.tickets) else { return };
        let path = format!("/api/tickets/{}/comments/", own.id);
        if own.is_shared {
            let marker = self.client.marker('c', "");
            let body = json!({ "content": format!("{marker} Toujours en panne.") });
            self.client.create(Kind::Comment, &path, &marker, body, &[]).await;
        }
        if let Some(answer) = self.client.call(&Ask::get(format!("{path}?page_size=100"))).await.done()
            && answer.rows().iter().any(|row| row["ticket"] != json!(own.id))
        {
            self.client.wrong("a thread has another ticket's line", &answer);
        }
    }

    async fn list_tickets(&mut self) {
        let ordering = self.client.rng.pick(&["created_at", "-title", "status", "priority,-id"]).unwrap_or_default();
        let filter = self.client.rng.pick(&["", "&status=open", "&search=panne"]).unwrap_or_default();
        let path = format!("/api/tickets/?ordering={ordering}{filter}");
        let Some(answer) = self.client.call(&Ask::get(path)).await.done() else { return };
        if !answer.rows().iter().all(|row| privacy::is_ticket_of(self.client.user, row)) {
            self.client.wrong("somebody else's ticket is in the list", &answer);
        }
    }

    /// Tries rows of others, which do not exist for anybody else.
    async fn be_curious(&mut self) {
        let user = self.client.user;
        self.client.be_curious_about_messages().await;
        let tickets = self.client.world.board().tickets.clone();
        let others: Vec<i64> = tickets.iter().filter(|(_, owner, _)| *owner != user).map(|(id, ..)| *id).collect();
        if let Some(id) = self.client.rng.pick(&others) {
            let ask = match self.client.rng.below(4) {
                0 => Ask::get(format!("/api/tickets/{id}/")),
                1 => Ask::patch(format!("/api/tickets/{id}/"), json!({ "title": "Le mien" })),
                2 => Ask::delete(format!("/api/tickets/{id}/")),
                _ => Ask::get(format!("/api/tickets/{id}/comments/")),
            };
            self.client.call(&ask.to_be(404)).await;
        }
        let sessions = self.client.world.board().sessions.clone();
        let others: Vec<i64> = sessions.iter().filter(|(_, owner)| *owner != user).map(|(id, _)| *id).collect();
        if let Some(id) = self.client.rng.pick(&others) {
            self.client.call(&Ask::delete(format!("/api/auth/sessions/{id}/")).to_be(404)).await;
        }
    }

    async fn change_profile(&mut self) {
        let marker = format!("p{}", self.client.user);
        let value = self.client.marker('v', "");
        let ask = Ask::patch("/api/auth/me/", json!({ "first_name": value }));
        self.client.write(ask, &marker, ("first_name", &value), None).await;
        let Some(answer) = self.client.call(&Ask::get("/api/auth/me/")).await.done() else { return };
        self.client.compare(&marker, &["first_name"], &answer);
        if answer.body["id"] != json!(self.client.user) {
            self.client.wrong("me is somebody else", &answer);
        }
    }

    async fn list_sessions(&mut self) {
        let Some(answer) = self.client.call(&Ask::get("/api/auth/sessions/?page_size=100")).await.done() else {
            return;
        };
        let agent = self.client.agent();
        if !answer.rows().iter().all(|row| privacy::is_session_of(&agent, row)) {
            self.client.wrong("somebody else's session is in the list", &answer);
        }
        let ids = answer.rows().iter().filter_map(|row| row["id"].as_i64());
        let mut board = self.client.world.board();
        board.sessions.retain(|(_, owner)| *owner != self.client.user);
        board.sessions.extend(ids.map(|id| (id, self.client.user)));
    }

    async fn see_dashboard(&mut self) {
        let Some(answer) = self.client.call(&Ask::get("/api/dashboard/")).await.done() else { return };
        if !privacy::is_dashboard_of(self.client.user, &answer.body) {
            self.client.wrong("a dashboard shows what is not its user's", &answer);
        }
    }

    async fn browse(&mut self) {
        let paths = [
            "/api/hotels/?page_size=5",
            "/api/hotels/cities/",
            "/api/hotels/?search=dakar&ordering=-price_per_night",
            "/api/hotels/3/",
            "/api/forms/",
            "/api/users/directory/?page_size=20",
            "/api/auth/me/",
            "/api/messages/unread-count/",
        ];
        let Some(path) = self.client.rng.pick(&paths) else { return };
        let Some(answer) = self.client.call(&Ask::get(path)).await.done() else { return };
        if path.contains("/hotels/?") && answer.rows().iter().any(|row| row["is_active"] != json!(true)) {
            self.client.wrong("a hotel that is not active is in a user's list", &answer);
        }
        if path.contains("directory") && answer.rows().iter().any(|row| row.get("is_admin").is_some()) {
            self.client.wrong("the directory says more than it may", &answer);
        }
    }

    async fn enter(&mut self) {
        let (marker, form) = (self.client.marker('x', ""), self.client.world.board().form);
        let body = json!({ "form": form, "data": { "marker": marker } });
        self.client.create(Kind::Entry, "/api/entries/", &marker, body, &[]).await;
    }

    async fn do_what_administrators_do(&mut self) {
        let asks = [
            Ask::get("/api/users/"),
            Ask::get("/api/users/1/"),
            Ask::get("/api/emails/"),
            Ask::get("/api/entries/"),
            Ask::get("/api/audit/"),
            Ask::post("/api/hotels/", json!({ "name": "Le mien", "city": "Dakar", "price_per_night": "1.00" })),
            Ask::delete("/api/hotels/1/"),
            Ask::post("/api/emails/", json!({ "recipient": "a@example.sn", "subject": "A", "body": "B" })),
        ];
        if let Some(ask) = self.client.rng.pick(&asks) {
            self.client.call(&ask.to_be(403)).await;
        }
    }
}

/// What everybody does with messages, administrators too.
impl Client {
    /// Another account.
    pub fn someone(&mut self, people: i64) -> i64 {
        let other = i64::try_from(self.rng.below(usize::try_from(people - 1).unwrap_or(1))).unwrap_or(0) + 1;
        if other >= self.user { other + 1 } else { other }
    }

    /// Writes somebody a message, whose marker has both.
    pub async fn write_to(&mut self, recipient: i64) {
        let marker = self.marker('m', &format!(">{recipient}"));
        let body = json!({ "recipient_id": recipient, "content": format!("{marker} Bonjour !") });
        let registers = [("is_read", "false"), ("hidden_for_sender", "false"), ("hidden_for_recipient", "false")];
        let created = self.create(Kind::Message, "/api/messages/", &marker, body, &registers).await;
        if let Some((id, _)) = created {
            self.world.board().messages.push((id, self.user, recipient));
        }
    }

    /// Reads a page of messages and answers it.
    pub async fn list_messages(&mut self, filter: &str) -> Vec<Value> {
        let Some(answer) = self.call(&Ask::get(format!("/api/messages/?page_size=20{filter}"))).await.done() else {
            return Vec::new();
        };
        if !answer.rows().iter().all(|row| privacy::is_message_of(self.user, row)) {
            self.wrong("somebody else's message is in the list", &answer);
        }
        answer.rows().to_vec()
    }

    /// Reads one that came, or hides one.
    pub async fn see_to_messages(&mut self) {
        let is_inbox = self.rng.chance(70);
        let rows = self.list_messages(if is_inbox { "&box=inbox" } else { "&box=sent" }).await;
        let Some(row) = self.rng.pick(&rows) else { return };
        let (Some(id), Some(text)) = (row["id"].as_i64(), row["content"].as_str()) else { return };
        let marker = text.split(' ').next().unwrap_or_default();
        let hides = !is_inbox || self.rng.chance(30);
        if !hides {
            let ask = Ask::post(format!("/api/messages/{id}/read/"), json!({})).to_be(200);
            self.write(ask, marker, ("is_read", "true"), None).await;
            return;
        }
        let register = if is_inbox { "hidden_for_recipient" } else { "hidden_for_sender" };
        let ask = Ask::delete(format!("/api/messages/{id}/")).or(404);
        if let Outcome::Refused(answer) = self.write(ask, marker, (register, "true"), None).await
            && !self.world.model().admits(marker, register, "true")
        {
            self.wrong("a message in the list is not there", &answer);
        }
    }

    /// Tries somebody else's message: an administrator cannot read it either.
    pub async fn be_curious_about_messages(&mut self) {
        let messages = self.world.board().messages.clone();
        let others: Vec<i64> = messages
            .iter()
            .filter(|(_, sender, recipient)| ![sender, recipient].contains(&&self.user))
            .map(|(id, ..)| *id)
            .collect();
        let Some(id) = self.rng.pick(&others) else { return };
        let ask = match self.rng.below(3) {
            0 => Ask::get(format!("/api/messages/{id}/")),
            1 => Ask::delete(format!("/api/messages/{id}/")),
            _ => Ask::post(format!("/api/messages/{id}/read/"), json!({})),
        };
        self.call(&ask.to_be(404)).await;
    }
}
