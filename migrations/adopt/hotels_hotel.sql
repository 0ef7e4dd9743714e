select pg_temp.strip('hotels_hotel', 'hotels_pkey');

update hotels_hotel set description = '' where description is null;

alter table hotels_hotel
    alter column description set default '',
    alter column description set not null,
    alter column address set default '',
    alter column phone set default '',
    alter column email set default '',
    add column currency varchar(3) not null default 'XOF',
    alter column rating set default 0,
    alter column rooms_count set default 0,
    alter column available_rooms set default 0,
    alter column is_active set default true,
    add column image_key varchar(255),
    add column version bigint not null default 1,
    alter column created_at set default now(),
    alter column updated_at set default now(),
    add constraint hotels_currency_check check (currency in ('XOF', 'EUR', 'USD'));

select pg_temp.add_check('hotels_hotel', 'hotels_price_per_night_check', 'price_per_night >= 0');
select pg_temp.add_check('hotels_hotel', 'hotels_rating_check', 'rating between 0 and 5');
select pg_temp.add_check('hotels_hotel', 'hotels_rooms_count_check', 'rooms_count >= 0');
select pg_temp.add_check('hotels_hotel', 'hotels_available_rooms_check', 'available_rooms >= 0');
select pg_temp.add_check('hotels_hotel', 'hotels_rooms_check', 'rooms_count = 0 or available_rooms <= rooms_count');

-- What the original keeps of photos stays, until `cargo local adopt images` has read it and ever after.
select pg_temp.set_default('hotels_hotel', 'image_size', '0');
