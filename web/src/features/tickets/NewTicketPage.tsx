import { useNavigate } from "react-router";
import type { NewTicket } from "../../api/schema";
import { BackTo } from "../../lib/BackTo";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { PageHeader } from "../../ui/Page";
import { toast } from "../../ui/Toast";
import { useCreateTicket } from "./api";
import { TicketForm } from "./TicketForm";
import { ticketWords } from "./words";

export function Component() {
  const w = useWords(ticketWords);
  const navigate = useNavigate();
  const create = useCreateTicket();
  const save = async (ticket: Partial<NewTicket>) => {
    const { row } = await create.mutateAsync(ticket as NewTicket);
    toast.done(w.created(row.title));
    await navigate(paths.ticket(row.id));
  };
  return (
    <>
      <PageHeader title={w.createTitle} back={<BackTo path={paths.tickets} label={w.back} />} />
      <TicketForm onSave={save} error={create.error} onReload={create.reset} />
    </>
  );
}
