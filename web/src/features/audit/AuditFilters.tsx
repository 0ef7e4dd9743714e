import { X } from "lucide-react";
import { DateFilter, NumberFilter } from "../../lib/FilterField";
import { useWords } from "../../lib/language";
import type { ListParams } from "../../lib/useListParams";
import { Button } from "../../ui/Button";
import { SelectField } from "../../ui/Field";
import { Filters } from "../../ui/Filters";
import { auditWords } from "./words";

interface Props {
  list: ListParams;
  nameOf: (actor: number) => string | undefined;
}

export function AuditFilters({ list, nameOf }: Props) {
  const w = useWords(auditWords);
  const select = (name: string) => ({
    value: list.get(name),
    onChange: (event: React.ChangeEvent<HTMLSelectElement>) => list.set({ [name]: event.target.value }),
  });
  const actor = list.get("actor");
  const name = nameOf(Number(actor)) || w.numbered(actor);
  return (
    <>
      <Filters active={list.isFiltered} onClear={list.clear}>
        <SelectField label={w.action} {...select("action")}>
          <option value="">{w.all}</option>
          <Options of={w.actions} />
        </SelectField>
        <SelectField label={w.resource} {...select("resource")}>
          <option value="">{w.all}</option>
          <Options of={w.resources} />
        </SelectField>
        <NumberFilter label={w.objectId} list={list} name="object_id" />
        <DateFilter label={w.since} list={list} name="created_at__gte" />
        <DateFilter label={w.until} list={list} name="created_at__lte" />
        <SelectField label={w.sort} {...select("ordering")}>
          <option value="">{w.newest}</option>
          <option value="created_at">{w.oldest}</option>
        </SelectField>
      </Filters>
      {actor && (
        <Button
          look="secondary"
          small
          aria-label={w.withoutActor(name)}
          onClick={() => list.set({ actor: undefined })}
          className="mb-4 max-w-full"
        >
          <span className="truncate">{w.actor(name)}</span>
          <X className="size-4 shrink-0" aria-hidden />
        </Button>
      )}
    </>
  );
}

function Options({ of }: { of: Record<string, string> }) {
  return Object.entries(of).map(([value, label]) => (
    <option key={value} value={value}>
      {label}
    </option>
  ));
}
