import { zodResolver } from "@hookform/resolvers/zod";
import { useQuery } from "@tanstack/react-query";
import { useId, useMemo } from "react";
import { Controller, useForm, useWatch } from "react-hook-form";
import * as z from "zod/mini";
import type { Versioned, Write } from "../../api/client";
import type { Hotel, HotelChanges } from "../../api/schema";
import { isEmail, isPhone } from "../../lib/answers";
import { LONGEST_TEXT } from "../../lib/characters";
import { money } from "../../lib/format";
import { type Language, useLanguage, useWords } from "../../lib/language";
import { NumberField } from "../../lib/NumberField";
import { readNumber, typedNumber } from "../../lib/numbers";
import { SaveForm } from "../../lib/SaveForm";
import { knownSpelling } from "../../lib/spelling";
import { useAtMost } from "../../lib/useAtMost";
import { useSaving } from "../../lib/useSaving";
import type { Saved } from "../../lib/useSubmission";
import { CheckField, SelectField, TextArea, TextField } from "../../ui/Field";
import { citiesQuery } from "./api";
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

/** What the API takes. */
const [HIGHEST_PRICE, MOST_ROOMS] = [99_999_999.99, 2_147_483_647];
const NO_CITIES: string[] = [];

interface Props {
  /** The hotel to edit; none for a new one. */
  hotel?: Versioned<Hotel>;
  /** Saves what has changed. Throws what the API says. */
  onSave: (changes: Partial<HotelChanges>, write: Write) => Promise<Saved>;
  /** Starts again from the hotel as it is now. */
  onReload?: () => void;
}

/** One form to create and to edit. Only what was changed is sent. */
export function HotelForm({ hotel: versioned, onSave, onReload }: Props) {
  const hotel = versioned?.row;
  const w = useWords(hotelWords);
  const language = useLanguage();
  const { data: cities = NO_CITIES } = useQuery(citiesQuery);
  const cityList = useId();
  const atMost = useAtMost();
  const schema = useMemo(() => {
    const rooms = z.string().check(
      z.refine((text) => Number.isInteger(readNumber(text, language, 0)), w.badWhole),
      z.refine((text) => (readNumber(text, language, 0) ?? 0) >= 0, w.negative),
      z.refine((text) => (readNumber(text, language, 0) ?? 0) <= MOST_ROOMS, w.tooManyRooms),
    );
    const isRating = (text: string) => {
      const value = readNumber(text, language);
      return value !== undefined && value >= 0 && value <= 5;
    };
    const required = (limit: number) => z.string().check(z.trim(), z.minLength(1, w.required), atMost(limit));
    const fields = z.object({
      name: required(255),
      address: z.string().check(atMost(255)),
      city: z.pipe(
        required(100),
        z.transform((typed) => knownSpelling(typed, cities)),
      ),
      email: z
        .string()
        .check(z.refine((text) => !text.trim() || text === hotel?.email || isEmail(text), w.badEmail)),
      // What is stored already may be anything.
      phone: z
        .string()
        .check(z.refine((text) => !text.trim() || text === hotel?.phone || isPhone(text), w.badPhone)),
      price_per_night: z.string(),
      currency: z.string(),
      rating: z.string().check(z.refine(isRating, w.badRating)),
      rooms_count: rooms,
      available_rooms: rooms,
      description: z.string().check(atMost(LONGEST_TEXT)),
      is_active: z.boolean(),
      image_base64: z.nullable(z.string()),
    });
    return fields.check(({ value, issues }) => {
      const message = wrongPrice(value, hotel, language, w);
      if (message) issues.push({ code: "custom", path: ["price_per_night"], message, input: value });
      const rooms = readNumber(value.rooms_count, language, 0) ?? 0;
      if (rooms > 0 && (readNumber(value.available_rooms, language, 0) ?? 0) > rooms) {
        issues.push({ code: "custom", path: ["available_rooms"], message: w.overbooked, input: value });
      }
    });
  }, [w, atMost, language, hotel, cities]);
  const form = useForm<Values, unknown, Values>({
    resolver: zodResolver(schema),
    defaultValues: toValues(hotel, language),
  });
  const currency = useWatch({ control: form.control, name: "currency" });
  const { errors, dirtyFields } = form.formState;
  const saving = useSaving(form, {
    name: hotel ? `hotel ${hotel.id}` : "hotel",
    version: versioned?.version,
    fields: FIELDS,
    onSave: (values, write) => {
      const all = Object.entries(toChanges(values, language));
      return onSave(Object.fromEntries(all.filter(([name]) => !hotel || name in dirtyFields)), write);
    },
  });
  const text = (name: Exclude<keyof Values, "is_active" | "image_base64">) => ({
    error: errors[name]?.message,
    ...form.register(name),
  });

  return (
    <SaveForm saving={saving} action={w.save} onReload={onReload} className="card space-y-5 p-5 sm:p-8">
      <div className="grid gap-5 md:grid-cols-2">
        <TextField label={w.name} limit={255} {...text("name")} />
        <TextField label={w.address} optional limit={255} autoComplete="off" {...text("address")} />
        <div>
          <TextField
            label={w.city}
            limit={100}
            autoComplete="off"
            list={cityList}
            error={errors.city?.message}
            {...form.register("city", {
              onBlur: () => {
                const typed = form.getValues("city");
                const city = knownSpelling(typed, cities);
                if (city !== typed) form.setValue("city", city, { shouldDirty: true });
              },
            })}
          />
          <datalist id={cityList}>
            {cities.map((city) => (
              <option key={city}>{city}</option>
            ))}
          </datalist>
        </div>
        <TextField label={w.email} optional type="email" autoComplete="off" {...text("email")} />
        <TextField label={w.phone} optional type="tel" autoComplete="off" {...text("phone")} />
        <div className="grid grid-cols-2 gap-5">
          <NumberField
            label={w.price}
            decimals={2}
            format={(value) => money(String(value), currency, language)}
            {...text("price_per_night")}
          />
          <SelectField label={w.currency} {...text("currency")}>
            <option value="XOF">F XOF</option>
            <option value="EUR">Euro</option>
            <option value="USD">Dollar</option>
          </SelectField>
        </div>
        <div className="grid grid-cols-3 gap-3 sm:gap-5">
          <NumberField label={w.note} {...text("rating")} />
          <NumberField label={w.roomsCount} decimals={0} {...text("rooms_count")} />
          <NumberField label={w.available} decimals={0} {...text("available_rooms")} />
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
    </SaveForm>
  );
}

