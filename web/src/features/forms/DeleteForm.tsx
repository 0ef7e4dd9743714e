import { ApiError } from "../../api/error";
import { useExplain } from "../../api/explain";
import type { Form } from "../../api/schema";
import { useWords } from "../../lib/language";
import { Button } from "../../ui/Button";
import { ConfirmDialog, Dialog } from "../../ui/Dialog";
import { toast } from "../../ui/Toast";
import { useDeleteForm, useSetActive } from "./api";
import { formWords } from "./words";

/** Asks whether `form` is to be deleted, where there is one. One that has entries is not: it can be deactivated instead. */
export function DeleteForm({ form, onClose }: { form: Form | undefined; onClose: () => void }) {
  const w = useWords(formWords);
  const explain = useExplain();
  const remove = useDeleteForm();
  const { error } = remove;
  const close = () => {
    remove.reset();
    onClose();
  };
  const isRefused = error instanceof ApiError && error.kind === "conflict";
  if (form && (isRefused || form.entries_count > 0)) {
    return <Refused form={form} onClose={close} />;
  }
  return (
    <ConfirmDialog
      open={form !== undefined}
      title={w.removeTitle(form?.title ?? "")}
      body={w.removeBody}
      confirm={w.remove}
      busy={remove.isPending}
      error={error ? explain(error) : undefined}
      onCancel={close}
      onConfirm={() => {
        if (!form) return;
        remove.mutate(form.id, {
          onSuccess: () => {
            toast.done(w.removed(form.title));
            close();
          },
        });
      }}
    />
  );
}

function Refused({ form, onClose }: { form: Form; onClose: () => void }) {
  const w = useWords(formWords);
  const explain = useExplain();
  const set = useSetActive();
  const deactivate = () =>
    set.mutate(
      { form, active: false },
      {
        onSuccess: () => {
          toast.done(w.deactivated(form.title));
          onClose();
        },
        onError: (error) => toast.failed(explain(error)),
      },
    );
  return (
    <Dialog open onClose={onClose} title={w.cannotRemove(form.title)} description={w.hasEntries}>
      <p>{form.is_active ? w.deactivateInstead : w.alreadyInactive}</p>
      <div className="mt-6 flex flex-wrap justify-end gap-3">
        <Button look="secondary" onClick={onClose}>
          {w.close}
        </Button>
        {form.is_active && (
          <Button busy={set.isPending} onClick={deactivate}>
            {w.deactivate}
          </Button>
        )}
      </div>
    </Dialog>
  );
}
