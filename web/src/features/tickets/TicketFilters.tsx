import { DateFilter } from "../../lib/FilterField";
import { useWords } from "../../lib/language";
import { stateWords } from "../../lib/states";
import type { ListParams } from "../../lib/useListParams";
import { SelectField } from "../../ui/Field";
import { Filters } from "../../ui/Filters";
import { ticketWords } from "./words";

export function TicketFilters({ list }: { list: ListParams }) {
  const w = useWords(ticketWords);
  const states = useWords(stateWords).ticket;
  const select = (name: string, label: string, options: Record<string, string>) => (
    <SelectField
      label={label}
      value={list.get(name)}
      onChange={(event) => list.set({ [name]: event.target.value })}
    >
      <option value="">{name === "priority" ? w.allPriorities : w.all}</option>
      <Options of={options} />
    </SelectField>
  );
  return (
    <Filters active={list.isFiltered} onClear={list.clear}>
      {select("status", w.status, states)}
      {select("priority", w.priority, w.priorities)}
      <DateFilter label={w.since} list={list} name="created_at__gte" />
      <DateFilter label={w.until} list={list} name="created_at__lte" />
      <SelectField
        label={w.sort}
        value={list.get("ordering") || "-created_at"}
        onChange={(event) => list.set({ ordering: event.target.value })}
      >
        <Options of={w.sorts} />
      </SelectField>
    </Filters>
  );
}

function Options({ of }: { of: Record<string, string> }) {
  return Object.entries(of).map(([value, label]) => (
    <option key={value} value={value}>
      {label}
    </option>
  ));
}
