import type { Location } from "react-router";

/** Where each address was last seen, by its path and parameters: the name under which its scroll position is kept. */
const places = new Map<string, string>();

/**
 * The name under which the scroll position of a history entry is kept. Each entry has its own, so that a new page starts
 * at its top and Back finds what was in view; a link that leads back to a screen shares the place of that screen.
 */
export function placeOf({ pathname, search, key, state }: Location): string {
  const place = returnsTo(state) ?? key;
  places.set(pathname + search, place);
  return place;
}

/** The state of a link that leads back to `address`, which then shows what was in view there. */
export function returning(address: string): { place?: string } {
  const place = places.get(address);
  return place === undefined ? {} : { place };
}

function returnsTo(state: unknown): string | undefined {
  const { place } = (state ?? {}) as { place?: unknown };
  return typeof place === "string" ? place : undefined;
}
