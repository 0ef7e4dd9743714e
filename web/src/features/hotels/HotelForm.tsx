import { zodResolver } from "@hookform/resolvers/zod";
import { useMemo } from "react";
import { Controller, useForm } from "react-hook-form";
import * as z from "zod/mini";
import { useShowErrors } from "../../api/explain";
import type { Hotel, HotelChanges } from "../../api/schema";
import { LONGEST_TEXT } from "../../lib/characters";
import { useWords } from "../../lib/language";
import { SaveError } from "../../lib/SaveError";
import { useAtMost } from "../../lib/useAtMost";
import { UnsavedGuard } from "../../lib/UnsavedGuard";
import { useUnsaved } from "../../lib/useUnsaved";
import { Button } from "../../ui/Button";
import { CheckField, SelectField, TextArea, TextField } from "../../ui/Field";
import { PhotoField } from "./PhotoField";
import { hotelWords } from "./words";

const EMPTY = {
  name: "",
  address: "",
  city: "",
  email: "",
  phone: "",
  price_per_night: "",
  currency: "XOF",
  rating: "0",
  rooms_count: "0",
  available_rooms: "0",
  description: "",
  is_active: true,
  image_base64: null as string | null,
};

type Values = typeof EMPTY;

const FIELDS = Object.keys(EMPTY) as (keyof Values)[];

interface Props {
  /** The hotel to edit; none for a new one. */
  hotel?: Hotel;
  /** Saves what has changed and goes elsewhere. Throws what the API says. */
  onSave: (changes: Partial<HotelChanges>) => Promise<void>;
  /** What the last attempt threw. */
  error: unknown;
  /** Starts again from the hotel as it is now. */
  onReload: () => void;
}

/** One form to create and to edit. Only what was changed is sent. */
export function HotelForm({ hotel, onSave, error, onReload }: Props) {
  const w = useWords(hotelWords);
  const atMost = useAtMost();
  const schema = useMemo(() => {
    const figure = z.string().check(z.trim(), z.regex(/^\d[\d\s]*([.,]\d+)?$/, w.badNumber));
    const whole = z.string().check(z.trim(), z.regex(/^\d[\d\s]*$/, w.badWhole));
    const required = (limit: number) => z.string().check(z.trim(), z.minLength(1, w.required), atMost(limit));
    return z.object({
      name: required(255),
      address: z.string().check(atMost(255)),
      city: required(100),
      email: z.string(),
      phone: z.string(),
      price_per_night: figure,
      currency: z.string(),
      rating: figure,
      rooms_count: whole,
      available_rooms: whole,
      description: z.string().check(atMost(LONGEST_TEXT)),
      is_active: z.boolean(),
      image_base64: z.nullable(z.string()),
    });
  }, [w, atMost]);
  const form = useForm<Values, unknown, Values>({
    resolver: zodResolver(schema),
    defaultValues: toValues(hotel),
  });
  const showErrors = useShowErrors(form, FIELDS);
  const unsaved = useUnsaved(form);
  const { errors, isSubmitting, dirtyFields, isSubmitSuccessful } = form.formState;
  const submit = form.handleSubmit(async (values) => {
    const all = toChanges(values);
    const changed = Object.fromEntries(Object.entries(all).filter(([name]) => !hotel || name in dirtyFields));
    await onSave(changed).catch(showErrors);
  });
  const text = (name: Exclude<keyof Values, "is_active" | "image_base64">) => ({
    error: errors[name]?.message,
    ...form.register(name),
  });

  return (
    <form noValidate onSubmit={(event) => void submit(event)} className="card space-y-5 p-5 sm:p-8">
      <UnsavedGuard when={unsaved} />
      <SaveError message={errors.root?.message} error={error} onReload={onReload} />
      <div className="grid gap-5 md:grid-cols-2">
        <TextField label={w.name} limit={255} {...text("name")} />
        <TextField label={w.address} optional limit={255} autoComplete="off" {...text("address")} />
        <TextField label={w.city} limit={100} autoComplete="off" {...text("city")} />
        <TextField label={w.email} optional type="email" autoComplete="off" {...text("email")} />
        <TextField label={w.phone} optional type="tel" autoComplete="off" {...text("phone")} />
        <div className="grid grid-cols-2 gap-5">
          <TextField label={w.price} inputMode="decimal" {...text("price_per_night")} />
          <SelectField label={w.currency} {...text("currency")}>
            <option value="XOF">F XOF</option>
            <option value="EUR">Euro</option>
            <option value="USD">Dollar</option>
          </SelectField>
        </div>
        <div className="grid grid-cols-3 gap-3 sm:gap-5">
          <TextField label={w.note} inputMode="decimal" {...text("rating")} />
          <TextField label={w.roomsCount} inputMode="numeric" {...text("rooms_count")} />
          <TextField label={w.available} inputMode="numeric" {...text("available_rooms")} />
        </div>
        <CheckField label={w.isActive} {...form.register("is_active")} />
        <TextArea label={w.description} optional rows={8} limit={LONGEST_TEXT} {...text("description")} />
        <Controller
          control={form.control}
          name="image_base64"
          render={({ field }) => (
            <PhotoField value={field.value} error={errors.image_base64?.message} onChange={field.onChange} />
          )}
        />
      </div>
      <div className="flex justify-end">
        <Button type="submit" busy={isSubmitting || isSubmitSuccessful} className="w-full sm:w-auto">
          {w.save}
        </Button>
      </div>
    </form>
  );
}

function toValues(hotel: Hotel | undefined): Values {
  if (!hotel) return EMPTY;
  return {
    ...hotel,
    price_per_night: hotel.price_per_night.replace(/\.00$/, ""),
    rating: String(hotel.rating),
    rooms_count: String(hotel.rooms_count),
    available_rooms: String(hotel.available_rooms),
    image_base64: hotel.image_url,
  };
}

/** French writes a comma where the API reads a point, and spaces between thousands. */
function plain(figure: string): string {
  return figure.replaceAll(/\s/g, "").replace(",", ".");
}

function toChanges(values: Values): HotelChanges {
  return {
    ...values,
    currency: values.currency as NonNullable<HotelChanges["currency"]>,
    price_per_night: plain(values.price_per_night),
    rating: Number(plain(values.rating)),
    rooms_count: Number(plain(values.rooms_count)),
    available_rooms: Number(plain(values.available_rooms)),
  };
}
