import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { backoff, LiveSocket } from './socket';

class FakeSocket {
  static all: FakeSocket[] = [];
  static readonly OPEN = 1;
  static get last(): FakeSocket {
    return FakeSocket.all.at(-1) as FakeSocket;
  }
  readyState = 1;
  sent: string[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly url: string;
  constructor(url: string) {
    this.url = url;
    FakeSocket.all.push(this);
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.readyState = 3;
  }
  frame(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  hello(seq: number, epoch: string, resumed = true): void {
    this.frame({ type: 'hello', seq, epoch, at: '', data: { resumed } });
  }
  die(): void {
    this.onclose?.();
  }
}

const on = { frame: vi.fn(), reload: vi.fn(), connection: vi.fn(), refused: vi.fn() };
let socket: LiveSocket;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeSocket);
  FakeSocket.all = [];
  vi.clearAllMocks();
  socket = new LiveSocket(on, () => 'ws://gateway/ws');
  socket.start();
});

afterEach(() => {
  socket.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const event = (seq: number, epoch = 'e1') => ({ type: 'conversation.updated', seq, epoch, at: '', data: { id: `c${seq}` } });
const seqs = () => on.frame.mock.calls.map(([frame]) => (frame as { seq: number }).seq);

test('asks after a break for what was missed, from the last event seen', () => {
  FakeSocket.last.hello(10, 'e1');
  FakeSocket.last.frame(event(11));
  FakeSocket.last.die();
  vi.advanceTimersByTime(500);
  expect(FakeSocket.all).toHaveLength(2);
  expect(FakeSocket.last.url).toBe('ws://gateway/ws?since=11&epoch=e1');
});

test('hands every event on once, also when the replay overlaps', () => {
  FakeSocket.last.hello(10, 'e1');
  FakeSocket.last.frame(event(11));
  FakeSocket.last.frame(event(12));
  FakeSocket.last.die();
  vi.advanceTimersByTime(500);
  FakeSocket.last.hello(14, 'e1');
  for (const seq of [12, 13, 14]) FakeSocket.last.frame(event(seq));
  expect(seqs()).toEqual([11, 12, 13, 14]);
  expect(on.reload).not.toHaveBeenCalled();
});

test('loads everything again when the server could not resume, and goes on from there', () => {
  FakeSocket.last.hello(10, 'e1');
  FakeSocket.last.die();
  vi.advanceTimersByTime(500);
  FakeSocket.last.hello(3, 'e2', false);
  expect(on.reload).toHaveBeenCalledOnce();
  FakeSocket.last.frame(event(4, 'e2'));
  expect(seqs()).toEqual([4]);
});

test('loads everything again when a hello on the open socket asks for it, and goes on without a new one', () => {
  FakeSocket.last.hello(10, 'e1');
  FakeSocket.last.frame(event(11));
  FakeSocket.last.hello(12, 'e1', false);
  expect(on.reload).toHaveBeenCalledOnce();
  FakeSocket.last.frame(event(13));
  expect(seqs()).toEqual([11, 13]);
  expect(FakeSocket.all).toHaveLength(1);
});

test('notices a dead line by its own ping', () => {
  FakeSocket.last.hello(1, 'e1');
  vi.advanceTimersByTime(20_000);
  expect(FakeSocket.last.sent).toEqual(['{"type":"ping"}']);
  vi.advanceTimersByTime(10_000);
  expect(on.connection).toHaveBeenLastCalledWith('reconnecting');
  vi.advanceTimersByTime(500);
  expect(FakeSocket.all).toHaveLength(2);
});

test('an answered ping keeps the line', () => {
  FakeSocket.last.hello(1, 'e1');
  vi.advanceTimersByTime(20_000);
  FakeSocket.last.frame({ type: 'pong' });
  vi.advanceTimersByTime(15_000);
  expect(FakeSocket.all).toHaveLength(1);
});

test('tries at once when the network comes back', () => {
  FakeSocket.last.hello(1, 'e1');
  window.dispatchEvent(new Event('offline'));
  expect(on.connection).toHaveBeenLastCalledWith('offline');
  window.dispatchEvent(new Event('online'));
  expect(FakeSocket.all).toHaveLength(2);
});

test('a handshake that fails asks whether the person is still signed in', () => {
  FakeSocket.last.die();
  expect(on.refused).toHaveBeenCalledOnce();
});

test('after stop nothing opens again', () => {
  FakeSocket.last.hello(1, 'e1');
  socket.stop();
  FakeSocket.last.die();
  vi.advanceTimersByTime(60_000);
  expect(FakeSocket.all).toHaveLength(1);
});

describe('backoff', () => {
  test.each([
    [0, 250, 500],
    [1, 500, 1000],
    [3, 2000, 4000],
    [20, 7500, 15_000],
  ])('try %i waits between %i and %i ms', (attempt, least, most) => {
    expect(backoff(attempt, 0)).toBe(least);
    expect(backoff(attempt, 1)).toBe(most);
  });
});

test('a signal that this version does not use leaves the place in the stream alone', () => {
  FakeSocket.last.hello(10, 'e1');
  FakeSocket.last.frame({ type: 'presence', data: { user_id: 'usr_2', status: 'away' } });
  FakeSocket.last.frame(event(11));
  expect(seqs()).toEqual([11]);
  FakeSocket.last.die();
  vi.advanceTimersByTime(60_000);
  expect(FakeSocket.last.url).toContain('since=11');
});
