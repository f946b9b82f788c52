import { Button, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toLocalInput } from '~/shared/lib/snooze';
import { serverNow } from '~/shared/realtime/serverClock';

interface Props {
  opened: boolean;
  onClose: () => void;
  onPick: (at: Date) => void;
}

/** Asks when a message is to be sent. */
export function LaterDialog({ opened, onClose, onPick }: Props) {
  const { t } = useTranslation(['composer', 'inbox', 'common']);
  const [value, setValue] = useState('');
  const [error, setError] = useState('');
  return (
    <Modal opened={opened} onClose={onClose} title={t('later.menu')} size="sm" closeButtonProps={{ 'aria-label': t('common:action.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const at = new Date(value);
          if (!(at.getTime() > serverNow())) return setError(t('inbox:snooze.past'));
          onClose();
          onPick(at);
        }}
      >
        <TextInput type="datetime-local" dir="ltr" label={t('later.at')} min={toLocalInput(new Date(serverNow()))} value={value} error={error} onChange={(event) => setValue(event.target.value)} data-autofocus data-testid="later-at" />
        <Button type="submit" mt="md" data-testid="later-send">{t('later.schedule')}</Button>
      </form>
    </Modal>
  );
}
