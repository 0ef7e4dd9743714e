import { useParams } from "react-router";
import type { Write } from "../../api/client";
import type { PartialHotelChanges } from "../../api/schema";
import { BackTo } from "../../lib/BackTo";
import { EditPage } from "../../lib/EditPage";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { lastOf } from "../../lib/useListParams";
import { hotelQuery, useUpdateHotel, type VersionedHotel } from "./api";
import { HotelForm } from "./HotelForm";
import { hotelWords } from "./words";

export function Component() {
  const w = useWords(hotelWords);
  const { id = "" } = useParams();
  return (
    <EditPage title={w.editTitle} back={<BackTo path={paths.hotels} label={w.back} />} query={hotelQuery(id)}>
      {(hotel, reload) => <Edit hotel={hotel} onReload={reload} />}
    </EditPage>
  );
}

function Edit({ hotel, onReload }: { hotel: VersionedHotel; onReload: () => void }) {
  const w = useWords(hotelWords);
  const update = useUpdateHotel(hotel.row.id);
  const save = async (changes: PartialHotelChanges, write: Write) => {
    const { row } = await update.mutateAsync({ changes, write });
    return { message: w.updated(row.name), to: lastOf(paths.hotels) };
  };
  return <HotelForm hotel={hotel} onSave={save} onReload={onReload} />;
}
