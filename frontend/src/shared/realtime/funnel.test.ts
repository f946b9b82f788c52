import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EventFrame } from '~/shared/api/frames';
import { Funnel } from './funnel';

const created = (id: string, conversation_id: string) => ({ type: 'message.created', seq: 1, epoch: 'e', at: '', data: { id, conversation_id } }) as unknown as EventFrame;
const updated = (id: string) => ({ type: 'conversation.updated', seq: 1, epoch: 'e', at: '', data: { id } }) as unknown as EventFrame;

let batches: string[][];
let open = 'c1';
let pictures: (() => void)[];
let funnel: Funnel;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  pictures = [];
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => pictures.push(run));
  batches = [];
  open = 'c1';
  funnel = new Funnel((frames) => batches.push(frames.map((f) => (f.data as { id: string }).id)), () => open);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const nextPicture = () => pictures.splice(0).forEach((run) => run());

test('what the open conversation shows comes with the next picture, the rest four times a second', () => {
  for (let i = 0; i < 50; i++) funnel.push(updated(`u${i}`));
  funnel.push(created('m1', 'c1'));
  funnel.push(created('m2', 'c1'));
  nextPicture();
  expect(batches).toEqual([['m1', 'm2']]);
  vi.advanceTimersByTime(249);
  expect(batches).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(batches[1]).toHaveLength(50);
});

test('events of one conversation keep their order when it is opened meanwhile', () => {
  open = 'c2';
  funnel.push(created('m1', 'c1'));
  open = 'c1';
  funnel.push(created('m2', 'c1'));
  nextPicture();
  vi.advanceTimersByTime(250);
  expect(batches.flat()).toEqual(['m1', 'm2']);
});

test('a hidden tab does not wait for pictures that never come', () => {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
  funnel.push(created('m1', 'c1'));
  vi.advanceTimersByTime(250);
  expect(batches).toEqual([['m1']]);
  vi.restoreAllMocks();
});

test('nothing that was cleared comes out later', () => {
  funnel.push(updated('u'));
  funnel.push(created('m', 'c1'));
  funnel.clear();
  nextPicture();
  vi.advanceTimersByTime(1000);
  expect(batches).toEqual([]);
});
