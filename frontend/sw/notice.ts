/** What is shown of what was pushed. Pure. */
import { words, type Language } from './words';

/** As the gateway sends it (notify/push.go). */
export interface Pushed {
  id: string;
  kind: string;
  at: string;
  language: string;
  metric?: string;
  conversation_id?: string;
  name?: string;
  text?: string;
}

/** What a notification remembers of what it stands for. */
export interface Kept {
  ids: string[];
  conversationId: string;
}

export interface Shown {
  title: string;
  options: NotificationOptions & { data: Kept; tag: string; renotify: boolean; timestamp: number };
}

/** One notification stands for a conversation, whatever happens there; before is what it stood for until now. */
export function shown(pushed: Pushed, before: Kept[]): Shown {
  const language: Language = Object.hasOwn(words, pushed.language) ? (pushed.language as Language) : 'en';
  const said = words[language];
  const known = before.flatMap(({ ids }) => ids);
  const ids = [...new Set([...known, pushed.id])];
  const name = pushed.name?.trim() ?? '';
  const title = titleOf(pushed, said);
  const text = pushed.kind === 'test' ? said.testBody : (pushed.text?.trim() ?? '');
  return {
    title: name ? `${isolate(name)}: ${title}` : title,
    options: {
      body: [text && isolate(text), ids.length > 1 ? said.more(ids.length) : ''].filter(Boolean).join('\n'),
      tag: pushed.conversation_id || pushed.id,
      renotify: !known.includes(pushed.id),
      timestamp: Date.parse(pushed.at),
      lang: language,
      dir: language === 'en' ? 'ltr' : 'rtl',
      icon: '/icon-192.png',
      badge: '/badge.png',
      data: { ids, conversationId: pushed.conversation_id ?? '' },
    },
  };
}

/** Keeps the direction of a name or a text to itself. */
const isolate = (text: string) => `\u2068${text}\u2069`;

function titleOf({ kind, metric }: Pushed, said: (typeof words)[Language]): string {
  switch (kind) {
    case 'sla_warning':
    case 'sla_breached':
      return said[kind][metric ?? ''] ?? said.other;
    case 'assigned':
    case 'mention':
    case 'waiting':
    case 'reminder':
    case 'message_failed':
    case 'test':
      return said[kind];
  }
  return said.other;
}
