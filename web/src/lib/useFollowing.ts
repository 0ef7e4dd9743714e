import { useState } from "react";

/**
 * A state of one's own that takes over `source` each time that changes: what is typed, beside what is in the address.
 * What `means` the new source already stays as it is typed.
 */
export function useFollowing<T>(source: T, means?: (state: T) => T | undefined): [T, (next: T) => void] {
  const [state, setState] = useState(source);
  const [seen, setSeen] = useState(source);
  if (seen !== source) {
    setSeen(source);
    if (means?.(state) !== source) setState(source);
  }
  return [state, setState];
}
