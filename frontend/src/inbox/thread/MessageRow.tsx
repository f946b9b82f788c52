import { IconArrowForwardUp, IconLock, IconRobot } from '@tabler/icons-react';
import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChannel } from '~/shared/api/queries';
import type { ThreadMessage } from '~/shared/realtime/store';
import { ChannelIcon } from '~/shared/ui/Avatar';
import { BidiText } from '~/shared/ui/BidiText';
import { Content, Files } from './Content';
import { OutgoingChoices } from './content/Choices';
import { Quote } from './content/Quote';
import { Reactions } from './content/Reactions';
import { ReferralCard } from './content/ReferralCard';
import { TemplateButtons } from './content/TemplateBody';
import { useThread } from './context';
import { Meta } from './Meta';
import css from './MessageRow.module.css';
import { RowActions } from './RowActions';
import type { MessageRow as Row } from './rows';
import { Trouble } from './Trouble';

/** Who wrote it, where that is not plain from the side alone. */
function Author({ message }: { message: ThreadMessage }) {
  const { t } = useTranslation('thread');
  const { myId } = useThread();
  const { author, type } = message;
  if (type === 'note') {
    const forMe = !!message.mentions?.includes(myId);
    return (
      <header className={css.author} data-note>
        <IconLock size={13} stroke={2} aria-hidden />
        {t(message.system === 'closing' ? 'note.closing' : forMe ? 'note.forYou' : 'note.label')} · <bdi>{author.id === myId ? t('author.you') : author.name}</bdi>
      </header>
    );
  }
  if (message.direction === 'in' || (author.type === 'agent' && author.id === myId)) return null;
  if (author.type === 'bot') {
    return (
      <header className={css.author}>
        <IconRobot size={13} stroke={1.8} aria-hidden /> <bdi>{author.name || t('author.bot')}</bdi>
      </header>
    );
  }
  return <header className={css.author}><bdi>{author.name || t(author.type === 'system' ? 'author.system' : 'author.app')}</bdi></header>;
}

/** On which channel this was said. */
function Via({ channelId }: { channelId: string }) {
  const channel = useChannel(channelId);
  if (!channel) return null;
  return (
    <div className={css.via} data-testid="message-channel">
      <ChannelIcon kind={channel.kind} size={13} /> <bdi>{channel.name}</bdi>
    </div>
  );
}

/** The text that a deleted or edited message had before. */
function History({ message }: { message: ThreadMessage }) {
  return (
    <ul className={css.history}>
      {message.history?.map(({ text, at }) => (
        <li key={at} dir="auto"><BidiText text={text} /></li>
      ))}
    </ul>
  );
}

/** What a bubble begins with, over its whole width: where the message comes from and what it answers. */
function Above({ message }: { message: ThreadMessage }) {
  const { t } = useTranslation('thread');
  const { jumpTo } = useThread();
  if (message.deleted_at || !(message.forwarded || message.referral || message.quote)) return null;
  return (
    <div className={css.above}>
      {message.forwarded && (
        <span className={css.label}>
          <IconArrowForwardUp size={14} stroke={1.8} className="mirror" aria-hidden />
          {t(message.forwarded === 'often' ? 'forwarded.often' : 'forwarded.once')}
        </span>
      )}
      {message.referral && <ReferralCard referral={message.referral} />}
      {message.quote && <Quote quote={message.quote} onClick={() => message.reply_to && jumpTo(message.reply_to)} />}
    </div>
  );
}

function Body({ row }: { row: Row }) {
  const { t } = useTranslation('thread');
  const { capabilities } = useThread();
  const { message, album } = row;
  const format = message.type === 'note' ? 'whatsapp' : (capabilities?.format ?? '');
  if (message.deleted_at) return <p className={css.deleted}>{t('deleted')}</p>;
  return (
    <>
      <Files message={message} album={album} />
      <Content message={message} format={format} />
    </>
  );
}

/** The frame fits what it holds: pictures close to the edge, stickers without one; only text shares its line with the time. */
function frameOf({ message, album }: Row): 'text' | 'card' | 'media' | 'bare' {
  if (message.deleted_at) return 'text';
  const kind = message.attachments[0]?.kind;
  if (kind === 'sticker' && !message.quote) return 'bare';
  if (album || kind === 'image' || kind === 'video' || message.type === 'location') return 'media';
  return kind || message.mail || message.link || message.contacts || message.order || (message.interactive && message.direction === 'out') || message.template ? 'card' : 'text';
}

export const MessageRow = memo(function MessageRow({ row, highlighted }: { row: Row; highlighted: boolean }) {
  const { message, first, last } = row;
  const { everything, myId } = useThread();
  const [near, setNear] = useState(false);
  const [history, setHistory] = useState(false);
  return (
    <div
      className={css.row}
      data-direction={message.direction}
      data-first={first || undefined}
      data-last={last || undefined}
      data-reacted={message.reactions.length > 0 || undefined}
      onPointerEnter={() => setNear(true)}
      onPointerLeave={() => setNear(false)}
      onFocus={() => setNear(true)}
      onBlur={(e) => !e.currentTarget.contains(e.relatedTarget) && setNear(false)}
    >
      <article
        className={css.bubble}
        tabIndex={-1}
        data-testid="message"
        data-message-id={message.id}
        data-status={message.status}
        data-direction={message.direction}
        data-type={message.type}
        data-for-me={message.mentions?.includes(myId) || undefined}
        data-frame={frameOf(row)}
        data-highlighted={highlighted || undefined}
      >
        {first && everything && <Via channelId={message.channel_id} />}
        {(first || message.type === 'note') && <Author message={message} />}
        <Above message={message} />
        <div className={css.content}>
          <div className={css.body}>
            <Body row={row} />
          </div>
          <Meta message={message} historyOpen={history} toggleHistory={() => setHistory(!history)} />
        </div>
        {history && <History message={message} />}
        {message.direction === 'out' && message.interactive && <OutgoingChoices interactive={message.interactive} />}
        {message.type === 'template' && <TemplateButtons message={message} />}
        {(message.status === 'failed' || message.status === 'unknown') && <Trouble message={message} />}
        {message.reactions.length > 0 && <Reactions message={message} />}
      </article>
      {near && <RowActions message={message} />}
    </div>
  );
});
