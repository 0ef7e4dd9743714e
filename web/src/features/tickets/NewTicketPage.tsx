import type { Write } from "../../api/client";
import type { NewTicket } from "../../api/schema";
import { BackTo } from "../../lib/BackTo";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { PageHeader } from "../../ui/Page";
import { useCreateTicket } from "./api";
import { TicketForm } from "./TicketForm";
import { ticketWords } from "./words";

export function Component() {
  const w = useWords(ticketWords);
  const create = useCreateTicket();
  const save = async (ticket: Partial<NewTicket>, write: Write) => {
    const { row } = await create.mutateAsync({ ticket: ticket as NewTicket, write });
    return { message: w.created(row.title), to: paths.ticket(row.id) };
  };
  return (
    <>
      <PageHeader title={w.createTitle} back={<BackTo path={paths.tickets} label={w.back} />} />
      <TicketForm onSave={save} />
    </>
  );
}
