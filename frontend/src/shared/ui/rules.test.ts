import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { initials } from './Avatar';

const read = (end: RegExp) =>
  Object.fromEntries(
    readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((path) => end.test(path))
      .map((path) => [path, readFileSync(`src/${path}`, 'utf8')]),
  );
const styles = read(/\.css$/);
const sources = read(/(?<!\.test)\.tsx$/);

/** What would not turn with the direction of the language. */
const physical = /(?:^|[\s;{])(?:(?:margin|padding|border|inset)-(?:left|right)|left|right|(?:text-align|float|clear):\s*(?:left|right))\s*[:;]/;

test('style sheets know no left and right', () => {
  expect(Object.keys(styles).length).toBeGreaterThan(5);
  for (const [path, css] of Object.entries(styles)) expect(physical.exec(css)?.[0], path).toBeUndefined();
  expect(physical.test('a { margin-left: 1px }')).toBe(true);
});

test('nor do styles in components, except for a tooltip’s side', () => {
  for (const [path, code] of Object.entries(sources)) {
    expect(/\b(?:marginLeft|marginRight|paddingLeft|paddingRight|\bm[lr]=|\bp[lr]=)/.exec(code)?.[0], path).toBeUndefined();
  }
});

test('colours come from the tokens', () => {
  for (const [path, css] of Object.entries(styles)) {
    if (path.endsWith('app.css')) continue;
    expect(/#[0-9a-f]{3,8}\b|rgb\(/i.exec(css)?.[0], path).toBeUndefined();
  }
});

test.each([
  ['Noa Levi', 'NL'],
  ['יוסי ברק', 'יב'],
  ['سارة خليل', 'سخ'],
  ['madonna', 'M'],
  ['+972 52-765-4321', '21'],
  ['', '?'],
])('%s is shown as %s', (name, expected) => {
  expect(initials(name)).toBe(expected);
});
