select pg_temp.strip('tickets_ticket', 'tickets_pkey');

alter table tickets_ticket
    alter column status set default 'open',
    -- The original's older form has none.
    add column if not exists priority varchar(20) not null default 'medium',
    alter column priority set default 'medium',
    add column version bigint not null default 1,
    alter column created_at set default now(),
    alter column updated_at set default now(),
    add constraint tickets_user_id_fkey foreign key (user_id) references users_customuser (id);

select pg_temp.add_check('tickets_ticket', 'tickets_status_check', $$status in ('open', 'in_progress', 'closed')$$);
select pg_temp.add_check('tickets_ticket', 'tickets_priority_check', $$priority in ('low', 'medium', 'high')$$);
