import type { Write } from "../../api/client";
import type { HotelChanges } from "../../api/schema";
import { BackTo } from "../../lib/BackTo";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { lastOf } from "../../lib/useListParams";
import { PageHeader } from "../../ui/Page";
import { useCreateHotel } from "./api";
import { HotelForm } from "./HotelForm";
import { hotelWords } from "./words";

export function Component() {
  const w = useWords(hotelWords);
  const create = useCreateHotel();
  const save = async (changes: Partial<HotelChanges>, write: Write) => {
    const { row } = await create.mutateAsync({ hotel: changes as HotelChanges, write });
    return { message: w.created(row.name), to: lastOf(paths.hotels) };
  };
  return (
    <>
      <PageHeader title={w.createTitle} back={<BackTo path={paths.hotels} label={w.back} />} />
      <HotelForm onSave={save} />
    </>
  );
}
