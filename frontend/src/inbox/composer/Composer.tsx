import { Button, SegmentedControl } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '~/shared/api/types';
import { sendTyping } from '~/shared/realtime/actions';
import { useDraft } from '~/shared/realtime/drafts';
import { sendMessage } from '~/shared/realtime/outbox';
import css from './Composer.module.css';

/** Where replies and notes are written. */
export function Composer({ conversation }: { conversation: Conversation }) {
  const { t, i18n } = useTranslation('composer');
  const { draft, setDraft, clearDraft } = useDraft(conversation.id);
  const input = useRef<HTMLTextAreaElement>(null);
  useEffect(() => input.current?.focus(), []);

  const send = () => {
    const text = draft.text.trim();
    if (!text) return;
    sendMessage(conversation, { type: draft.mode === 'note' ? 'note' : 'text', text });
    clearDraft();
    sendTyping(conversation.id, false);
  };
  const label = t(`placeholder.${draft.mode}`, { name: conversation.contact.name });

  return (
    <div className={css.composer} data-mode={draft.mode}>
      <SegmentedControl
        size="xs"
        value={draft.mode}
        onChange={(mode) => setDraft({ mode: mode === 'note' ? 'note' : 'reply' })}
        data={[
          { value: 'reply', label: t('mode.reply') },
          { value: 'note', label: t('mode.note') },
        ]}
      />
      <textarea
        ref={input}
        dir={draft.text ? 'auto' : i18n.dir()}
        rows={2}
        aria-label={label}
        placeholder={label}
        value={draft.text}
        data-testid="composer-input"
        onChange={(event) => {
          setDraft({ text: event.target.value });
          if (draft.mode === 'reply') sendTyping(conversation.id);
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      <Button rightSection={<IconSend size={16} className="mirror" />} onClick={send} data-testid="composer-send">
        {t('send')}
      </Button>
    </div>
  );
}
