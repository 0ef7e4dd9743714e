import axios, { type AxiosRequestConfig, type AxiosResponse } from "axios";
import { language } from "../lib/language";
import { heardFrom } from "./connection";
import { ApiError, toApiError } from "./error";
import { BASE_URL, expire, freshToken, renew, session } from "./session";

/** A page of rows, as every list of the API answers. */
export interface Page<T> {
  count: number;
  next: string | null;
  previous: string | null;
  results: T[];
}

/** A row and the version that it was read at, which a write may insist on. */
export interface Versioned<T> {
  row: T;
  version: string | undefined;
}

export type Params = Record<string, string | number | boolean | null | undefined>;

/** One intended change, which may take several requests: each of them sends the same object. */
export interface Write {
  /** The `Idempotency-Key` of a creation: a row is created once for each key. */
  key?: string;
  /** The version that the row must have. An answer with a newer one replaces it. */
  version?: string | undefined;
  /** Cancels the request. */
  signal?: AbortSignal;
  /** Whether an earlier request may have been carried out although its answer did not arrive. */
  isUncertain?: boolean;
}

/** A request fails when nothing was sent or received for so long. The API itself answers within 10 seconds. */
const STALL_MS = 15_000;
/** The pause before a request whose answer was lost is sent again. */
const REPEAT_MS = 500;

const http = axios.create({ baseURL: `${BASE_URL}/api` });

interface Options extends AxiosRequestConfig {
  /** For paths that need nobody to be signed in: no token is sent, and a 401 ends no session. */
  anonymous?: boolean;
  /** See {@link ApiError.isRepeatable}. */
  isRepeatable?: boolean;
  /** How long nothing may be sent or received; {@link STALL_MS} if it is left out. */
  stall?: number;
  /** What the request is an attempt at. */
  write?: Write;
}

/** One request. Throws an {@link ApiError}, or axios' cancellation for a read that `signal` cancelled. */
async function send<T>(options: Options): Promise<AxiosResponse<T>> {
  const sender = session()?.user.id;
  let token: string | undefined;
  try {
    if (options.anonymous) return await attempt<T>(options, undefined);
    token = await beforeStall(options, freshToken());
    if (!token) throw signedOut();
    try {
      return await attempt<T>(options, token);
    } catch (error) {
      if (!axios.isAxiosError(error) || error.response?.status !== 401) throw error;
      const renewed = await beforeStall(options, renew(token));
      // What one person asked for is not done in the name of whoever signed in meanwhile.
      if (renewed?.user.id !== sender) throw signedOut();
      token = renewed?.access;
      return await attempt<T>(options, token);
    }
  } catch (error) {
    const ours = toApiError(error, options.isRepeatable);
    if (options.write && ours instanceof ApiError && ours.isUncertain) options.write.isUncertain = true;
    if (ours instanceof ApiError && (ours.kind === "lost" || ours.kind === "slow")) heardFrom(false);
    // A token that was renewed a moment ago and is refused: the account was deactivated, or is gone.
    if (ours instanceof ApiError && ours.kind === "unauthenticated" && token && session()?.access === token) {
      expire();
    }
    throw ours;
  }
}

function signedOut(): ApiError {
  return new ApiError("unauthenticated", { status: 401 });
}

async function attempt<T>(options: Options, token: string | undefined): Promise<AxiosResponse<T>> {
  const { stall, isRepeatable = false, anonymous: _, write, signal = write?.signal, ...rest } = options;
  const headers: Record<string, string> = { "Accept-Language": language() };
  if (token) headers.Authorization = `Bearer ${token}`;
  const watch = watchForStall(stall);
  const stop = () => watch.controller.abort();
  if (signal?.aborted) stop();
  signal?.addEventListener?.("abort", stop);
  try {
    const answer = await http.request<T>({
      ...rest,
      signal: watch.controller.signal,
      onUploadProgress: watch.touch,
      onDownloadProgress: (event) => {
        watch.touch();
        rest.onDownloadProgress?.(event);
      },
      headers: { ...headers, ...(options.headers as Record<string, string>) },
    });
    heardFrom(true);
    return answer;
  } catch (error) {
    if (axios.isAxiosError(error) && error.response) heardFrom(true);
    if (!axios.isCancel(error)) throw error;
    if (watch.isStalled()) throw new ApiError("slow", { isRepeatable });
    const isWrite = options.method !== undefined && options.method !== "get";
    throw isWrite ? new ApiError("stopped", { isRepeatable }) : error;
  } finally {
    watch.end();
    signal?.removeEventListener?.("abort", stop);
  }
}

