import type { AxiosProgressEvent } from "axios";
import { api } from "../../api/client";
import type { Link } from "../../api/schema";

/** Longer than the API takes to begin an answer: an export ends within 20 seconds. */
const STALL_MS = 30_000;

const MEDIA_TYPES = {
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  csv: "text/csv",
} as const;

export type ExportFormat = keyof typeof MEDIA_TYPES;

interface Options {
  signal: AbortSignal;
  /** How many bytes have come. */
  onProgress: (bytes: number) => void;
}

/** Which entries: those of a form, as its list is filtered and ordered. The page is not asked for. */
export interface Selection {
  form: number;
  query: Readonly<Record<string, string>>;
}

/** Has the browser save entries for people: with labels, in their language and their time zone. */
export async function downloadEntries(
  { form, query: { page: _page, ...query } }: Selection,
  format: ExportFormat,
  { signal, onProgress }: Options,
): Promise<void> {
  const { data, headers } = await api.send<Blob>({
    url: "/entries/export/",
    params: {
      ...query,
      form,
      format,
      for: "people",
      time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    },
    // A large one is a link. Without that preference the answer would lead to it, to where no script may follow.
    headers: { Accept: `application/json, ${MEDIA_TYPES[format]};q=0.9` },
    responseType: "blob",
    stall: STALL_MS,
    signal,
    onDownloadProgress: ({ loaded }: AxiosProgressEvent) => onProgress(loaded),
  });
  if (data.type.startsWith("application/json")) {
    const { url } = JSON.parse(await data.text()) as Link;
    save(url, "");
    return;
  }
  const url = URL.createObjectURL(data);
  save(url, fileName(headers["content-disposition"]) ?? `form-${form}.${format}`);
  // Not before the browser has begun.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function fileName(disposition: unknown): string | undefined {
  if (typeof disposition !== "string") return undefined;
  // A title with accents has a form of its own (RFC 6266, section 4.3).
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1];
  return encoded ? decodeURIComponent(encoded) : /filename="?([^";]+)/.exec(disposition)?.[1];
}

function save(url: string, name: string) {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}
