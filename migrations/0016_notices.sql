-- Who is told of what by e-mail, and answers to public forms that are sent again.
--
-- Running code neither reads nor writes the new columns and keeps its unique key, so this may run before new code is
-- deployed.

-- Whether an administrator gets a mail when the user of a ticket opens it, comments on it or reopens it. Existing
-- administrators do: a complaint must reach somebody.
alter table users_customuser add column ticket_mail boolean not null default true;

-- Finding the administrators must cost the same whatever the number of accounts: every ticket of a user asks for them.
create index users_administrators_idx on users_customuser (id) where is_admin and is_active;

-- Callers of public forms have no account: their keys have no user. They share one key space for each path, so a client
-- draws its keys at random.
--
-- PostgreSQL 14 treats nulls as distinct in every unique index, hence `caller`. The old unique key also serves the foreign
-- key: deleting an account looks for its keys.
alter table idempotency_key
    drop constraint idempotency_pkey,
    alter column user_id drop not null,
    add column caller bigint not null generated always as (coalesce(user_id, 0)) stored,
    add constraint idempotency_pkey primary key (caller, path, key_sha256),
    add constraint idempotency_user_key unique (user_id, path, key_sha256);
