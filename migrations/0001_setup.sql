-- What every later migration stands on: extensions, folding for search, row versions, and the application's role.

-- Both are trusted extensions: the owner of a database may create them, on RDS and Aurora too.
create extension if not exists pg_trgm;
create extension if not exists unaccent;

-- Functions connect as this role. It owns nothing, so it cannot alter a table; each migration grants what is needed.
-- Whoever provisions the database gives it a password; here it only has to exist for the grants.
do $$
begin
    if not exists (select from pg_roles where rolname = 'red_app') then
        create role red_app nologin;
    end if;
end
$$;

-- Since version 15 that is the default. Where the schema belongs to somebody else, they have to do it.
do $$
begin
    revoke create on schema public from public;
exception
    when insufficient_privilege then
        raise warning 'the owner of the schema public should: revoke create on schema public from public';
end
$$;

-- Text as a search sees it: lower case, without accents. unaccent() is only stable, because a dictionary can be
-- replaced; ours is the one that ships with PostgreSQL, so an index may rely on it.
create function fold(value text) returns text
    language sql immutable strict parallel safe
    return lower(unaccent('unaccent'::regdictionary, value));

-- One search term as a LIKE pattern for folded text. Folding comes first: it turns a full-width percent sign, for one,
-- into a plain one.
create function search_pattern(term text) returns text
    language sql immutable strict parallel safe
    return '%' || replace(replace(replace(fold(term), '\', '\\'), '%', '\%'), '_', '\_') || '%';

-- The version is the row's ETag. A trigger raises it, so that no statement can forget to.
create function raise_version() returns trigger
    language plpgsql
as $$
begin
    new.version := old.version + 1;
    new.updated_at := now();
    return new;
end
$$;
