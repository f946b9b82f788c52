import { IconPaperclip } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { CannedReply, Capabilities, Conversation } from '~/shared/api/types';
import { useCanned, useVariables } from '~/shared/desk/queries';
import { composerInputId } from '../focus';
import { PickList } from '../PickList';
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
  const canned = useCanned();
  const values = useVariables(conversation.id).data ?? {};
  const found = findCanned(canned.data ?? [], slash.query).slice(0, most);
  const said = (one: CannedReply) => {
    const { language, text } = textIn(one, conversation.language, i18n.language);
    return { language, text: fill(text, values) };
  };
  const insert = (one: CannedReply) => {
    const input = document.getElementById(composerInputId);
    if (!(input instanceof HTMLTextAreaElement)) return;
    const { text } = said(one);
    const end = slash.start + text.length;
    applyEdit(input, { text: input.value.slice(0, slash.start) + text + input.value.slice(slash.start + 1 + slash.query.length), start: end, end });
    if (capabilities && one.attachments.length > 0) addStored(conversation.id, one.attachments, capabilities);
    const [missing] = unfilled(text);
    if (missing) selectPlace(missing);
  };

  if (!canned.data || (found.length === 0 && slash.query !== '')) return null;
  return (
    <PickList
      items={found}
      query={slash.query}
      keyOf={({ id }) => id}
      pick={insert}
      close={close}
      label={t('canned.title')}
      count={t('canned.found', { count: found.length })}
      testId="canned"
      none={
        <p className={css.none}>
          {t('canned.none')} <Link to="/settings/canned-replies">{t('canned.make')}</Link>
        </p>
      }
      render={(one) => (
        <>
          <bdi className={css.shortcut}>/{one.shortcut}</bdi>
          <span className={css.line} dir="auto">{said(one).text || one.attachments.map(({ name }) => name).join(', ')}</span>
          {one.attachments.length > 0 && <IconPaperclip size={14} stroke={1.8} aria-label={t('canned.files', { count: one.attachments.length })} />}
          {one.folder && <bdi className={css.folder}>{one.folder}</bdi>}
        </>
      )}
      renderPreview={(one) => (
        <div className={css.preview} aria-hidden>
          <p dir="auto" lang={said(one).language}>{said(one).text}</p>
          {one.attachments.map((file) => (
            <span key={file.id} className={css.file}>
              <IconPaperclip size={14} stroke={1.8} />
              <bdi>{file.name}</bdi>
            </span>
          ))}
        </div>
      )}
    />
  );
}
