import { useQuery } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { BackTo } from "../../lib/BackTo";
import { useWords } from "../../lib/language";
import { Loaded } from "../../lib/Loaded";
import { paths } from "../../lib/paths";
import { useSuppression } from "../../lib/suppressions";
import { lastOf } from "../../lib/useListParams";
import { Button } from "../../ui/Button";
import { PageHeader } from "../../ui/Page";
import { ListSkeleton } from "../../ui/States";
import { ActButton } from "./ActButton";
import { canDelete, emailQuery } from "./api";
import { DeleteEmail } from "./DeleteEmail";
import { EmailDetails } from "./EmailDetails";
import { emailWords } from "./words";

export function Component() {
  const w = useWords(emailWords);
  const navigate = useNavigate();
  const { id = "" } = useParams();
  const query = useQuery(emailQuery(id));
  const [asked, setAsked] = useState(false);
  const email = query.data;
  const suppression = useSuppression(email?.recipient);
  return (
    <>
      <PageHeader
        title={email ? email.subject || w.noSubject : w.email}
        back={<BackTo path={paths.emails} label={w.back} />}
        actions={
          email && (
            <>
              <ActButton email={email} isBlocked={suppression !== undefined} />
              <Button
                look="secondary"
                disabled={!canDelete(email)}
                icon={<Trash2 className="size-4" aria-hidden />}
                onClick={() => setAsked(true)}
              >
                {w.remove}
              </Button>
            </>
          )
        }
      />
      <Loaded query={query} skeleton={<ListSkeleton />}>
        {(email) => <EmailDetails email={email} suppression={suppression} />}
      </Loaded>
      {asked && email && (
        <DeleteEmail
          email={email}
          onClose={() => setAsked(false)}
          onDeleted={() => void navigate(lastOf(paths.emails))}
        />
      )}
    </>
  );
}
