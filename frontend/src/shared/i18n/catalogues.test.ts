import { describe, expect, test } from 'vitest';

const files = import.meta.glob<{ default: object }>('./locales/*/*.json', { eager: true });
const catalogues: Record<string, Record<string, string>> = {};
for (const [path, module] of Object.entries(files)) {
  const [, language = '', name = ''] = /locales\/(\w+)\/(\w+)\.json/.exec(path) ?? [];
  Object.assign((catalogues[language] ??= {}), flatten(module.default, `${name}:`));
}

function flatten(node: object, prefix: string): Record<string, string> {
  return Object.entries(node).reduce<Record<string, string>>(
    (all, [key, value]) => Object.assign(all, typeof value === 'string' ? { [prefix + key]: value } : flatten(value as object, `${prefix}${key}.`)),
    {},
  );
}

const suffix = /_(zero|one|two|few|many|other)$/;
const bases = (language: string) => new Set(Object.keys(catalogues[language] ?? {}).map((key) => key.replace(suffix, '')));
const variables = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1]).sort();

describe.each(['he', 'ar'])('%s', (language) => {
  test('says everything that English says, and nothing else', () => {
    expect([...bases(language)].sort()).toEqual([...bases('en')].sort());
  });

  test('uses the same variables', () => {
    for (const [key, text] of Object.entries(catalogues.en ?? {})) {
      const own = catalogues[language]?.[key];
      if (own === undefined || suffix.test(key)) continue;
      expect(variables(own), key).toEqual(variables(text));
    }
  });
});

test.each(['en', 'he', 'ar'])('%s has every plural form that the language knows', (language) => {
  const wanted = new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted();
  const catalogue = catalogues[language] ?? {};
  const plurals = new Set(Object.keys(catalogue).filter((key) => suffix.test(key)).map((key) => key.replace(suffix, '')));
  expect(plurals.size).toBeGreaterThan(0);
  for (const base of plurals) {
    const forms = Object.keys(catalogue).filter((key) => suffix.test(key) && key.replace(suffix, '') === base);
    expect(forms.map((key) => suffix.exec(key)?.[1]).toSorted(), base).toEqual(wanted);
  }
});
