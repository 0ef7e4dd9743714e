import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, type Page, type Versioned, type Write } from "../../api/client";
import type { PartialProfileChanges, PasswordChange, SessionRow, User } from "../../api/schema";
import { remember } from "../../api/session";
import { signOut } from "../../api/signOut";
import { EDITED } from "../../lib/useEdited";

/** As many as the API gives at once. */
const ALL = { page_size: 100, ordering: "-last_used_at" };
/** How many are ended at a time. */
const AT_ONCE = 5;

export const profileQuery = queryOptions({
  queryKey: ["profile"],
  queryFn: ({ signal }) => api.find<User>("/auth/me/", signal),
});

export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: ({ signal }) => api.get<Page<SessionRow>>("/auth/sessions/", ALL, signal),
});

export type Profile = Versioned<User>;

export function useUpdateProfile() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ changes, write }: { changes: PartialProfileChanges; write: Write }) =>
      api.patch<User>("/auth/me/", changes, write),
    onSuccess: async (profile) => {
      client.setQueryData([EDITED, ...profileQuery.queryKey], profile);
      client.setQueryData(["me"], profile.row);
      remember(profile.row);
      await client.invalidateQueries({ queryKey: ["users"] });
    },
  });
}

export function useChangePassword() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ change, write }: { change: PasswordChange; write: Write }) =>
      api.post("/auth/change-password/", change, { write }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["sessions"] }),
  });
}

export function useEndSession() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: endSession,
    onSuccess: () => client.invalidateQueries({ queryKey: ["sessions"] }),
  });
}

/** Every other session first: once this one has ended, nothing more can be asked. */
export function useSignOutEverywhere() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      await endOthers();
      await signOut();
    },
    onError: () => client.invalidateQueries({ queryKey: ["sessions"] }),
  });
}

async function endOthers() {
  for (;;) {
    const { results, next } = await api.get<Page<SessionRow>>("/auth/sessions/", ALL);
    const others = results.filter((session) => !session.is_current);
    while (others.length > 0) await Promise.all(others.splice(0, AT_ONCE).map(({ id }) => endSession(id)));
    if (next === null) return;
  }
}

function endSession(id: number): Promise<void> {
  return api.remove(`/auth/sessions/${id}/`);
}
