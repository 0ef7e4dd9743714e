import type { ChangeEvent } from "react";
import { useWords } from "../../lib/language";
import type { ListParams } from "../../lib/useListParams";
import { SelectField } from "../../ui/Field";
import { Filters } from "../../ui/Filters";
import { formWords } from "./words";

export function FormFilters({ list, isAdmin }: { list: ListParams; isAdmin: boolean }) {
  const w = useWords(formWords);
  const select = (name: string) => ({
    value: list.get(name),
    onChange: (event: ChangeEvent<HTMLSelectElement>) => list.set({ [name]: event.target.value }),
  });
  return (
    <Filters active={list.isFiltered} onClear={list.clear}>
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
