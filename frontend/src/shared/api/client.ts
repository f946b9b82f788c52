/** The one way to the REST face. Every refusal becomes an ApiError; a lost line is code "network". */

interface ProblemBody {
  title?: string;
  detail?: string;
  code?: string;
  errors?: { field: string; detail: string }[];
  request_id?: string;
}

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly fields: { field: string; detail: string }[];
  readonly requestId: string;
  /** Seconds the server asks to wait; 0 when it does not say. */
  readonly retryAfter: number;

  constructor(status: number, body: ProblemBody = {}, retryAfter = 0) {
    super(body.title || `HTTP ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.code = body.code ?? (status === 0 ? 'network' : `http_${status}`);
    this.detail = body.detail ?? '';
    this.fields = body.errors ?? [];
    this.requestId = body.request_id ?? '';
    this.retryAfter = retryAfter;
  }

  /** True when the same request may succeed later without anybody changing it. */
  get transient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

type Query = Record<string, string | number | boolean | undefined>;

interface Options {
  query?: Query;
  body?: unknown;
  signal?: AbortSignal;
}

/** The address of an API path with its query; empty values are left out. */
export function apiUrl(path: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') params.set(key, String(value));
  }
  const text = params.toString();
  return `/api/v1${path}${text ? `?${text}` : ''}`;
}

async function problem(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as ProblemBody;
  return new ApiError(response.status, body, Number(response.headers.get('Retry-After')) || 0);
}

async function request<T>(method: string, path: string, { query, body, signal }: Options = {}): Promise<T> {
  const form = body instanceof FormData;
  let response: Response;
  try {
    response = await fetch(apiUrl(path, query), {
      method,
      signal,
      credentials: 'same-origin',
      headers: body === undefined || form ? undefined : { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : form ? body : JSON.stringify(body),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError(0);
  }
  if (!response.ok) {
    const error = await problem(response);
    if (error.status === 401 && !path.startsWith('/auth/')) window.dispatchEvent(new Event('wasl:signed-out'));
    throw error;
  }
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}

export const api = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal) => request<T>('GET', path, { query, signal }),
  post: <T>(path: string, body?: unknown) => request<T>('POST', path, { body }),
  patch: <T>(path: string, body: unknown) => request<T>('PATCH', path, { body }),
  put: <T>(path: string, body: unknown) => request<T>('PUT', path, { body }),
  del: <T = void>(path: string) => request<T>('DELETE', path),
};
