import { Star } from "lucide-react";
import { Link } from "react-router";
import type { Dashboard, HotelCard } from "../../api/schema";
import { money, number } from "../../lib/format";
import { useLanguage, useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { Latest } from "./Latest";
import { dashboardWords } from "./words";

export function PopularHotels({ hotels }: { hotels: Dashboard["popular_hotels"] }) {
  const w = useWords(dashboardWords);
  return (
    <Latest title={w.popular} all={paths.hotels} none={w.noHotels}>
      {hotels.map((hotel) => (
        <Hotel key={hotel.id} hotel={hotel} />
      ))}
    </Latest>
  );
}

function Hotel({ hotel }: { hotel: HotelCard }) {
  const w = useWords(dashboardWords);
  const language = useLanguage();
  const rating = number(hotel.rating, language);
  return (
    <li>
      <Link
        data-row
        to={paths.hotel(hotel.id)}
        className="flex items-center gap-4 rounded px-5 py-3 hover:bg-page/60"
      >
        {hotel.image_url ? (
          <img
            src={hotel.image_url}
            alt={w.photoOf(hotel.name)}
            loading="lazy"
            className="size-14 shrink-0 rounded-lg object-cover"
          />
        ) : (
          <span
            aria-hidden
            className="slate-pattern flex size-14 shrink-0 items-center justify-center rounded-lg text-2xl font-light text-white"
          >
            {([...hotel.name.replace(/^h[ôo]tel\s+/i, "")][0] ?? "?").toUpperCase()}
          </span>
        )}
        <span className="min-w-0 flex-1">
          <span className="block truncate">{hotel.name}</span>
          <span className="block truncate text-sm text-address">{hotel.city}</span>
          <span className="block text-sm text-ink-soft">
            {money(hotel.price_per_night, hotel.currency, language)} {w.perNight}
          </span>
        </span>
        {hotel.rating > 0 && (
          <span className="inline-flex shrink-0 items-center gap-1 text-sm">
            <Star className="size-4 fill-accent text-accent-deep" aria-hidden />
            <span className="sr-only">{w.rating(rating)}</span>
            <span aria-hidden>{rating}</span>
          </span>
        )}
      </Link>
    </li>
  );
}
