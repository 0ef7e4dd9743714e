import { Link, useNavigate } from "react-router";
import type { HotelChanges } from "../../api/schema";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { BackLink } from "../../ui/BackLink";
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
    await navigate(paths.hotels);
  };
  return (
    <>
      <PageHeader title={w.createTitle} back={<Back />} />
      <HotelForm onSave={save} error={create.error} onReload={create.reset} />
    </>
  );
}

function Back() {
  const w = useWords(hotelWords);
  return (
    <BackLink>
      <Link to={paths.hotels} aria-label={w.back} />
    </BackLink>
  );
}
