/** The one way to the REST API, typed by the API document. Every refusal becomes an ApiError; a lost connection is code "network". */
import createClient, { type Middleware } from 'openapi-fetch';
import createQueryClient from 'openapi-react-query';
import type { components, paths } from './schema.gen';

type ProblemBody = Partial<components['schemas']['Problem']>;

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly fields: { field: string; detail: string }[];
  readonly requestId: string;
  /** Seconds the server asks to wait; 0 when it does not say. */
  readonly retryAfter: number;
  /** What the answer has besides, as the API document says of the code. */
  readonly body: Record<string, unknown>;

  constructor(status: number, body: ProblemBody = {}, retryAfter = 0) {
    super(body.title || `HTTP ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.code = body.code ?? (status === 0 ? 'network' : `http_${status}`);
    this.detail = body.detail ?? '';
    this.fields = body.errors ?? [];
    this.requestId = body.request_id ?? '';
    this.retryAfter = retryAfter;
    this.body = body;
  }

  /** True when the same request may succeed later without anybody changing it. */
  get transient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Sent to the window when the gateway no longer knows who we are. */
export const signedOutEvent = 'wasl:signed-out';

const refusals: Middleware = {
  onError: ({ request }) => (request.signal.aborted ? undefined : new ApiError(0)),
  onResponse: async ({ response, schemaPath }) => {
    if (response.ok) return;
    if (response.status === 401 && !schemaPath.startsWith('/api/v1/auth/')) window.dispatchEvent(new Event(signedOutEvent));
    const body = (await response.json().catch(() => ({}))) as ProblemBody;
    throw new ApiError(response.status, body, Number(response.headers.get('Retry-After')) || 0);
  },
};

export const api = createClient<paths>({
  baseUrl: location.origin,
  credentials: 'same-origin',
  // Looked up at each call, so that tests can put another one in its place.
  fetch: (request) => fetch(request),
  // Empty values are left out.
  querySerializer: (query) => {
    const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
    return new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
  },
});
api.use(refusals);

/** The same for React Query: $api.useQuery('get', '/api/v1/…'). Its keys are [method, path, parameters]. */
export const $api = createQueryClient(api);

/** The body of an answer. A refusal was thrown before. */
export async function bodyOf<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}
