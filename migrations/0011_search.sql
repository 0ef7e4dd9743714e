-- What searches, filters and orderings look at is stored, as it is in entries: computing fold() for each row took most of
-- their time. Not in forms, suppressions, the thread of a ticket and the sessions of a user, which are few.

-- First of all, or they would be built once more for the tables that are written anew.
drop index users_search_idx, hotels_search_idx, hotels_city_idx, hotels_name_idx, tickets_search_idx, tickets_title_idx,
    tickets_status_idx, messages_search_idx, emails_search_idx;

-- Each expression is that of the index that it replaces. A term never contains a line feed, so none can match across two
-- fields.
alter table users_customuser
    add column search text not null
        generated always as (fold(email || e'\n' || first_name || e'\n' || last_name || e'\n' || phone)) stored;
alter table hotels_hotel
    -- What they sort by, and what a filter by city compares.
    add column name_key text not null generated always as (fold(name)) stored,
    add column city_key text not null generated always as (fold(city)) stored,
    add column search text not null generated always as (fold(name || e'\n' || city || e'\n' || address)) stored;
alter table tickets_ticket
    add column title_key text not null generated always as (fold(title)) stored,
    add column search text not null generated always as (fold(title || e'\n' || description)) stored;
alter table messages_message
    add column search text not null generated always as (fold(content)) stored;
alter table emails_email
    add column search text not null generated always as (fold(recipient || e'\n' || subject)) stored;

-- Without a list of what is still to be entered (fastupdate): each search would read all of it, 10 ms behind 8,000 new
-- hotels, until a vacuum comes by. A write takes 0.1 ms more.
create index users_search_idx on users_customuser using gin (search gin_trgm_ops) with (fastupdate = off);
create index hotels_search_idx on hotels_hotel using gin (search gin_trgm_ops) with (fastupdate = off);
create index tickets_search_idx on tickets_ticket using gin (search gin_trgm_ops) with (fastupdate = off);
create index messages_search_idx on messages_message using gin (search gin_trgm_ops) with (fastupdate = off);
create index emails_search_idx on emails_email using gin (search gin_trgm_ops) with (fastupdate = off);
alter index entries_search_idx set (fastupdate = off);
select gin_clean_pending_list('entries_search_idx');

create index hotels_name_idx on hotels_hotel (name_key, id);
create index tickets_title_idx on tickets_ticket (title_key, id);
-- With what the other filters ask for, so that a city's hotels, and the tickets of a status, are counted without looking
-- at the rows.
create index hotels_city_idx on hotels_hotel (city_key, created_at, id)
    include (is_active, currency, price_per_night, rating, available_rooms);
create index tickets_status_idx on tickets_ticket (status, created_at, id) include (priority, user_id);

-- The same view, with the new column.
create or replace view messages_box as
    select
        sender_id as owner_id, recipient_id as partner_id, 'sent' as box, hidden_for_sender as hidden,
        id, sender_id, recipient_id, content, is_read, read_at, version, created_at, updated_at, search
    from messages_message
    union all
    select
        recipient_id as owner_id, sender_id as partner_id, 'inbox' as box,
        hidden_for_recipient or sender_id = recipient_id as hidden,
        id, sender_id, recipient_id, content, is_read, read_at, version, created_at, updated_at, search
    from messages_message;
