import { Ellipsis, ExternalLink, Link2, Pencil, Power, Trash2 } from "lucide-react";
import { Link } from "react-router";
import { useExplain } from "../../api/explain";
import type { Form } from "../../api/schema";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { IconButton } from "../../ui/Button";
import { Menu, MenuItem } from "../../ui/Menu";
import { toast } from "../../ui/Toast";
import { useSetActive } from "./api";
import { formWords } from "./words";

/** What an administrator can do with a form. */
export function FormActions({ form, onDelete }: { form: Form; onDelete: (form: Form) => void }) {
  const w = useWords(formWords);
  const toggle = useToggle();
  const copy = useCopy();
  return (
    <span className="inline-flex">
      <Link
        to={paths.editForm(form.id)}
        aria-label={w.editNamed(form.title)}
        title={w.edit}
        className="inline-flex size-11 items-center justify-center rounded-full text-ink-soft hover:bg-page hover:text-ink print:hidden"
      >
        <Pencil className="size-5" aria-hidden />
      </Link>
      {form.is_active && (
        <IconButton label={w.copyNamed(form.title)} onClick={() => void copy(form)}>
          <Link2 className="size-5" aria-hidden />
        </IconButton>
      )}
      <Menu
        trigger={
          <IconButton label={w.more(form.title)}>
            <Ellipsis className="size-5" aria-hidden />
          </IconButton>
        }
      >
        {form.is_active && (
          <MenuItem asChild>
            <Link to={paths.publicForm(form.id)}>
              <ExternalLink className="size-5" aria-hidden />
              {w.open}
            </Link>
          </MenuItem>
        )}
        <MenuItem onSelect={() => toggle(form)}>
          <Power className="size-5" aria-hidden />
          {form.is_active ? w.deactivate : w.activate}
        </MenuItem>
        <MenuItem danger onSelect={() => onDelete(form)}>
          <Trash2 className="size-5" aria-hidden />
          {w.remove}
        </MenuItem>
      </Menu>
    </span>
  );
}

function useToggle(): (form: Form) => void {
  const w = useWords(formWords);
  const explain = useExplain();
  const { mutate } = useSetActive();
  return (form) => {
    const active = !form.is_active;
    mutate(
      { form, active },
      {
        onSuccess: () => toast.done(active ? w.activated(form.title) : w.deactivated(form.title)),
        onError: (error) => toast.failed(explain(error)),
      },
    );
  };
}

function useCopy(): (form: Form) => Promise<void> {
  const w = useWords(formWords);
  return async (form) => {
    const link = window.location.origin + paths.publicForm(form.id);
    try {
      await navigator.clipboard.writeText(link);
      toast.done(w.copied);
    } catch {
      // Browsers have no clipboard where the page did not come over https.
      toast.failed(w.notCopied(link));
    }
  };
}
