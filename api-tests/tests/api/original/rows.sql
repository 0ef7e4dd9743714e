-- Rows of either form, with everything in them that the original let in. Every password that there is, is
-- Teranga-2026-Dakar.
insert into django_content_type values (1, 'users', 'customuser');
insert into django_migrations (app, name, applied) values ('users', '0001_initial', '2023-01-05');
insert into auth_permission values (1, 'Can add user', 1, 'add_customuser');
insert into auth_group values (1, 'Réception');
insert into auth_group_permissions values (1, 1, 1);

insert into users_customuser (
    id, email, password, is_superuser, is_staff, is_admin, is_active, phone, username, first_name, last_name, last_login,
    date_joined, created_at, updated_at
)
select
    id, email, password, is_superuser, is_superuser, is_admin, is_active, phone, email, 'Prénom' || id, 'Nom',
    '2025-12-01 08:00+00', '2023-01-05 10:00+00', timestamptz '2023-01-05 10:00:00.123456+00' + id * interval '1 day',
    '2025-01-05 10:00+00'
from (values
    -- A superuser who is no administrator.
    (1, 'chef@hotel.sn', 'pbkdf2_sha256$20000$seasalt$m/aCWs0F+p+xrxc6nnanC0QWlBuCrYUspjY17CF2gog=', true, false, true, '+221 33 800 00 00'),
    -- The same address but for its case, three times.
    (2, 'Awa.Diop@Hotel.sn', 'argon2$argon2id$v=19$m=102400,t=2,p=8$SjBrSEROMmdaNU1zY0swZVZMalZ4YQ$87TrGh+Mv663jzRUG0asXRh23VOF9xnLwhJelge6cfg', false, false, true, null),
    (3, 'awa.diop@hotel.sn', 'bcrypt_sha256$$2b$12$J0kHDN2gZ5MscK0eVLjVxOW/eYV5vhOFUTpy9qYzz3ZEZGsYlCc5.', false, false, true, '77'),
    (4, 'AWA.DIOP@HOTEL.SN', 'pbkdf2_sha256$1000$J0kHDN2gZ5MscK0eVLjVxa$sgVyhR3xDcG4cM5N6v5fl8V3DVmVFKtNOx15KcDkbyM=', false, false, true, null),
    -- Two, neither of which is in lower case.
    (5, 'Fatou@hotel.sn', 'pbkdf2_sha256$1000$J0kHDN2gZ5MscK0eVLjVxa$sgVyhR3xDcG4cM5N6v5fl8V3DVmVFKtNOx15KcDkbyM=', false, false, true, ''),
    (6, 'FATOU@hotel.sn', 'bcrypt_sha256$$2b$04$HixlaMEgtliw17NB6biHmOHzugu1ApU4So1mZmlybShI8shpx4NhK', false, false, true, ''),
    -- Capitals, and no other like it.
    (7, 'MOUSSA@hotel.sn', 'scrypt$16384$J0kHDN2gZ5MscK0eVLjVxa$8$5$ASrUqVuE9gafFeH2wi4FYFOk++Rq4Mu34fHCP4zbWRYG8zT10idl2G+2B25uJB0HyV17ha5EU0ApWjmjGSBcuA==', false, false, true, null),
    (8, 'vide@hotel.sn', '', false, false, true, null),
    (9, 'sans@hotel.sn', '!BFSHWguKJP1PhPNIvaPvv7LDzkrrc0ZgYqCNIy02', false, false, true, null),
    (10, 'parti@hotel.sn', 'pbkdf2_sha256$1000$J0kHDN2gZ5MscK0eVLjVxa$sgVyhR3xDcG4cM5N6v5fl8V3DVmVFKtNOx15KcDkbyM=', false, true, false, null),
    (11, 'ancien@hotel.sn', 'md5$seasalt$3f86d0d3d465b7b458c231bf3555c0e3', false, false, true, null),
    (12, 'admin@hotel.sn', 'pbkdf2_sha256$20000$seasalt$m/aCWs0F+p+xrxc6nnanC0QWlBuCrYUspjY17CF2gog=', false, true, true, '')
) as account (id, email, password, is_superuser, is_admin, is_active, phone);