function toValues(hotel: Hotel | undefined, language: Language): Values {
  if (!hotel) return EMPTY;
  return {
    ...hotel,
    price_per_night: typedNumber(Number(hotel.price_per_night), language),
    rating: typedNumber(hotel.rating, language),
    rooms_count: String(hotel.rooms_count),
    available_rooms: String(hotel.available_rooms),
    image_base64: hotel.image_url,
  };
}

type Price = Pick<Values, "price_per_night" | "currency">;

/** What is wrong with a price, if anything is. One that is stored with cents of a franc may stay. */
function wrongPrice(
  { price_per_night: typed, currency }: Price,
  stored: Hotel | undefined,
  language: Language,
  w: (typeof hotelWords)["fr"],
): string | undefined {
  const price = readNumber(typed, language, 2);
  if (price === undefined) return w.badPrice;
  if (price < 0) return w.negative;
  if (price > HIGHEST_PRICE) return w.tooHigh;
  const isStored = price === Number(stored?.price_per_night) && currency === stored?.currency;
  if (currency === "XOF" && !Number.isInteger(price) && !isStored) return w.noCents;
  return Math.round(price * 100) / 100 === price ? undefined : w.twoDecimals;
}

function toChanges(values: Values, language: Language): HotelChanges {
  const number = (typed: string, decimals?: number) => readNumber(typed, language, decimals) ?? 0;
  return {
    ...values,
    currency: values.currency as NonNullable<HotelChanges["currency"]>,
    price_per_night: String(number(values.price_per_night, 2)),
    rating: number(values.rating),
    rooms_count: number(values.rooms_count, 0),
    available_rooms: number(values.available_rooms, 0),
  };
}
