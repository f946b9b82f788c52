import { expect, test } from 'vitest';
import { isBigEmoji, parseFormat, parseInline, type Inline } from './parse';

/** The tree as text: <b>, <i>, <s>, <code>. */
const tags = { bold: 'b', italic: 'i', strike: 's', code: 'code' };
const show = (parts: Inline[]): string =>
  parts.map((p) => (typeof p === 'string' ? p : `<${tags[p.mark]}>${show(p.children)}</${tags[p.mark]}>`)).join('');

test.each([
  ['plain', 'plain'],
  ['*bold*', '<b>bold</b>'],
  ['a *bold* b', 'a <b>bold</b> b'],
  ['_it_ and ~gone~ and `x = 1`', '<i>it</i> and <s>gone</s> and <code>x = 1</code>'],
  ['*_both_*', '<b><i>both</i></b>'],
  ['_*both* and more_', '<i><b>both</b> and more</i>'],
  ['`*no*`', '<code>*no*</code>'],
  ['2*3*4', '2*3*4'],
  ['snake_case_name', 'snake_case_name'],
  ['* not*', '* not*'],
  ['*not *', '*not *'],
  ['**', '**'],
  ['***', '***'],
  ['*open', '*open'],
  ['(*bold*), yes', '(<b>bold</b>), yes'],
  ['*לא שולם*. אפשר לבדוק?', '<b>לא שולם</b>. אפשר לבדוק?'],
  ['ما زالت _غير مدفوعة_ .', 'ما زالت <i>غير مدفوعة</i> .'],
  ['https://x.io/a_b_c?d=*e* ok', 'https://x.io/a_b_c?d=*e* ok'],
  ['*https://x.io/a*', '<b>https://x.io/a</b>'],
  ['*a* *b*', '<b>a</b> <b>b</b>'],
  ['*a b* c*', '<b>a b</b> c*'],
])('%s is shown as %s', (text, expected) => {
  expect(show(parseInline(text))).toBe(expected);
});

test('lines become quotes, lists and blocks', () => {
  const blocks = parseFormat('Hi\n\n> one\n> two\n* a\n- b\n3. x\n4. *y*\n```\nlet a = 1;\n*raw*\n```\nbye');
  expect(blocks.map((b) => b.kind)).toEqual(['text', 'quote', 'bullets', 'numbers', 'code', 'text']);
  expect(blocks[1]).toMatchObject({ lines: [['one'], ['two']] });
  expect(blocks[3]).toMatchObject({ start: 3, items: [['x'], [{ mark: 'bold', children: ['y'] }]] });
  expect(blocks[4]).toMatchObject({ text: 'let a = 1;\n*raw*' });
});

test('a fence that is never closed is text', () => {
  expect(parseFormat('a ``` b')).toEqual([{ kind: 'text', lines: [['a ``` b']] }]);
});

test('bold at the start of a line is not a bullet', () => {
  expect(parseFormat('*bold* text')).toEqual([{ kind: 'text', lines: [[{ mark: 'bold', children: ['bold'] }, ' text']] }]);
});

test('empty lines between paragraphs stay', () => {
  expect(parseFormat('a\n\nb')).toEqual([{ kind: 'text', lines: [['a'], [], ['b']] }]);
});

test.each([
  ['👍', true], ['👍🏽', true], ['❤️', true], ['🇮🇱', true], ['👨‍👩‍👧', true], ['1️⃣', true], ['🙏 🙏 🙏', true],
  ['👍👍👍👍', false], ['ok 👍', false], ['1', false], ['', false], ['©2026', false],
])('%s alone is large: %s', (text, expected) => {
  expect(isBigEmoji(text)).toBe(expected);
});
