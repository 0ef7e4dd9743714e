import { Pencil, Trash2 } from "lucide-react";
import { Link } from "react-router";
import type { Hotel } from "../../api/schema";
import { money, number } from "../../lib/format";
import { useLanguage, useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Loading, Skeleton } from "../../ui/States";
import { Rating } from "./Rating";
import { hotelWords } from "./words";

const GRID = "grid gap-5 sm:grid-cols-2 lg:grid-cols-3 xl:grid-cols-4";

interface Props {
  hotels: readonly Hotel[];
  stale: boolean;
  /** Where the reader may change hotels. */
  onDelete: ((hotel: Hotel) => void) | undefined;
}

export function HotelCards({ hotels, stale, onDelete }: Props) {
  return (
    <ul className={`${GRID} transition-opacity ${stale ? "opacity-60" : ""}`} aria-busy={stale}>
      {hotels.map((hotel) => (
        <Card key={hotel.id} hotel={hotel} onDelete={onDelete} />
      ))}
    </ul>
  );
}

function Card({ hotel, onDelete }: { hotel: Hotel; onDelete: Props["onDelete"] }) {
  const w = useWords(hotelWords);
  const language = useLanguage();
  return (
    <li className="card linked-row flex break-inside-avoid flex-col overflow-hidden">
      <Photo hotel={hotel} />
      <div className="flex flex-1 flex-col gap-1 p-4">
        <p className="text-sm text-address">{[hotel.address, hotel.city].filter(Boolean).join(", ")}</p>
        <h2 className="text-lg leading-6 font-medium break-words">
          <Link to={paths.hotel(hotel.id)} className="row-link hover:underline">
            {hotel.name}
          </Link>
        </h2>
        <p className="text-sm">
          {money(hotel.price_per_night, hotel.currency, language)} {w.perNight}
        </p>
        <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
          <Rating value={hotel.rating} />
          {!hotel.is_active && <Badge>{w.inactive}</Badge>}
        </div>
        <Rooms hotel={hotel} />
        {onDelete && (
          <div className="mt-auto -mr-2 flex flex-wrap gap-1 pt-3">
            <Button look="secondary" small asChild>
              <Link to={paths.editHotel(hotel.id)} aria-label={w.editNamed(hotel.name)}>
                <Pencil className="size-4" aria-hidden />
                {w.edit}
              </Link>
            </Button>
            <Button
              look="quiet"
              small
              aria-label={w.removeNamed(hotel.name)}
              icon={<Trash2 className="size-4" aria-hidden />}
              onClick={() => onDelete(hotel)}
            >
              {w.remove}
            </Button>
          </div>
        )}
      </div>
    </li>
  );
}

/** The photo, or the first letter of the name. */
export function Photo({ hotel }: { hotel: Hotel }) {
  const w = useWords(hotelWords);
  if (hotel.image_url) {
    return (
      <img
        src={hotel.image_url}
        alt={w.photoOf(hotel.name)}
        loading="lazy"
        className="aspect-[4/3] w-full object-cover"
      />
    );
  }
  return (
    <div
      aria-hidden
      className="slate-pattern flex aspect-[4/3] w-full items-center justify-center text-6xl font-light text-white"
    >
      {([...hotel.name.replace(/^h[ôo]tel\s+/i, "")][0] ?? "?").toUpperCase()}
    </div>
  );
}

export function Rooms({ hotel }: { hotel: Hotel }) {
  const w = useWords(hotelWords);
  const language = useLanguage();
  const free = number(hotel.available_rooms, language);
  if (hotel.rooms_count > 0) {
    return <p className="text-sm text-ink-soft">{w.rooms(free, number(hotel.rooms_count, language))}</p>;
  }
  return hotel.available_rooms > 0 ? <p className="text-sm text-ink-soft">{w.free(free)}</p> : null;
}

export function HotelCardsSkeleton() {
  return (
    <Loading>
      <div className={GRID}>
        {[1, 2, 3, 4, 5, 6, 7, 8].map((card) => (
          <div key={card} className="card overflow-hidden">
            <Skeleton className="aspect-[4/3] w-full" />
            <div className="space-y-3 p-4">
              <Skeleton className="h-3 w-1/2" />
              <Skeleton className="h-5 w-3/4" />
              <Skeleton className="h-3 w-2/3" />
            </div>
          </div>
        ))}
      </div>
    </Loading>
  );
}
