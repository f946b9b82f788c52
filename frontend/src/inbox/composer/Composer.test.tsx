import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import i18next from 'i18next';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { channel, conversation, me, messages } from '~/dev/fixtures';
import { channelsQuery, queryClient } from '~/shared/api/queries';
import type { NewMessage } from '~/shared/api/types';
import { startI18n } from '~/shared/i18n';
import { useAgain } from '~/shared/realtime/again';
import { conversations } from '~/shared/realtime/conversations';
import { hearLock } from '~/shared/realtime/lock';
import { resetDrafts } from '~/shared/realtime/drafts';
import { emptyThread, resetLive, useLive } from '~/shared/realtime/store';
import { Composer } from './Composer';

const posted: NewMessage[] = [];
/** What the gateway says to the next messages, instead of taking them. */
let answers: Response[] = [];
let draftAnswer: Promise<object>;
const json = (body: object) => new Response(JSON.stringify(body), { status: 200, headers: { 'Content-Type': 'application/json' } });

beforeEach(async () => {
  posted.length = 0;
  answers = [];
  useAgain.setState({ of: {}, files: {} });
  draftAnswer = Promise.resolve({ text: '', mode: 'reply' });
  resetLive();
  resetDrafts();
  queryClient.clear();
  queryClient.setQueryData(channelsQuery.queryKey, { items: [channel] });
  queryClient.setQueryData(['get', '/api/v1/users', { params: { query: { limit: 200 } } }], { items: [me.user, { ...me.user, id: 'u2', name: 'Yossi' }] });
  vi.stubGlobal('fetch', async (request: Request) => {
    if (request.url.endsWith('/messages') && request.method === 'POST') {
      const body = (await request.json()) as NewMessage;
      posted.push(body);
      const planned = answers.shift();
      if (planned) return planned;
      return json({ ...messages()[1], ...body, id: `p${posted.length}`, attachments: [], version: posted.length, status: body.send_at ? 'scheduled' : 'queued' });
    }
    if (request.method === 'DELETE') return json({ ...messages()[1], id: request.url.split('/').at(-1), status: 'canceled', version: 99, client_id: posted.at(-1)?.client_id });
    if (request.url.endsWith('/draft') && request.method === 'GET') return json(await draftAnswer);
    return json({ items: [] });
  });
  if (!i18next.isInitialized) await startI18n();
});
afterEach(async () => {
  cleanup();
  await new Promise((done) => setTimeout(done)); // the lock is given back
  vi.unstubAllGlobals();
});

