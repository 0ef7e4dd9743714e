select pg_temp.strip('forms_form', 'forms_pkey');

update forms_form set description = '' where description is null;

alter table forms_form
    alter column description set default '',
    alter column description set not null,
    alter column is_active set default true,
    add column version bigint not null default 1,
    alter column created_at set default now(),
    alter column updated_at set default now();
