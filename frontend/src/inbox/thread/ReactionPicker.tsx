import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ThreadMessage } from '~/shared/realtime/store';
import { focusMessage } from '../composer/focus';
import { EmojiPicker } from '../composer/LazyEmojiPicker';
import css from './ReactionPicker.module.css';

const quick = ['👍', '❤️', '😂', '😮', '😢', '🙏'];

interface Props {
  message: ThreadMessage;
  beside: HTMLElement;
  /** The only ones that the channel knows; empty: any. */
  only: string[];
  react: (message: ThreadMessage, emoji: string) => void;
  close: () => void;
}

/** The choice of an emoji, outside of the list so that nothing cuts it off. */
export function ReactionPicker({ message, beside, only, react, close }: Props) {
  const { t } = useTranslation('thread');
  const box = useRef<HTMLDivElement>(null);
  const [all, setAll] = useState(false);
  useLayoutEffect(() => {
    const el = box.current;
    if (!el) return;
    el.showPopover();
    const from = beside.getBoundingClientRect();
    const { offsetWidth: w, offsetHeight: h } = el;
    const clamp = (value: number, max: number) => Math.max(8, Math.min(value, max - 8));
    const above = from.top - h - 6;
    el.style.insetBlockStart = `${clamp(above > 8 ? above : from.bottom + 6, innerHeight - h)}px`;
    // The popover is placed on the screen itself, which has no direction.
    el.style.setProperty('inset-inline-start', `${clamp(document.dir === 'rtl' ? innerWidth - from.right - w / 2 : from.x - w / 2, innerWidth - w)}px`);
    el.querySelector<HTMLElement>('button, input')?.focus();
  }, [beside, all]);
  useEffect(
    () => () => {
      if (beside.isConnected) beside.focus();
      else focusMessage(message.id);
    },
    [beside, message.id],
  );
  const pick = (emoji: string) => {
    react(message, emoji);
    close();
  };
  return (
    <div ref={box} popover="auto" className={css.picker} role="dialog" aria-label={t('action.react')} onToggle={(e) => e.newState === 'closed' && close()}>
      {all ? (
        <EmojiPicker onPick={pick} />
      ) : (
        <>
          {(only.length ? only : quick).map((emoji) => (
            <button key={emoji} type="button" aria-label={emoji} onClick={() => pick(emoji)}>{emoji}</button>
          ))}
          {only.length === 0 && <button type="button" className={css.more} aria-label={t('reaction.more')} title={t('reaction.more')} onClick={() => setAll(true)}>+</button>}
        </>
      )}
    </div>
  );
}
