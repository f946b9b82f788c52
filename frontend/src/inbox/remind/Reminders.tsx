import { ActionIcon, Button } from '@mantine/core';
import { IconBell, IconX } from '@tabler/icons-react';
import { lazy } from 'react';
import { useTranslation } from 'react-i18next';
import { create } from 'zustand';
import { $api, api, bodyOf } from '~/shared/api/client';
import { invalidate } from '~/shared/api/queries';
import type { Conversation } from '~/shared/api/types';
import { formatDateTime } from '~/shared/i18n/format';
import { useActions } from '~/shared/actions/actions';
import { useAriaKeys, useKeyText } from '~/shared/actions/keymap';
import { messageKey, useLive, useMessages } from '~/shared/realtime/store';
import { BidiText } from '~/shared/ui/BidiText';
import { Lazily } from '~/shared/ui/Lazily';
import { useNow } from '~/shared/ui/RelTime';
import { toastError } from '~/shared/ui/toast';
import { askReminder, askWithin, listed, useAsking } from './asking';
import { findPromise, type Promised } from './promise';
import css from './Reminders.module.css';

const OtherTime = lazy(() => import('../header/OtherTime').then((m) => ({ default: m.OtherTime })));

/** Messages whose promise was answered with no, until the page is loaded again. */
const useDeclined = create<{ keys: string[] }>()(() => ({ keys: [] }));

const decline = (key: string) => useDeclined.setState(({ keys }) => ({ keys: [...keys, key] }));

/** Messages that have not left, or never will, promise nothing. */
const unsaid = ['scheduled', 'canceled'];

/** What I promised in my latest message here, unless I was asked already; key is the message's. */
function usePromised(conversationId: string, known: string[]): (Promised & { key: string }) | undefined {
  const me = useLive((s) => s.me?.user.id);
  const now = useNow();
  const declined = useDeclined((s) => s.keys);
  const last = useMessages(conversationId).items.findLast((m) => m.direction === 'out' && m.type !== 'note' && m.author?.id === me && !unsaid.includes(m.status));
  if (!last?.text || now - Date.parse(last.created_at) > askWithin || declined.includes(messageKey(last))) return undefined;
  const promised = findPromise(last.text, new Date(last.created_at));
  return promised && promised.at.getTime() > now && !known.includes(promised.text) ? { ...promised, key: messageKey(last) } : undefined;
}

async function remind(conversationId: string, at: Date, text: string): Promise<void> {
  try {
    await bodyOf(api.POST('/api/v1/conversations/{id}/reminders', { params: { path: { id: conversationId } }, body: { at: at.toISOString(), text } }));
    await invalidate('/api/v1/me/reminders');
  } catch (cause) {
    toastError(cause);
  }
}

async function forget(id: string): Promise<void> {
  try {
    await bodyOf(api.DELETE('/api/v1/reminders/{id}', { params: { path: { id } } }));
    await invalidate('/api/v1/me/reminders');
  } catch (cause) {
    toastError(cause);
  }
}

/** Above the composer: my reminders of this conversation, and what I have just promised, to be confirmed with one key. */
export default function Reminders({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation('remind');
  const asks = useAsking((s) => s.asks);
  const { data } = $api.useQuery('get', '/api/v1/me/reminders', listed);
  const mine = data?.items.filter((r) => r.conversation_id === conversation.id) ?? [];
  const promised = usePromised(conversation.id, mine.map((r) => r.text));
  const confirm = () => promised && void remind(conversation.id, promised.at, promised.text);
  const key = useKeyText('remind');
  const ariaKeys = useAriaKeys('remind');
  useActions({ remind: () => (promised ? confirm() : askReminder(true)) });
  return (
    <>
      {(promised || mine.length > 0) && (
        <ul className={css.reminders} aria-label={t('label')}>
          {promised && (
            <li className={css.promised} data-testid="promise">
              <IconBell size={17} stroke={1.7} aria-hidden />
              <span className={css.said}>
                {t('promised', { time: formatDateTime(promised.at) })} <BidiText text={promised.text} />
              </span>
              <Button size="compact-sm" onClick={confirm} aria-keyshortcuts={ariaKeys} data-testid="promise-confirm">
                {t('confirm')} {key && <kbd className={css.key}>{key}</kbd>}
              </Button>
              <Button size="compact-sm" variant="subtle" color="gray" onClick={() => decline(promised.key)}>
                {t('no')}
              </Button>
            </li>
          )}
          {mine.map((r) => (
            <li key={r.id} data-testid="reminder">
              <IconBell size={15} stroke={1.7} aria-hidden />
              <span className={css.said}>
                <time dateTime={r.at}>{formatDateTime(r.at)}</time> {r.text && '· '}{r.text && <BidiText text={r.text} />}
              </span>
              <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('remove')} title={t('remove')} onClick={() => void forget(r.id)}>
                <IconX size={15} stroke={1.7} />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
      <span className="visually-hidden" role="status">
        {promised && t('promised', { time: formatDateTime(promised.at) })}
      </span>
      <Lazily wanted={asks}>
        <OtherTime opened={asks} title={t('ask')} action={t('confirm')} onClose={() => askReminder(false)} onPick={(at) => void remind(conversation.id, at, '')} />
      </Lazily>
    </>
  );
}
