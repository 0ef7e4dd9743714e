import { useQuery } from "@tanstack/react-query";
import { Dialog } from "radix-ui";
import { useEffect, useState } from "react";
import { Outlet } from "react-router";
import { api } from "../api/client";
import type { User } from "../api/schema";
import { remember } from "../api/session";
import { number } from "../lib/format";
import { chosenLanguage, takeLanguage, useWords, words } from "../lib/language";
import { Toaster } from "../ui/Toast";
import { Sidebar } from "./Sidebar";
import { SignOutQuestion } from "./SignOutQuestion";
import { useScreensAhead } from "./screensAhead";
import { TopBar } from "./TopBar";
import { useRowKeys } from "./useRowKeys";
import { useSaveLanguage } from "./useSaveLanguage";

const text = words({ skip: "Aller au contenu", menu: "Menu" }, { skip: "Skip to content", menu: "Menu" });

/** The frame of every screen behind the sign-in. */
export function Component() {
  const w = useWords(text);
  const [open, setOpen] = useState(false);
  useWhoIAm();
  useFirstFormat();
  useRowKeys();
  useScreensAhead();
  return (
    <div className="lg:pl-66 print:pl-0">
      <a
        href="#main"
        className="sr-only z-60 rounded-lg bg-accent px-4 py-2 text-ink focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {w.skip}
      </a>
      <div className="fixed top-(--banner) bottom-0 left-0 hidden w-66 lg:block print:hidden">
        <Sidebar />
      </div>
      <Dialog.Root open={open} onOpenChange={setOpen}>
        <Dialog.Portal>
          <Dialog.Overlay className="fixed inset-0 z-40 bg-black/50 lg:hidden" />
          <Dialog.Content
            aria-describedby={undefined}
            className="fixed inset-y-0 left-0 z-50 w-72 max-w-[85vw] lg:hidden"
          >
            <Dialog.Title className="sr-only">{w.menu}</Dialog.Title>
            <Sidebar onClose={() => setOpen(false)} />
          </Dialog.Content>
        </Dialog.Portal>
      </Dialog.Root>
      <TopBar onMenu={() => setOpen(true)} />
      <main id="main" tabIndex={-1} className="mx-auto max-w-7xl px-4 py-6 outline-none sm:px-6 print:p-0">
        <Outlet />
      </main>
      <SignOutQuestion />
      <Toaster />
    </div>
  );
}

/** A role, a name or a language that changed elsewhere shows soon here; a language that was chosen here is saved. */
function useWhoIAm() {
  const saveLanguage = useSaveLanguage();
  const { data } = useQuery({
    queryKey: ["me"],
    queryFn: ({ signal }) => api.get<User>("/auth/me/", {}, signal),
    refetchOnReconnect: "always",
    // Each answer is news, also one like the last: what could not be saved is tried again.
    structuralSharing: false,
  });
  useEffect(() => {
    if (!data) return;
    remember(data);
    const chosen = chosenLanguage() ?? data.language;
    if (chosen === data.language) takeLanguage(chosen);
    else saveLanguage(chosen);
  }, [data, saveLanguage]);
}

/**
 * A browser takes as long for the first number that it formats as for a whole screen: it reads what it knows about
 * languages. It does so while it waits for answers, rather than with them.
 */
function useFirstFormat() {
  useEffect(() => {
    const soon = setTimeout(() => number(0, "fr"));
    return () => clearTimeout(soon);
  }, []);
}
