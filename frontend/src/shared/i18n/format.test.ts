import { beforeAll, describe, expect, test } from 'vitest';
import { setLanguage, startI18n } from './index';
import { formatBytes, formatShort, formatTime } from './format';

const now = new Date(2026, 10, 22, 12, 0).getTime();
const before = (minutes: number) => new Date(now - minutes * 60_000).toISOString();

beforeAll(startI18n);

describe.each([
  ['en', ['now', '1 min', '2 min', '11 min', '10:00', 'yesterday', 'Wednesday', '1 Nov', '1 Nov 2025']],
  ['he', ['עכשיו', 'לפני דקה', 'לפני שתי דקות', 'לפני 11 דק׳', '10:00', 'אתמול', 'יום רביעי', '1 בנוב׳', '1 בנוב׳ 2025']],
  ['ar', ['الآن', 'قبل دقيقة', 'قبل دقيقتين', 'قبل 11 دقيقة', '10:00', 'أمس', 'الأربعاء', '1 نوفمبر', '1 نوفمبر 2025']],
] as const)('the time of a row in %s', (language, words) => {
  beforeAll(() => setLanguage(language));
  const day = 24 * 60;
  test.each([0, 1, 2, 11, 120, day, 4 * day, 21 * day, 386 * day].map((minutes, i) => [minutes, words[i]]))('%i minutes ago is %s', (minutes, expected) => {
    expect(formatShort(before(Number(minutes)), now)).toBe(expected);
  });
  test('has Latin digits', () => {
    expect(formatTime(new Date(now))).toBe('12:00');
  });
});

test('sizes are read at a glance', async () => {
  await setLanguage('en');
  expect([0, 900, 45_300, 3_440_000].map(formatBytes)).toEqual(['0 kB', '0.9 kB', '45 kB', '3.4 MB'].map((size) => `\u2068${size}\u2069`));
});
