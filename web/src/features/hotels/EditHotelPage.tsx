import { useNavigate, useParams } from "react-router";
import type { PartialHotelChanges } from "../../api/schema";
import { BackTo } from "../../lib/BackTo";
import { EditPage } from "../../lib/EditPage";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { lastOf } from "../../lib/useListParams";
import { toast } from "../../ui/Toast";
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
  const navigate = useNavigate();
  const update = useUpdateHotel(hotel.row.id);
  const save = async (changes: PartialHotelChanges) => {
    const { row } = await update.mutateAsync({ changes, version: hotel.version });
    toast.done(w.updated(row.name));
    await navigate(lastOf(paths.hotels));
  };
  return <HotelForm hotel={hotel.row} onSave={save} error={update.error} onReload={onReload} />;
}
