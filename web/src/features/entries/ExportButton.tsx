import axios from "axios";
import { Download, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useExplain } from "../../api/explain";
import { number } from "../../lib/format";
import { type Language, useLanguage, useWords } from "../../lib/language";
import { Button } from "../../ui/Button";
import { toast } from "../../ui/Toast";
import { downloadEntries, type ExportFormat, type Selection } from "./download";
import { entryWords } from "./words";

interface Props extends Selection {
  /** How many entries that are. */
  count: number;
  isFiltered: boolean;
}

/** Saves the entries that a list shows as a file, says how far it is, and can be stopped. */
export function ExportButton({ form, query, count, isFiltered }: Props) {
  const w = useWords(entryWords);
  const language = useLanguage();
  const { bytes, start, cancel } = useExport({ form, query });
  const what = isFiltered ? w.exportFiltered(count, number(count, language)) : w.exportAll;
  if (bytes === undefined) {
    return (
      <>
        <Button
          look="secondary"
          icon={<Download className="size-5" aria-hidden />}
          onClick={() => start("xlsx")}
        >
          {what} (Excel)
        </Button>
        <Button look="secondary" aria-label={`${what} (CSV)`} onClick={() => start("csv")}>
          CSV
        </Button>
      </>
    );
  }
  return (
    <>
      <Button look="secondary" busy>
        {bytes > 0 ? w.exportingSize(size(bytes, language)) : w.exporting}
      </Button>
      {/* Not each byte. */}
      <span role="status" className="sr-only">
        {w.exporting}
      </span>
      <Button look="quiet" icon={<X className="size-4" aria-hidden />} onClick={cancel}>
        {w.cancelExport}
      </Button>
    </>
  );
}

function useExport(selection: Selection) {
  const w = useWords(entryWords);
  const explain = useExplain();
  /** How much has come of the one under way. */
  const [bytes, setBytes] = useState<number>();
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  async function start(format: ExportFormat) {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    setBytes(0);
    try {
      await downloadEntries(selection, format, { signal: controller.signal, onProgress: setBytes });
      toast.done(w.exported);
    } catch (error) {
      if (axios.isCancel(error)) return;
      toast.failed(w.exportFailed(explain(error)), { label: w.retry, run: () => void start(format) });
    } finally {
      if (running.current === controller) setBytes(undefined);
    }
  }

  const cancel = () => {
    running.current?.abort();
    toast.done(w.exportCancelled);
  };
  return { bytes, start: (format: ExportFormat) => void start(format), cancel };
}

function size(bytes: number, language: Language): string {
  const unit = bytes < 1_000_000 ? "kilobyte" : "megabyte";
  const value = bytes / (unit === "kilobyte" ? 1_000 : 1_000_000);
  const format = {
    style: "unit",
    unit,
    unitDisplay: "short",
    maximumFractionDigits: unit === "kilobyte" ? 0 : 1,
  } as const;
  return new Intl.NumberFormat(language === "fr" ? "fr-FR" : "en-GB", format).format(value);
}
