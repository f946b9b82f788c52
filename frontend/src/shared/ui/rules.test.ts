import { existsSync, readdirSync, readFileSync } from 'node:fs';
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

test('nor do styles in components', () => {
  for (const [path, code] of Object.entries(sources)) {
    expect(/\b(?:marginLeft|marginRight|paddingLeft|paddingRight|\bm[lr]=|\bp[lr]=)/.exec(code)?.[0], path).toBeUndefined();
  }
});

test('colours come from the tokens', () => {
  for (const [path, css] of Object.entries(styles)) {
    // What lies over a picture is dark in both themes, and so is the viewer.
    if (path.endsWith('app.css') || path.endsWith('Lightbox.module.css')) continue;
    const coloured = css.replace(/#fff\b|rgb\((?:0 0 0|255 255 255) \//g, '');
    expect(/#[0-9a-f]{3,8}\b|rgb\(/i.exec(coloured)?.[0], path).toBeUndefined();
  }
});

test('every Mantine component that is used brings its styles', () => {
  const used = Object.values(sources).flatMap((code) => [...code.matchAll(/import \{([^}]*)\} from '@mantine\/core'/g)].flatMap((m) => (m[1] ?? '').split(',').map((name) => name.trim())));
  const styled = [...new Set(used)].filter((name) => existsSync(`node_modules/@mantine/core/styles/${name}.layer.css`));
  expect(styled.length).toBeGreaterThan(5);
  for (const name of styled) expect(styles['app/mantine.css']).toContain(`styles/${name}.layer.css`);
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
