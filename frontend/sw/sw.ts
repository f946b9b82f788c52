/** The service worker: shows what is pushed, and opens the app without a line. It caches files of the build and no answer of the gateway. */
import { shown, type Kept, type Pushed } from './notice';

declare const self: ServiceWorkerGlobalScope;
/** Of this build: its name, what the first look needs, and all files whose names carry a hash of their content. */
declare const BUILD: { version: string; shell: string[]; assets: string[] };

const build = BUILD;
const cacheName = `wasl-${build.version}`;
const shell = new Set(build.shell);
const assets = new Set(build.assets);
const page = '/';

self.addEventListener('install', (event) => {
  // A page always comes from the gateway when that answers, so a new worker may take over at once.
  event.waitUntil(
    caches
      .open(cacheName)
      .then((cache) => cache.addAll([page, ...shell].map((path) => new Request(path, { cache: assets.has(path) ? 'default' : 'no-cache' }))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  const others = caches.keys().then((names) => Promise.all(names.filter((name) => name.startsWith('wasl-') && name !== cacheName).map((name) => caches.delete(name))));
  event.waitUntil(others.then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (assets.has(pathname)) event.respondWith(keptFirst(request));
  else if (request.mode === 'navigate' && !/^\/(api|webhooks|widget|media)\//.test(pathname)) event.respondWith(gatewayFirst(request, page));
  else if (shell.has(pathname)) event.respondWith(gatewayFirst(request, pathname));
});

/** A file that never changes. It is kept once it was asked for: there are no more of them than the build has. */
async function keptFirst(request: Request): Promise<Response> {
  const cache = await caches.open(cacheName);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

/** Keeps every file of the build, so that each dialog opens without a line too. */
async function keepAll(): Promise<void> {
  const cache = await caches.open(cacheName);
  const kept = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname));
  for (const path of build.assets) if (!kept.has(path)) await cache.add(path).catch(() => undefined);
}

/** What the gateway says, and what is kept where it says nothing, or a proxy says that it is down. */
async function gatewayFirst(request: Request, path: string): Promise<Response> {
  const kept = async () => (await caches.open(cacheName)).match(path);
  try {
    const answer = await fetch(request);
    return answer.status < 500 ? answer : ((await kept()) ?? answer);
  } catch (cause) {
    const answer = await kept();
    if (!answer) throw cause;
    return answer;
  }
}

self.addEventListener('push', (event) => event.waitUntil(tell(event.data?.json() as Pushed)));

async function tell(pushed: Pushed): Promise<void> {
  const before = await self.registration.getNotifications({ tag: pushed.conversation_id || pushed.id });
  const { title, options } = shown(pushed, before.map((n) => n.data as Kept));
  await self.registration.showNotification(title, options);
  if (pushed.kind !== 'test') await closeRead();
}

/** Closes what was read meanwhile, on whichever device. A browser in which nobody is signed in any more is not to be told further. */
async function closeRead(): Promise<void> {
  const all = await self.registration.getNotifications();
  if (all.length === 0) return;
  const answer = await fetch('/api/v1/notifications?unread=true&limit=200').catch(() => null);
  if (answer?.status === 401) await (await self.registration.pushManager.getSubscription())?.unsubscribe();
  if (!answer?.ok) return;
  const { items } = (await answer.json()) as { items: { id: string }[] };
  const unread = new Set(items.map(({ id }) => id));
  for (const notification of all) {
    if (!(notification.data as Kept).ids.some((id) => unread.has(id))) notification.close();
  }
}

self.addEventListener('notificationclick', (event) => {
  const { ids, conversationId } = event.notification.data as Kept;
  event.notification.close();
  event.waitUntil(Promise.all([open(conversationId), read(ids)]));
});

/** Shows a conversation in a window that is there, else in a new one. */
async function open(conversationId: string): Promise<void> {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const window = windows.find((w) => w.focused) ?? windows.find((w) => w.visibilityState === 'visible') ?? windows[0];
  if (!window) {
    await self.clients.openWindow(conversationId ? `/inbox/${encodeURIComponent(conversationId)}` : '/inbox');
    return;
  }
  await window.focus();
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a client of a worker is of its origin
  if (conversationId) window.postMessage({ type: 'open', conversationId });
}

async function read(ids: string[]): Promise<void> {
  await post('/api/v1/notifications/read', 'POST', { ids }).catch(() => undefined);
}

const post = (path: string, method: string, body: unknown) => fetch(path, { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

self.addEventListener('message', (event) => {
  const type = (event.data as { type?: string } | null)?.type;
  if (type === 'read') event.waitUntil(closeRead());
  if (type === 'keep') event.waitUntil(keepAll());
});

/** The browser has changed its address: the gateway is told of the new one. */
interface SubscriptionChange extends ExtendableEvent {
  oldSubscription?: PushSubscription | null;
  newSubscription?: PushSubscription | null;
}

self.addEventListener('pushsubscriptionchange' as 'push', (event) => event.waitUntil(renew(event as unknown as SubscriptionChange)));

const path = '/api/v1/me/push-subscriptions';

async function renew({ oldSubscription, newSubscription }: SubscriptionChange): Promise<void> {
  const { public_key: applicationServerKey } = (await (await fetch(path)).json()) as { public_key: string };
  const subscription = newSubscription ?? (await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey }));
  const language = self.navigator.language.slice(0, 2);
  await post(path, 'POST', { ...subscription.toJSON(), language: language === 'he' || language === 'ar' ? language : 'en' });
  if (oldSubscription && oldSubscription.endpoint !== subscription.endpoint) await post(path, 'DELETE', { endpoint: oldSubscription.endpoint });
}
