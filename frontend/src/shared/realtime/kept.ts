/**
 * What was loaded last, kept on the device so that it can be read without a line: the lists, the newest messages of the conversations opened last, and
 * the names in them. No files. It goes when this person signs out or is signed out, when somebody else signs in, and after a week.
 */
import { meQuery, queryClient } from '~/shared/api/queries';
import type { Contact, Conversation, Me } from '~/shared/api/types';
import { conversations } from './conversations';
import { clearDisk, readDisk, writeDisk } from './disk';
import { serverNow } from './serverClock';
import { emptyThread, useLive, type ThreadMessage } from './store';

interface Kept {
  at: number;
  me: Me;
  answers: { key: readonly unknown[]; data: unknown }[];
  conversations: Conversation[];
  threads: Record<string, ThreadMessage[]>;
  contacts: Record<string, Contact>;
}

const key = 'last';
const week = 7 * 24 * 3_600_000;
const threadsKept = 20;
const messagesKept = 50;
const pagesKept = 2;
/** The answers without which no list and no thread can be shown. */
const wanted = /^\/api\/v1\/(users|teams|channels|labels|queues|views(\/counts)?|conversations\/counts)$/;

interface Pages {
  pages: { ids: string[] }[];
  pageParams: unknown[];
}

function keptAnswers(): Kept['answers'] {
  return queryClient.getQueryCache().getAll().flatMap(({ queryKey, state: { data } }) => {
    if (data === undefined) return [];
    if (queryKey[0] === 'conversations') {
      const { pages, pageParams } = data as Pages;
      return [{ key: queryKey, data: { pages: pages.slice(0, pagesKept), pageParams: pageParams.slice(0, pagesKept) } }];
    }
    return wanted.test(String(queryKey[1])) ? [{ key: queryKey, data }] : [];
  });
}

/** What is to be kept now; null: nobody is signed in. */
export function toKeep(): Kept | null {
  const { me, threads, contacts } = useLive.getState();
  if (!me) return null;
  const answers = keptAnswers();
  const newest = Object.entries(threads)
    .filter(([id, { items, hasNewer }]) => conversations.get(id) && !hasNewer && items.some((m) => !m.local))
    .slice(-threadsKept)
    .map(([id, { items }]) => [id, items.filter((m) => !m.local).slice(-messagesKept)]);
  const lists = answers.filter((a) => a.key[0] === 'conversations').flatMap((a) => (a.data as Pages).pages.flatMap(({ ids }) => ids));
  const ids = new Set([...lists, ...newest.map(([id]) => id as string)]);
  return {
    at: serverNow(), me, answers, contacts,
    conversations: [...ids].flatMap((id) => conversations.get(id) ?? []),
    threads: Object.fromEntries(newest) as Kept['threads'],
  };
}

/** Keeps it; a device that cannot shows nothing without a line. */
export async function keep(): Promise<void> {
  const now = toKeep();
  if (now) await writeDisk(key, now).catch(() => undefined);
}

/** Nothing of what was read stays on the device. */
export async function forgetKept(): Promise<void> {
  await clearDisk().catch(() => undefined);
}

/** Shows what was kept, without a line; null: there is nothing, or nothing that young. */
export async function restoreKept(): Promise<Me | null> {
  const kept = (await readDisk(key).catch(() => undefined)) as Kept | undefined;
  if (!kept || serverNow() - kept.at > week) return null;
  // It is as good as too old: whatever needs it asks again as soon as it can.
  for (const { key: queryKey, data } of [...kept.answers, { key: meQuery.queryKey, data: kept.me }]) queryClient.setQueryData(queryKey, data, { updatedAt: 1 });
  for (const conversation of kept.conversations) conversations.put(conversation);
  const threads = Object.entries(kept.threads).map(([id, items]) => [id, { ...emptyThread, items }]);
  useLive.setState((s) => ({ me: kept.me, contacts: { ...kept.contacts, ...s.contacts }, threads: { ...(Object.fromEntries(threads) as typeof s.threads), ...s.threads } }));
  return kept.me;
}

/** How often what changed is kept, in ms. */
const every = 5000;

/** Keeps what is loaded from now on. Returns what ends that. */
export function startKeeping(): () => void {
  let known: unknown;
  const whenIdle = window.requestIdleCallback ?? ((work: () => void) => setTimeout(work));
  const look = () => {
    const now = `${conversations.version} ${Object.keys(useLive.getState().threads).length}`;
    if (now === known) return;
    known = now;
    whenIdle(() => void keep());
  };
  const leave = () => document.visibilityState === 'hidden' && void keep();
  const timer = setInterval(look, every);
  document.addEventListener('visibilitychange', leave);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', leave);
  };
}
