import { IconPaperclip } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CannedReply, Capabilities, Conversation } from '~/shared/api/types';
import { useCanned, useVariables } from '~/shared/desk/queries';
import { composerInputId } from '../focus';
import { applyEdit } from '../format';
import { addStored } from '../uploads';
import css from './Canned.module.css';
import { findCanned, textIn } from './search';
import { selectPlace } from './ToFill';
import { fill, unfilled } from './variables';

/** How many are shown at once. */
const most = 50;

interface Props {
  conversation: Conversation;
  slash: { start: number; query: string };
  capabilities: Capabilities | undefined;
  close: () => void;
}

/** The canned replies that fit what is typed; the text field keeps the focus and its keys work here. */
export function CannedList({ conversation, slash, capabilities, close }: Props) {
  const { t, i18n } = useTranslation('desk');
  const id = useId();
  const canned = useCanned();
  const values = useVariables(conversation.id).data ?? {};
  const found = findCanned(canned.data ?? [], slash.query).slice(0, most);
  const [chosen, setChosen] = useState({ query: '', at: 0 });
  const at = chosen.query === slash.query ? Math.min(chosen.at, found.length - 1) : 0;
  const choose = (next: number) => setChosen({ query: slash.query, at: (next + found.length) % found.length });
  const said = (one: CannedReply) => {
    const { language, text } = textIn(one, conversation.language, i18n.language);
    return { language, text: fill(text, values) };
  };
  const insert = (one: CannedReply | undefined) => {
    const input = document.getElementById(composerInputId);
    if (!one || !(input instanceof HTMLTextAreaElement)) return;
    const { text } = said(one);
    const end = slash.start + text.length;
    applyEdit(input, { text: input.value.slice(0, slash.start) + text + input.value.slice(slash.start + 1 + slash.query.length), start: end, end });
    if (capabilities && one.attachments.length > 0) addStored(conversation.id, one.attachments, capabilities);
    const [missing] = unfilled(text);
    if (missing) selectPlace(missing);
  };

  const keys: Record<string, () => void> = { ArrowDown: () => choose(at + 1), ArrowUp: () => choose(at - 1), Enter: () => insert(found[at]), Tab: () => insert(found[at]), Escape: close };
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = found.length > 0 ? keys : { Escape: close };
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const act = event.isComposing || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || document.activeElement?.id !== composerInputId ? undefined : latest.current[event.key];
      if (!act) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    };
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, []);
  useEffect(() => {
    const input = document.getElementById(composerInputId);
    if (!input || found.length === 0) return;
    input.setAttribute('aria-controls', id);
    input.setAttribute('aria-activedescendant', `${id}-${at}`);
    return () => {
      input.removeAttribute('aria-controls');
      input.removeAttribute('aria-activedescendant');
    };
  }, [id, at, found.length]);

  if (!canned.data || (found.length === 0 && slash.query !== '')) return null;
  const shown = found[at];
  return (
    <div className={css.anchor}>
      <div className={css.box} data-testid="canned-list">
        {found.length === 0 && (
          <p className={css.none}>
            {t('canned.none')} <Link to="/settings/canned-replies">{t('canned.make')}</Link>
          </p>
        )}
        {found.length > 0 && (
          <div id={id} className={css.options} role="listbox" aria-label={t('canned.title')}>
            {found.map((one, n) => (
              <div
                key={one.id}
                id={`${id}-${n}`}
                role="option"
                aria-selected={n === at}
                tabIndex={-1}
                className={css.option}
                ref={n === at ? (node) => void node?.scrollIntoView({ block: 'nearest' }) : undefined}
                onMouseMove={() => n !== at && choose(n)}
                onMouseDown={(event) => {
                  event.preventDefault(); // the focus stays in the text
                  insert(one);
                }}
                data-testid="canned-option"
              >
                <bdi className={css.shortcut}>/{one.shortcut}</bdi>
                <span className={css.line} dir="auto">{said(one).text || one.attachments.map(({ name }) => name).join(', ')}</span>
                {one.attachments.length > 0 && <IconPaperclip size={14} stroke={1.8} aria-label={t('canned.files', { count: one.attachments.length })} />}
                {one.folder && <bdi className={css.folder}>{one.folder}</bdi>}
              </div>
            ))}
          </div>
        )}
        {shown && (
          <div className={css.preview} aria-hidden>
            <p dir="auto" lang={said(shown).language}>{said(shown).text}</p>
            {shown.attachments.map((file) => (
              <span key={file.id} className={css.file}>
                <IconPaperclip size={14} stroke={1.8} />
                <bdi>{file.name}</bdi>
              </span>
            ))}
          </div>
        )}
        <span className="visually-hidden" role="status">
          {t('canned.found', { count: found.length })}
        </span>
      </div>
    </div>
  );
}
