import { Dialog } from "radix-ui";
import { end, useUser } from "../api/session";
import { SignInForm } from "../features/auth/SignInForm";
import { authWords } from "../features/auth/words";
import { useWords, words } from "../lib/language";
import { Logo } from "../ui/Logo";
import { ON_SLATE } from "../ui/SlatePage";

const text = words({ leave: "Abandonner ce qui était en cours" }, { leave: "Give up what was under way" });

/** Over a screen whose session has ended: a dialog, since one may be open there. */
export default function SignInAgain() {
  const w = useWords(text);
  const { signInTitle } = useWords(authWords);
  const { email } = useUser();
  return (
    <Dialog.Root open>
      <Dialog.Portal>
        <Dialog.Content
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            document.querySelector("h1")?.focus();
          }}
          className="on-slate slate-pattern fixed inset-0 z-70 flex flex-col items-center gap-6 overflow-y-auto px-4 py-10 text-white outline-none"
        >
          <Logo className="mt-auto" />
          <div className="on-white w-full max-w-100 rounded bg-white p-6 text-ink shadow-xl sm:p-8">
            <Dialog.Title asChild>
              <h1 className="mb-5 text-lg">{signInTitle}</h1>
            </Dialog.Title>
            <SignInForm goesOn email={email} />
          </div>
          <button type="button" onClick={end} className={`mb-auto min-h-9 cursor-pointer px-3 ${ON_SLATE}`}>
            {w.leave}
          </button>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
