import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { me } from '~/dev/fixtures';
import { queryClient } from '~/shared/api/queries';
import { conversations } from '~/shared/realtime/conversations';
import { emptyThread, resetLive, useLive } from '~/shared/realtime/store';
import { conversation, message } from '~/shared/test/samples';
import { reload } from './reload';

/** What the gateway shows now: to an agent who was a supervisor, and of two conversations only one. */
const agent = { ...me, user: { ...me.user, role: 'agent' }, permissions: ['conversation.reply'] };
let down = false;

beforeEach(() => {
  down = false;
  resetLive();
  queryClient.clear();
  for (const id of ['mine', 'theirs']) conversations.put(conversation(id));
  useLive.setState({ me, openId: 'theirs', threads: { theirs: emptyThread, mine: { ...emptyThread, items: [message('m')] } } });
  vi.stubGlobal('fetch', async ({ url }: Request) => {
    if (down) throw new TypeError('Failed to fetch');
    if (url.endsWith('/me')) return Response.json(agent);
    return url.includes('/theirs') ? Response.json({ code: 'not_found' }, { status: 404 }) : Response.json({ items: [] });
  });
});
afterEach(() => vi.unstubAllGlobals());

test('a changed role is felt at once: who am I, what I may do, and nothing left of what I may no longer see', async () => {
  const ids = () => ['mine', 'theirs'].filter((id) => conversations.get(id));
  const again = reload();
  expect(ids()).toEqual(['mine', 'theirs']);
  conversations.put(conversation('mine')); // the list, which is asked again, names this one
  await again;
  expect(useLive.getState().me).toEqual(agent);
  expect(ids()).toEqual(['mine']);
  expect(Object.keys(useLive.getState().threads)).toEqual([]);
});

test('while the gateway cannot be reached nothing is taken away', async () => {
  down = true;
  queryClient.setQueryData(['conversations', {}], {});
  const query = queryClient.getQueryCache().find({ queryKey: ['conversations', {}] });
  vi.spyOn(queryClient.getQueryCache(), 'findAll').mockReturnValue(query ? [query] : []);
  await reload();
  expect(conversations.get('mine')).toBeDefined();
  expect(useLive.getState().me).toBe(me);
});
