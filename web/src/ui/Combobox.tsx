import { useCombobox } from "downshift";
import { LoaderCircle } from "lucide-react";
import type { Ref } from "react";
import { useWords, words } from "../lib/language";
import { BOX } from "./Field";

const text = words(
  {
    none: "Aucun résultat",
    loading: "Recherche en cours",
    found: (n: number) => `${n} résultat${n > 1 ? "s" : ""}. Flèches pour choisir, Entrée pour valider.`,
  },
  {
    none: "No result",
    loading: "Searching",
    found: (n: number) => `${n} result${n > 1 ? "s" : ""}. Use the arrow keys to choose and Enter to select.`,
  },
);

interface Props<T> {
  label: string;
  error?: string | undefined;
  placeholder?: string;
  /** What there is to choose from, for what was typed last. */
  items: readonly T[];
  itemKey: (item: T) => string | number;
  /** What stands in the field once it is chosen. */
  itemText: (item: T) => string;
  /** A second line in the list. */
  itemHint?: (item: T) => string | undefined;
  value: T | null;
  onChange: (item: T | null) => void;
  /** Something was typed. */
  onInput: (typed: string) => void;
  onBlur?: () => void;
  loading?: boolean;
  /** Why there are no items. */
  failure?: string | undefined;
  ref?: Ref<HTMLInputElement>;
}

/** A field that suggests as one types, and takes one of the suggestions. */
export function Combobox<T>(props: Props<T>) {
  const { label, error, placeholder, items, itemKey, itemText, itemHint, value, loading, failure, ref } =
    props;
  const w = useWords(text);
  const box = useCombobox<T>({
    items: items as T[],
    itemToString: (item) => (item ? itemText(item) : ""),
    itemToKey: (item) => (item ? itemKey(item) : null),
    selectedItem: value,
    defaultHighlightedIndex: 0,
    onSelectedItemChange: ({ selectedItem }) => props.onChange(selectedItem),
    onInputValueChange: ({ inputValue, type }) => {
      if (type !== useCombobox.stateChangeTypes.InputChange) return;
      // Another name is being typed: the present choice is no longer meant.
      if (value && inputValue !== itemText(value)) props.onChange(null);
      props.onInput(inputValue);
    },
    stateReducer: (state, { type, changes }) => {
      // What was typed stays, so that leaving the field loses nothing.
      if (type === useCombobox.stateChangeTypes.InputBlur) {
        return { ...changes, inputValue: state.inputValue, selectedItem: state.selectedItem };
      }
      // Typing that ends the choice must not empty the field.
      if (type === useCombobox.stateChangeTypes.ControlledPropUpdatedSelectedItem && !changes.selectedItem) {
        return { ...changes, inputValue: state.inputValue };
      }
      return changes;
    },
  });
  const id = box.getInputProps({}, { suppressRefError: true }).id ?? "";
  const status = failure ?? (loading ? w.loading : items.length === 0 ? w.none : w.found(items.length));

  return (
    <div className="relative min-w-0">
      <label {...box.getLabelProps()} className="mb-1.5 block text-sm font-medium text-ink-soft">
        {label}
      </label>
      <div className="relative">
        <input
          // oxlint-disable-next-line react/refs -- it is handed on, not read
          {...box.getInputProps({ ...(ref && { ref }), ...(props.onBlur && { onBlur: props.onBlur }) })}
          type="text"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          placeholder={placeholder}
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? `${id}-error` : undefined}
          className={`${BOX} pr-11`}
        />
        {loading && box.isOpen && (
          <LoaderCircle className="absolute top-3 right-3 size-5 animate-spin text-ink-soft" aria-hidden />
        )}
      </div>
      <ul
        {...box.getMenuProps({ "aria-label": label })}
        className={`absolute inset-x-0 z-20 mt-1 max-h-72 overflow-y-auto rounded-lg border border-line bg-white p-1 shadow-lg ${box.isOpen && items.length > 0 ? "" : "hidden"}`}
      >
        {box.isOpen &&
          items.map((item, index) => {
            const hint = itemHint?.(item);
            return (
              <li
                key={itemKey(item)}
                {...box.getItemProps({ item, index })}
                className={`min-h-11 cursor-pointer rounded px-3 py-2 ${box.highlightedIndex === index ? "bg-page" : ""}`}
              >
                <span className="block break-words">{itemText(item)}</span>
                {hint && <span className="block text-sm break-all text-ink-soft">{hint}</span>}
              </li>
            );
          })}
      </ul>
      {/* Beside the list, which may hold nothing but its options. */}
      <p
        role="status"
        className={
          box.isOpen && items.length === 0
            ? "absolute inset-x-0 z-20 mt-1 rounded-lg border border-line bg-white p-4 text-ink-soft shadow-lg"
            : "sr-only"
        }
      >
        {box.isOpen ? status : ""}
      </p>
      {error && (
        <p id={`${id}-error`} role="alert" className="mt-1 text-sm text-danger">
          {error}
        </p>
      )}
    </div>
  );
}
