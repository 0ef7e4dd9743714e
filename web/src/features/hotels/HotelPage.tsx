import { useQuery } from "@tanstack/react-query";
import { Pencil } from "lucide-react";
import type { ReactNode } from "react";
import { Link, useParams } from "react-router";
import type { Hotel } from "../../api/schema";
import { useUser } from "../../api/session";
import { BackTo } from "../../lib/BackTo";
import { money } from "../../lib/format";
import { useLanguage, useWords } from "../../lib/language";
import { Loaded } from "../../lib/Loaded";
import { paths } from "../../lib/paths";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { PageHeader } from "../../ui/Page";
import { ListSkeleton } from "../../ui/States";
import { hotelQuery } from "./api";
import { Photo, Rooms } from "./HotelCards";
import { Rating } from "./Rating";
import { hotelWords } from "./words";

/** Everything about one hotel, to read. */
export function Component() {
  const w = useWords(hotelWords);
  const { id = "" } = useParams();
  const { is_admin: isAdmin } = useUser();
  const query = useQuery(hotelQuery(id));
  const hotel = query.data?.row;
  return (
    <>
      <PageHeader
        title={hotel?.name ?? w.hotel}
        back={<BackTo path={paths.hotels} label={w.back} />}
        actions={
          isAdmin &&
          hotel && (
            <Button look="secondary" asChild>
              <Link to={paths.editHotel(hotel.id)}>
                <Pencil className="size-5" aria-hidden />
                {w.edit}
              </Link>
            </Button>
          )
        }
      />
      <Loaded query={query} skeleton={<ListSkeleton />}>
        {({ row }) => <Details hotel={row} />}
      </Loaded>
    </>
  );
}

const LINK = "underline underline-offset-4 hover:text-ink-soft";

function Details({ hotel }: { hotel: Hotel }) {
  const w = useWords(hotelWords);
  const language = useLanguage();
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[20rem_1fr]">
      <div className="card overflow-hidden">
        <Photo hotel={hotel} />
        <div className="space-y-1 p-5">
          <p className="text-sm text-address">{[hotel.address, hotel.city].filter(Boolean).join(", ")}</p>
          <p>
            {money(hotel.price_per_night, hotel.currency, language)} {w.perNight}
          </p>
          <Rating value={hotel.rating} />
          <Rooms hotel={hotel} />
          {!hotel.is_active && <Badge>{w.inactive}</Badge>}
        </div>
      </div>
      <div className="card min-w-0 space-y-5 p-5 sm:p-8">
        <dl className="grid gap-5 sm:grid-cols-2">
          <Fact name={w.phone}>
            {hotel.phone && (
              <a href={`tel:${hotel.phone.replaceAll(/[^+\d]/g, "")}`} className={LINK}>
                {hotel.phone}
              </a>
            )}
          </Fact>
          <Fact name={w.email}>
            {hotel.email && (
              <a href={`mailto:${encodeURIComponent(hotel.email)}`} className={LINK}>
                {hotel.email}
              </a>
            )}
          </Fact>
          <Fact name={w.description} isWide>
            {hotel.description}
          </Fact>
        </dl>
      </div>
    </div>
  );
}

function Fact({ name, isWide, children }: { name: string; isWide?: boolean; children: ReactNode }) {
  const w = useWords(hotelWords);
  return (
    <div className={`min-w-0 ${isWide ? "sm:col-span-2" : ""}`}>
      <dt className="text-sm text-ink-soft">{name}</dt>
      <dd className="break-words whitespace-pre-line">
        {children || <span className="text-ink-soft">{w.unsaid}</span>}
      </dd>
    </div>
  );
}
