import { useNavigate } from "react-router";
import type { HotelChanges } from "../../api/schema";
import { BackTo } from "../../lib/BackTo";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { lastOf } from "../../lib/useListParams";
import { PageHeader } from "../../ui/Page";
import { toast } from "../../ui/Toast";
import { useCreateHotel } from "./api";
import { HotelForm } from "./HotelForm";
import { hotelWords } from "./words";

export function Component() {
  const w = useWords(hotelWords);
  const navigate = useNavigate();
  const create = useCreateHotel();
  const save = async (changes: Partial<HotelChanges>) => {
    const { row } = await create.mutateAsync(changes as HotelChanges);
    toast.done(w.created(row.name));
    await navigate(lastOf(paths.hotels));
  };
  return (
    <>
      <PageHeader title={w.createTitle} back={<BackTo path={paths.hotels} label={w.back} />} />
      <HotelForm onSave={save} error={create.error} onReload={create.reset} />
    </>
  );
}
