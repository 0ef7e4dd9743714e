import { useQuery } from "@tanstack/react-query";
import { type Ref, useEffect, useState } from "react";
import { useExplain } from "../../api/explain";
import type { Person } from "../../api/schema";
import { useUser } from "../../api/session";
import { fullName } from "../../lib/format";
import { useWords } from "../../lib/language";
import { Combobox } from "../../ui/Combobox";
import { directoryQuery } from "./api";
import { messageWords } from "./words";

/** Long enough that a name can be typed. */
const PAUSE_MS = 250;

interface Props {
  field: {
    value: Person | null;
    onChange: (person: Person | null) => void;
    onBlur: () => void;
    ref: Ref<HTMLInputElement>;
  };
  error: string | undefined;
}

/** Somebody to write to, found by name or e-mail. */
export function RecipientField({ field, error }: Props) {
  const w = useWords(messageWords);
  const explain = useExplain();
  const reader = useUser();
  const [typed, setTyped] = useState("");
  const [search, setSearch] = useState("");
  useEffect(() => {
    const pause = setTimeout(() => setSearch(typed.trim()), PAUSE_MS);
    return () => clearTimeout(pause);
  }, [typed]);
  const query = useQuery(directoryQuery(search));
  const people = query.data?.results.filter((person) => person.id !== reader.id) ?? [];
  return (
    <Combobox
      {...field}
      label={w.recipient}
      placeholder={w.recipientHint}
      error={error}
      items={people}
      itemKey={(person) => person.id}
      itemText={fullName}
      itemHint={(person) => (fullName(person) === person.email ? undefined : person.email)}
      onInput={setTyped}
      loading={query.isFetching || typed.trim() !== search}
      failure={query.error && !query.data ? explain(query.error) : undefined}
    />
  );
}
