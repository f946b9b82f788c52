import { IconChevronDown, IconCircleCheck, IconClockX, IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useActions } from '~/shared/actions/actions';
import { useHint } from '~/shared/actions/keymap';
import { useChannels } from '~/shared/api/queries';
import type { ChannelKind, Conversation } from '~/shared/api/types';
import { formatDateTime } from '~/shared/i18n/format';
import { useLive } from '~/shared/realtime/store';
import { ChannelIcon } from '~/shared/ui/Avatar';
import { useChannelName } from '~/shared/ui/channelName';
import { Menu } from '~/shared/ui/Menu';
import { useNow } from '~/shared/ui/RelTime';
import { toastError } from '~/shared/ui/toast';
import { beginConversation, usePerson, useReachable } from '../customer/person';
import css from './ChannelMenu.module.css';
import { replyWindow } from './window';

/** Opens another conversation with the same customer and keeps the rest of the view. */
export function useSwitch(): (conversationId: string) => void {
  const navigate = useNavigate();
  return (conversationId) => void navigate({ to: '/inbox/$conversationId', params: { conversationId }, search: (s) => ({ ...s, message: undefined }) });
}

/** On which channel the answer goes out, and what each of them allows now. */
export function ChannelMenu({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation('composer');
  const nameOf = useChannelName();
  const channels = useChannels().data ?? [];
  const contact = useLive((s) => s.contacts[conversation.contact.id]);
  const { conversations } = usePerson(conversation.contact.id);
  const fresh = useReachable(contact, conversations);
  const open = useSwitch();
  const now = useNow();
  const channelOf = (c: Conversation) => channels.find((x) => x.id === c.channel_id);
  const current = channelOf(conversation);
  const others = conversations.filter((c) => c.id !== conversation.id && channelOf(c));
  const button = useRef<HTMLButtonElement>(null);
  const hint = useHint();
  const choice = current !== undefined && others.length + fresh.length > 0;
  useActions({ channel: choice && (() => button.current?.click()) });
  if (!choice) return null;
  const begin = (channelId: string) => void beginConversation(conversation.contact.id, channelId).then((c) => open(c.id), toastError);
  const state = (c: Conversation) => {
    const w = replyWindow(c.window, channelOf(c)?.capabilities, now);
    if (w.state === 'closed') return t('channels.closed');
    return w.state === 'open' && c.window.closes_at ? t('channels.until', { time: formatDateTime(c.window.closes_at) }) : t('channels.open');
  };
  return (
    <Menu position="top-start" width={280}>
      <Menu.Target>
        <button ref={button} type="button" className={css.button} aria-label={t('channels.label', { name: nameOf(current) })} title={hint(t('channels.title'), 'channel')} data-testid="channel-menu">
          <ChannelIcon kind={current.kind} />
          <bdi>{nameOf(current)}</bdi>
          <IconChevronDown size={13} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('channels.title')}</Menu.Label>
        {[conversation, ...others].map((c) => (
          <Menu.Item
            key={c.id}
            leftSection={<ChannelIcon kind={channelOf(c)?.kind ?? current.kind} size={16} />}
            rightSection={replyWindow(c.window, channelOf(c)?.capabilities, now).state === 'closed' ? <IconClockX size={15} stroke={1.7} /> : c.id === conversation.id && <IconCircleCheck size={15} />}
            onClick={() => open(c.id)}
            data-testid="channel-option"
          >
            <bdi>{nameOf(channelOf(c) ?? current)}</bdi>
            <small className={css.state}>{state(c)}</small>
          </Menu.Item>
        ))}
        {fresh.map((ch) => (
          <Menu.Item key={ch.id} leftSection={<ChannelIcon kind={ch.kind} size={16} />} rightSection={<IconPlus size={15} />} onClick={() => begin(ch.id)} data-testid="channel-begin">
            <bdi>{nameOf(ch)}</bdi>
            <small className={css.state}>{t('channels.begin')}</small>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** The customer's conversations in which free answers are allowed while they are not in this one. */
export function useOpenElsewhere(conversation: Conversation): { id: string; name: string; kind: ChannelKind }[] {
  const channels = useChannels().data ?? [];
  const nameOf = useChannelName();
  const { conversations } = usePerson(conversation.contact.id);
  const now = useNow();
  return conversations.flatMap((c) => {
    const channel = channels.find((x) => x.id === c.channel_id);
    if (c.id === conversation.id || !channel || channel.status !== 'active') return [];
    return replyWindow(c.window, channel.capabilities, now).state === 'closed' ? [] : [{ id: c.id, name: nameOf(channel), kind: channel.kind }];
  });
}
