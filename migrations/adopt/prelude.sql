-- What every step of an adoption begins with. The original's foreign keys are deferrable: a trigger event that is still
-- pending would make a later "alter table" fail.
set constraints all immediate;

-- Takes the original's foreign keys and indexes from a table, and names its primary key. Names of the original end in digits
-- that differ between databases, so they are looked up.
create or replace function pg_temp.strip(adopted regclass, primary_key text) returns void
    language plpgsql
as $$
declare
    old text;
begin
    for old in
        select conname from pg_constraint where conrelid = adopted and contype = 'f'
    loop
        execute format('alter table %s drop constraint %I', adopted, old);
    end loop;
    for old in
        select indexrelid::regclass
        from pg_index
        where indrelid = adopted
            and not exists (select from pg_constraint where conrelid = adopted and conindid = indexrelid)
    loop
        execute format('drop index %s', old);
    end loop;
    select conname from pg_constraint where conrelid = adopted and contype = 'p' into strict old;
    execute format('alter table %s rename constraint %I to %I', adopted, old, primary_key);
end
$$;

-- Adds a check. Where rows break it they stay as they are, and whatever has to be written in them (a photo's new place, a
-- status) can be: the check then begins behind the last of them. "Not valid" would refuse each later write of such a row.
create or replace function pg_temp.add_check(adopted regclass, name text, rule text) returns void
    language plpgsql
as $$
declare
    last_exception bigint;
begin
    execute format('select max(id) from %s where not (%s)', adopted, rule) into last_exception;
    if last_exception is not null then
        rule := format('id <= %s or (%s)', last_exception, rule);
    end if;
    execute format('alter table %s add constraint %I check (%s)', adopted, name, rule);
end
$$;

-- A default for a column that only one form of the original has, or that nobody reads any more.
create or replace function pg_temp.set_default(adopted regclass, of_column text, value text) returns void
    language plpgsql
as $$
begin
    if exists (select from pg_attribute where attrelid = adopted and attname = of_column and not attisdropped) then
        execute format('alter table %s alter column %I set default %s', adopted, of_column, value);
    end if;
end
$$;
