import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import type { Hotel } from "../../api/schema";
import { useUser } from "../../api/session";
import { ClearFilters } from "../../lib/ClearFilters";
import { useWords } from "../../lib/language";
import { Loaded } from "../../lib/Loaded";
import { paths } from "../../lib/paths";
import { useExistingPage } from "../../lib/useExistingPage";
import { useListParams } from "../../lib/useListParams";
import { Button } from "../../ui/Button";
import { PageHeader } from "../../ui/Page";
import { Pagination } from "../../ui/Pagination";
import { EmptyState } from "../../ui/States";
import { hotelsQuery } from "./api";
import { DeleteHotel } from "./DeleteHotel";
import { HotelCards, HotelCardsSkeleton } from "./HotelCards";
import { HotelFilters } from "./HotelFilters";
import { HotelTable } from "./HotelTable";
import { hotelWords } from "./words";

const FILTERS = ["city", "is_active", "price_per_night__gte", "price_per_night__lte", "rating__gte"];
/** Rows of two, three and four cards come out even. */
const PAGE_SIZE = 12;

export function Component() {
  const w = useWords(hotelWords);
  const { is_admin: isAdmin } = useUser();
  const list = useListParams(FILTERS);
  const query = useQuery(hotelsQuery({ ...list.query, page_size: String(PAGE_SIZE) }));
  useExistingPage(list, query.error);
  const [deleted, setDeleted] = useState<Hotel>();
  const filters = {
    city: w.city,
    is_active: w.state,
    price_per_night__gte: w.minPrice,
    price_per_night__lte: w.maxPrice,
    rating__gte: w.minRating,
  };
  const create = isAdmin && (
    <Button asChild>
      <Link to={paths.newHotel}>
        <Plus className="size-5" aria-hidden />
        {w.create}
      </Link>
    </Button>
  );

  return (
    <>
      <PageHeader title={w.title} count={query.data?.count} actions={create} />
      <HotelFilters list={list} isAdmin={isAdmin} />
      <Loaded query={query} list={list} filters={filters} skeleton={<HotelCardsSkeleton />}>
        {({ count, results }) => {
          if (count === 0) {
            return (
              <EmptyState
                title={w.none}
                hint={list.isFiltered ? w.noneFiltered : w.noneYet}
                action={list.isFiltered ? <ClearFilters list={list} /> : create}
              />
            );
          }
          const rows = {
            hotels: results,
            stale: query.isPlaceholderData,
            onDelete: isAdmin ? setDeleted : undefined,
          };
          return (
            <>
              {list.get("view") === "table" ? <HotelTable {...rows} list={list} /> : <HotelCards {...rows} />}
              <Pagination page={list.page} count={count} size={PAGE_SIZE} onPage={list.setPage} />
            </>
          );
        }}
      </Loaded>
      <DeleteHotel hotel={deleted} onClose={() => setDeleted(undefined)} />
    </>
  );
}
