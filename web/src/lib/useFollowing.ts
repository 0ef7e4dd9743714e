import { useState } from "react";

/** A state of one's own that takes over `source` each time that changes: what is typed, beside what is in the address. */
export function useFollowing<T>(source: T): [T, (next: T) => void] {
  const [state, setState] = useState(source);
  const [seen, setSeen] = useState(source);
  if (seen !== source) {
    setSeen(source);
    setState(source);
  }
  return [state, setState];
}
