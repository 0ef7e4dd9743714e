import { AxiosError, AxiosHeaders, type AxiosResponse } from "axios";
import { describe, expect, test } from "vitest";
import { ApiError, sentences, toApiError } from "./error";

function answered(status: number, data: unknown, headers: Record<string, string> = {}): unknown {
  const config = { headers: new AxiosHeaders() };
  const response: AxiosResponse = { status, data, headers, config, statusText: "" };
  return toApiError(new AxiosError("failed", undefined, config, undefined, response));
}

describe("What the API answers", () => {
  test("about fields is kept by field", () => {
    const error = answered(400, { name: ["Ce champ est obligatoire."] });
    expect(error).toMatchObject({ kind: "invalid", fields: { name: ["Ce champ est obligatoire."] } });
  });

  test("in a sentence is kept as one, the gateway's own too", () => {
    expect(answered(403, { detail: "Interdit." })).toMatchObject({ kind: "forbidden", detail: "Interdit." });
    expect(answered(503, { message: "Service Unavailable" })).toMatchObject({
      detail: "Service Unavailable",
    });
  });

  test("says when to try again", () => {
    expect(answered(429, {}, { "retry-after": "30" })).toMatchObject({ kind: "throttled", retryAfter: 30 });
  });

  test("may be no JSON at all", () => {
    expect(answered(502, "<html>")).toMatchObject({ kind: "unavailable", detail: undefined, fields: {} });
  });
});

test("No answer is being offline, and anything else is left as it is", () => {
  expect(toApiError(new AxiosError("Network Error"))).toBeInstanceOf(ApiError);
  const other = new TypeError("a fault of ours");
  expect(toApiError(other)).toBe(other);
});

test("Sentences are found however deep they are", () => {
  expect(sentences([{}, { name: ["Un."] }, { label: ["Deux.", "Trois."] }])).toEqual([
    "Un.",
    "Deux.",
    "Trois.",
  ]);
});
