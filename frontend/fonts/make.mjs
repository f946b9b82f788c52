// Makes the fonts beside this file out of those of @fontsource-variable: the letters of app.css, the weights that the app uses and the shaping that
// text needs. What is left out (weights under 400 and over 700, other forms of letters) nothing shows, and it is more than a third of the bytes.
// Run it after an upgrade of a font: npm install --no-save subset-font@2.9.0 && node fonts/make.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import subset from 'subset-font';

const fonts = { inter: 'inter-latin', rubik: 'rubik-hebrew', vazirmatn: 'vazirmatn-arabic' };
const features = ['calt', 'ccmp', 'clig', 'curs', 'fina', 'init', 'isol', 'kern', 'liga', 'locl', 'mark', 'medi', 'mkmk', 'rclt', 'rlig', 'tnum'];
const here = (path) => new URL(path, import.meta.url);
const styles = readFileSync(here('../src/app/app.css'), 'utf8');

/** The letters that app.css takes from a font. */
function letters(name) {
  const [, ranges] = styles.match(new RegExp(`${name}\\.woff2[^}]*unicode-range: ([^;]+);`));
  return ranges.split(', ').map((range) => {
    const [first, last = first] = range.slice(2).split('-').map((code) => Number.parseInt(code, 16));
    return Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i)).join('');
  }).join('');
}

for (const [family, name] of Object.entries(fonts)) {
  const source = readFileSync(here(`../node_modules/@fontsource-variable/${family}/files/${name}-wght-normal.woff2`));
  const made = await subset(source, letters(name), { targetFormat: 'woff2', keepFeatures: features, preserveNameIds: [13, 14], variationAxes: { wght: { min: 400, max: 700 } } });
  writeFileSync(here(`${name}.woff2`), made);
  process.stdout.write(`${name} ${source.length} ${made.length}\n`);
}
