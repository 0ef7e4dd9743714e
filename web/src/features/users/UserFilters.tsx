import { useWords } from "../../lib/language";
import type { ListParams } from "../../lib/useListParams";
import { SelectField } from "../../ui/Field";
import { Filters } from "../../ui/Filters";
import { userWords } from "./words";

export function UserFilters({ list }: { list: ListParams }) {
  const w = useWords(userWords);
  const select = (name: string) => ({
    value: list.get(name),
    onChange: (event: React.ChangeEvent<HTMLSelectElement>) => list.set({ [name]: event.target.value }),
  });
  return (
    <Filters active={list.isFiltered} onClear={list.clear}>
      <SelectField label={w.role} {...select("is_admin")}>
        <option value="">{w.all}</option>
        <option value="true">{w.admin}</option>
        <option value="false">{w.user}</option>
      </SelectField>
      <SelectField label={w.state} {...select("is_active")}>
        <option value="">{w.all}</option>
        <option value="true">{w.active}</option>
        <option value="false">{w.inactive}</option>
      </SelectField>
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
