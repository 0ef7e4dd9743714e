//! What made-up rows are made of.

use serde_json::{Value, json};

pub(super) const FIRST_NAMES: &[&str] = &[
    "Awa",
    "Fatou",
    "Aïssatou",
    "Mariama",
    "Khady",
    "Ndèye",
    "Astou",
    "Coumba",
    "Rokhaya",
    "Bineta",
    "Sokhna",
    "Dior",
    "Moussa",
    "Ousmane",
    "Mamadou",
    "Ibrahima",
    "Cheikh",
    "Abdoulaye",
    "Modou",
    "Pape",
    "Alioune",
    "Serigne",
    "Lamine",
    "Babacar",
];

pub(super) const LAST_NAMES: &[&str] = &[
    "Diop", "Ndiaye", "Fall", "Sow", "Ba", "Sarr", "Guèye", "Faye", "Diouf", "Sy", "Cissé", "Seck", "Mbaye", "Thiam",
    "Kane", "Niang", "Diallo", "Sène", "Badji", "Sagna", "Diatta", "Camara",
];

/// City, and streets that it has or could have.
pub(super) const CITIES: &[(&str, &[&str])] = &[
    ("Dakar", &["avenue Léopold Sédar Senghor", "avenue Cheikh Anta Diop", "rue Carnot", "corniche Ouest"]),
    ("Thiès", &["avenue Lamine Guèye", "avenue Général de Gaulle", "rue de Paris"]),
    ("Saint-Louis", &["quai Henry Jay", "rue Blaise Diagne", "avenue Jean Mermoz"]),
    ("Saly", &["route de la Plage", "route de Ngaparou", "allée des Bougainvilliers"]),
    ("Ziguinchor", &["rue du Fleuve", "rue Javelier", "avenue Émile Badiane"]),
    ("Kaolack", &["avenue Cheikh Ibra Fall", "avenue Valdiodio Ndiaye"]),
    ("Mbour", &["route nationale 1", "rue des Pêcheurs"]),
    ("Cap Skirring", &["route de l'Aéroport", "route de Boucotte"]),
    ("Tambacounda", &["avenue Léopold Sédar Senghor", "route de Kidira"]),
    ("Kolda", &["route de Vélingara", "avenue Alfa Molo Baldé"]),
    ("Somone", &["route de la Lagune", "route de Guéréo"]),
    ("Joal-Fadiouth", &["route des Cocotiers", "rue de la Passerelle"]),
];

pub(super) const HOUSES: &[&str] = &["Hôtel", "Résidence", "Auberge", "Campement", "Lodge", "Villa", "Relais"];

pub(super) const HOUSE_NAMES: &[&str] = &[
    "Téranga",
    "du Fleuve",
    "Les Palmiers",
    "Le Baobab",
    "Les Filaos",
    "La Pirogue",
    "Le Flamboyant",
    "des Almadies",
    "La Signare",
    "Les Manguiers",
    "Keur Salam",
    "Le Lagon",
    "Les Cauris",
    "Le Pélican",
    "du Sahel",
    "La Croix du Sud",
];

pub(super) const HOTEL_DESCRIPTIONS: &[&str] = &[
    "Chambres climatisées, petit déjeuner en terrasse et navette pour l'aéroport.",
    "Au bord de l'eau, avec piscine, restaurant de poissons grillés et location de pirogues.",
    "Une maison calme près du marché, tenue en famille depuis 1987.",
    "Salles de séminaire, fibre optique et parking gardé au centre-ville.",
    "Cases traditionnelles sous les fromagers, excursions dans la mangrove au départ de la maison.",
    "",
];

/// Title, with a room's number in the place of `#`, and description.
pub(super) const TICKETS: &[(&str, &str)] = &[
    ("Climatisation en panne, chambre #", "La climatisation ne refroidit plus depuis hier soir. Le client attend."),
    ("Fuite d'eau, chambre #", "L'eau coule sous le lavabo de la salle de bains ; une serpillière est en place."),
    ("Erreur sur la facture de la chambre #", "Le petit déjeuner a été compté deux fois. Merci de corriger."),
    ("Wi-Fi très lent, chambre #", "Le signal se coupe toutes les cinq minutes, surtout le soir."),
    ("Clé magnétique bloquée, chambre #", "La porte ne s'ouvre plus, même avec une carte neuve."),
    ("Télévision sans image, chambre #", "Le son marche, mais l'écran reste noir."),
    ("Demande de lit supplémentaire, chambre #", "Une famille arrive vendredi avec un enfant de six ans."),
    ("Coffre-fort fermé, chambre #", "Le client a oublié son code et part demain matin à six heures."),
    ("Bruit du groupe électrogène près de la chambre #", "Trois clients se sont plaints cette nuit."),
    ("Réservation en double, chambre #", "Deux clients ont été confirmés pour la même nuit. Que proposer au second ?"),
];

pub(super) const MESSAGES: &[&str] = &[
    "Bonjour, le groupe de Thiès arrive finalement à 15 h. Les chambres seront-elles prêtes ?",
    "C'est noté, merci beaucoup.",
    "Peux-tu vérifier les disponibilités à Saly pour le week-end de la Tabaski ?",
    "Le client de la suite demande une navette pour l'AIBD demain à 5 h.",
    "Le plombier est passé, tout est réparé.",
    "N'oublie pas la réunion de lundi à 9 h, salle Gorée.",
    "Les tarifs de la basse saison sont en ligne. Tu peux relire ?",
    "Nous manquons de serviettes au deuxième étage.",
    "Très bon retour du séminaire d'hier, bravo à toute l'équipe !",
    "Je te transfère la facture de la SENELEC ce soir.",
    "Est-ce que quelqu'un peut me remplacer jeudi matin ?",
    "Inch'Allah, on sera complet pour le Festival de jazz de Saint-Louis.",
];

