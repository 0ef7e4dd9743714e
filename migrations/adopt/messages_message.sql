alter table messaging_message rename to messages_message;
select pg_temp.strip('messages_message', 'messages_pkey');

alter table messages_message
    alter column is_read set default false,
    add column read_at timestamptz,
    add column hidden_for_sender boolean not null default false,
    add column hidden_for_recipient boolean not null default false,
    add column version bigint not null default 1,
    alter column created_at set default now(),
    alter column updated_at set default now(),
    add constraint messages_sender_id_fkey foreign key (sender_id) references users_customuser (id),
    add constraint messages_recipient_id_fkey foreign key (recipient_id) references users_customuser (id),
    add constraint messages_read_at_check check (is_read or read_at is null);

-- Under its old name, so that the original can read (and write) until it is switched off.
create view messaging_message as
    select id, content, is_read, created_at, updated_at, recipient_id, sender_id
    from messages_message;

-- Whoever could read the table can read the view.
do $$
declare
    granted record;
begin
    for granted in
        select privilege_type, grantee
        from pg_class, aclexplode(relacl)
        where oid = 'messages_message'::regclass
            and privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
            and grantee <> relowner
    loop
        execute format(
            'grant %s on messaging_message to %s',
            granted.privilege_type,
            case granted.grantee when 0 then 'public' else granted.grantee::regrole::text end
        );
    end loop;
end
$$;
