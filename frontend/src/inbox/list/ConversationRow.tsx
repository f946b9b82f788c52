import { IconAlarmSnooze, IconArrowBackUp, IconFlag3Filled, IconHourglassEmpty } from '@tabler/icons-react';
import { memo, type MouseEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useChannel, useUsers } from '~/shared/api/queries';
import type { Conversation } from '~/shared/api/types';
import { formatNumber, formatSpan } from '~/shared/i18n/format';
import { useHasDraft } from '~/shared/realtime/drafts';
import { useConversation } from '~/shared/realtime/conversations';
import { useLive, useTyping } from '~/shared/realtime/store';
import { LabelDots } from '~/shared/desk/Labels';
import { Avatar } from '~/shared/ui/Avatar';
import { BidiText } from '~/shared/ui/BidiText';
import { RelTime, useNow } from '~/shared/ui/RelTime';
import { Ticks } from '~/shared/ui/Ticks';
import { dueOf } from '../due';
import { DueTime } from '../DueTime';
import css from './ConversationRow.module.css';
import { kindOf, lastOf, oneLine } from './preview';

interface Props {
  id: string;
  open: boolean;
  compact: boolean;
  onOpen: (id: string) => void;
}

/** One conversation of the list: plain HTML, because thousands of these scroll by. */
export const ConversationRow = memo(function ConversationRow({ id, open, compact, onOpen }: Props) {
  const conversation = useConversation(id);
  const { t } = useTranslation('inbox');
  const channel = useChannel(conversation?.channel_id ?? '');
  if (!conversation) return null;
  const { contact, unread_count: unread, priority } = conversation;
  const click = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    onOpen(id);
  };
  return (
    <a
      href={`/inbox/${id}${location.search}`}
      className={css.row}
      data-testid="conversation-row"
      data-conversation-id={id}
      data-unread={unread > 0 || undefined}
      data-compact={compact || undefined}
      data-resolved={conversation.status === 'resolved' || undefined}
      aria-current={open ? 'true' : undefined}
      onClick={click}
    >
      <Avatar id={contact.id} name={contact.name} url={contact.avatar_url} size={compact ? 26 : 38} channel={channel?.kind} />
      <span className={css.name}>
        <bdi>{contact.name || t('row.nameless')}</bdi>
      </span>
      <span className={css.meta}>
        {(priority === 'urgent' || priority === 'high') && (
          <span role="img" aria-label={t(`priority.${priority}`)} className={css.flag} data-priority={priority}>
            <IconFlag3Filled size={13} />
          </span>
        )}
        {conversation.status === 'snoozed' && <IconAlarmSnooze size={14} stroke={1.8} aria-label={t('status.snoozed')} />}
        <LabelDots names={conversation.labels} />
        <Waits conversation={conversation} />
        <RelTime at={conversation.last_activity_at} className={css.time} />
      </span>
      <Preview conversation={conversation} />
      <span className={css.end}>
        {conversation.assignee_id && <Assignee id={conversation.assignee_id} />}
        {unread > 0 && (
          <span className={css.unread} dir="ltr" aria-label={t('row.unread', { count: unread })}>
            {unread > 99 ? '99+' : formatNumber(unread)}
          </span>
        )}
      </span>
    </a>
  );
});

/** How it stands with what is promised, or else for how long the customer waits. */
function Waits({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation('inbox');
  const now = useNow();
  const due = dueOf(conversation, now);
  const since = conversation.waiting_since;
  if ((due && due.state !== 'paused') || !since) return <DueTime conversation={conversation} short />;
  const time = formatSpan(Math.max(1, Math.floor((now - Date.parse(since)) / 60_000)) * 60_000, true);
  return (
    <span className={css.waits} title={t('row.waiting', { time })} data-testid="row-waiting">
      <IconHourglassEmpty size={12} stroke={1.8} aria-hidden />
      <span className="visually-hidden">{t('row.waiting', { time })}</span>
      <span aria-hidden>{time}</span>
    </span>
  );
}

/** Whose it is. */
function Assignee({ id }: { id: string }) {
  const { t } = useTranslation('inbox');
  const name = useUsers().data?.find((user) => user.id === id)?.name;
  if (!name) return null;
  return (
    <span role="img" className={css.assignee} aria-label={t('row.assignee', { name })} title={t('row.assignee', { name })} data-testid="row-assignee">
      <Avatar id={id} name={name} size={18} />
    </span>
  );
}

function Preview({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation(['inbox', 'thread']);
  const myName = useLive((s) => s.me?.user.name);
  const openId = useLive((s) => s.openId);
  const hasDraft = useHasDraft(conversation.id);
  const typing = useTyping(conversation.id);
  const waiting = useLive((s) => s.threads[conversation.id]?.items.at(-1));
  const last = waiting?.local ? lastOf(waiting) : conversation.last_message;
  if (typing.customer) return <span className={css.preview} data-typing>{t('row.typing')}</span>;
  if (hasDraft && openId !== conversation.id) return <span className={css.preview} data-draft>{t('row.draft')}</span>;
  if (!last) return <span className={css.preview}>{t('preview.none')}</span>;
  const out = last.direction === 'out' && last.type !== 'system';
  const text = oneLine(last.text) || t(`preview.${kindOf(last)}`);
  return (
    <span className={css.preview} data-note={last.type === 'note' || undefined}>
      {out && last.type !== 'note' && <Ticks status={last.status} label={t(`thread:status.${last.status}`)} />}
      {last.type === 'note' && <b>{t('preview.note')}</b>}
      {out && last.author.name && (
        <span className={css.author}>
          <bdi>{last.author.name === myName ? t('preview.you') : last.author.name.split(' ')[0]}</bdi>
        </span>
      )}
      {last.text && last.type === 'media' && <span className={css.kind}>{t(`preview.${kindOf(last)}`)}</span>}
      {!out && last.type === 'interactive' && <IconArrowBackUp size={14} className="mirror" aria-hidden />}
      {conversation.subject && <span className={css.subject} dir="auto">{conversation.subject}</span>}
      <span className={`${css.text} follow`} dir="auto">
        <BidiText text={text} />
      </span>
    </span>
  );
}
