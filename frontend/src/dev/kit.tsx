/** A page for development only: the thread and the composer with every kind of message. ?lang=he&theme=dark&state=closed&only=m010,m020 */
import '../app/layers.css';
import '../app/mantine.css';
import '../app/app.css';
import { DirectionProvider, MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { theme } from '~/app/theme';
import { Composer } from '~/inbox/composer/Composer';
import { Thread } from '~/inbox/thread/Thread';
import { queryClient } from '~/shared/api/queries';
import { isLanguage, setLanguage, startI18n } from '~/shared/i18n';
import { conversations, useConversation } from '~/shared/realtime/conversations';
import { emptyThread, useLive } from '~/shared/realtime/store';
import { channel, conversation, me, messages, templates } from './fixtures';

const query = new URLSearchParams(location.search);
const state = query.get('state') ?? '';
const posted: unknown[] = [];

/** Answers of a gateway that takes everything. */
function answer(url: string, method: string, body: object): unknown {
  if (url.includes('/templates')) return { items: templates };
  if (url.includes('/channels')) return { items: [{ ...channel, status: state === 'paused' ? 'paused' : 'active' }] };
  if (url.includes('/users')) return { items: [me.user, { ...me.user, id: 'u2', name: 'Yossi Barak' }] };
  if (url.includes('/draft')) return { text: '', mode: 'reply' };
  if (url.endsWith('/read')) return { ...conversation(state), unread_count: 0 };
  if (method === 'POST' && url.endsWith('/messages')) {
    posted.push(body);
    const at = new Date().toISOString();
    return { ...messages()[1], quote: null, reactions: [], ...body, attachments: [], id: `p${posted.length}`, status: 'sent', sent_at: at, created_at: at };
  }
  return { items: [] };
}

const realFetch = window.fetch.bind(window);
window.fetch = async (input, init) => {
  if (!(input instanceof Request)) return realFetch(input, init);
  const body = input.method === 'GET' ? {} : ((await input.json().catch(() => ({}))) as object);
  return new Response(JSON.stringify(answer(input.url, input.method, body)), { status: 200, headers: { 'Content-Type': 'application/json' } });
};
function Kit() {
  const current = useConversation('c1');
  if (!current) return null;
  return (
    <main style={{ position: 'relative', display: 'flex', flexDirection: 'column', blockSize: '100%', background: 'var(--ground)' }}>
      <Thread conversation={current} key="t" />
      <Composer conversation={current} key="c" />
    </main>
  );
}

const root = document.getElementById('root');
if (root) {
  await startI18n();
  const language = query.get('lang');
  if (isLanguage(language)) await setLanguage(language);
  const only = query.get('only')?.split(',');
  const items = messages().filter((m) => !only || only.includes(m.id));
  conversations.put(conversation(state));
  useLive.setState({
    me, connection: 'live', openId: 'c1',
    threads: { c1: { ...emptyThread, items: state === 'empty' ? [] : items, hasOlder: false } },
    typing: state === 'typing' ? { c1: { '': Infinity, u2: Infinity } } : {},
  });
  Object.assign(window, { kit: { useLive, posted, message: messages } });
  createRoot(root).render(
    <DirectionProvider detectDirection>
      <MantineProvider theme={theme} forceColorScheme={query.get('theme') === 'dark' ? 'dark' : 'light'}>
        <QueryClientProvider client={queryClient}>
          <Kit />
        </QueryClientProvider>
        <Notifications position="bottom-center" />
      </MantineProvider>
    </DirectionProvider>,
  );
}
