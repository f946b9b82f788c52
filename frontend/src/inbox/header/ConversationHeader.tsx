import { ActionIcon, Button } from '@mantine/core';
import { IconArrowBackUp, IconCheck, IconChevronLeft, IconInfoCircle, IconStarFilled } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useHint } from '~/shared/actions/keymap';
import { useChannel, useUsers } from '~/shared/api/queries';
import type { Conversation } from '~/shared/api/types';
import { formatDateTime, formatNumber } from '~/shared/i18n/format';
import { useLive, useTyping, useViewing } from '~/shared/realtime/store';
import { LabelPills } from '~/shared/desk/Labels';
import { Avatar, ChannelIcon } from '~/shared/ui/Avatar';
import { focusWorkIfLost } from '~/shared/lib/focus';
import { addressIn, readable } from '~/shared/lib/identity';
import { Ltr } from '~/shared/ui/Ltr';
import { reopen, resolve } from '../changes';
import { DueTime } from '../DueTime';
import { AssignMenu } from './AssignMenu';
import css from './ConversationHeader.module.css';
import { MoreMenu } from './MoreMenu';
import { SnoozeMenu } from './SnoozeMenu';

export function ConversationHeader({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation(['inbox', 'common']);
  const navigate = useNavigate();
  const hint = useHint();
  const resolved = conversation.status === 'resolved';
  useEffect(focusWorkIfLost, [resolved]);
  return (
    <header className={css.header}>
      <ActionIcon
        className={css.back}
        aria-label={t('common:action.back')}
        onClick={() => void navigate({ to: '/inbox', search: (s) => ({ ...s, message: undefined, pane: undefined }) })}
        data-testid="conversation-back"
      >
        <IconChevronLeft size={22} className="mirror" />
      </ActionIcon>
      <Avatar id={conversation.contact.id} name={conversation.contact.name} url={conversation.contact.avatar_url} size={34} />
      <div className={css.who}>
        <h2>
          <bdi>{conversation.contact.name || t('row.nameless')}</bdi>
        </h2>
        <Subtitle conversation={conversation} />
      </div>
      <Others conversationId={conversation.id} />
      <div className={css.tools}>
        <AssignMenu conversation={conversation} />
        {!resolved && <SnoozeMenu conversation={conversation} />}
        {resolved ? (
          <Button variant="default" className={css.main} aria-label={t('do.reopen')} title={hint(t('do.reopen'), 'resolve')} leftSection={<IconArrowBackUp size={17} className="mirror" />} onClick={() => void reopen(conversation)} data-testid="reopen">
            <span className={css.word}>{t('do.reopen')}</span>
          </Button>
        ) : (
          <Button className={css.main} variant="light" aria-label={t('do.resolve')} leftSection={<IconCheck size={17} />} onClick={() => void resolve(conversation)} title={hint(t('do.resolve'), 'resolve')} data-testid="resolve">
            <span className={css.word}>{t('do.resolve')}</span>
          </Button>
        )}
        <MoreMenu conversation={conversation} />
        <ActionIcon
          className={css.info}
          aria-label={t('customer.title')}
          title={hint(t('customer.title'), 'customer')}
          onClick={() => void navigate({ to: '.', search: (s) => ({ ...s, pane: s.pane ? undefined : 'customer' }) })}
          data-testid="customer-toggle"
        >
          <IconInfoCircle size={20} stroke={1.7} />
        </ActionIcon>
      </div>
    </header>
  );
}

/** The channel and the address in it, or that the customer types now. */
function Subtitle({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation(['inbox', 'thread']);
  const channel = useChannel(conversation.channel_id);
  const contact = useLive((s) => s.contacts[conversation.contact.id]);
  const typing = useTyping(conversation.id);
  const own = conversation.address && readable(conversation.address);
  const address = own ?? (contact && addressIn(contact.identities, conversation.channel_id));
  if (typing.customer) return <p className={css.subtitle} data-typing>{t('row.typing')}</p>;
  return (
    <p className={css.subtitle}>
      {conversation.status !== 'open' && (
        <span className={css.status} data-status={conversation.status}>
          {conversation.status !== 'snoozed'
            ? t(`status.${conversation.status}`)
            : conversation.snoozed_until
              ? t('status.until', { time: formatDateTime(conversation.snoozed_until) })
              : t('status.untilAnswered')}
        </span>
      )}
      <DueTime conversation={conversation} />
      {conversation.rating && (
        <span className={css.rating} role="img" aria-label={t('thread:activity.rated', { value: conversation.rating.score })} title={conversation.rating.comment || t('thread:activity.rated', { value: conversation.rating.score })} data-testid="rating">
          <IconStarFilled size={13} aria-hidden />
          <Ltr>{`${formatNumber(conversation.rating.score)}/${formatNumber(5)}`}</Ltr>
        </span>
      )}
      {conversation.subject && <span className={css.subject} dir="auto" title={conversation.subject} data-testid="conversation-subject">{conversation.subject}</span>}
      {channel && (
        <span className={css.channel}>
          <ChannelIcon kind={channel.kind} />
          <bdi>{channel.name}</bdi>
        </span>
      )}
      {address && (
        <span className={css.address}>
          <Ltr>{address}</Ltr>
        </span>
      )}
      <LabelPills names={conversation.labels} />
    </p>
  );
}

/** Colleagues who look at this conversation or write in it, so that nobody answers twice. */
function Others({ conversationId }: { conversationId: string }) {
  const { t } = useTranslation('inbox');
  const users = useUsers().data ?? [];
  const me = useLive((s) => s.me?.user.id);
  const viewing = useViewing(conversationId);
  const typing = useTyping(conversationId).agents.split(' ').filter((id) => id && id !== me);
  const ids = [...new Set([...typing, ...viewing])];
  if (ids.length === 0) return null;
  const nameOf = (id: string) => users.find((u) => u.id === id)?.name ?? t('colleague');
  const text = typing[0] ? t('others.typing', { name: nameOf(typing[0]) }) : t('others.viewing', { count: ids.length, name: nameOf(ids[0] ?? '') });
  return (
    <div className={css.others} data-typing={typing.length > 0 || undefined} role="status" data-testid="others" title={ids.map(nameOf).join(', ')}>
      <span className={css.faces}>
        {ids.slice(0, 3).map((id) => (
          <Avatar key={id} id={id} name={nameOf(id)} size={24} />
        ))}
      </span>
      <span className={css.othersText}>{text}</span>
    </div>
  );
}
