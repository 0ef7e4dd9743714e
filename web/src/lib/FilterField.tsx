import { type ComponentProps, useEffect } from "react";
import { TextField } from "../ui/Field";
import { useFollowing } from "./useFollowing";
import type { ListParams } from "./useListParams";

/** Long enough that a number can be typed. */
const PAUSE_MS = 400;

interface Props extends Omit<ComponentProps<"input">, "list" | "pattern"> {
  label: string;
  list: ListParams;
  name: string;
  /** What can be asked for. */
  pattern?: RegExp;
}

/** A filter that is typed: it is asked for once the typing pauses, and only where it can be read. */
export function FilterField({ list, name, label, pattern, ...rest }: Props) {
  const present = list.get(name);
  const [typed, setTyped] = useFollowing(present);
  useEffect(() => {
    const wanted = typed.trim();
    if (wanted === present || (wanted && pattern && !pattern.test(wanted))) return undefined;
    const pause = setTimeout(() => list.set({ [name]: wanted }), PAUSE_MS);
    return () => clearTimeout(pause);
  }, [typed, present, name, list, pattern]);
  return (
    <TextField {...rest} label={label} value={typed} onChange={(event) => setTyped(event.target.value)} />
  );
}