/// Subject, with a number in the place of `#`, and body.
pub(super) const EMAILS: &[(&str, &str)] = &[
    (
        "Confirmation de votre réservation n° #",
        "Bonjour,\n\nVotre réservation est confirmée. Nous nous réjouissons de vous accueillir.\n\nL'équipe RED PRODUCT\n",
    ),
    (
        "Votre facture n° #",
        "Bonjour,\n\nVous trouverez votre facture dans votre espace client.\n\nL'équipe RED PRODUCT\n",
    ),
    (
        "Votre arrivée approche (réservation n° #)",
        "Bonjour,\n\nVotre chambre vous attend à partir de 14 h. Bon voyage !\n\nL'équipe RED PRODUCT\n",
    ),
    (
        "Comment s'est passé votre séjour ? (réservation n° #)",
        "Bonjour,\n\nDonnez-nous votre avis en deux minutes. Jërëjëf !\n\nL'équipe RED PRODUCT\n",
    ),
];

/// What people write where there is room.
pub(super) const REMARKS: &[&str] = &[
    "Accueil chaleureux, nous reviendrons.",
    "La vue sur le fleuve est magnifique, le petit déjeuner un peu juste.",
    "Chambre propre et calme. Le thiéboudienne du dimanche vaut le détour !",
    "Merci de prévoir un lit bébé.",
    "Arrivée tardive, vers 23 h, par le vol de Casablanca.",
    "Rien à signaler.",
];

/// Title, description and fields.
type Definition = (&'static str, &'static str, Value);

/// A form is known as a seeded one by its fields.
pub(super) const FORMS: [fn() -> Definition; 5] = [satisfaction, booking, incident, application, newsletter];

/// The fields of every form.
pub(super) fn forms() -> Vec<Value> {
    FORMS.iter().map(|form| form().2).collect()
}

fn satisfaction() -> Definition {
    (
        "Enquête de satisfaction",
        "Deux minutes pour nous dire comment s'est passé votre séjour.",
        json!([
            { "name": "nom", "label": "Nom complet", "type": "text", "required": true, "max_length": 100 },
            { "name": "email", "label": "E-mail", "type": "email" },
            { "name": "note", "label": "Note", "type": "integer", "required": true, "min": 1, "max": 5 },
            { "name": "recommande", "label": "Nous recommanderiez-vous ?", "type": "boolean", "required": true },
            {
                "name": "points_forts", "label": "Points forts", "type": "multiselect",
                "options": ["Accueil", "Propreté", "Restaurant", "Situation", "Prix"],
            },
            { "name": "commentaire", "label": "Commentaire", "type": "textarea", "max_length": 2000 },
        ]),
    )
}

fn booking() -> Definition {
    (
        "Demande de réservation",
        "Nous répondons dans la journée.",
        json!([
            { "name": "nom", "label": "Nom complet", "type": "text", "required": true, "min_length": 2 },
            { "name": "telephone", "label": "Téléphone", "type": "phone", "required": true },
            {
                "name": "ville", "label": "Ville", "type": "select", "required": true,
                "options": ["Dakar", "Thiès", "Saint-Louis", "Saly", "Ziguinchor", "Kaolack"],
            },
            { "name": "arrivee", "label": "Date d'arrivée", "type": "date", "required": true },
            { "name": "nuits", "label": "Nombre de nuits", "type": "integer", "required": true, "min": 1, "max": 60 },
            { "name": "budget", "label": "Budget par nuit (FCFA)", "type": "number", "min": 10000, "max": 500000 },
            { "name": "remarque", "label": "Remarque", "type": "textarea" },
        ]),
    )
}

fn incident() -> Definition {
    (
        "Déclaration d'incident",
        "",
        json!([
            {
                "name": "reservation", "label": "Numéro de réservation", "type": "text", "required": true,
                "pattern": "RED-[0-9]{5}", "help": "Par exemple RED-04217",
            },
            { "name": "survenu_le", "label": "Survenu le", "type": "datetime", "required": true },
            {
                "name": "gravite", "label": "Gravité", "type": "select", "required": true,
                "options": ["Faible", "Moyenne", "Élevée"],
            },
            { "name": "description", "label": "Description", "type": "textarea", "required": true },
        ]),
    )
}

fn application() -> Definition {
    (
        "Candidature spontanée",
        "Réception, cuisine, étages : nous cherchons toute l'année.",
        json!([
            { "name": "nom", "label": "Nom complet", "type": "text", "required": true },
            { "name": "email", "label": "E-mail", "type": "email", "required": true },
            { "name": "telephone", "label": "Téléphone", "type": "phone" },
            {
                "name": "langues", "label": "Langues", "type": "multiselect", "required": true,
                "options": ["Wolof", "Français", "Anglais", "Pulaar", "Sérère", "Diola"],
            },
            { "name": "disponible_le", "label": "Disponible le", "type": "date" },
            { "name": "site", "label": "Site ou profil", "type": "url" },
        ]),
    )
}

fn newsletter() -> Definition {
    (
        "Lettre d'information",
        "Une fois par mois, les offres de nos hôtels.",
        json!([
            { "name": "email", "label": "E-mail", "type": "email", "required": true },
            { "name": "langue", "label": "Langue", "type": "select", "options": ["Français", "Anglais"] },
            { "name": "accord", "label": "J'accepte de recevoir la lettre", "type": "boolean", "required": true },
        ]),
    )
}
