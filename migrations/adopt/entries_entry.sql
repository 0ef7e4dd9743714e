select pg_temp.strip('entries_entry', 'entries_pkey');

alter table entries_entry
    add column search text not null generated always as (fold_values(data)) stored,
    add column version bigint not null default 1,
    alter column created_at set default now(),
    alter column updated_at set default now(),
    add constraint entries_form_id_fkey foreign key (form_id) references forms_form (id);
