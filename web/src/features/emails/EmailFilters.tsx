import { DateFilter } from "../../lib/FilterField";
import { useWords } from "../../lib/language";
import { stateWords } from "../../lib/states";
import type { ListParams } from "../../lib/useListParams";
import { SelectField } from "../../ui/Field";
import { Filters } from "../../ui/Filters";
import { emailWords } from "./words";

export function EmailFilters({ list }: { list: ListParams }) {
  const w = useWords(emailWords);
  const states = useWords(stateWords).email;
  const select = (name: string) => ({
    value: list.get(name),
    onChange: (event: React.ChangeEvent<HTMLSelectElement>) => list.set({ [name]: event.target.value }),
  });
  return (
    <Filters active={list.isFiltered} onClear={list.clear}>
      <SelectField label={w.state} {...select("status")}>
        <option value="">{w.all}</option>
        {Object.entries(states).map(([status, label]) => (
          <option key={status} value={status}>
            {label}
          </option>
        ))}
      </SelectField>
      <SelectField label={w.sent} {...select("is_sent")}>
        <option value="">{w.all}</option>
        <option value="true">{w.isSent}</option>
        <option value="false">{w.isNotSent}</option>
      </SelectField>
      <DateFilter label={w.since} list={list} name="created_at__gte" />
      <DateFilter label={w.until} list={list} name="created_at__lte" />
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
