import { useQuery } from "@tanstack/react-query";
import { LayoutGrid, Table2 } from "lucide-react";
import { ToggleGroup } from "radix-ui";
import { number } from "../../lib/format";
import { useLanguage, useWords } from "../../lib/language";
import { NumberFilter } from "../../lib/FilterField";
import type { ListParams } from "../../lib/useListParams";
import { SelectField } from "../../ui/Field";
import { Filters } from "../../ui/Filters";
import { citiesQuery } from "./api";
import { hotelWords } from "./words";

const TOGGLE =
  "inline-flex min-h-10 cursor-pointer items-center gap-2 px-3 first:rounded-l-lg last:rounded-r-lg data-[state=on]:bg-slate-skin data-[state=on]:text-white";

export function HotelFilters({ list, isAdmin }: { list: ListParams; isAdmin: boolean }) {
  const w = useWords(hotelWords);
  const language = useLanguage();
  const { data: cities = [] } = useQuery(citiesQuery);
  const select = (name: string) => ({
    value: list.get(name),
    onChange: (event: React.ChangeEvent<HTMLSelectElement>) => list.set({ [name]: event.target.value }),
  });
  return (
    <Filters active={list.isFiltered} onClear={list.clear} aside={<View list={list} />}>
      <SelectField label={w.city} {...select("city")}>
        <option value="">{w.all}</option>
        {cities.map((city) => (
          <option key={city}>{city}</option>
        ))}
      </SelectField>
      <NumberFilter label={w.minPrice} list={list} name="price_per_night__gte" decimals={2} />
      <NumberFilter label={w.maxPrice} list={list} name="price_per_night__lte" decimals={2} />
      <SelectField label={w.minRating} {...select("rating__gte")}>
        <option value="">{w.any}</option>
        {["3", "3.5", "4", "4.5"].map((rating) => (
          <option key={rating} value={rating}>
            {number(Number(rating), language)}
          </option>
        ))}
      </SelectField>
      {isAdmin && (
        <SelectField label={w.state} {...select("is_active")}>
          <option value="">{w.allStates}</option>
          <option value="true">{w.active}</option>
          <option value="false">{w.inactive}</option>
        </SelectField>
      )}
      <SelectField label={w.sort} {...select("ordering")} value={list.get("ordering") || "-created_at"}>
        {Object.entries(w.sorts).map(([ordering, label]) => (
          <option key={ordering} value={ordering}>
            {label}
          </option>
        ))}
      </SelectField>
    </Filters>
  );
}

function View({ list }: { list: ListParams }) {
  const w = useWords(hotelWords);
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={w.view}
      value={list.get("view") || "cards"}
      onValueChange={(view) => view && list.set({ view: view === "table" ? view : undefined })}
      className="flex rounded-lg border border-line-strong bg-white"
    >
      <ToggleGroup.Item value="cards" className={TOGGLE}>
        <LayoutGrid className="size-5" aria-hidden />
        {w.cards}
      </ToggleGroup.Item>
      <ToggleGroup.Item value="table" className={TOGGLE}>
        <Table2 className="size-5" aria-hidden />
        {w.table}
      </ToggleGroup.Item>
    </ToggleGroup.Root>
  );
}
