import { expect, test } from 'vitest';
import { addresses, composeMail, toHTML } from './mail';

test('marks become formatted text, and nothing else does', () => {
  expect(toHTML('Hello *you* <b>\n- _one_\n- two')).toBe('<p dir="auto">Hello <b>you</b> &lt;b&gt;</p><ul dir="auto"><li><i>one</i></li><li>two</li></ul>');
  expect(toHTML('see https://example.com/a?b=1&c="x.')).toContain('<a href="https://example.com/a?b=1&amp;c=">');
});

test('addresses are parted as people part them', () => {
  expect(addresses('a@x.example, b@x.example;\n')).toEqual(['a@x.example', 'b@x.example']);
});

test('one mail carries everything', () => {
  const mail = composeMail({ text: 'Hi', mode: 'reply', reply_to: 'msg_1' }, [], { subject: ' News ', cc: 'a@x.example', bcc: '' });
  expect(mail).toEqual([{ type: 'text', text: 'Hi', reply_to: 'msg_1', mail: { subject: 'News', cc: ['a@x.example'], bcc: [], html: '<p dir="auto">Hi</p>' } }]);
  expect(composeMail({ text: ' ', mode: 'reply', reply_to: null }, [], { subject: '', cc: '', bcc: '' })).toEqual([]);
});
