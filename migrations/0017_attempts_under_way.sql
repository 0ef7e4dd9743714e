-- Attempts under way. A sign-in counts before its password is verified, so that of many at once none slips through. Until
-- it is settled it is no failure yet: a caller at a limit waits for those under way instead of being refused because of
-- them.
--
-- `count` includes those under way. A function that dies leaves its attempt counted as a failure; `counted_at` says how
-- long such an attempt can still be waited for.
alter table auth_attempt
    add column under_way int not null default 0,
    add column counted_at timestamptz not null default now();

-- Counts an attempt against several limits, in their order, and stops at the first that is exceeded: those behind it are
-- not counted. Answers after how many seconds that limit ends; null where none is exceeded. With `awaits_outcome` the
-- attempt is under way until settle_attempts ends it; then 0 says that nothing was counted, because attempts under way
-- have to be waited for. Row by row, so that all callers lock rows in one order.
create function count_attempt(
    kinds text[], subjects text[], seconds float8[], maxima int[], awaits_outcome boolean
) returns bigint
    language plpgsql
as $$
declare
    known auth_attempt;
    may_succeed boolean;
begin
    for n in 1..cardinality(kinds) loop
        insert into auth_attempt as attempt (kind, subject, count, under_way, counted_at, expires_at)
        values (kinds[n], subjects[n], 1, awaits_outcome::int, now(), now() + make_interval(secs => seconds[n]))
        on conflict (kind, subject) do update
        set count = case when attempt.expires_at <= now() then 1 else attempt.count + 1 end,
            under_way = awaits_outcome::int + case when attempt.expires_at <= now() then 0 else attempt.under_way end,
            counted_at = now(),
            expires_at =
                case when attempt.expires_at <= now() or attempt.count = 0 then excluded.expires_at else attempt.expires_at end
        where attempt.expires_at <= now() or attempt.count < maxima[n];
        continue when found;

        -- The insert has locked the row.
        select * into known from auth_attempt where kind = kinds[n] and subject = subjects[n];
        may_succeed := known.under_way > 0 and known.counted_at > now() - interval '10 seconds';
        if awaits_outcome then
            perform settle_attempts(
                array_fill(case when may_succeed then 'succeeded' else 'failed' end, array[n - 1]),
                kinds[:n - 1], subjects[:n - 1]
            );
        end if;
        if awaits_outcome and may_succeed then
            return 0;
        end if;
        return greatest(1, ceil(extract(epoch from known.expires_at - now())));
    end loop;
    return null;
end
$$;

-- Ends an attempt that was under way. 'failed': it stays counted. 'succeeded': it no longer counts. 'forgiven': neither
-- it nor an earlier failure counts; others under way still do.
create function settle_attempts(outcomes text[], kinds text[], subjects text[]) returns void
    language plpgsql
as $$
begin
    for n in 1..cardinality(kinds) loop
        update auth_attempt
        set under_way = greatest(0, under_way - 1),
            count = case outcomes[n]
                when 'failed' then count
                when 'succeeded' then greatest(0, count - 1)
                else greatest(0, under_way - 1)
            end
        where kind = kinds[n] and subject = subjects[n];
    end loop;
end
$$;
