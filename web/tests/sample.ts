import type { APIRequestContext } from "@playwright/test";
import type { Email, Entry, Form, Ticket, User } from "../src/api/schema";
import { Api, type Person } from "./fixtures";

const PASSWORD = "Teranga-2026-Dakar";

/** Somebody who is signed in, and one row of everything, to be looked at. */
export interface Sample {
  person: Person;
  other: User;
  ticket: Ticket;
  email: Email;
  form: Form;
  entry: Entry;
}

/** Fills an empty platform with a few days of a small hotel group. */
export async function makeSample(root: Api, request: APIRequestContext): Promise<Sample> {
  const join = async (first_name: string, last_name: string, is_admin = false): Promise<Person> => {
    const email = `${first_name}.${last_name}.${Date.now() % 10_000}@teranga.sn`.toLowerCase();
    const phone = "+221 77 123 45 67";
    await root.post("/users/", { email, password: PASSWORD, first_name, last_name, phone, is_admin });
    const api = await Api.signIn(request, email, PASSWORD);
    return { api, user: api.user, email, password: PASSWORD };
  };
  const person = await join("Fatou", "Ndiaye", true);
  const aminata = await join("Aminata", "Sow");
  const moussa = await join("Moussa", "Fall");
  const ticket = await makeTickets(person.api, aminata.api, moussa.api);
  await makeMessages(person, aminata, moussa);
  const email = await makeEmails(person.api);
  const { form, entry } = await makeForm(person.api);
  return { person, other: aminata.user, ticket, email, form, entry };
}

function report(api: Api, title: string, description: string, priority: string): Promise<Ticket> {
  return api.post("/tickets/", { title, description, priority });
}

async function makeTickets(admin: Api, aminata: Api, moussa: Api): Promise<Ticket> {
  await report(moussa, "Serrure de la chambre 118", "La carte ne s'ouvre qu'une fois sur deux.", "medium");
  const light = await report(aminata, "Lampe du couloir", "Au deuxième étage, elle clignote.", "low");
  await admin.patch(`/tickets/${light.id}/`, { status: "closed" });
  const wifi = await report(moussa, "Wi-Fi lent au restaurant", "Surtout le soir, vers 20 heures.", "medium");
  await admin.patch(`/tickets/${wifi.id}/`, { status: "in_progress" });
  await report(aminata, "Double réservation", "La chambre 204 est donnée à deux clients le 28.", "high");
  const ticket = await report(
    aminata,
    "Climatisation de la chambre 12",
    "Elle fait du bruit et ne refroidit plus. Les clients restent jusqu'à vendredi.",
    "high",
  );
  await aminata.post(`/tickets/${ticket.id}/comments/`, {
    content: "Les clients peuvent changer de chambre ce soir.",
  });
  await admin.patch(`/tickets/${ticket.id}/`, { status: "in_progress" });
  await admin.post(`/tickets/${ticket.id}/comments/`, { content: "Le technicien passe demain à 9 heures." });
  return ticket;
}

function say(from: Person, to: Person, content: string): Promise<unknown> {
  return from.api.post("/messages/", { recipient_id: to.user.id, content });
}

async function makeMessages(fatou: Person, aminata: Person, moussa: Person) {
  await say(moussa, fatou, "Les draps de la semaine sont arrivés.");
  await say(fatou, moussa, "Merci, Moussa !");
  await say(aminata, fatou, "Bonjour Fatou, le groupe de Thiès arrive à 15 heures. Combien de chambres ?");
  await say(fatou, aminata, "Huit, toutes au premier étage.");
  await say(aminata, fatou, "C'est noté. Et pour le dîner ?");
}

async function makeEmails(admin: Api): Promise<Email> {
  const write = (recipient: string, subject: string, body: string, scheduled_at?: string) =>
    admin.post<Email>("/emails/", { recipient, subject, body, ...(scheduled_at && { scheduled_at }) });
  await write("reservations@example.sn", "Votre réservation", "Bonjour,\n\nVotre chambre est réservée.");
  await write("awa.diop@example.sn", "Votre facture", "Bonjour,\n\nVous trouverez votre facture ici.");
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
  return write(
    "groupe.thies@example.sn",
    "Votre arrivée de demain",
    "Bonjour,\n\nNous vous attendons demain à 15 heures. Le parking est derrière l'hôtel.\n\nL'équipe",
    tomorrow,
  );
}

async function makeForm(admin: Api): Promise<{ form: Form; entry: Entry }> {
  const form = await admin.post<Form>("/forms/", {
    title: "Votre séjour",
    description: "Deux minutes pour nous aider à faire mieux.",
    fields: [
      { name: "nom", label: "Nom", type: "text", required: true },
      { name: "email", label: "E-mail", type: "email" },
      { name: "arrivee", label: "Date d'arrivée", type: "date" },
      { name: "note", label: "Note", type: "integer", min: 1, max: 5, help: "De 1 à 5." },
      { name: "avis", label: "Votre avis", type: "select", options: ["Très bien", "Bien", "À améliorer"] },
      { name: "remarque", label: "Une remarque ?", type: "textarea" },
    ],
  });
  const fill = (nom: string, note: number, avis: string, remarque: string) =>
    admin.post<Entry>("/entries/", {
      form: form.id,
      data: { nom, email: "client@example.sn", arrivee: "2026-11-12", note, avis, remarque },
    });
  await fill("Ibrahima Sarr", 4, "Bien", "Le petit-déjeuner commence un peu tard.");
  await fill("Khady Ba", 3, "À améliorer", "La chambre donnait sur la route.");
  const entry = await fill("Ousmane Gueye", 5, "Très bien", "Un accueil magnifique, nous reviendrons.");
  return { form, entry };
}
