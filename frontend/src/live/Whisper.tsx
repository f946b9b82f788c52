import { ActionIcon, TextInput } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useUsers } from '~/shared/api/queries';
import type { Conversation } from '~/shared/api/types';
import { sendMessage } from '~/shared/realtime/outbox';
import { isolate } from '~/shared/ui/bidi';
import { toastDone } from '~/shared/ui/toast';
import { inDir } from '~/shared/ui/inDir';

/** A note for the agent who has the conversation; the customer never sees it. */
export function Whisper({ conversation, done }: { conversation: Conversation; done?: () => void }) {
  const { t, i18n } = useTranslation('live');
  const [text, setText] = useState('');
  const agent = useUsers().data?.find(({ id }) => id === conversation.assignee_id);
  if (!agent) return null;
  const label = t('whisper.to', { name: isolate(agent.name) });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!text.trim()) return;
        sendMessage(conversation, { type: 'note', text: text.trim(), mentions: [agent.id] });
        toastDone(t('whisper.sent', { name: isolate(agent.name) }));
        setText('');
        done?.();
      }}
    >
      <TextInput
        size="sm"
        {...inDir(text ? 'auto' : i18n.dir())}
        maxLength={2000}
        placeholder={label}
        aria-label={label}
        value={text}
        onChange={(event) => setText(event.target.value)}
        rightSection={
          <ActionIcon type="submit" size="sm" aria-label={t('whisper.send')} disabled={!text.trim()}>
            <IconSend size={16} className="mirror" />
          </ActionIcon>
        }
        data-testid="whisper"
      />
    </form>
  );
}
