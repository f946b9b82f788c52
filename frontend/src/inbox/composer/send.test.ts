import { expect, test } from 'vitest';
import type { Draft } from '~/shared/api/types';
import { compose } from './send';
import type { Upload } from './uploads';

const draft = (change: Partial<Draft>): Draft => ({ text: '', mode: 'reply', ...change });
const file = (id: string, kind: Upload['kind']): Upload => ({
  key: id, file: new File(['x'], `${id}.bin`), mime: 'x/y', kind, preview: '', state: 'ready', progress: 1,
  media: { id, kind, mime: 'x/y', name: id, size: 1, url: `/m/${id}` },
});
const short = (messages: ReturnType<typeof compose>) => messages.map((m) => [m.type, m.text ?? '', m.attachments?.map((a) => a.id).join() ?? '', m.reply_to ?? '']);

test('text alone is one message, nothing is none', () => {
  expect(short(compose(draft({ text: '  hi \n', reply_to: 'm1' }), [], 0))).toEqual([['text', 'hi', '', 'm1']]);
  expect(compose(draft({ text: '  ' }), [], 0)).toEqual([]);
});

test('the text stands beside the first file that takes one, the quote on the first message', () => {
  expect(short(compose(draft({ text: 'look', reply_to: 'm1' }), [file('v', 'voice'), file('a', 'image'), file('b', 'image')], 100))).toEqual([
    ['media', '', 'v', 'm1'], ['media', 'look', 'a', ''], ['media', '', 'b', ''],
  ]);
});

test('a text that is too long for a caption, or beside a recording, follows by itself', () => {
  expect(short(compose(draft({ text: 'long' }), [file('a', 'image')], 3))).toEqual([['media', '', 'a', ''], ['text', 'long', '', '']]);
  expect(short(compose(draft({ text: 'hi' }), [file('a', 'image')], null))).toEqual([['media', '', 'a', ''], ['text', 'hi', '', '']]);
  expect(short(compose(draft({ text: 'hi' }), [file('v', 'voice')], 100))).toEqual([['media', '', 'v', ''], ['text', 'hi', '', '']]);
});

test('a note keeps its files with it and never answers the customer', () => {
  expect(short(compose(draft({ text: 'look', mode: 'note', reply_to: 'm1' }), [file('a', 'image'), file('b', 'voice')], 2))).toEqual([['note', 'look', 'a,b', '']]);
});