async function show(state = '') {
  const current = conversation(state);
  conversations.put(current);
  useLive.setState({ me, openId: 'c1', threads: { c1: { ...emptyThread, items: messages() } } });
  render(
    <MantineProvider>
      <QueryClientProvider client={queryClient}>
        <Composer conversation={current} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  await act(async () => {});
  return screen.getByTestId<HTMLTextAreaElement>('composer-input');
}
const type = (input: HTMLElement, value: string) => fireEvent.change(input, { target: { value } });
const enter = (input: HTMLElement, keys: object = {}) => act(async () => void fireEvent.keyDown(input, { key: 'Enter', code: 'Enter', ...keys }));

test('Enter sends what was typed and empties the field; Shift+Enter and composing do not', async () => {
  const input = await show();
  type(input, 'Hello');
  await enter(input, { shiftKey: true });
  await enter(input, { isComposing: true });
  expect(posted).toEqual([]);
  await enter(input);
  expect(posted).toMatchObject([{ type: 'text', text: 'Hello' }]);
  expect(input.value).toBe('');
});

test('a note goes as a note, and the composer says so', async () => {
  const input = await show();
  fireEvent.click(screen.getByTestId('mode-note'));
  expect(screen.getByTestId('composer').dataset.mode).toBe('note');
  type(input, 'between us');
  await enter(input);
  expect(posted).toMatchObject([{ type: 'note', text: 'between us' }]);
});

test('with a closed window nothing free can be sent, a template is offered, and a note is still possible', async () => {
  const input = await show('closed');
  expect(screen.getByTestId('window-closed')).toBeTruthy();
  expect(screen.getByTestId('window-template')).toBeTruthy();
  expect(input.readOnly).toBe(true);
  type(input, 'too late');
  await enter(input);
  expect(posted).toEqual([]);
  fireEvent.click(screen.getByTestId('mode-note'));
  await enter(input);
  expect(posted).toMatchObject([{ type: 'note', text: 'too late' }]);
});

test('when only people may answer, the composer says so and sends', async () => {
  const input = await show('human');
  expect(screen.getByTestId('window-human').textContent).toContain('only a person');
  expect(screen.queryByTestId('window-closed')).toBeNull();
  type(input, 'sorry for the delay');
  await enter(input);
  expect(posted).toMatchObject([{ type: 'text', text: 'sorry for the delay' }]);
});

test('the window that closes while the agent writes stops the message, not the text', async () => {
  const input = await show('closing');
  type(input, 'almost');
  vi.setSystemTime(Date.now() + 3_600_000);
  await enter(input);
  vi.useRealTimers();
  expect(posted).toEqual([]);
  expect(input.value).toBe('almost');
});

test('a draft that arrives late never overwrites what was typed meanwhile', async () => {
  let answer: (draft: object) => void = () => {};
  draftAnswer = new Promise((resolve) => (answer = resolve));
  const input = await show();
  type(input, 'typed');
  await act(async () => answer({ text: 'from the server', mode: 'reply' }));
  expect(input.value).toBe('typed');
});

test('a draft that was kept comes back', async () => {
  draftAnswer = Promise.resolve({ text: 'yesterday', mode: 'note' });
  const input = await show();
  expect(input.value).toBe('yesterday');
  expect(screen.getByTestId('composer').dataset.mode).toBe('note');
});

test('what the customer writes while the agent types is shown, and can be put away', async () => {
  const input = await show();
  type(input, 'My ans');
  expect(screen.queryByTestId('wrote-again')).toBeNull();
  const [first] = messages();
  act(() => useLive.setState((s) => ({ threads: { c1: { ...s.threads.c1!, items: [...s.threads.c1!.items, { ...first!, id: 'new', arrived: 99, text: 'Wait, I found it' }] } } })));
  expect(screen.getByTestId('wrote-again').textContent).toContain('Wait, I found it');
  fireEvent.click(screen.getByTestId('wrote-again').querySelector('button')!);
  expect(screen.queryByTestId('wrote-again')).toBeNull();
});

const again = (...texts: string[]) => new Response(JSON.stringify({ code: 'written_again', title: 'Conflict', messages: texts.map((text, n) => ({ ...messages()[0]!, id: `again${n}`, arrived: 100 + n, text })) }), { status: 409 });

test('an answer that overlooks what came meanwhile is given back, and one key sends it all the same', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  answers = [again('Wait', 'I found it')];
  const input = await show();
  const seen = useLive.getState().threads.c1!.items.at(-1)!.id;
  type(input, 'Here it is');
  await enter(input);
  await act(async () => {});
  expect(input.value).toBe('Here it is');
  expect(screen.getByTestId('wrote-again').textContent).toContain('I found it');
  expect(useLive.getState().threads.c1?.items.some((m) => m.local)).toBe(false);
  await enter(input); // pressed twice: that is no yes
  expect(posted).toHaveLength(1);
  vi.advanceTimersByTime(1000);
  await enter(input);
  expect(posted).toMatchObject([{ text: 'Here it is' }, { text: 'Here it is', seen_message_id: 'again1' }]);
  expect(posted[0]!.seen_message_id).toBe(seen);
  expect(posted[0]!.client_id).not.toBe(posted[1]!.client_id);
  expect(screen.queryByTestId('wrote-again')).toBeNull();
  vi.useRealTimers();
});

