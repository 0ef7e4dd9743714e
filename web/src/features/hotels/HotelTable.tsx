import { Pencil, Trash2 } from "lucide-react";
import { Link } from "react-router";
import type { Hotel } from "../../api/schema";
import { money, number } from "../../lib/format";
import { useLanguage, useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import type { ListParams } from "../../lib/useListParams";
import { Badge } from "../../ui/Badge";
import { IconButton } from "../../ui/Button";
import { type Column, Table } from "../../ui/Table";
import { hotelWords } from "./words";

interface Props {
  hotels: readonly Hotel[];
  stale: boolean;
  onDelete: ((hotel: Hotel) => void) | undefined;
  list: ListParams;
}

export function HotelTable({ hotels, stale, onDelete, list }: Props) {
  const w = useWords(hotelWords);
  const language = useLanguage();
  const columns: Column<Hotel>[] = [
    {
      header: w.name,
      sort: "name",
      lead: true,
      cell: (hotel) => (
        <Link to={paths.hotel(hotel.id)} className="row-link font-medium hover:underline">
          {hotel.name}
        </Link>
      ),
    },
    { header: w.city, sort: "city", cell: (hotel) => hotel.city },
    {
      header: w.price,
      sort: "price_per_night",
      align: "right",
      cell: (hotel) => money(hotel.price_per_night, hotel.currency, language),
    },
    {
      header: w.note,
      sort: "rating",
      align: "right",
      cell: ({ rating }) =>
        rating > 0 ? number(rating, language) : <span className="sr-only">{w.unrated}</span>,
    },
    {
      header: w.available,
      sort: "available_rooms",
      align: "right",
      cell: ({ available_rooms: free, rooms_count: all }) =>
        [free, ...(all > 0 ? [all] : [])].map((rooms) => number(rooms, language)).join(" / "),
    },
  ];
  if (onDelete) {
    columns.push(
      {
        header: w.state,
        cell: (hotel) =>
          hotel.is_active ? <Badge tone="good">{w.active}</Badge> : <Badge>{w.inactive}</Badge>,
      },
      {
        header: w.actions,
        hidden: true,
        align: "right",
        cell: (hotel) => (
          <span className="inline-flex">
            <Link
              to={paths.editHotel(hotel.id)}
              aria-label={w.editNamed(hotel.name)}
              className="inline-flex size-11 items-center justify-center rounded-full text-ink-soft hover:bg-page print:hidden"
            >
              <Pencil className="size-5" aria-hidden />
            </Link>
            <IconButton label={w.removeNamed(hotel.name)} onClick={() => onDelete(hotel)}>
              <Trash2 className="size-5" aria-hidden />
            </IconButton>
          </span>
        ),
      },
    );
  }
  return (
    <Table
      caption={w.title}
      columns={columns}
      rows={hotels}
      rowKey={(hotel) => hotel.id}
      ordering={list.get("ordering")}
      onOrder={(ordering) => list.set({ ordering })}
      stale={stale}
    />
  );
}
