import i18next, { type TypeOptions } from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Language } from '~/shared/api/types';

export const languages: Record<Language, { name: string; dir: 'ltr' | 'rtl' }> = {
  en: { name: 'English', dir: 'ltr' },
  he: { name: 'עברית', dir: 'rtl' },
  ar: { name: 'العربية', dir: 'rtl' },
};

const storageKey = 'wasl.language';
const catalogues = import.meta.glob<{ default: object }>('./locales/*/*.json');

export const isLanguage = (value: string | null | undefined): value is Language => !!value && value in languages;

/** The language of this device: chosen here before, else the browser's, else English. */
function preferred(): Language {
  const stored = localStorage.getItem(storageKey);
  if (isLanguage(stored)) return stored;
  return navigator.languages.map((l) => l.slice(0, 2).replace('iw', 'he')).find(isLanguage) ?? 'en';
}

/** The catalogues in use: those of the inbox, and those of the areas that were opened. */
const namespaces = new Set(['common', 'inbox', 'thread', 'composer']);

async function load(language: string, namespace: string): Promise<void> {
  if (i18next.hasResourceBundle(language, namespace)) return;
  const words = await catalogues[`./locales/${language}/${namespace}.json`]?.();
  if (words) i18next.addResourceBundle(language, namespace, words.default);
}

/** Brings an area's words, before it is shown. */
export async function loadWords(namespace: keyof TypeOptions['resources']): Promise<void> {
  namespaces.add(namespace);
  await load(i18next.language, namespace);
}

export async function setLanguage(language: Language): Promise<void> {
  await Promise.all([...namespaces].map((namespace) => load(language, namespace)));
  await i18next.changeLanguage(language);
  localStorage.setItem(storageKey, language);
  document.documentElement.lang = language;
  document.documentElement.dir = languages[language].dir;
}

export async function startI18n(): Promise<void> {
  await i18next.use(initReactI18next).init({
    resources: {},
    fallbackLng: false,
    defaultNS: 'common',
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
  });
  await setLanguage(preferred());
}
