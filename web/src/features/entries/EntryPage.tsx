import { useQuery } from "@tanstack/react-query";
import { Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link, Navigate, useNavigate, useParams } from "react-router";
import type { Entry } from "../../api/schema";
import { BackTo } from "../../lib/BackTo";
import { useWords } from "../../lib/language";
import { Loaded } from "../../lib/Loaded";
import { paths } from "../../lib/paths";
import { lastOf } from "../../lib/useListParams";
import { Button } from "../../ui/Button";
import { PageHeader } from "../../ui/Page";
import { ListSkeleton } from "../../ui/States";
import { entryQuery, formQuery } from "./api";
import { DeleteEntry } from "./DeleteEntry";
import { EntryDetail } from "./EntryDetail";
import { entryWords } from "./words";

/** One entry with everything that it holds. */
export function Component() {
  const w = useWords(entryWords);
  const { form: formId = "", id = "" } = useParams();
  const navigate = useNavigate();
  const form = useQuery(formQuery(formId));
  const entry = useQuery(entryQuery(id));
  const [isDeleting, setIsDeleting] = useState(false);
  const row: Entry | undefined = entry.data?.row;
  if (row && String(row.form) !== formId) return <Navigate to={paths.entry(row.form, row.id)} replace />;
  return (
    <>
      <PageHeader
        title={w.entryTitle(id)}
        back={<BackTo path={paths.entriesOf(formId)} label={w.backToEntries} />}
        actions={
          row && (
            <>
              <Button asChild>
                <Link to={paths.editEntry(formId, id)}>
                  <Pencil className="size-4" aria-hidden />
                  {w.edit}
                </Link>
              </Button>
              <Button
                look="secondary"
                icon={<Trash2 className="size-4" aria-hidden />}
                onClick={() => setIsDeleting(true)}
              >
                {w.remove}
              </Button>
            </>
          )
        }
      />
      <Loaded query={entry} skeleton={<ListSkeleton />}>
        {(found) => (
          <Loaded query={form} skeleton={<ListSkeleton />}>
            {(of) => <EntryDetail entry={found.row} form={of} />}
          </Loaded>
        )}
      </Loaded>
      <DeleteEntry
        id={isDeleting ? row?.id : undefined}
        onClose={() => setIsDeleting(false)}
        onDeleted={() => void navigate(lastOf(paths.entriesOf(formId)), { replace: true })}
      />
    </>
  );
}
