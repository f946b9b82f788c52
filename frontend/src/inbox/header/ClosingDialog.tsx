import { Button, Modal, Select, TagsInput, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { closeOverlay } from '~/app/overlays';
import type { ConversationType } from '~/shared/api/types';
import { useLabels } from '~/shared/desk/queries';
import { inDir } from '~/shared/ui/inDir';
import { resolve } from '../changes';
import { useClosing } from './closing';
import css from './Transfer.module.css';

const types = ['sales', 'support', 'complaint', 'other'] as const satisfies ConversationType[];

/** Asks for what the conversation's team wants before it is resolved, and resolves it with that. */
export function ClosingDialog() {
  const { t } = useTranslation(['finish', 'inbox', 'common']);
  const conversation = useClosing((s) => s.conversation);
  const missing = useClosing((s) => s.missing);
  const labels = useLabels().data ?? [];
  const [note, setNote] = useState('');
  const [type, setType] = useState<ConversationType | null>(null);
  const [chosen, setChosen] = useState<string[]>([]);
  const wants = (field: string) => missing.includes(field);
  const ready = (!wants('closing_note') || note.trim()) && (!wants('type') || type) && (!wants('labels') || chosen.length > 0);
  const submit = () => {
    if (!conversation || !ready) return;
    closeOverlay();
    void resolve(conversation, { ...(note.trim() && { closing_note: note.trim() }), ...(type && { type }), ...(chosen.length > 0 && { labels: [...conversation.labels, ...chosen] }) });
  };
  return (
    <Modal opened={conversation !== null} onClose={closeOverlay} title={t('closing.title')} closeButtonProps={{ 'aria-label': t('common:action.close') }}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {wants('closing_note') && <Textarea label={t('closing.note')} description={t('closing.noteHelp')} {...inDir('auto')} autosize minRows={3} maxLength={20_000} data-autofocus value={note} onChange={(event) => setNote(event.target.value)} data-testid="closing-note" />}
        {wants('type') && <Select label={t('closing.type')} data={types.map((value) => ({ value, label: t(`inbox:type.${value}`) }))} value={type} onChange={(value) => setType(types.find((one) => one === value) ?? null)} data-testid="closing-type" />}
        {wants('labels') && <TagsInput label={t('closing.labels')} data={labels.map(({ name }) => name)} value={chosen} onChange={setChosen} data-testid="closing-labels" />}
        <div>
          <Button type="submit" disabled={!ready} data-testid="closing-resolve">
            {t('inbox:do.resolve')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
