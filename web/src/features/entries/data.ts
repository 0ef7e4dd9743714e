import type { Entry } from "../../api/schema";

/** An entry's answers by name; nothing where its data is something else, as an adopted database may have it. */
export function dataOf({ data }: Entry): Record<string, unknown> | undefined {
  const isObject = typeof data === "object" && data !== null && !Array.isArray(data);
  return isObject ? (data as Record<string, unknown>) : undefined;
}
