-- How many rows there are, kept while they are written: to count a million rows on each request would cap every list.
--
-- The table holds changes, not totals. A statement that writes rows adds a line for each figure that it changes, in its
-- own transaction, and never waits for anybody else's. A figure is the sum of its lines: in any snapshot exactly what
-- counting the rows would find. Only the triggers made below write here.

create table row_count (
    -- What is counted, such as tickets.
    counter text   not null,
    -- Whose: a user's or a form's id, or -1 for everybody's.
    owner   bigint not null,
    -- What the counted rows have in common, such as a status. No row is counted under two facets of an owner.
    facet   text   not null,
    -- When they were made (UTC), as long as the dashboard may ask for it. Older rows, and those that are not counted by
    -- day, have '-infinity'.
    day     date   not null,
    -- How many more there are; negative where they became fewer.
    n       bigint not null
)
-- Lines are folded all the time, and readers pass over what is left of the old ones until it is cleared away.
with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);

create index row_count_figure_idx on row_count (counter, owner, facet, day) include (n);

-- Whoever could write here could make a list lie.
grant select on row_count to red_app;

-- The day under which a row is counted. The dashboard shows thirty, the last of which is not over.
create function counted_day(created_at timestamptz) returns date
    language sql stable parallel safe
    return case
        when created_at >= now() - interval '40 days' then (created_at at time zone 'UTC')::date
        else '-infinity'
    end;

-- Makes one line of the lines of each figure; days that the dashboard no longer asks for become one. Lines that another
-- transaction folds are left to it, so this waits for nobody, and those that are not committed are not seen: both stay as
-- they are.
create function fold_row_counts(of_counter text, of_owners bigint[]) returns void
    language plpgsql
    -- A plan that was made while the table was small is kept for long.
    set enable_seqscan = off
as $$
declare
    last_day constant date := (now() at time zone 'UTC')::date - 42;
begin
    with folded as (
        delete from row_count
        where ctid = any (array(
            select ctid
            from row_count
            where ctid = any (array(
                select line
                from (
                    select
                        ctid as line,
                        count(*) over (partition by owner, facet, greatest(day, last_day)) as lines
                    from row_count
                    where counter = of_counter and owner = any (of_owners)
                ) as figure
                where lines > 1
            ))
            for update skip locked
        ))
        returning owner, facet, case when day > last_day then day else '-infinity' end as day, n
    )
    insert into row_count (counter, owner, facet, day, n)
    select of_counter, owner, facet, day, sum(n)
    from folded
    group by owner, facet, day
    having sum(n) <> 0;
end
$$;

-- Counts the rows of a table from now on: makes the triggers, and the first lines for the rows that are there. `figures`
-- names the figures that a row (`r`) belongs to, as a query for (owner, facet, day). To be called again, by the owner of
-- the database, with other figures, or where rows were written past the triggers: by `session_replication_role`, logical
-- replication, or a restore of data alone.
create procedure keep_row_counts(counter text, counted regclass, figures text)
    language plpgsql
