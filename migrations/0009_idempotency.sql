-- What a POST with an Idempotency-Key was answered, so that the same request again gets the same answer. The key is
-- inserted first, in the transaction of the write: of two requests at once one waits here for the other.

create table idempotency_key (
    user_id     bigint       not null,
    path        text         not null,
    -- The key itself stays with the caller: the digest of a body, which may hold a password, is salted with it.
    key_sha256  bytea        not null,
    -- Of key and raw body: another body under the same key is refused.
    body_sha256 bytea        not null,
    -- The answer: null only while the transaction that writes it is open.
    etag        varchar(50),
    answer      text,
    expires_at  timestamptz  not null default now() + interval '24 hours',

    constraint idempotency_pkey primary key (user_id, path, key_sha256),
    constraint idempotency_user_id_fkey foreign key (user_id) references users_customuser (id) on delete cascade
);

-- Housekeeping.
create index idempotency_expires_at_idx on idempotency_key (expires_at);

grant select, insert, update, delete on idempotency_key to red_app;
