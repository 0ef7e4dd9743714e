select pg_temp.strip('emails_email', 'emails_pkey');

-- The defaults of new mail come afterwards: first those that most of the old mail has, which cost no row a write.
alter table emails_email
    add column html text not null default '',
    add column secret text,
    add column expires_at timestamptz,
    add column status varchar(20) not null default 'sent',
    add column attempts integer not null default 0,
    add column unknowns integer not null default 0,
    add column claims integer not null default 0,
    add column last_error text not null default '',
    add column message_id varchar(255) not null default '',
    add column scheduled_at timestamptz,
    add column next_attempt_at timestamptz not null default now(),
    add column version bigint not null default 1,
    add column updated_at timestamptz not null default now();

-- Parked: nobody expects them any more, and only an administrator's retry sends one.
update emails_email
set status = 'cancelled',
    last_error = concat('The original had not sent it when it was moved here', '; sent_at was ' || sent_at),
    sent_at = null
where not is_sent;

update emails_email set sent_at = created_at where is_sent and sent_at is null;

alter table emails_email
    alter column status set default 'pending',
    alter column is_sent set default false,
    alter column created_at set default now(),
    add constraint emails_status_check check (
        status in ('pending', 'sending', 'sent', 'failed', 'cancelled', 'bounced', 'complained')
    ),
    add constraint emails_sent_at_check check (
        (sent_at is not null) = (status in ('sent', 'bounced', 'complained')) and is_sent = (sent_at is not null)
    ),
    add constraint emails_secret_check check (
        secret is null or (expires_at is not null and status in ('pending', 'sending'))
    );
