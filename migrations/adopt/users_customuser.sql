select pg_temp.strip('users_customuser', 'users_pkey');

alter table users_customuser
    add column email_key varchar(254),
    add column language varchar(2) not null default 'fr',
    add column version bigint not null default 1;

-- Of addresses that differ only by case, one is found by its lower case: the one that is written so, else the first. The
-- others are found as they are written.
update users_customuser as account
set email_key = case when spelling.number = 1 then lower(email collate "C") else email end,
    phone = coalesce(phone, ''),
    is_admin = is_admin or is_superuser
from (
    select id, row_number() over (partition by lower(email collate "C") order by email = lower(email collate "C") desc, id) as number
    from users_customuser
) as spelling
where spelling.id = account.id;

-- The original's rule, which knows nothing of case.
do $$
declare
    old text;
begin
    for old in
        select conname
        from pg_constraint
        where conrelid = 'users_customuser'::regclass
            and contype = 'u'
            and conkey = array[(
                select attnum from pg_attribute where attrelid = 'users_customuser'::regclass and attname = 'email'
            )]
    loop
        execute format('alter table users_customuser drop constraint %I', old);
    end loop;
end
$$;

alter table users_customuser
    alter column email_key set not null,
    alter column first_name set default '',
    alter column last_name set default '',
    alter column phone set default '',
    alter column phone set not null,
    alter column is_admin set default false,
    alter column is_active set default true,
    alter column created_at set default now(),
    alter column updated_at set default now(),
    add constraint users_email_key_key unique (email_key),
    add constraint users_language_check check (language in ('fr', 'en'));

-- Nobody reads these any more.
select pg_temp.set_default('users_customuser', 'is_superuser', 'false');
select pg_temp.set_default('users_customuser', 'is_staff', 'false');
select pg_temp.set_default('users_customuser', 'date_joined', 'now()');
-- It is unique.
select pg_temp.set_default('users_customuser', 'username', 'gen_random_uuid()');
