import { expect, test } from 'vitest';
import { rank } from './rank';

const labels = (text: string, ...list: string[]) => rank(list.map((label) => ({ label })), text).map((c) => c.label);

test('word starts come before anything inside a word', () => {
  expect(labels('re', 'Priority: Urgent', 'Unread', 'Resolve')).toEqual(['Resolve', 'Unread']);
});
test('all words count, in any order, without marks', () => {
  expect(labels('حل', 'حلّ المحادثة', 'تأجيل')).toEqual(['حلّ المحادثة']);
  expect(labels('mine inbox', 'Inbox: Mine', 'Inbox: All')).toEqual(['Inbox: Mine']);
});
test('nothing typed keeps the order', () => {
  expect(labels('', 'b', 'a')).toEqual(['b', 'a']);
});
