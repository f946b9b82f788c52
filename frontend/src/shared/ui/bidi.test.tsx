import { expect, test } from 'vitest';
import { splitBidi } from './bidi';

const ltr = (text: string) => splitBidi(text).filter((p) => p.ltr).map((p) => p.text);

test.each([
  ['תתקשרו אליי ל +972 50-123-4567 אחרי 17:00', ['+972 50-123-4567']],
  ['اتصلوا بي على +971 50 123 4567 بعد 17:00', ['+971 50 123 4567']],
  ['המספר שלי 050-1234567, תודה', ['050-1234567']],
  ['טלפון (03) 555-1234.', ['(03) 555-1234']],
  ['+972501234567', ['+972501234567']],
  ['القطعة (موديل XR-200/B) غير مناسبة', ['XR-200/B']],
  ['הדגם הוא B/XR-200?', ['B/XR-200']],
  ['שילמתי על חשבונית INV-2026-00871.', ['INV-2026-00871']],
  ['הזמנה #48213 בדרך', ['#48213']],
  ['₪1,249.90 שולם', []],
  ['המחיר 249.90 בלבד', []],
  ['دفعت 350.500 د.إ أمس', []],
  ['בשנת 2026 היו 30 אנשים', []],
  ['בין 09:00–13:00 ביום ראשון', ['09:00–13:00']],
  ['ראו https://example.com/a?b=1, תודה', ['https://example.com/a?b=1']],
  ['(ראו https://example.com/a)', ['https://example.com/a']],
  ['https://en.wikipedia.org/wiki/A_(b)', ['https://en.wikipedia.org/wiki/A_(b)']],
  ['www.example.com!', ['www.example.com']],
  ['כתבו אל noa.levi@example.co.il.', ['noa.levi@example.co.il']],
  ['מספר מעקב RR123456785IL הגיע', ['RR123456785IL']],
  ['iPhone15 חדש', ['iPhone15']],
  ['Hello world', []],
  ['', []],
])('%s isolates %j', (text, expected) => {
  expect(ltr(text)).toEqual(expected);
});

test('no character is lost or added', () => {
  const text = 'א +972 50-123-4567 ב XR-200/B ג a@b.co ד https://x.io/y. ה';
  expect(splitBidi(text).map((p) => p.text).join('')).toBe(text);
});

test('links lead where they say', () => {
  const href = (text: string) => splitBidi(text).find((p) => p.ltr)?.href;
  expect(href('+972 50-123-4567')).toBe('tel:+972501234567');
  expect(href('a@b.co')).toBe('mailto:a@b.co');
  expect(href('www.x.io')).toBe('https://www.x.io');
  expect(href('INV-2026-1')).toBeUndefined();
});
