import { IconAlertTriangle, IconBan, IconClockX, IconEye, IconMessageForward, IconPencil, IconPlayerPause, IconUserCheck, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useUsers } from '~/shared/api/queries';
import type { Channel, Conversation } from '~/shared/api/types';
import { formatDateTime } from '~/shared/i18n/format';
import { useLive, useTyping, useViewing } from '~/shared/realtime/store';
import { ChannelIcon } from '~/shared/ui/Avatar';
import { BidiText } from '~/shared/ui/BidiText';
import { useQuoteText } from '../thread/content/Quote';
import { useOpenElsewhere, useSwitch } from './ChannelMenu';
import css from './Composer.module.css';
import { modEnter } from './keys';
import { quoteOf } from './send';
import type { Seen } from './useSeen';
import type { ReplyWindow } from './window';

interface NoticeProps {
  tone: 'warn' | 'info' | 'danger';
  icon: ReactNode;
  testId: string;
  children: ReactNode;
  action?: ReactNode;
  /** Keeps what others wrote to three lines. */
  clamp?: boolean;
}

export function Notice({ tone, icon, testId, children, action, clamp }: NoticeProps) {
  return (
    <div className={css.notice} data-tone={tone} data-clamp={clamp || undefined} role="status" data-testid={testId}>
      {icon}
      <span>{children}</span>
      {action}
    </div>
  );
}

/** Free text is over: why, and what can be done instead. */
export function WindowClosed({ conversation, window, channel, openTemplates }: { conversation: Conversation; window: ReplyWindow; channel: Channel | undefined; openTemplates: () => void }) {
  const { t } = useTranslation('composer');
  const [elsewhere] = useOpenElsewhere(conversation);
  const open = useSwitch();
  if (window.state !== 'closed') return null;
  const templates = channel?.capabilities.templates;
  return (
    <Notice
      tone="warn"
      testId="window-closed"
      icon={<IconClockX size={18} stroke={1.7} aria-hidden />}
      action={
        <div className={css.noticeButtons}>
          {elsewhere && <button type="button" className={css.noticeButton} data-second={templates || undefined} onClick={() => open(elsewhere.id)} data-testid="window-elsewhere"><ChannelIcon kind={elsewhere.kind} />{t('channels.answerOn', { name: elsewhere.name })}</button>}
          {templates && <button type="button" className={css.noticeButton} onClick={openTemplates} data-testid="window-template">{t('template.send')}</button>}
        </div>
      }
    >
      {window.since ? t('window.closed', { time: formatDateTime(window.since) }) : t('window.never')} {templates && t('window.template')}
    </Notice>
  );
}

/** Programs may no longer answer, people still may. */
export function PeopleOnly({ window }: { window: ReplyWindow }) {
  const { t } = useTranslation('composer');
  if (window.state !== 'human') return null;
  return <Notice tone="info" testId="window-human" icon={<IconUserCheck size={18} stroke={1.7} aria-hidden />}>{t('window.human', { time: formatDateTime(window.until) })}</Notice>;
}

/** The customer wants no messages. */
export function OptedOut({ since, mail }: { since: string; mail: boolean }) {
  const { t } = useTranslation('composer');
  return (
    <Notice tone="warn" testId="opted-out" icon={<IconBan size={18} stroke={1.7} aria-hidden />}>
      {t(mail ? 'optedOut.mail' : 'optedOut.sms', { time: formatDateTime(since) })}
    </Notice>
  );
}

/** Nothing goes out just now. */
export function ChannelNotice({ channel }: { channel: Channel | undefined }) {
  const { t } = useTranslation('composer');
  if (!channel || channel.status === 'active') return null;
  const paused = channel.status === 'paused';
  return (
    <Notice tone={paused ? 'warn' : 'danger'} testId="channel-notice" icon={paused ? <IconPlayerPause size={18} stroke={1.7} aria-hidden /> : <IconAlertTriangle size={18} stroke={1.7} aria-hidden />}>
      {t(paused ? 'channel.paused' : 'channel.error', { name: channel.name })}
      {!paused && channel.error && <bdi> {channel.error.title}</bdi>}
    </Notice>
  );
}

/** Somebody else is at it too. */
export function Colleagues({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation('composer');
  const users = useUsers().data;
  const typing = useTyping(conversation.id).agents.split(' ').filter(Boolean);
  const viewing = useViewing(conversation.id);
  const me = useLive((s) => s.me?.user.id);
  const names = (ids: string[]) => ids.filter((id) => id !== me).map((id) => users?.find((u) => u.id === id)?.name ?? t('colleague.one')).join(', ');
  if (names(typing)) {
    return <Notice tone="warn" testId="colleague-typing" icon={<IconPencil size={18} stroke={1.7} aria-hidden />}>{t('colleague.typing', { names: names(typing) })}</Notice>;
  }
  if (names(viewing)) {
    return <Notice tone="info" testId="colleague-viewing" icon={<IconEye size={18} stroke={1.7} aria-hidden />}>{t('colleague.viewing', { names: names(viewing) })}</Notice>;
  }
  return null;
}

/** How many of the messages that came meanwhile are shown. */
const againShown = 3;

/** What others wrote since the agent began to write; where the gateway did not take the answer for it, it asks what to do now. */
export function WroteAgain({ seen, send, enterSends }: { seen: Seen; send: () => void; enterSends: boolean }) {
  const { t } = useTranslation(['composer', 'common']);
  const text = useQuoteText();
  const shown = seen.since.slice(-againShown);
  const first = shown[0];
  if (!first) return null;
  const key = `${seen.asked ? 'again' : 'wroteAgain'}.${shown.some((m) => m.direction === 'in') ? 'customer' : 'colleague'}` as const;
  const who = shown.findLast((m) => m.direction === 'in') ?? shown.at(-1) ?? first;
  return (
    <Notice
      clamp
      tone={seen.asked ? 'warn' : 'info'}
      testId="wrote-again"
      icon={<IconMessageForward size={18} stroke={1.7} className="mirror" aria-hidden />}
      action={
        seen.asked ? (
          <div className={css.noticeButtons}>
            <button type="button" className={css.noticeButton} data-second onClick={seen.dismiss} data-testid="again-edit">{t('again.edit')} <kbd>Esc</kbd></button>
            <button type="button" className={css.noticeButton} onClick={send} data-testid="again-send">{t('again.send')} <kbd>{enterSends ? 'Enter' : modEnter}</kbd></button>
          </div>
        ) : (
          <button type="button" className={css.iconButton} onClick={seen.dismiss} aria-label={t('common:action.close')}>
            <IconX size={16} />
          </button>
        )
      }
    >
      <strong>{t(key, { name: who.author.name })}</strong>{' '}
      {shown.map((m) => <bdi key={m.id}><BidiText text={text(quoteOf(m))} />{' '}</bdi>)}
    </Notice>
  );
}