test('Escape puts the question away and goes on with the text', async () => {
  answers = [again('Wait')];
  const input = await show();
  type(input, 'Here it is');
  await enter(input);
  await act(async () => {});
  fireEvent.keyDown(input, { key: 'Escape', code: 'Escape' });
  expect(screen.queryByTestId('wrote-again')).toBeNull();
  expect(input.value).toBe('Here it is');
});

test('in a mail Enter is a new line, and Ctrl+Enter sends', async () => {
  queryClient.setQueryData(channelsQuery.queryKey, { items: [{ ...channel, kind: 'email', capabilities: { ...channel.capabilities, mail: true } }] });
  const input = await show();
  expect(screen.getByTestId('send-key').textContent).toContain('Ctrl+Enter');
  type(input, 'Hello David,');
  await enter(input);
  expect(posted).toEqual([]);
  await enter(input, { ctrlKey: true });
  expect(posted).toMatchObject([{ text: 'Hello David,' }]);
});

test('Ctrl+Z in the empty field takes back what was just sent', async () => {
  const input = await show();
  type(input, 'Too fast');
  await enter(input);
  expect(posted[0]!.undo_seconds).toBe(5);
  expect(screen.getByTestId('undo-bar').textContent).toContain('Sent to');
  await act(async () => void fireEvent.keyDown(input, { key: 'z', code: 'KeyZ', ctrlKey: true }));
  await act(async () => {});
  expect(input.value).toBe('Too fast');
  expect(screen.queryByTestId('undo-bar')).toBeNull();
  expect(document.activeElement).toBe(input);
});

test('what is scheduled stands above the field, and not in the thread', async () => {
  const input = await show();
  type(input, 'Good morning');
  fireEvent.click(screen.getByTestId('send-later'));
  fireEvent.click(await screen.findByTestId('later-unanswered'));
  await act(async () => void fireEvent.click(screen.getByTestId('later-tomorrow')));
  expect(posted).toMatchObject([{ text: 'Good morning', cancel_if_answered: true, send_at: expect.stringMatching(/^2\d{3}-/) }]);
  expect(posted[0]!.undo_seconds).toBeUndefined();
  expect(screen.getByTestId('scheduled').textContent).toContain('Good morning');
  expect(input.value).toBe('');
});

test('while a colleague writes the answer the field is read only, and notes are not', async () => {
  const input = await show();
  type(input, 'my half of it');
  await act(async () => hearLock({ conversation_id: 'c1', user_id: 'u2', name: 'Yossi', text: 'Dear Noa', until: null }));
  expect(screen.getByTestId('held').textContent).toContain('Dear Noa');
  expect(input.readOnly).toBe(true);
  expect(input.value).toBe('my half of it');
  await enter(input);
  expect(posted).toEqual([]);
  fireEvent.click(screen.getByTestId('mode-note'));
  expect(input.readOnly).toBe(false);
  fireEvent.click(screen.getByTestId('mode-reply'));
  await act(async () => hearLock({ conversation_id: 'c1', user_id: null, name: '', text: '', until: null }));
  expect(input.readOnly).toBe(false);
});

test('a text over the limit is counted and not sent', async () => {
  const input = await show();
  type(input, 'x'.repeat(4097));
  await enter(input);
  expect(posted).toEqual([]);
  expect(screen.getByText('4,097 / 4,096')).toBeTruthy();
});

test('an empty field runs in the direction of the interface, a filled one in that of its text', async () => {
  const input = await show();
  expect(input.dir).toBe('ltr');
  type(input, 'שלום');
  expect(input.dir).toBe('auto');
});

test('a colleague who writes here too is named', async () => {
  await show();
  act(() => useLive.setState({ typing: { c1: { u2: Infinity } } }));
  expect(screen.getByTestId('colleague-typing').textContent).toContain('Yossi');
});
