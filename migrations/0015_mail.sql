-- The conversation that a mail belongs to, such as `ticket-34`. The dispatcher makes `References` of it, so that mail
-- programs show the mails about one ticket together. Null: the mail stands alone.
--
-- Running code neither reads nor writes the column, so it may be added before new code is deployed.
alter table emails_email
    add column thread varchar(64),
    -- A header is made of it. No row has one yet, so there is nothing to validate.
    add constraint emails_thread_check check (thread ~ '^[a-z]+-[0-9]+$') not valid;