function watchForStall(stall = STALL_MS) {
  const controller = new AbortController();
  let stalled = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = () => clearTimeout(timer);
  const touch = () => {
    end();
    timer = setTimeout(() => {
      stalled = true;
      controller.abort();
    }, stall);
  };
  touch();
  return { controller, touch, end, isStalled: () => stalled };
}

/** A token that takes too long, or that nobody waits for any more, holds no request up. */
function beforeStall<T>(options: Options, token: Promise<T>) {
  const { stall = STALL_MS, isRepeatable = false, write, signal = write?.signal } = options;
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new ApiError("slow", { isRepeatable })), stall);
    const stop = () => reject(new ApiError("stopped", { isRepeatable }));
    signal?.addEventListener?.("abort", stop);
    void token.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener?.("abort", stop);
    });
  });
}

/** A write that may be sent again: done so once by itself where its answer was lost. */
async function sendWrite<T>(write: Write, options: Options): Promise<AxiosResponse<T>> {
  const whole = { ...options, write, isRepeatable: true };
  try {
    return await send<T>(whole);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const isGateways = error.status === 502 || error.status === 504;
    if (error.kind !== "lost" && !isGateways) throw error;
    await new Promise((resolve) => setTimeout(resolve, REPEAT_MS));
    if (!navigator.onLine || write.signal?.aborted) throw error;
    return await send<T>(whole);
  }
}

/** The API's verbs. Paths are relative to `/api`, with their trailing slash. */
export const api = {
  async get<T>(path: string, params?: Params, signal?: AbortSignal): Promise<T> {
    return (await send<T>({ url: path, params, ...(signal && { signal }) })).data;
  },

  /** A row with its version. */
  async find<T>(path: string, signal?: AbortSignal): Promise<Versioned<T>> {
    return versioned(await send<T>({ url: path, ...(signal && { signal }) }));
  },

  /** A POST that creates a row: one row for each key, however often it is sent. */
  async create<T>(
    path: string,
    data: unknown,
    write: Write = {},
    { anonymous = false }: Pick<Options, "anonymous"> = {},
  ): Promise<Versioned<T>> {
    write.key ??= crypto.randomUUID();
    const headers = { "Idempotency-Key": write.key };
    return versioned(await sendWrite<T>(write, { method: "post", url: path, data, headers, anonymous }));
  },

  /** A POST that does something. It is not sent again by itself. */
  async post<T>(path: string, data: unknown = {}, options: Options = {}): Promise<T> {
    return (await send<T>({ ...options, method: "post", url: path, data })).data;
  },

  /** Changes the named fields, if the row still has the version of `write`. */
  async patch<T>(path: string, data: object, write: Write = {}): Promise<Versioned<T>> {
    try {
      const options = { method: "patch", url: path, data, headers: ifMatch(write.version) };
      return noted(write, versioned(await sendWrite<T>(write, options)));
    } catch (error) {
      if (!(error instanceof ApiError) || error.kind !== "changed") throw error;
      // It may be this very change that came first: its answer was lost, or the browser sent it again by itself, as it does
      // when a connection is reset.
      const present = await api.find<T>(path, write.signal);
      if (!holds(present.row as Record<string, unknown>, data)) throw error;
      return noted(write, present);
    }
  },

  /** A row that is gone already is as good as removed. */
  async remove(path: string, write: Write = {}): Promise<void> {
    try {
      await sendWrite<void>(write, { method: "delete", url: path, headers: ifMatch(write.version) });
    } catch (error) {
      if (!(error instanceof ApiError) || error.kind !== "missing") throw error;
    }
  },

  /** Anything else. */
  send,
};

function versioned<T>(response: AxiosResponse<T>): Versioned<T> {
  return { row: response.data, version: response.headers.etag as string | undefined };
}

function noted<T>(write: Write, answer: Versioned<T>): Versioned<T> {
  write.version = answer.version;
  write.isUncertain = false;
  return answer;
}

function ifMatch(version: string | undefined): Record<string, string> {
  return version ? { "If-Match": version } : {};
}

/** Whether a row has these values. What the API never shows, or shows as an address of its own, is not compared. */
export function holds(row: Readonly<Record<string, unknown>>, changes: object): boolean {
  return Object.entries(changes).every(([name, sent]) => {
    const isUpload = typeof sent === "string" && sent.startsWith("data:");
    return !(name in row) || isUpload || isSame(row[name], sent);
  });
}

/** The API trims texts, and prints an amount with two places. */
function isSame(stored: unknown, sent: unknown): boolean {
  if (typeof stored === "object" || typeof sent === "object")
    return JSON.stringify(stored) === JSON.stringify(sent);
  const [a, b] = [String(stored).trim(), String(sent).trim()];
  return a === b || (a !== "" && b !== "" && Number(a) === Number(b));
}