as $$
begin
    execute format('lock table %s in share row exclusive mode', counted);
    execute format(
        $function$
        create or replace function count_%1$s() returns trigger
            language plpgsql security definer set search_path = public, pg_temp
        as $body$
        declare
            owners bigint[];
        begin
            if tg_op = 'INSERT' then
                with line as (
                    insert into row_count (counter, owner, facet, day, n)
                    select '%1$s', owner, facet, day, count(*)
                    from new_rows as r, lateral (%3$s) as figure (owner, facet, day)
                    group by owner, facet, day
                    returning owner
                )
                select array_agg(distinct owner) from line into owners;
            elsif tg_op = 'UPDATE' then
                with change as (
                    select figure.*, 1 as n
                    from new_rows as r, lateral (%3$s) as figure (owner, facet, day)
                    union all
                    select figure.*, -1
                    from old_rows as r, lateral (%3$s) as figure (owner, facet, day)
                ), line as (
                    insert into row_count (counter, owner, facet, day, n)
                    select '%1$s', owner, facet, day, sum(n)
                    from change
                    group by owner, facet, day
                    having sum(n) <> 0
                    returning owner
                )
                select array_agg(distinct owner) from line into owners;
            elsif tg_op = 'DELETE' then
                with line as (
                    insert into row_count (counter, owner, facet, day, n)
                    select '%1$s', owner, facet, day, -count(*)
                    from old_rows as r, lateral (%3$s) as figure (owner, facet, day)
                    group by owner, facet, day
                    returning owner
                )
                select array_agg(distinct owner) from line into owners;
            else
                delete from row_count where counter = '%1$s';
            end if;
            -- By chance, so that no write has to know how many lines there are: a figure has some thirty of them.
            if owners is not null and random() < 1.0 / 32 then
                perform fold_row_counts('%1$s', owners);
            end if;
            return null;
        end
        $body$;

        create or replace trigger count_%1$s_inserted after insert on %2$s
            referencing new table as new_rows
            for each statement execute function count_%1$s();
        create or replace trigger count_%1$s_updated after update on %2$s
            referencing old table as old_rows new table as new_rows
            for each statement execute function count_%1$s();
        create or replace trigger count_%1$s_deleted after delete on %2$s
            referencing old table as old_rows
            for each statement execute function count_%1$s();
        create or replace trigger count_%1$s_truncated after truncate on %2$s
            for each statement execute function count_%1$s();

        delete from row_count where counter = '%1$s';
        insert into row_count (counter, owner, facet, day, n)
        select '%1$s', owner, facet, day, count(*)
        from %2$s as r, lateral (%3$s) as figure (owner, facet, day)
        group by owner, facet, day;
        $function$,
        counter, counted, figures
    );
end
$$;

revoke execute on function fold_row_counts from public;
revoke execute on procedure keep_row_counts from public;

-- How many entries a form has.
create function entries_of(form_id bigint) returns bigint
    language sql stable parallel safe
    return (select coalesce(sum(n), 0)::bigint from row_count where counter = 'entries' and owner = form_id);

call keep_row_counts('hotels', 'hotels_hotel', $$
    values (-1, case when r.is_active then 'active' else 'inactive' end, '-infinity'::date)
$$);

-- Under 1 the active ones, under 0 the others.
call keep_row_counts('cities', 'hotels_hotel', $$
    values (r.is_active::int, fold(r.city), '-infinity'::date)
$$);

call keep_row_counts('users', 'users_customuser', $$
    values (
        -1,
        case when r.is_active then 'active ' else 'inactive ' end || case when r.is_admin then 'admin' else 'user' end,
        '-infinity'::date
    )
$$);

-- Everybody's, and each user's.
call keep_row_counts('tickets', 'tickets_ticket', $$
    values (-1, r.status, counted_day(r.created_at)), (r.user_id, r.status, counted_day(r.created_at))
$$);

-- Each user's alone: nobody reads anybody else's, so nobody needs to know how many there are. A message to oneself, which
-- an adopted database may hold, was sent.
call keep_row_counts('messages', 'messages_message', $$
    select r.sender_id, 'sent', counted_day(r.created_at)
    where not r.hidden_for_sender
    union all
    select r.recipient_id, case when r.is_read then 'inbox read' else 'inbox unread' end, counted_day(r.created_at)
    where not r.hidden_for_recipient and r.sender_id <> r.recipient_id
$$);

call keep_row_counts('emails', 'emails_email', $$
    values (-1, r.status, counted_day(r.created_at))
$$);

call keep_row_counts('forms', 'forms_form', $$
    values (-1, case when r.is_active then 'active' else 'inactive' end, '-infinity'::date)
$$);

-- All, and those of each form.
call keep_row_counts('entries', 'entries_entry', $$
    values (-1, '', counted_day(r.created_at)), (r.form_id, '', '-infinity')
$$);

call keep_row_counts('audit', 'audit_event', $$
    values (-1, r.action, '-infinity'::date)
$$);
