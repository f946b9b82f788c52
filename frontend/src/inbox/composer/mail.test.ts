import { expect, test } from 'vitest';
import { message } from '~/shared/test/samples';
import { addresses, answeredBy, composeMail, mailFields, replyAll, toHTML } from './mail';

test('marks become formatted text, and nothing else does', () => {
  expect(toHTML('Hello *you* <b>\n- _one_\n- two')).toBe('<p dir="auto">Hello <b>you</b> &lt;b&gt;</p><ul dir="auto"><li><i>one</i></li><li>two</li></ul>');
  expect(toHTML('see https://example.com/a?b=1&c="x.')).toContain('<a href="https://example.com/a?b=1&amp;c=">');
});

test('addresses are parted as people part them', () => {
  expect(addresses('a@x.example, b@x.example;\n')).toEqual(['a@x.example', 'b@x.example']);
});

const none = { subject: '', to: '', cc: '', bcc: '', unsigned: false };

test('one mail carries everything', () => {
  const mail = composeMail({ text: 'Hi', mode: 'reply', reply_to: 'msg_1' }, [], { ...none, subject: ' News ', to: 'n@x.example', cc: 'a@x.example', unsigned: true });
  expect(mail).toEqual([{ type: 'text', text: 'Hi', reply_to: 'msg_1', mail: { subject: 'News', to: ['n@x.example'], cc: ['a@x.example'], bcc: [], html: '<p dir="auto">Hi</p>', unsigned: true } }]);
  expect(composeMail({ text: ' ', mode: 'reply' }, [], none)).toEqual([]);
});

const token = `desk+w${'0'.repeat(26)}@us.example`;
const came = message('m1', {
  mail: { subject: 'Lamp', has_html: false, to: [{ address: 'Desk@us.example' }, { address: 'bo@x.example' }], cc: [{ address: token }, { address: 'cy@x.example' }, { address: 'BO@x.example' }], bcc: [{ address: 'secret@x.example' }] },
});

const noa = { address: 'noa@x.example', emails: ['noa@x.example'] };

test('an answer goes to everybody who had the mail, never to ourselves or to whom it was hidden', () => {
  expect(replyAll(came, noa, ['desk@us.example'])).toEqual({ to: ['noa@x.example', 'bo@x.example'], cc: ['cy@x.example'] });
  expect(replyAll(undefined, noa, [])).toEqual({ to: ['noa@x.example'], cc: [] });
  const third = message('m4', { mail: { subject: '', has_html: false, from: 'dan@x.example' } });
  expect(replyAll(third, noa, [])).toEqual({ to: ['noa@x.example', 'dan@x.example'], cc: [] });
  expect(replyAll(third, { ...noa, emails: ['Dan@x.example'] }, []).to).toEqual(['noa@x.example']);
  const ours = message('m2', { direction: 'out', mail: { subject: '', has_html: false, to: [{ address: 'bo@x.example' }] } });
  expect(replyAll(ours, noa, [])).toEqual({ to: ['bo@x.example'], cc: [] });
});

test('what was typed stands in the fields, also where that is nothing', () => {
  expect(answeredBy([came, message('m3')], undefined)).toBe(came);
  expect(mailFields({ cc: '' }, came, noa, ['desk@us.example'])).toEqual({ ...none, to: 'noa@x.example, bo@x.example' });
});
