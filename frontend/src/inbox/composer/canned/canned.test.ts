import { expect, test } from 'vitest';
import type { CannedReply } from '~/shared/api/types';
import { findCanned, textIn } from './search';
import { fill, placeOf, slashAt, unfilled } from './variables';

const canned = (shortcut: string, text: CannedReply['text'], folder = ''): CannedReply => ({ id: shortcut, shortcut, text, folder, attachments: [], scope: 'all', owner_id: 'u1', version: 1 });
const all = [canned('hours', { en: 'We are open from 9', he: 'אנחנו פתוחים' }), canned('thanks', { en: 'Thank you', ar: 'شكرًا لك' }), canned('after-hours', { he: 'נחזור אליך' }, 'Night')];
const found = (query: string) => findCanned(all, query).map((c) => c.shortcut);

test('a slash opens the list at the beginning of a word, and nowhere else', () => {
  expect(slashAt('/ho', 3)).toEqual({ start: 0, query: 'ho' });
  expect(slashAt('שלום /תו', 8)).toEqual({ start: 5, query: 'תו' });
  expect(slashAt('hi\n/', 4)).toEqual({ start: 3, query: '' });
  for (const text of ['24/7', 'https://a', 'a /b c', '//']) expect(slashAt(text, text.length)).toBeNull();
});
test('what is typed is looked for in shortcuts first, then in the texts of every language', () => {
  expect(found('hours')).toEqual(['hours', 'after-hours']);
  expect(found('פתוח')).toEqual(['hours']);
  expect(found('شكرا')).toEqual(['thanks']);
  expect(found('night')).toEqual(['after-hours']);
  expect(found('')).toHaveLength(3);
  expect(found('nothing')).toEqual([]);
});
test('the language of the conversation comes first, then that of the interface, then any', () => {
  expect(textIn(all[0]!, 'he', 'en')).toEqual({ language: 'he', text: 'אנחנו פתוחים' });
  expect(textIn(all[0]!, 'ar', 'en').language).toBe('en');
  expect(textIn(all[2]!, '', 'ar').language).toBe('he');
});
test('known variables are put in, others stay to be filled', () => {
  const text = fill('Hi {{ contact.first_name }}, it is {{agent.name}}. {{contact.fields.plan}}', { 'contact.first_name': 'Dana', 'agent.name': 'Maya' });
  expect(text).toBe('Hi Dana, it is Maya. {{contact.fields.plan}}');
  expect(unfilled(text)).toEqual(['contact.fields.plan']);
  expect(placeOf(text, 'contact.fields.plan')).toEqual({ start: 21, end: 44 });
  expect(unfilled('{{something}} else, {{1}}')).toEqual([]);
});
