-- Who did what: every write by an administrator, and every security event, written in the transaction of what it
-- records.

create table audit_event (
    id          bigint generated always as identity,
    -- No foreign key: the record outlives the account.
    actor       bigint,
    actor_email varchar(254) not null default '',
    action      varchar(20)  not null,
    resource    varchar(20)  not null,
    object_id   bigint,
    -- {"field": [before, after]}
    changes     jsonb        not null default '{}',
    ip          inet,
    created_at  timestamptz  not null default now(),

    constraint audit_pkey primary key (id),
    constraint audit_action_check check (action in (
        'create', 'update', 'delete', 'login', 'login_failed', 'logout', 'refresh_reused', 'password_reset',
        'password_changed', 'role_changed', 'retry', 'cancel', 'lift'
    )),
    constraint audit_resource_check check (resource in (
        'user', 'session', 'hotel', 'ticket', 'message', 'email', 'form', 'entry', 'suppression'
    ))
);

create index audit_created_at_idx on audit_event (created_at, id);
create index audit_action_idx on audit_event (action, created_at, id);
create index audit_actor_idx on audit_event (actor, created_at, id);
create index audit_object_idx on audit_event (resource, object_id, created_at, id);

-- Append-only by right, not by good will.
grant select, insert on audit_event to red_app;
