import type { AxiosProgressEvent } from "axios";
import { api } from "../../api/client";
import type { Link } from "../../api/schema";

/** Longer than the API takes for a hundred thousand entries, over a slow line. */
const TIMEOUT_MS = 300_000;

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

/** Has the browser save all entries of a form. */
export async function downloadEntries(
  form: number,
  format: ExportFormat,
  { signal, onProgress }: Options,
): Promise<void> {
  const { data, headers } = await api.send<Blob>({
    url: "/entries/export/",
    params: { form, format },
    // A large one is a link. Without that preference the answer would lead to it, to where no script may follow.
    headers: { Accept: `application/json, ${MEDIA_TYPES[format]};q=0.9` },
    responseType: "blob",
    timeout: TIMEOUT_MS,
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
  return typeof disposition === "string" ? /filename="?([^";]+)/.exec(disposition)?.[1] : undefined;
}

function save(url: string, name: string) {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}
