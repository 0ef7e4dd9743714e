import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Suppression } from "../../api/schema";
import { BackTo } from "../../lib/BackTo";
import { ClearFilters } from "../../lib/ClearFilters";
import { useWords } from "../../lib/language";
import { Loaded } from "../../lib/Loaded";
import { paths } from "../../lib/paths";
import { useExistingPage } from "../../lib/useExistingPage";
import { useListParams } from "../../lib/useListParams";
import { SelectField } from "../../ui/Field";
import { Filters } from "../../ui/Filters";
import { PageHeader } from "../../ui/Page";
import { Pagination } from "../../ui/Pagination";
import { EmptyState, ListSkeleton } from "../../ui/States";
import { suppressionsQuery } from "./api";
import { LiftSuppression } from "./LiftSuppression";
import { SuppressionTable } from "./SuppressionTable";
import { emailWords } from "./words";

const FILTERS: string[] = [];

export function Component() {
  const w = useWords(emailWords);
  const list = useListParams(FILTERS);
  const query = useQuery(suppressionsQuery(list.query));
  useExistingPage(list, query.error);
  const [lifted, setLifted] = useState<Suppression>();
  return (
    <>
      <PageHeader
        title={w.suppressions}
        count={query.data?.count}
        back={<BackTo path={paths.emails} label={w.back} />}
      />
      <p className="mb-6 max-w-3xl text-ink-soft">{w.suppressionsIntro}</p>
      <Filters active={list.isFiltered} onClear={list.clear}>
        <SelectField
          label={w.sort}
          value={list.get("ordering") || "-created_at"}
          onChange={(event) => list.set({ ordering: event.target.value })}
        >
          {Object.entries(w.sortsSuppressions).map(([ordering, label]) => (
            <option key={ordering} value={ordering}>
              {label}
            </option>
          ))}
        </SelectField>
      </Filters>
      <Loaded query={query} list={list} skeleton={<ListSkeleton rows={3} />}>
        {({ count, results }) =>
          count === 0 ? (
            <EmptyState
              title={w.noSuppression}
              hint={list.isFiltered ? w.noSuppressionFound : w.noSuppressionYet}
              action={list.isFiltered && <ClearFilters list={list} />}
            />
          ) : (
            <>
              <SuppressionTable
                suppressions={results}
                stale={query.isPlaceholderData}
                list={list}
                onLift={setLifted}
              />
              <Pagination page={list.page} count={count} onPage={list.setPage} />
            </>
          )
        }
      </Loaded>
      {lifted && <LiftSuppression suppression={lifted} onClose={() => setLifted(undefined)} />}
    </>
  );
}
