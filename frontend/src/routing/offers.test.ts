import { expect, test, vi } from 'vitest';
import type { EventFrame } from '~/shared/api/frames';
import { useLive } from '~/shared/realtime/store';
import { at } from '~/shared/test/samples';
import { hearOffers, loadOffers, offersAfter, useOffers } from './offers';

const frame = (type: string, data: object) => ({ type, seq: 1, epoch: 'e', at: at(0), data }) as EventFrame;
const offered = (id: string, seconds: number, agent = 'me') => frame('assignment.offered', { conversation_id: id, team_id: 't1', agent_id: agent, until: at(seconds) });
const ids = (offers: { conversationId: string }[]) => offers.map((o) => o.conversationId);

test('an offer lasts as long as the gateway says, whatever this device’s clock says; the one that ends first is in front', () => {
  const now = 5_000_000; // a clock that is decades slow
  const offers = offersAfter([], [offered('a', 60), offered('b', 30)], 'me', now);
  expect(offers).toMatchObject([{ conversationId: 'b', ends: now + 30_000, lasts: 30_000 }, { conversationId: 'a', ends: now + 60_000 }]);
});

test('a colleague’s offer is not mine, and the end of theirs does not end mine', () => {
  const mine = offersAfter([], [offered('a', 30), offered('b', 30, 'other')], 'me', 0);
  expect(ids(mine)).toEqual(['a']);
  expect(offersAfter(mine, [frame('assignment.offer_over', { conversation_id: 'a', team_id: 't1', agent_id: 'other', until: at(30) })], 'me', 0)).toBe(mine);
});

test('an offer goes when it is over, and when somebody has the conversation, me in another window too', () => {
  const two = offersAfter([], [offered('a', 30), offered('b', 30)], 'me', 0);
  const over = frame('assignment.offer_over', { conversation_id: 'a', team_id: 't1', agent_id: 'me', until: at(30) });
  const taken = frame('assignment.changed', { conversation_id: 'b', assignee_id: 'me', team_id: 't1', by: 'me' });
  expect(ids(offersAfter(two, [over], 'me', 0))).toEqual(['b']);
  expect(ids(offersAfter(two, [over, taken], 'me', 0))).toEqual([]);
});

test('the same conversation offered again is one card with the new time', () => {
  const again = offersAfter(offersAfter([], [offered('a', 30)], 'me', 0), [offered('a', 45)], 'me', 1000);
  expect(again).toMatchObject([{ conversationId: 'a', ends: 46_000 }]);
});

test('a device that comes later learns what is offered, and keeps what it heard meanwhile', async () => {
  useLive.setState({ me: { user: { id: 'me' } } as never });
  useOffers.setState({ offers: offersAfter([], [offered('gone', 30)], 'me', Date.now()) });
  let tell: (answer: (response: Response) => void) => void = () => undefined;
  const asked = new Promise<(response: Response) => void>((resolve) => (tell = resolve));
  vi.stubGlobal('fetch', (request: Request) =>
    request.url.endsWith('/me/offers') ? new Promise<Response>(tell) : Promise.resolve(Response.json({ code: 'not_found' }, { status: 404 })),
  );
  const loading = loadOffers();
  const answer = await asked;
  hearOffers([offered('heard', 45)]);
  const item = { conversation_id: 'a', team_id: 't1', agent_id: 'me', offered_at: at(0), until: at(60), left_ms: 20_000 };
  answer(Response.json({ items: [item], next_cursor: null }));
  await loading;
  expect(useOffers.getState().offers).toMatchObject([{ conversationId: 'a', teamId: 't1', lasts: 60_000 }, { conversationId: 'heard' }]);
  vi.unstubAllGlobals();
});
