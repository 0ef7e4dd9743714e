import axios from "axios";

/** What a screen can do something about. */
export type ApiErrorKind =
  | "invalid" // 400: see `fields`, or `detail`
  | "unauthenticated" // 401: the session has ended
  | "forbidden" // 403
  | "missing" // 404
  | "conflict" // 409: the row's present state forbids it
  | "changed" // 412: somebody else changed the row meanwhile
  | "refused" // 413, 415
  | "throttled" // 429: see `retryAfter`
  | "unavailable" // 502, 503, 504: it may work later
  | "offline" // not sent: the browser has no network
  | "lost" // sent, and no answer came
  | "slow" // sent, and no answer came in time
  | "stopped" // sent, and cancelled by the person
  | "failed"; // our fault

/** The one error that the API client throws. */
export class ApiError extends Error {
  readonly kind: ApiErrorKind;
  readonly status: number | undefined;
  /** The API's sentence, in the language that was asked for. */
  readonly detail: string | undefined;
  /** What is wrong with each field of the body: a list of sentences, or an object of the like. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** In seconds. */
  readonly retryAfter: number | undefined;
  /** The request's name in the log. */
  readonly requestId: string | undefined;
  /** Whether it is a write that can be sent again without being carried out twice. */
  readonly isRepeatable: boolean;

  constructor(kind: ApiErrorKind, facts: Partial<Omit<ApiError, "kind" | "isUncertain" | "isPassing">> = {}) {
    super(facts.detail ?? kind);
    this.name = "ApiError";
    this.kind = kind;
    this.status = facts.status;
    this.detail = facts.detail;
    this.fields = facts.fields ?? {};
    this.retryAfter = facts.retryAfter;
    this.requestId = facts.requestId;
    this.isRepeatable = facts.isRepeatable ?? false;
  }

  /** Whether the server may have carried the request out. */
  get isUncertain(): boolean {
    return UNANSWERED.has(this.kind) || (this.status ?? 0) >= 500;
  }

  /** Whether the same request may succeed later. */
  get isPassing(): boolean {
    return this.isUncertain || this.kind === "offline";
  }
}

const UNANSWERED: ReadonlySet<ApiErrorKind> = new Set(["lost", "slow", "stopped"]);

const KINDS: Record<number, ApiErrorKind> = {
  400: "invalid",
  401: "unauthenticated",
  403: "forbidden",
  404: "missing",
  409: "conflict",
  412: "changed",
  413: "refused",
  415: "refused",
  429: "throttled",
  502: "unavailable",
  503: "unavailable",
  504: "unavailable",
};

/** What axios threw, as ours. */
export function toApiError(error: unknown, isRepeatable = false): unknown {
  if (axios.isCancel(error) || !axios.isAxiosError(error)) return error;
  const { response } = error;
  if (!response) {
    const isOffline = globalThis.navigator?.onLine === false;
    return new ApiError(isOffline ? "offline" : "lost", { isRepeatable });
  }
  const body: unknown = response.data;
  const object = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const { detail, message, ...fields } = object;
  const sentence = detail ?? message;
  const wait = Number(response.headers["retry-after"]);
  return new ApiError(KINDS[response.status] ?? "failed", {
    status: response.status,
    detail: typeof sentence === "string" ? sentence : undefined,
    fields: response.status === 400 ? fields : {},
    retryAfter: Number.isFinite(wait) && wait > 0 ? wait : undefined,
    requestId: response.headers["x-request-id"] as string | undefined,
    isRepeatable,
  });
}

/** The sentences in an error's field, however deep they are. */
export function sentences(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(sentences);
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(sentences);
  return [];
}
