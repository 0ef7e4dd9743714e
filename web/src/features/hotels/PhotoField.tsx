import { ImagePlus } from "lucide-react";
import { useId, useState } from "react";
import { useWords } from "../../lib/language";
import { Button } from "../../ui/Button";
import { shrink } from "./photo";
import { hotelWords } from "./words";

interface Props {
  /** An address, or a data URL of what was chosen. */
  value: string | null;
  error: string | undefined;
  onChange: (value: string | null) => void;
}

/** A dashed zone to drop a picture on, or to choose one. */
export function PhotoField({ value, error, onChange }: Props) {
  const w = useWords(hotelWords);
  const id = useId();
  const [over, setOver] = useState(false);
  const [unreadable, setUnreadable] = useState(false);
  const take = async (file: File | undefined) => {
    if (!file) return;
    setUnreadable(false);
    try {
      onChange(await shrink(file));
    } catch {
      setUnreadable(true);
    }
  };
  const wrong = unreadable ? w.badPhoto : error;
  return (
    <div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the input inside does the same */}
      <label
        htmlFor={id}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          void take(event.dataTransfer.files[0]);
        }}
        className={`flex min-h-44 cursor-pointer flex-col items-center justify-center gap-2 overflow-hidden rounded-lg border-2 border-dashed text-ink-soft focus-within:outline-3 focus-within:outline-offset-2 focus-within:outline-[#1a5fb4] ${over ? "border-slate-skin bg-page" : "border-line-strong"}`}
      >
        {value ? (
          <img src={value} alt={w.preview} className="max-h-64 w-full object-cover" />
        ) : (
          <ImagePlus className="size-10" aria-hidden />
        )}
        <span className="px-4 pb-3 text-center">{value ? w.changePhoto : w.addPhoto}</span>
        <input
          id={id}
          type="file"
          accept="image/jpeg,image/png,image/webp,image/avif"
          aria-describedby={`${id}-help`}
          onChange={(event) => {
            void take(event.target.files?.[0]);
            // The same file may be chosen again after it was removed.
            event.target.value = "";
          }}
          className="sr-only"
        />
      </label>
      <p id={`${id}-help`} className="mt-1 text-sm text-ink-soft">
        {w.photoHelp}
      </p>
      {wrong && (
        <p role="alert" className="mt-1 text-sm text-danger">
          {wrong}
        </p>
      )}
      {value && (
        <Button
          look="quiet"
          small
          onClick={() => {
            setUnreadable(false);
            onChange(null);
          }}
        >
          {w.removePhoto}
        </Button>
      )}
    </div>
  );
}