insert into users_customuser_groups values (1, 9, 1);
insert into users_customuser_user_permissions values (1, 9, 1);
insert into django_admin_log values (1, '2024-01-05', '9', 'sans@hotel.sn', 1, '[]', 1, 1);
insert into django_session values ('abcdefghijklmnopqrstuvwxyz012345', 'data', '2026-01-05');

insert into hotels_hotel (
    id, name, description, city, address, phone, email, price_per_night, rating, rooms_count, available_rooms, is_active,
    created_at, updated_at
)
select
    id, name, description, 'Dakar', 'Corniche', '+221 33 800 00 00', 'Hotel@Hotel.sn', price, rating, rooms, available,
    is_active, timestamptz '2023-02-05 10:00:00.5+00' + id * interval '1 day', '2025-02-05 10:00+00'
from (values
    (1, 'Sain', 'Vue sur mer', 45000, 4.5, 40, 12, true),
    (2, 'Prix négatif', null, -1500, 4, 10, 5, true),
    (3, 'Note', '', 30000, 7.5, 10, 5, true),
    (4, 'Plus libres que de chambres', '', 30000, 3, 5, 10, true),
    (5, 'Chambres négatives', '', 30000, 0, -3, -1, true),
    (6, 'Fermé', null, 30000, 5, 0, 4, false),
    (7, 'Dernier', '', 99999999.99, 0, 0, 0, true)
) as hotel (id, name, description, price, rating, rooms, available, is_active);

insert into tickets_ticket (id, title, description, status, user_id, created_at, updated_at)
select id, 'Ticket ' || id, 'Panne', status, user_id, now() - id * interval '1 day', now() - interval '1 hour'
from (values (1, 'open', 2), (2, 'closed', 2), (3, 'resolved', 3), (4, 'in_progress', 7), (5, 'open', 10))
    as ticket (id, status, user_id);

insert into messaging_message (id, content, is_read, sender_id, recipient_id, created_at, updated_at)
select id, 'Message ' || id, is_read, sender_id, recipient_id, now() - id * interval '1 day', now() - interval '1 hour'
from (values (1, false, 2, 3), (2, true, 3, 2), (3, false, 2, 2), (4, false, 10, 7)) as message (id, is_read, sender_id, recipient_id);

insert into emails_email (id, recipient, subject, body, is_sent, created_at, sent_at) values
    (1, 'a@hotel.sn', 'Envoyé', 'Bonjour', true, '2024-01-05 10:00+00', '2024-01-05 10:01+00'),
    (2, 'b@hotel.sn', 'Envoyé, sans date', 'Bonjour', true, '2024-01-06 10:00+00', null),
    (3, 'c@hotel.sn', 'Jamais parti', 'Bonjour', false, '2022-01-05 10:00+00', null),
    (4, 'd@hotel.sn', 'Daté, pas parti', 'Bonjour', false, '2022-01-06 10:00+00', '2022-01-06 10:01+00');

insert into forms_form (id, title, description, fields, is_active, created_at, updated_at) values
    (1, 'Avis', null, '[{"name": "avis", "label": "Avis", "type": "text"}]', true, now() - interval '9 days', now()),
    (2, 'Objet', '', '{"avis": "text"}', true, now() - interval '8 days', now()),
    (3, 'Texte', '', '"avis"', false, now() - interval '7 days', now()),
    (4, 'Vide', '', '[]', true, now() - interval '6 days', now());
insert into entries_entry (id, form_id, data, created_at, updated_at) values
    (1, 1, '{"avis": "Très bien"}', now() - interval '5 days', now()),
    (2, 1, '["Très", "bien"]', now() - interval '4 days', now()),
    (3, 2, '"Été"', now() - interval '3 days', now()),
    (4, 3, '{"inconnu": {"a": [1, null, 1e400]}}', now() - interval '2 days', now()),
    (5, 4, 'null', now() - interval '1 day', now());

-- As inserts without an id leave them.
select setval(pg_get_serial_sequence(name, 'id'), 100)
from unnest(array[
    'users_customuser', 'hotels_hotel', 'tickets_ticket', 'messaging_message', 'emails_email', 'forms_form', 'entries_entry'
]) as name;
