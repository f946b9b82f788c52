import { IconAlertTriangle, IconCircleDashed } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Attachment } from '~/shared/api/types';
import type { ThreadMessage } from '~/shared/realtime/store';
import { AudioPlayer } from './content/AudioPlayer';
import cards from './content/Cards.module.css';
import { ChosenAnswer } from './content/Choices';
import { Document } from './content/Document';
import { MailFoot, MailHead } from './content/MailParts';
import { Album, Picture, Sticker } from './content/Media';
import { OrderCard, ProductAsked } from './content/Order';
import { People } from './content/People';
import { Place } from './content/Place';
import { SharedLink } from './content/SharedLink';
import { TemplateBody } from './content/TemplateBody';
import { FormattedText } from './format/FormattedText';
import { isBigEmoji } from './format/parse';
import css from './MessageRow.module.css';

const isPicture = (a: Attachment) => a.kind === 'image' || a.kind === 'video';

function OneFile({ message, attachment }: { message: ThreadMessage; attachment: Attachment }) {
  switch (attachment.kind) {
    case 'image':
    case 'video':
      return <Picture message={message} attachment={attachment} />;
    case 'sticker':
      return <Sticker attachment={attachment} />;
    case 'audio':
    case 'voice':
      if (attachment.state === 'pending' || attachment.state === 'failed' || !attachment.url) return <Document attachment={attachment} />;
      return <AudioPlayer url={attachment.url} voice={attachment.kind === 'voice'} name={attachment.name} />;
    case 'document':
      return <Document attachment={attachment} />;
  }
}

/** The files of a message: pictures that come together as one block, the rest one below the other. */
export function Files({ message, album }: { message: ThreadMessage; album: ThreadMessage[] | null }) {
  const pictures = (album ?? [message]).flatMap((m) => m.attachments.filter(isPicture).map((attachment) => ({ message: m, attachment })));
  const rest = message.attachments.filter((a) => !isPicture(a));
  return (
    <>
      {pictures.length > 1 ? <Album parts={pictures} /> : pictures.map((p) => <Picture key={p.attachment.id} {...p} />)}
      {rest.map((attachment) => <OneFile key={attachment.id} message={message} attachment={attachment} />)}
    </>
  );
}

function Text({ text, format }: { text: string; format: string }) {
  if (!text) return null;
  if (isBigEmoji(text)) return <p className={css.bigEmoji} data-testid="message-text">{text}</p>;
  return <FormattedText text={text} format={format} />;
}

/** What a message says; a mail has a head and a foot around it. */
export function Content({ message, format }: { message: ThreadMessage; format: string }) {
  const { mail } = message;
  if (!mail) return <Said message={message} format={format} />;
  return (
    <>
      <MailHead mail={mail} />
      <Said message={message} format={format} />
      <MailFoot message={message} mail={mail} />
    </>
  );
}

/** What a message says, by its type. */
function Said({ message, format }: { message: ThreadMessage; format: string }) {
  const { t } = useTranslation('thread');
  const { text, interactive } = message;
  switch (message.type) {
    case 'template':
      return <TemplateBody message={message} format={format} />;
    case 'location':
      return message.location ? <Place location={message.location} /> : <Text text={text} format={format} />;
    case 'contacts':
      return <People cards={message.contacts ?? []} />;
    case 'order':
      return (
        <>
          {message.order && <OrderCard order={message.order} />}
          <Text text={text} format={format} />
        </>
      );
    case 'interactive':
      if (message.direction === 'in' && interactive) return <ChosenAnswer interactive={interactive} text={text} />;
      return (
        <>
          {interactive?.header && <strong dir="auto">{interactive.header}</strong>}
          <Text text={text} format={format} />
          {interactive?.footer && <small className={css.dim} dir="auto">{interactive.footer}</small>}
        </>
      );
    case 'story':
      return (
        <>
          <span className={cards.label}>
            <IconCircleDashed size={14} stroke={1.8} aria-hidden />
            {t(message.system === 'mention' || (!message.system && !text) ? 'story.mention' : 'story.reply')}
          </span>
          <Text text={text} format={format} />
        </>
      );
    case 'unsupported':
      return (
        <div className={cards.unsupported}>
          <IconAlertTriangle size={18} stroke={1.6} aria-hidden />
          <span dir="auto">{text || t('unsupported')}</span>
          {message.raw !== undefined && (
            <details className={cards.raw}>
              <summary>{t('raw')}</summary>
              <pre dir="ltr">{JSON.stringify(message.raw, null, 2)}</pre>
            </details>
          )}
        </div>
      );
    default:
      return (
        <>
          {message.product && <ProductAsked product={message.product} />}
          {message.link && <SharedLink link={message.link} />}
          {text !== message.link?.title && text !== message.link?.url && text !== message.product?.title && <Text text={text} format={format} />}
        </>
      );
  }
}
