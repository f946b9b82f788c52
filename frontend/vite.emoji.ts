/** Emoji data for the picker, served by ourselves: emojibase with the names and keywords that CLDR has in Hebrew and Arabic. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Plugin } from 'vite';

const require = createRequire(import.meta.url);
const json = <T>(path: string) => JSON.parse(readFileSync(require.resolve(path), 'utf8')) as T;

interface Emoji {
  label: string;
  tags?: string[];
  emoji: string;
  group?: number;
  skins?: Emoji[];
}

interface Annotations {
  annotations: { annotations: Record<string, { default?: string[]; tts?: string[] }> };
}

const groups: Record<string, Record<string, string>> = {
  he: {
    'smileys-emotion': 'סמיילים ורגשות', 'people-body': 'אנשים וגוף', 'animals-nature': 'חיות וטבע', 'food-drink': 'אוכל ושתייה',
    'travel-places': 'נסיעות ומקומות', activities: 'פעילויות', objects: 'חפצים', symbols: 'סמלים', flags: 'דגלים',
  },
  ar: {
    'smileys-emotion': 'وجوه ومشاعر', 'people-body': 'أشخاص وجسم', 'animals-nature': 'حيوانات وطبيعة', 'food-drink': 'طعام وشراب',
    'travel-places': 'سفر وأماكن', activities: 'أنشطة', objects: 'أشياء', symbols: 'رموز', flags: 'أعلام',
  },
};

/** The agent searches in the language of the interface or in English: both stay. */
function translated(language: string): { data: Emoji[]; messages: unknown } {
  const data = json<Emoji[]>('emojibase-data/en/data.json');
  const messages = json<{ groups: { key: string; message: string }[] }>('emojibase-data/en/messages.json');
  const names = groups[language];
  if (!names) return { data, messages };
  const { annotations } = json<Annotations>(`cldr-annotations-full/annotations/${language}/annotations.json`).annotations;
  return {
    data: data.map((emoji) => {
      const own = annotations[emoji.emoji.replace(/\ufe0f/g, '')] ?? annotations[emoji.emoji];
      return own?.tts?.[0] ? { ...emoji, label: own.tts[0], tags: [...(own.default ?? []), emoji.label, ...(emoji.tags ?? [])] } : emoji;
    }),
    messages: { ...messages, groups: messages.groups.map((g) => ({ ...g, message: names[g.key] ?? g.message })) },
  };
}

export function emojiData(): Plugin {
  const files = () =>
    ['en', 'he', 'ar'].flatMap((language) => {
      const { data, messages } = translated(language);
      return [[`emoji/${language}/en/data.json`, data], [`emoji/${language}/en/messages.json`, messages]] as const;
    });
  return {
    name: 'emoji-data',
    generateBundle() {
      for (const [fileName, source] of files()) this.emitFile({ type: 'asset', fileName, source: JSON.stringify(source) });
    },
    configureServer(server) {
      server.middlewares.use('/emoji', (request, response, next) => {
        const file = files().find(([name]) => `/${name}` === `/emoji${request.url?.split('?')[0]}`);
        if (!file) return next();
        response.setHeader('Content-Type', 'application/json');
        response.end(JSON.stringify(file[1]));
      });
    },
  };
}
