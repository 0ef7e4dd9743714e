-- Accounts: what ends links and sessions, the comparison of e-mail addresses, limits, rotations, and search.

-- The form of an e-mail address that is compared: for accounts, counters and suppressions. Rust brings an address into its
-- stored form first (shared/src/email/address.rs), which includes the spelling of its domain; the two functions then agree
-- on any string. lower() alone depends on the locale: `İ` becomes `i` in one and `i̇` in another.
create function address_key(address text) returns text
    language sql immutable strict parallel safe
    return lower(address collate "C");

-- Only addresses with capitals outside of ASCII change. Accounts that are found by their exact address stay so.
update users_customuser as account
set email_key = address_key(email)
where email_key <> email
    and email_key <> address_key(email)
    and not exists (select from users_customuser as other where other.email_key = address_key(account.email));

-- INVARIANT: a new password, a new e-mail, a deactivation and a deletion void every open reset link of the account and
-- cancel its queued reset mails, and a deactivation also ends its sessions, in the same transaction. The rule is a trigger,
-- because many paths write accounts (two functions, the operator's commands, and SQL by hand) and none can forget it.
-- A mail that is being sent cannot be taken back: its link is dead, and it is not sent again.
--
-- The same password under a newer hash changes nothing: the statement that writes it announces the hash in
-- `red.renewed_hash`, for its own transaction.
create function void_secrets() returns trigger
    language plpgsql
as $$
begin
    update auth_password_reset set used_at = now() where user_id = old.id and used_at is null;
    update emails_email
    set status = case status when 'pending' then 'cancelled' else status end,
        secret = case status when 'pending' then null else secret end,
        expires_at = least(expires_at, now())
    where status in ('pending', 'sending') and secret is not null and recipient = old.email;
    if tg_op = 'UPDATE' and not new.is_active then
        update auth_session set revoked_at = now() where user_id = old.id and revoked_at is null;
    end if;
    return null;
end
$$;

create trigger users_void_secrets after update of password, email, is_active on users_customuser
    for each row
    when (
        old.email <> new.email
        or (old.is_active and not new.is_active)
        or (old.password <> new.password and new.password is distinct from current_setting('red.renewed_hash', true))
    )
    execute function void_secrets();
create trigger users_void_secrets_of_deleted after delete on users_customuser
    for each row execute function void_secrets();

-- Rotations of the last ten seconds, oldest first: the last one retired the generation before the current one, and so on.
-- Each retired refresh token is honoured for ten seconds from its own rotation. `rotated_at` is no longer read; it stays
-- for older code during a deployment.
alter table auth_session add column rotations timestamptz[] not null default '{}';

-- A counter by e-mail and client address together has a longer subject.
alter table auth_attempt alter column subject type varchar(320);

-- What becomes of several counts: some lose an attempt, some are forgotten, and an attempt is counted against several
-- limits, in their order, up to the first that is exceeded: the limits behind it are not counted. Answers after how many
-- seconds that limit ends; null where none is exceeded. Row by row, so that all callers lock rows in one order.
create function settle_attempts(
    taken_back_kinds text[], taken_back_subjects text[],
    forgiven_kinds text[], forgiven_subjects text[],
    kinds text[], subjects text[], seconds float8[], maxima int[]
) returns bigint
    language plpgsql
as $$
declare
    attempts int;
    ends timestamptz;
begin
    for n in 1..cardinality(taken_back_kinds) loop
        update auth_attempt
        set count = count - 1
        where kind = taken_back_kinds[n] and subject = taken_back_subjects[n] and count > 0;
    end loop;
    for n in 1..cardinality(forgiven_kinds) loop
        delete from auth_attempt where kind = forgiven_kinds[n] and subject = forgiven_subjects[n];
    end loop;
    for n in 1..cardinality(kinds) loop
        insert into auth_attempt as attempt (kind, subject, count, expires_at)
        values (kinds[n], subjects[n], 1, now() + make_interval(secs => seconds[n]))
        on conflict (kind, subject) do update
        set count = case when attempt.expires_at <= now() then 1 else attempt.count + 1 end,
            expires_at = case when attempt.expires_at <= now() then excluded.expires_at else attempt.expires_at end
        returning count, expires_at into attempts, ends;
        if attempts > maxima[n] then
            return greatest(1, ceil(extract(epoch from ends - now())));
        end if;
    end loop;
    return null;
end
$$;

-- Forgets every attempt of a kind by a subject, alone or together with another subject behind a space, kind by kind.
create function forgive_attempts(kinds text[], subjects text[]) returns void
    language plpgsql
as $$
begin
    for n in 1..cardinality(kinds) loop
        delete from auth_attempt
        where kind = kinds[n] and (subject = subjects[n] or starts_with(subject, subjects[n] || ' '));
    end loop;
end
$$;

alter table audit_event
    alter column action type varchar(30),
    drop constraint audit_action_check,
    add constraint audit_action_check check (action in (
        'create', 'update', 'delete', 'login', 'login_failed', 'logout', 'refresh_reused', 'password_reset',
        'password_reset_requested', 'password_changed', 'password_change_failed', 'role_changed', 'retry', 'cancel', 'lift'
    ));

-- Administrators find a phone number by its digits, whatever stands between them. The directory is open to every account,
-- so its search does not contain the phone number.
drop index users_search_idx;
alter table users_customuser drop column search;
alter table users_customuser
    add column directory_search text not null
        generated always as (fold(email || e'\n' || first_name || e'\n' || last_name)) stored,
    add column search text not null
        generated always as (fold(
            email || e'\n' || first_name || e'\n' || last_name || e'\n' || phone
            || e'\n' || regexp_replace(phone, '[^0-9+]', '', 'g')
        )) stored;
create index users_search_idx on users_customuser using gin (search gin_trgm_ops) with (fastupdate = off);
create index users_directory_search_idx on users_customuser using gin (directory_search gin_trgm_ops)
    with (fastupdate = off);
