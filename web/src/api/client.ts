import axios, { type AxiosRequestConfig, type AxiosResponse } from "axios";
import { language } from "../lib/language";
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

/** Longer than the API itself allows a request. */
const TIMEOUT_MS = 35_000;

const http = axios.create({ baseURL: `${BASE_URL}/api`, timeout: TIMEOUT_MS });

interface Options extends AxiosRequestConfig {
  /** For paths that need nobody to be signed in: no token is sent, and a 401 ends no session. */
  anonymous?: boolean;
}

/** One request. Throws an {@link ApiError}, or what cancelled it. */
async function send<T>(options: Options): Promise<AxiosResponse<T>> {
  const sender = session()?.user.id;
  let token: string | undefined;
  try {
    if (options.anonymous) return await attempt<T>(options, undefined);
    token = await freshToken();
    if (!token) throw signedOut();
    try {
      return await attempt<T>(options, token);
    } catch (error) {
      if (!axios.isAxiosError(error) || error.response?.status !== 401) throw error;
      const renewed = await renew(token);
      // What one person asked for is not done in the name of whoever signed in meanwhile.
      if (renewed?.user.id !== sender) throw signedOut();
      token = renewed?.access;
      return await attempt<T>(options, token);
    }
  } catch (error) {
    const ours = toApiError(error);
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

function attempt<T>(options: Options, token: string | undefined): Promise<AxiosResponse<T>> {
  const headers: Record<string, string> = { "Accept-Language": language() };
  if (token) headers.Authorization = `Bearer ${token}`;
  return http.request<T>({
    ...options,
    headers: { ...headers, ...(options.headers as Record<string, string>) },
  });
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

  /** A POST that creates a row: made once, even if the first answer is lost and it is asked again. */
  async create<T>(path: string, data: unknown): Promise<Versioned<T>> {
    const options = { method: "post", url: path, data, headers: { "Idempotency-Key": crypto.randomUUID() } };
    try {
      return versioned(await send<T>(options));
    } catch (error) {
      if (!(error instanceof ApiError) || error.kind !== "offline" || !navigator.onLine) throw error;
      return versioned(await send<T>(options));
    }
  },

  /** A POST that does something. */
  async post<T>(path: string, data: unknown = {}, options: Options = {}): Promise<T> {
    return (await send<T>({ ...options, method: "post", url: path, data })).data;
  },

  /** Changes the named fields, if the row is still at `version`. */
  async patch<T>(path: string, data: unknown, version?: string): Promise<Versioned<T>> {
    return versioned(await send<T>({ method: "patch", url: path, data, headers: ifMatch(version) }));
  },

  async put<T>(path: string, data: unknown, options: Options = {}): Promise<Versioned<T>> {
    return versioned(await send<T>({ ...options, method: "put", url: path, data }));
  },

  async remove(path: string, version?: string): Promise<void> {
    await send<void>({ method: "delete", url: path, headers: ifMatch(version) });
  },

  /** Anything else. */
  send,
};

function versioned<T>(response: AxiosResponse<T>): Versioned<T> {
  return { row: response.data, version: response.headers.etag as string | undefined };
}

function ifMatch(version: string | undefined): Record<string, string> {
  return version ? { "If-Match": version } : {};
}
