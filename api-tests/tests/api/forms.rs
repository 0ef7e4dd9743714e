//! Forms.

use api_tests::{Caller, TestApp};
use http::Method;
use serde_json::{Value, json};
use shared::db::MIGRATOR;
use sqlx::PgPool;

use crate::entries::entered;

const NOT_FOUND: &str = "Pas trouvé.";
const REQUIRED: &str = "Ce champ est obligatoire.";

// What a form is.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_form_keeps_everything_that_is_said_of_it(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let fields = json!([
        { "name": "name", "label": "Nom", "type": "text", "required": true, "min_length": 2, "max_length": 50,
          "pattern": r"\p{Lu}.*", "help": "Prénom et nom" },
        { "name": "remark", "label": "Remarque", "type": "textarea", "required": false },
        { "name": "email", "label": "E-mail", "type": "email", "max_length": 100 },
        { "name": "phone", "label": "Téléphone", "type": "phone", "pattern": r"\+221.*" },
        { "name": "price", "label": "Prix", "type": "number", "min": 0, "max": 99.5 },
        { "name": "nights", "label": "Nuits", "type": "integer", "min": 1, "max": 30 },
        { "name": "breakfast", "label": "Petit déjeuner", "type": "boolean" },
        { "name": "day", "label": "Jour", "type": "date", "min": "2026-01-01", "max": "2026-12-31" },
        { "name": "time", "label": "Heure", "type": "datetime", "min": "2026-01-01T00:00:00Z" },
        { "name": "site", "label": "Site", "type": "url", "min_length": 10 },
        { "name": "room", "label": "Chambre", "type": "select", "options": ["Simple", "Double"] },
        { "name": "extras", "label": "Options", "type": "multiselect", "options": ["Wifi", "Spa"] },
    ]);
    let whole =
        json!({ "title": "Séjour", "description": "Votre avis\n\ncompte.", "fields": fields, "is_active": false });

    let created = admin.post("/api/forms/", whole.clone()).await.expect(201);

    assert_fields(&created, &whole);
    assert_eq!(admin.get(&path(&created)).await.expect(200), created);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_form_that_says_little_has_defaults(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;

    let answer = admin.post("/api/forms/", form(json!({}))).await;

    let form = answer.expect(201);
    assert_fields(&form, &json!({ "title": "Avis", "description": "", "is_active": true, "entries_count": 0 }));
    let mut names: Vec<_> = form.as_object().unwrap().keys().collect();
    names.sort_unstable();
    let all = ["created_at", "description", "entries_count", "fields", "id", "is_active", "title", "updated_at"];
    assert_eq!(names, all);
    assert!(form["created_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(answer.header("etag"), "\"1\"");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_definition_is_kept_without_what_means_nothing_for_its_type(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;

    for (sent, kept) in [
        (json!({ "name": " age ", "label": "  Âge " }), json!({ "name": "age", "label": "Âge" })),
        (json!({ "label": 2026 }), json!({ "label": "2026" })),
        (json!({ "min": 1, "max": "x", "options": [] }), json!({})),
        (json!({ "min_length": null, "pattern": null, "help": null, "required": null }), json!({})),
        (json!({ "pattern": "" }), json!({})),
        (json!({ "min_length": "5", "required": "yes" }), json!({ "min_length": 5, "required": true })),
        (json!({ "id": 7, "color": "red" }), json!({})),
        (json!({ "type": "boolean", "pattern": "(", "min_length": -1 }), json!({ "type": "boolean" })),
        (json!({ "type": "number", "min": "1.50", "max": 2.0 }), json!({ "type": "number", "min": 1.5, "max": 2 })),
        (json!({ "type": "integer", "min": "12.0" }), json!({ "type": "integer", "min": 12 })),
        (
            json!({ "type": "datetime", "max": "2026-01-01T01:00:00+01:00" }),
            json!({ "type": "datetime", "max": "2026-01-01T00:00:00Z" }),
        ),
        (
            json!({ "type": "select", "options": [" Oui ", 2], "max_length": 3 }),
            json!({ "type": "select", "options": ["Oui", "2"] }),
        ),
    ] {
        let form = created(&admin, json!({ "fields": [field(sent.clone())] })).await;

        assert_eq!(form["fields"], json!([field(kept)]), "{sent}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_definition_that_breaks_a_rule_is_refused_with_the_rule(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let not_a_name =
        "Un nom commence par une minuscule, et a au plus 50 minuscules, chiffres et tirets bas, sans accents.";
    let not_a_pattern = "Cette expression régulière n'est pas valide.";
    let too_complex = "Cette expression régulière est trop complexe.";
    let equal = "Les options doivent être différentes.";

    for (changes, name, text) in [
        (json!({ "name": null }), "name", "Ce champ ne peut être nul."),
        (json!({ "name": "" }), "name", "Ce champ ne peut être vide."),
        (json!({ "name": "Name" }), "name", not_a_name),
        (json!({ "name": "1st" }), "name", not_a_name),
        (json!({ "name": "_x" }), "name", not_a_name),
        (json!({ "name": "prénom" }), "name", not_a_name),
        (json!({ "name": "a-b" }), "name", not_a_name),
        (json!({ "name": "a".repeat(51) }), "name", not_a_name),
        (json!({ "name": [] }), "name", "Une chaîne de caractères est requise."),
        (json!({ "label": null }), "label", "Ce champ ne peut être nul."),
        (json!({ "label": " " }), "label", "Ce champ ne peut être vide."),
        (
            json!({ "label": "x".repeat(256) }),
            "label",
            "Assurez-vous que ce champ comporte au plus 255\u{a0}caractères.",
        ),
        (json!({ "label": "a\0b" }), "label", "Le caractère nul n’est pas autorisé."),
        (json!({ "type": null }), "type", "Ce champ ne peut être nul."),
        (json!({ "type": "file" }), "type", "«\u{a0}file\u{a0}» n'est pas un choix valide."),
        (json!({ "type": "Text" }), "type", "«\u{a0}Text\u{a0}» n'est pas un choix valide."),
        (json!({ "required": "maybe" }), "required", "Une valeur vraie ou fausse est requise."),
        (
            json!({ "help": "x".repeat(1001) }),
            "help",
            "Assurez-vous que ce champ comporte au plus 1000\u{a0}caractères.",
        ),
        (json!({ "min_length": -1 }), "min_length", "Assurez-vous que cette valeur est supérieure ou égale à\u{a0}0."),
        (
            json!({ "max_length": 10_001 }),
            "max_length",
            "Assurez-vous que cette valeur est inférieure ou égale à\u{a0}10000.",
        ),
        (json!({ "max_length": "many" }), "max_length", "Un nombre entier valide est requis."),
        (
            json!({ "min_length": 5, "max_length": 4 }),
            "max_length",
            "Assurez-vous que cette valeur est supérieure ou égale à\u{a0}5.",
        ),
        (json!({ "pattern": 5 }), "pattern", "Une chaîne de caractères est requise."),
        (
            json!({ "pattern": "x".repeat(501) }),
            "pattern",
            "Assurez-vous que ce champ comporte au plus 500\u{a0}caractères.",
        ),
        (json!({ "pattern": "(" }), "pattern", not_a_pattern),
        (json!({ "pattern": "a)(b" }), "pattern", not_a_pattern),
        (json!({ "pattern": "(?=x)" }), "pattern", not_a_pattern),
        (json!({ "pattern": r"(a)\1" }), "pattern", not_a_pattern),
        (json!({ "pattern": "a\0" }), "pattern", "Le caractère nul n’est pas autorisé."),
        (json!({ "pattern": "(((a{100}){100}){100}){100}" }), "pattern", too_complex),
        (json!({ "pattern": r"\pL{400}" }), "pattern", too_complex),
        (json!({ "type": "number", "min": "low" }), "min", "Un nombre valide est requis."),
        (
            json!({ "type": "number", "max": 1e16 }),
            "max",
            "Assurez-vous que cette valeur est inférieure ou égale à\u{a0}1000000000000000.",
        ),
        (
            json!({ "type": "number", "min": 1.5, "max": 1 }),
            "max",
            "Assurez-vous que cette valeur est supérieure ou égale à\u{a0}1.5.",
        ),
        (json!({ "type": "integer", "min": 1.5 }), "min", "Un nombre entier valide est requis."),
        (
            json!({ "type": "integer", "min": -1_000_000_000_000_001_i64 }),
            "min",
            "Assurez-vous que cette valeur est supérieure ou égale à\u{a0}-1000000000000000.",
        ),
        (
            json!({ "type": "date", "min": 2026 }),
            "min",
            "La date n'a pas le bon format. Utilisez le format AAAA-MM-JJ.",
        ),
        (
            json!({ "type": "date", "min": "2026-02-01", "max": "2026-01-31" }),
            "max",
            "Assurez-vous que cette valeur est supérieure ou égale à\u{a0}2026-02-01.",
        ),
        (json!({ "type": "select" }), "options", REQUIRED),
        (json!({ "type": "multiselect" }), "options", REQUIRED),
        (json!({ "type": "select", "options": null }), "options", "Ce champ ne peut être nul."),
        (json!({ "type": "select", "options": [] }), "options", "Cette liste ne peut pas être vide."),
        (
            json!({ "type": "select", "options": "Oui" }),
            "options",
            "Donnée non valide. Attendait une liste, a reçu str.",
        ),
        (json!({ "type": "select", "options": ["Oui", " "] }), "options", "Ce champ ne peut être vide."),
        (json!({ "type": "select", "options": ["Oui", " Oui"] }), "options", equal),
        (json!({ "type": "multiselect", "options": ["a", "b", "a"] }), "options", equal),
        (
            json!({ "type": "select", "options": (0..501).collect::<Vec<_>>() }),
            "options",
            "Assurez-vous que ce champ n'a pas plus de 500\u{a0}éléments.",
        ),
    ] {
        let answer = admin.post("/api/forms/", form(json!({ "fields": [field(changes.clone())] }))).await;

        assert_eq!(
            (answer.status.as_u16(), answer.body()),
            (400, json!({ "fields": [{ name: [text] }] })),
            "{changes}"
        );
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn errors_inside_fields_keep_their_position(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let fields = json!([
        field(json!({ "name": "a" })),
        field(json!({ "name": "A", "label": "" })),
        "a field",
        field(json!({ "name": "a", "type": "select" })),
        {},
    ]);

    let body = json!({ "title": "", "fields": fields });
    let answer = admin.request(Method::POST, "/api/forms/").json(&body).header("accept-language", "en").send().await;

    let required = json!(["This field is required."]);
    let not_a_name =
        "A name begins with a lower-case letter and has at most 50 lower-case letters, digits and underscores.";
    let errors = json!({
        "title": ["This field may not be blank."],
        "fields": [
            {},
            { "name": [not_a_name], "label": ["This field may not be blank."] },
            { "non_field_errors": ["Invalid data. Expected a dictionary, but got str."] },
            { "name": ["Another field has this name already."], "options": required },
            { "name": required, "label": required, "type": required },
        ],
    });
    assert_eq!(answer.expect(400), errors);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_form_has_one_to_a_hundred_fields(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let many = |count: usize| (0..count).map(|n| field(json!({ "name": format!("f{n}") }))).collect::<Vec<_>>();

    for (fields, text) in [
        (json!(null), "Ce champ ne peut être nul."),
        (json!([]), "Cette liste ne peut pas être vide."),
        (json!({}), "Donnée non valide. Attendait une liste, a reçu dict."),
        (json!("text"), "Donnée non valide. Attendait une liste, a reçu str."),
        (json!(many(101)), "Assurez-vous que ce champ n'a pas plus de 100\u{a0}éléments."),
    ] {
        let answer = admin.post("/api/forms/", form(json!({ "fields": fields }))).await;
        assert_eq!(answer.expect(400), json!({ "fields": [text] }));
    }
    created(&admin, json!({ "fields": many(100) })).await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_new_or_replaced_form_needs_its_title_and_fields(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let path = path(&created(&admin, json!({})).await);

    for answer in [admin.post("/api/forms/", json!({})).await, admin.put(&path, json!({ "is_active": true })).await] {
        assert_eq!(answer.expect(400), json!({ "title": [REQUIRED], "fields": [REQUIRED] }));
    }
    for (title, text) in [
        (json!(null), "Ce champ ne peut être nul."),
        (json!(" "), "Ce champ ne peut être vide."),
        (json!("x".repeat(256)), "Assurez-vous que ce champ comporte au plus 255\u{a0}caractères."),
    ] {
        assert_eq!(admin.patch(&path, json!({ "title": title })).await.expect(400), json!({ "title": [text] }));
    }
    let text = json!(["Ce champ ne peut être nul."]);
    let answer = admin.patch(&path, json!({ "description": null, "is_active": null })).await;
    assert_eq!(answer.expect(400), json!({ "description": text, "is_active": text }));
}

// Changing.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_put_keeps_what_it_leaves_out_and_a_patch_what_it_does_not_name(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let first = created(&admin, json!({ "description": "Long", "is_active": false })).await;
    let fields = json!([field(json!({ "name": "other" }))]);

    let replaced = admin.put(&path(&first), json!({ "title": "Neuf", "fields": fields })).await.expect(200);
    let changed = admin.patch(&path(&first), json!({ "description": "" })).await.expect(200);

    let kept = json!({ "title": "Neuf", "fields": fields, "description": "Long", "is_active": false });
    assert_fields(&replaced, &kept);
    assert_fields(&changed, &json!({ "title": "Neuf", "fields": fields, "description": "", "is_active": false }));
    assert_eq!(admin.get(&path(&first)).await.expect(200), changed);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_record_can_be_sent_back_as_it_was_read(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let form = created(&admin, json!({})).await;
    entered(&admin, &form, json!({ "name": "Awa" })).await;

    for method in [Method::PATCH, Method::PUT] {
        let record = admin.get(&path(&form)).await.expect(200);
        let mut answer = admin.request(method, &path(&form)).json(&record).send().await.expect(200);

        assert!(answer["updated_at"].as_str() > record["updated_at"].as_str());
        answer["updated_at"] = record["updated_at"].clone();
        assert_eq!(answer, record);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn unknown_and_read_only_fields_are_ignored(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;

    let form = created(&admin, json!({ "id": 99, "entries_count": 5, "created_at": "x", "version": 9 })).await;

    assert_eq!((&form["entries_count"], form["id"] == 99), (&json!(0), false));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn two_patches_of_different_fields_at_once_both_hold(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let path = path(&created(&admin, json!({})).await);

    for round in 1..=5 {
        let (title, description) = (format!("Titre {round}"), format!("Texte {round}"));
        let (first, second) = tokio::join!(
            admin.patch(&path, json!({ "title": title })),
            admin.patch(&path, json!({ "description": description })),
        );

        assert_eq!((first.status.as_u16(), second.status.as_u16()), (200, 200));
        let stored = admin.get(&path).await.expect(200);
        assert_fields(&stored, &json!({ "title": title, "description": description }));
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_write_holds_only_where_if_match_names_the_rows_version(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let row = admin.post("/api/forms/", form(json!({}))).await;
    let path = path(&row.body());
    let write = async |method: Method, if_match: &str| {
        admin.request(method, &path).json(&form(json!({}))).header("if-match", if_match).send().await
    };

    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        assert_eq!(write(method, "\"0\"").await.status, 412);
    }
    let patched = write(Method::PATCH, row.header("etag")).await;
    assert_eq!(patched.status, 200);
    assert_eq!(write(Method::PUT, row.header("etag")).await.status, 412);
    assert_eq!(admin.get(&path).await.header("etag"), patched.header("etag"));
    assert_eq!(write(Method::DELETE, patched.header("etag")).await.status, 204);
}

// Deleting.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_deleted_form_is_gone(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let form = created(&admin, json!({})).await;

    let answer = admin.delete(&path(&form)).await;

    assert_eq!((answer.status.as_u16(), answer.bytes.len()), (204, 0));
    let gone = json!({ "detail": NOT_FOUND });
    assert_eq!(admin.delete(&path(&form)).await.expect(404), gone);
    assert_eq!(admin.get(&path(&form)).await.expect(404), gone);
    assert_eq!(admin.patch(&path(&form), json!({})).await.expect(404), gone);
    assert_eq!(admin.put(&path(&form), self::form(json!({}))).await.expect(404), gone);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_form_with_entries_cannot_be_deleted(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let form = created(&admin, json!({})).await;
    let entry = entered(&admin, &form, json!({ "name": "Awa" })).await;
    let delete = || admin.request(Method::DELETE, &path(&form));

    let french = delete().send().await;
    let english = delete().header("accept-language", "en").send().await;
    let stale = delete().header("if-match", "\"0\"").send().await;

    let text = "Ce formulaire a des entrées : désactivez-le au lieu de le supprimer.";
    assert_eq!(french.expect(409), json!({ "detail": text }));
    let text = "This form has entries: deactivate it instead of deleting it.";
    assert_eq!(english.expect(409), json!({ "detail": text }));
    assert_eq!(stale.status, 409, "the row's state is told before its version");
    assert_eq!(admin.get(&path(&form)).await.expect(200)["entries_count"], 1);
    admin.delete(&format!("/api/entries/{}/", entry["id"])).await.expect(204);
    delete().send().await.expect(204);
}

// Who may.

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_inactive_form_exists_for_administrators_alone(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let (open, closed) = (created(&admin, json!({})).await, created(&admin, json!({ "is_active": false })).await);

    assert_eq!(user.get(&path(&open)).await.expect(200), open);
    assert_eq!(user.get(&path(&closed)).await.expect(404), json!({ "detail": NOT_FOUND }));
    assert_eq!(user.get("/api/forms/").await.expect(200)["results"], json!([open]));
    assert_eq!(user.get("/api/forms/?is_active=false").await.expect(200)["count"], 0);
    assert_eq!(admin.get(&path(&closed)).await.expect(200), closed);
    assert_eq!(admin.get("/api/forms/").await.expect(200)["count"], 2);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_several_faults_the_first_in_the_contracts_order_is_told(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let form = created(&admin, json!({})).await;
    let (here, nowhere) = (path(&form), "/api/forms/999999/".to_owned());
    let (json, text) = ("application/json", "text/plain");

    for (caller, path, media_type, body, status) in [
        (&app.public(), &nowhere, text, "{", 401),
        (&user, &nowhere, text, "{", 403),
        (&user, &here, text, "{", 403),
        (&admin, &nowhere, text, "{", 404),
        (&admin, &nowhere, json, r#"{"fields": []}"#, 404),
        (&admin, &here, text, "{", 415),
        (&admin, &here, json, "{", 400),
        (&admin, &here, json, r#"{"fields": []}"#, 400),
        (&admin, &here, json, "{}", 412),
    ] {
        let request = caller.request(Method::PATCH, path).header("content-type", media_type).body(body);
        let answer = request.header("if-match", "\"0\"").send().await;
        assert_eq!(answer.status.as_u16(), status, "{media_type} {body} at {path}");
    }
    assert_eq!(user.post("/api/forms/", json!({})).await.status, 403);
    assert_eq!(user.delete(&here).await.status, 403);
    assert_eq!(admin.get(&here).await.expect(200), form);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_administrator_whose_role_is_withdrawn_cannot_write_from_then_on(owner: PgPool) {
    let app = TestApp::start_with(owner, |setup| setup.settings.authorizer_cache_seconds = 60).await;
    let admin = app.admin().await;
    let form = created(&admin, json!({})).await;
    let withdraw = sqlx::query("update users_customuser set is_admin = false where id = $1").bind(admin.id());

    withdraw.execute(&app.owner).await.unwrap();

    let body = self::form(json!({}));
    for answer in [
        admin.post("/api/forms/", body.clone()).await,
        admin.put(&path(&form), body.clone()).await,
        admin.patch(&path(&form), json!({})).await,
        admin.patch(&path(&form), json!({ "fields": [] })).await,
        admin.delete(&path(&form)).await,
        admin.delete("/api/forms/999999/").await,
    ] {
        assert_eq!(answer.status, 403);
    }
    assert_eq!(admin.get(&path(&form)).await.expect(200), form);
}

// Lists.

#[sqlx::test(migrator = "MIGRATOR")]
async fn forms_are_searched_filtered_and_ordered(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    for (title, is_active) in [("Évaluation", true), ("Zèle_100%", false), ("arrivée", true)] {
        let changes = json!({ "title": title, "is_active": is_active, "description": "avis" });
        created(&admin, changes).await;
    }

    for (query, titles) in [
        ("", &["arrivée", "Zèle_100%", "Évaluation"][..]),
        ("ordering=title", &["arrivée", "Évaluation", "Zèle_100%"]),
        ("ordering=-title", &["Zèle_100%", "Évaluation", "arrivée"]),
        ("ordering=created_at", &["Évaluation", "Zèle_100%", "arrivée"]),
        ("ordering=id", &["Évaluation", "Zèle_100%", "arrivée"]),
        ("search=eval", &["Évaluation"]),
        ("search=ZELE", &["Zèle_100%"]),
        ("search=%25", &["Zèle_100%"]),
        ("search=avis", &[]),
        ("is_active=true", &["arrivée", "Évaluation"]),
        ("is_active=false", &["Zèle_100%"]),
        ("is_active=", &["arrivée", "Zèle_100%", "Évaluation"]),
        ("is_active=false&search=arr", &[]),
        ("page_size=1&page=2", &["Zèle_100%"]),
    ] {
        let list = admin.get(&format!("/api/forms/?{query}")).await.expect(200);
        let found: Vec<_> = list["results"].as_array().unwrap().iter().map(|form| &form["title"]).collect();
        assert_eq!(found, titles, "{query}");
    }
    let wrong = admin.get("/api/forms/?is_active=perhaps").await;
    assert_eq!(wrong.expect(400), json!({ "is_active": ["Une valeur vraie ou fausse est requise."] }));
    assert_eq!(admin.get("/api/forms/?page=2").await.status, 404);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn every_answer_counts_the_entries_of_its_form(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let (full, empty) = (created(&admin, json!({})).await, created(&admin, json!({})).await);
    for name in ["Awa", "Fatou"] {
        entered(&user, &full, json!({ "name": name })).await;
    }

    for caller in [&admin, &user] {
        let list = caller.get("/api/forms/?ordering=id").await.expect(200);
        let counts: Vec<_> = list["results"].as_array().unwrap().iter().map(|form| &form["entries_count"]).collect();
        assert_eq!(counts, [2, 0]);
        assert_eq!(caller.get(&path(&full)).await.expect(200)["entries_count"], 2);
    }
    assert_eq!(admin.patch(&path(&full), json!({})).await.expect(200)["entries_count"], 2);
    assert_eq!(admin.patch(&path(&empty), json!({})).await.expect(200)["entries_count"], 0);
}

// What is on record, and what was there before.

#[sqlx::test(migrator = "MIGRATOR")]
async fn every_write_is_on_record_field_by_field(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let form = created(&admin, json!({})).await;
    let fields = json!([field(json!({ "name": "other" }))]);
    admin.patch(&path(&form), json!({ "fields": fields })).await.expect(200);
    admin.patch(&path(&form), json!({ "fields": [] })).await.expect(400);
    admin.delete(&path(&form)).await.expect(204);

    let events = events(&app, "form").await;

    let actions: Vec<&str> = events.iter().map(|(action, ..)| action.as_str()).collect();
    assert_eq!(actions, ["create", "update", "delete"]);
    assert!(events.iter().all(|(_, actor, object, _)| (*actor, json!(object)) == (admin.id(), form["id"].clone())));
    assert_eq!(events[0].3["title"], json!([null, "Avis"]));
    assert_eq!(events[1].3, json!({ "fields": [form["fields"], fields] }));
    assert_eq!(events[2].3["fields"], json!([fields, null]));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_form_of_an_older_database_can_be_read_whatever_its_fields_are(owner: PgPool) {
    let app = TestApp::start(owner).await.with_old_rows();
    let (admin, user) = (app.admin().await, app.user().await);

    for fields in [json!(null), json!("text"), json!({ "a": 1 }), json!([]), json!([1, { "name": "A" }])] {
        let form = created(&admin, json!({})).await;
        let update = "update forms_form set fields = $2 where id = $1";
        sqlx::query(update).bind(form["id"].as_i64()).bind(&fields).execute(&app.owner).await.unwrap();

        let read = user.get(&path(&form)).await.expect(200);
        let renamed = admin.patch(&path(&form), json!({ "title": "Neuf" })).await.expect(200);
        let sent_back = admin.patch(&path(&form), renamed.clone()).await;

        assert_eq!((&read["fields"], &renamed["fields"]), (&fields, &fields));
        assert_eq!(sent_back.expect(200)["fields"], fields);
        assert!(admin.patch(&path(&form), json!({ "fields": { "b": 2 } })).await.expect(400)["fields"].is_array());
    }
    assert_eq!(user.get("/api/forms/").await.expect(200)["count"], 5);
}

// What the tests are written with.

/// A body that is accepted, with these fields set.
pub(crate) fn form(changes: Value) -> Value {
    let name = json!({ "name": "name", "label": "Nom", "type": "text", "required": true });
    merged(json!({ "title": "Avis", "fields": [name] }), changes)
}

/// A field that is accepted, with these attributes set.
pub(crate) fn field(changes: Value) -> Value {
    merged(json!({ "name": "answer", "label": "Réponse", "type": "text" }), changes)
}

fn merged(mut body: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body
}

/// A new form.
pub(crate) async fn created(admin: &Caller, changes: Value) -> Value {
    admin.post("/api/forms/", form(changes)).await.expect(201)
}

/// Where a form is.
pub(crate) fn path(form: &Value) -> String {
    format!("/api/forms/{}/", form["id"].as_i64().expect("an id"))
}

/// What is on record about a kind of rows: action, actor, row, changes.
pub(crate) async fn events(app: &TestApp, resource: &str) -> Vec<(String, i64, i64, Value)> {
    let select = "select action, actor, object_id, changes from audit_event where resource = $1 order by id";
    sqlx::query_as(select).bind(resource).fetch_all(&app.owner).await.unwrap()
}

#[track_caller]
pub(crate) fn assert_fields(row: &Value, expected: &Value) {
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&row[name], value, "{name}");
    }
}
