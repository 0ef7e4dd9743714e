import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import type { PartialHotelChanges } from "../../api/schema";
import { useWords } from "../../lib/language";
import { Loaded } from "../../lib/Loaded";
import { paths } from "../../lib/paths";
import { BackLink } from "../../ui/BackLink";
import { PageHeader } from "../../ui/Page";
import { ListSkeleton } from "../../ui/States";
import { toast } from "../../ui/Toast";
import { hotelQuery, useUpdateHotel, type VersionedHotel } from "./api";
import { HotelForm } from "./HotelForm";
import { hotelWords } from "./words";

export function Component() {
  const w = useWords(hotelWords);
  const { id = "" } = useParams();
  // Read once, and again only when asked to: nobody's typing is overwritten from behind.
  const query = useQuery({ ...hotelQuery(id), staleTime: Infinity, gcTime: 0 });
  const [attempt, setAttempt] = useState(0);
  const reload = async () => {
    await query.refetch();
    setAttempt((before) => before + 1);
  };
  return (
    <>
      <PageHeader
        title={w.editTitle}
        back={
          <BackLink>
            <Link to={paths.hotels} aria-label={w.back} />
          </BackLink>
        }
      />
      <Loaded query={query} skeleton={<ListSkeleton />}>
        {(hotel) => <Edit key={attempt} hotel={hotel} onReload={() => void reload()} />}
      </Loaded>
    </>
  );
}

function Edit({ hotel, onReload }: { hotel: VersionedHotel; onReload: () => void }) {
  const w = useWords(hotelWords);
  const navigate = useNavigate();
  const update = useUpdateHotel(hotel.row.id);
  const save = async (changes: PartialHotelChanges) => {
    const { row } = await update.mutateAsync({ changes, version: hotel.version });
    toast.done(w.updated(row.name));
    await navigate(paths.hotels);
  };
  return <HotelForm hotel={hotel.row} onSave={save} error={update.error} onReload={onReload} />;
}
