import { expect, test } from 'vitest';
import { skillKey } from './skills';

test('a skill has a key of its own whatever it is called', () => {
  expect(skillKey('Refunds & returns', [])).toBe('refunds-returns');
  expect(skillKey('החזרים', [])).toBe('skill-1');
  expect(skillKey('שיווק', ['skill-1'])).toBe('skill-2');
  expect(skillKey('VIP', ['vip'])).toBe('vip-2');
});
