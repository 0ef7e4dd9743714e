-- What the original's newer form has instead.
alter table hotels_hotel
    drop column image,
    add column image_base64 text,
    add column image_size integer not null,
    add column image_type varchar(50);
create index hotels_hotel_city_1e892dbd on hotels_hotel (city);
create index hotels_hotel_city_1e892dbd_like on hotels_hotel (city varchar_pattern_ops);
create index hotels_hotel_is_active_3966fbba on hotels_hotel (is_active);
create index hotels_hotel_name_a9005e17 on hotels_hotel (name);
create index hotels_hotel_name_a9005e17_like on hotels_hotel (name varchar_pattern_ops);
create index hotels_hotel_price_per_night_9ec902e3 on hotels_hotel (price_per_night);
create index hotels_hotel_rating_f940d596 on hotels_hotel (rating);

alter table tickets_ticket add column priority varchar(20) not null;
