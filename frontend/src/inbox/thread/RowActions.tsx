import { IconArrowBackUp, IconArrowsSplit2, IconCopy, IconMoodSmile, IconRoute } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useHint } from '~/shared/actions/keymap';
import type { Capabilities } from '~/shared/api/types';
import type { ThreadMessage } from '~/shared/realtime/store';
import { toastDone } from '~/shared/ui/toast';
import { useThread } from './context';
import css from './MessageRow.module.css';

/** True when the customer's phone knows the message, so that it can be answered or reacted to. */
export function reachedCustomer(message: ThreadMessage): boolean {
  if (message.local || message.type === 'note' || message.deleted_at) return false;
  return message.direction === 'in' || ['sent', 'delivered', 'read'].includes(message.status);
}

export function actionsFor(message: ThreadMessage, capabilities: Capabilities | undefined): { reply: boolean; react: boolean; copy: boolean } {
  const reached = reachedCustomer(message);
  return { reply: reached && !!capabilities?.replies, react: reached && !!capabilities?.reactions, copy: !!message.text && !message.deleted_at };
}

/** What can be done with a message, beside it while the pointer or the focus is there. */
export function RowActions({ message }: { message: ThreadMessage }) {
  const { t } = useTranslation(['thread', 'common']);
  const hint = useHint();
  const { conversation, capabilities, reply, pickReaction, trace } = useThread();
  // What was said on another channel is answered there: the composer writes on one.
  const can = actionsFor(message, message.conversation_id === conversation.id ? capabilities : undefined);
  const copy = () => void navigator.clipboard?.writeText(message.text).then(() => toastDone(t('common:action.copied')));
  if (message.local && !can.copy) return null;
  return (
    <div className={css.actions} role="toolbar" aria-label={t('action.label')}>
      {can.react && (
        <button type="button" aria-label={t('action.react')} title={hint(t('action.react'), 'react')} onClick={(e) => pickReaction(message, e.currentTarget)} data-testid="message-react">
          <IconMoodSmile size={17} stroke={1.7} />
        </button>
      )}
      {can.reply && (
        <button type="button" aria-label={t('action.reply')} title={hint(t('action.reply'), 'quote')} onClick={() => reply(message)} data-testid="message-reply">
          <IconArrowBackUp size={17} stroke={1.7} className="mirror" />
        </button>
      )}
      {can.copy && (
        <button type="button" aria-label={t('action.copy')} title={t('action.copy')} onClick={copy}>
          <IconCopy size={16} stroke={1.7} />
        </button>
      )}
      {!message.local && message.conversation_id === conversation.id && conversation.channel_kind !== 'widget' && (
        <button type="button" aria-label={t('action.split')} title={t('action.split')} onClick={() => void import('../move/move').then(({ split }) => split(message))} data-testid="message-split">
          <IconArrowsSplit2 size={16} stroke={1.7} className="mirror" />
        </button>
      )}
      {!message.local && (
        <button type="button" aria-label={t('action.lifeline')} title={hint(t('action.lifeline'), 'lifeline')} onClick={() => trace(message)} data-testid="message-lifeline">
          <IconRoute size={16} stroke={1.7} />
        </button>
      )}
    </div>
  );
}
