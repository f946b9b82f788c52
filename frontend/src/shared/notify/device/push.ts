/** This device as one that is told while Wasl is closed. */
import i18next from 'i18next';
import { api, bodyOf } from '~/shared/api/client';
import { notifyPrefs, setNotifyPrefs } from '~/shared/notify/prefs';

export type DeviceState = 'unsupported' | 'install' | 'blocked' | 'off' | 'on';

const remember = (pushed: string | undefined) => setNotifyPrefs({ ...notifyPrefs(), pushed });

const supported = () => window.isSecureContext && 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;

/** On iPhones and iPads only installed pages can be told. */
const toInstall = () => /iP(hone|ad|od)/.test(navigator.userAgent) && !matchMedia('(display-mode: standalone)').matches;

const registration = () => navigator.serviceWorker.register('/sw.js');

async function subscription(): Promise<PushSubscription | null> {
  return (await navigator.serviceWorker.getRegistration('/'))?.pushManager.getSubscription() ?? null;
}

export async function deviceState(myId: string): Promise<DeviceState> {
  if (!supported()) return toInstall() ? 'install' : 'unsupported';
  if (Notification.permission === 'denied') return 'blocked';
  return notifyPrefs().pushed === myId && Notification.permission === 'granted' && (await subscription()) ? 'on' : 'off';
}

const bytes = (key: string) => Uint8Array.from(atob(key.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));

const sameKey = (one: ArrayBuffer | null, other: Uint8Array) => one !== null && one.byteLength === other.byteLength && new Uint8Array(one).every((byte, n) => byte === other[n]);

/** Subscribes the browser to the gateway's key, anew where it has another one, and tells the gateway. */
async function subscribe(): Promise<void> {
  const { public_key } = await bodyOf(api.GET('/api/v1/me/push-subscriptions'));
  const key = bytes(public_key);
  const worker = await registration();
  await navigator.serviceWorker.ready;
  const before = await worker.pushManager.getSubscription();
  if (before && !sameKey(before.options.applicationServerKey, key)) await before.unsubscribe();
  const { endpoint, keys } = (await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })).toJSON();
  const language = i18next.language === 'he' || i18next.language === 'ar' ? i18next.language : 'en';
  await api.POST('/api/v1/me/push-subscriptions', { body: { endpoint: endpoint ?? '', keys: { p256dh: keys?.p256dh ?? '', auth: keys?.auth ?? '' }, language } });
}

/** Asks for leave where that is needed; resolves to the state that came of it. */
export async function turnOn(myId: string): Promise<DeviceState> {
  if ((await Notification.requestPermission()) !== 'granted') return deviceState(myId);
  await subscribe();
  remember(myId);
  return deviceState(myId);
}

export async function turnOff(): Promise<void> {
  remember(undefined);
  const current = await subscription();
  if (!current) return;
  await api.DELETE('/api/v1/me/push-subscriptions', { body: { endpoint: current.endpoint } }).catch(() => undefined); // what is gone forgets itself
  await current.unsubscribe();
}

/** Sends this device a notice. */
export async function tryDevice(): Promise<void> {
  const current = await subscription();
  if (current) await api.POST('/api/v1/me/push-subscriptions/test', { body: { endpoint: current.endpoint } });
}

/** Has notices that were read taken off this device when somebody looks at the app. */
function closeRead(): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker is of our origin
  if (document.visibilityState === 'visible') void navigator.serviceWorker.ready.then(({ active }) => active?.postMessage({ type: 'read' }));
}

/** At the start of the app: renews a subscription, which browsers change and gateways lose. What somebody else chose here is ended. */
export async function renewDevice(myId: string): Promise<void> {
  if (!supported()) return;
  document.addEventListener('visibilitychange', closeRead);
  closeRead();
  if (notifyPrefs().pushed !== myId) await turnOff();
  else if (Notification.permission === 'granted') await subscribe();
  else remember(undefined);
}
