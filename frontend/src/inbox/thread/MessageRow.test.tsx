import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import i18next from 'i18next';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { channel, conversation, messages, templates } from '~/dev/fixtures';
import { queryClient, templatesQuery } from '~/shared/api/queries';
import type { Message } from '~/shared/api/types';
import { startI18n } from '~/shared/i18n';
import { ThreadContext, type ThreadContextValue } from './context';
import { MessageRow } from './MessageRow';

const context: ThreadContextValue = {
  conversation: conversation(''), capabilities: channel.capabilities, everything: false, myId: 'u1', jumpTo: vi.fn(), reply: vi.fn(), view: vi.fn(), pickReaction: vi.fn(), trace: vi.fn(), react: vi.fn(),
};

beforeEach(async () => {
  queryClient.setQueryData(templatesQuery('ch').queryKey, { items: templates });
  URL.createObjectURL = () => 'blob:x';
  if (!i18next.isInitialized) await startI18n();
});
afterEach(cleanup);

function show(message: Message) {
  render(
    <MantineProvider>
      <QueryClientProvider client={queryClient}>
        <ThreadContext value={context}>
          <MessageRow row={{ kind: 'message', key: message.id, message, album: null, first: true, last: true }} highlighted={false} />
        </ThreadContext>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return screen.getByTestId('message');
}
const find = (which: (m: Message) => boolean) => messages().find(which)!;

test('every message says who it is and how far it got', () => {
  const message = find((m) => m.status === 'delivered');
  expect(show(message).dataset).toMatchObject({ messageId: message.id, status: 'delivered', direction: 'out', type: 'text' });
});

test('a failed message says why in words and offers Retry; one of unknown fate explains itself', () => {
  const failed = show(find((m) => m.status === 'failed'));
  expect(failed.textContent).toContain('cannot be delivered');
  expect(failed.textContent).not.toContain('not_reachable');
  expect(screen.getByTestId('message-retry').textContent).toBe('Retry');
  cleanup();
  expect(show(find((m) => m.status === 'unknown')).textContent).toContain('not known whether');
  expect(screen.getByTestId('message-retry').textContent).toBe('Send again');
});

test('a note is marked and offers neither reply nor reaction', () => {
  const note = show(find((m) => m.type === 'note'));
  expect(note.textContent).toContain('Internal note');
  fireEvent.focus(note);
  expect(screen.queryByTestId('message-reply')).toBeNull();
  expect(screen.queryByTestId('message-react')).toBeNull();
});

test('a message that reached the customer can be answered; one that waits cannot', () => {
  const answered = find((m) => m.text === 'ok');
  fireEvent.focus(show(answered));
  fireEvent.click(screen.getByTestId('message-reply'));
  expect(context.reply).toHaveBeenCalledWith(answered);
  cleanup();
  fireEvent.focus(show(find((m) => m.status === 'queued')));
  expect(screen.queryByTestId('message-reply')).toBeNull();
});

test('a quote leads to what it quotes', () => {
  const message = find((m) => !!m.quote);
  show(message);
  fireEvent.click(screen.getByTestId('message-quote'));
  expect(context.jumpTo).toHaveBeenCalledWith(message.reply_to);
});

test('a deleted message hides its text until it is asked for', () => {
  const bubble = show(find((m) => !!m.deleted_at));
  expect(bubble.textContent).not.toContain('secret');
  fireEvent.click(screen.getByText('show what it said'));
  expect(bubble.textContent).toContain('secret');
});

test('a template is drawn with its values', () => {
  const bubble = show(find((m) => m.type === 'template'));
  for (const part of ['Order 48213', 'Hi Noa, your order is', 'Wasl Demo Store', 'Track it']) expect(bubble.textContent).toContain(part);
});

test('an order adds up', () => {
  expect(show(find((m) => m.type === 'order')).textContent).toContain('₪512.30');
});

test('no kind of message breaks the thread', () => {
  for (const message of messages()) {
    expect(show(message).textContent?.length, message.type).toBeGreaterThan(0);
    cleanup();
  }
});

test('text of each language has its own direction, phones and codes read left to right', () => {
  const bubble = show(find((m) => m.text.includes('דיברתי')));
  expect(bubble.querySelector('[data-testid="message-text"]')?.getAttribute('dir')).toBe('auto');
  expect([...bubble.querySelectorAll('[dir="ltr"]')].map((el) => el.textContent)).toEqual(['+972 50-123-4567', 'INV-2026-00871']);
});

test('a shared page says what it is once, and what was written about it beside it', () => {
  const bare = show(find((m) => m.link?.kind === 'reel'));
  expect(bare.textContent?.match(/قميص صيفي/g)).toHaveLength(1);
  expect(bare.querySelector('a[href="https://www.facebook.com/reel/1000000000000003/"]')).toBeTruthy();
  cleanup();
  expect(show(find((m) => m.link?.kind === 'page')).textContent).toMatch(/Shared a link.*Summer shirt.*Do you have this in blue/);
});

test('a story reply and a mention are told apart, with and without words', () => {
  expect(show(find((m) => m.system === 'reply')).textContent).toContain('Answer to your story');
  cleanup();
  expect(show(find((m) => m.system === 'mention')).textContent).toContain('Mentioned you in a story');
});
