import { IconMessageSearch } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Button } from '@mantine/core';
import { $api, api, bodyOf } from '~/shared/api/client';
import type { Contact } from '~/shared/api/types';
import { addressOf } from '~/shared/lib/identity';
import { keepConversations } from '~/shared/realtime/actions';
import { Avatar } from '~/shared/ui/Avatar';
import { BidiText } from '~/shared/ui/BidiText';
import { toastError } from '~/shared/ui/toast';
import { Ltr } from '~/shared/ui/Ltr';
import { RelTime } from '~/shared/ui/RelTime';
import { EmptyState, ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import css from './SearchResults.module.css';
import { around } from './snippet';

/** Everything the history holds for some words, in the place of the list, so that no pane is left. */
export function SearchResults({ q, openId }: { q: string; openId: string }) {
  const { t } = useTranslation('inbox');
  const navigate = useNavigate();
  const query = $api.useInfiniteQuery('get', '/api/v1/search', { params: { query: { q } } }, {
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor || undefined,
    staleTime: 10_000,
  });
  if (query.isError) return <ErrorRetry error={query.error} retry={() => void query.refetch()} />;
  if (query.isPending) return <SkeletonRows rows={6} />;
  const contacts = query.data.pages.flatMap((page) => page.contacts ?? []);
  const hits = query.data.pages.flatMap((page) => page.messages ?? []);
  if (contacts.length + hits.length === 0) {
    return <EmptyState icon={<IconMessageSearch size={28} stroke={1.5} />} title={t('search.none', { q })} text={t('search.noneText')} />;
  }
  const open = (conversationId: string, message?: string) =>
    void navigate({ to: '/inbox/$conversationId', params: { conversationId }, search: (s) => ({ ...s, message }) });

  /** A contact leads to the conversation with the newest life in it. */
  const openContact = async (contact: Contact) => {
    try {
      const { items } = await bodyOf(api.GET('/api/v1/conversations', { params: { query: { contact: contact.id, limit: 1 } } }));
      keepConversations(items);
      if (items[0]) open(items[0].id);
    } catch (cause) {
      toastError(cause);
    }
  };

  return (
    <div className={css.results} data-testid="search-results">
      {contacts.length > 0 && <h2>{t('search.contacts')}</h2>}
      {contacts.map((contact) => (
        <button key={contact.id} type="button" className={css.hit} onClick={() => void openContact(contact)}>
          <Avatar id={contact.id} name={contact.name} url={contact.avatar_url} size={34} />
          <span className={css.name}>
            <bdi>{contact.name}</bdi>
          </span>
          <span className={css.snippet}>
            <Ltr>{addressOf(contact)}</Ltr>
          </span>
        </button>
      ))}
      {hits.length > 0 && <h2>{t('search.messages')}</h2>}
      {hits.map(({ message, conversation }) => (
        <button
          key={message.id}
          type="button"
          className={css.hit}
          aria-current={conversation.id === openId ? 'true' : undefined}
          onClick={() => open(conversation.id, message.id)}
          data-testid="search-hit"
        >
          <Avatar id={conversation.contact.id} name={conversation.contact.name} url={conversation.contact.avatar_url} size={34} />
          <span className={css.name}>
            <bdi>{conversation.contact.name}</bdi>
          </span>
          <RelTime at={message.sent_at} className={css.time} />
          <span className={`${css.snippet} follow`} dir="auto">
            <Marked text={around(message.text, q)} q={q} />
          </span>
        </button>
      ))}
      {query.hasNextPage && (
        <Button variant="subtle" size="xs" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('search.more')}
        </Button>
      )}
    </div>
  );
}

/** The text with the words that were looked for marked. */
function Marked({ text, q }: { text: string; q: string }) {
  const words = q.trim().split(/\s+/).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return text.split(new RegExp(`(${words.join('|')})`, 'gi')).map((part, i) => (i % 2 ? <mark key={i}>{part}</mark> : <BidiText key={i} text={part} />));
}
