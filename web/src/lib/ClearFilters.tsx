import { FilterX } from "lucide-react";
import { Button } from "../ui/Button";
import { useWords, words } from "./language";
import type { ListParams } from "./useListParams";

const text = words({ clear: "Effacer les filtres" }, { clear: "Clear the filters" });

/** The way out of a list whose filters leave nothing to see. */
export function ClearFilters({ list }: { list: ListParams }) {
  const w = useWords(text);
  return (
    <Button look="secondary" icon={<FilterX className="size-4" aria-hidden />} onClick={list.clear}>
      {w.clear}
    </Button>
  );
}
