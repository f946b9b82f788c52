import { Button, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { focusWorkIfLost } from '~/shared/lib/focus';
import { snoozeChoices, toLocalInput } from '~/shared/lib/snooze';
import { useNow } from '~/shared/ui/RelTime';
import { serverNow } from '~/shared/realtime/serverClock';
import css from './SnoozeMenu.module.css';

interface Props {
  opened: boolean;
  /** What is asked for, and what its button says; snoozing where they are missing. */
  title?: string;
  action?: string;
  onClose: () => void;
  onPick: (until: Date) => void;
}

/** Asks for a time. */
export function OtherTime({ opened, title, action, onClose, onPick }: Props) {
  const { t } = useTranslation(['inbox', 'common']);
  const now = useNow();
  // Tomorrow morning, to be changed.
  const usual = toLocalInput(snoozeChoices(new Date(now), 1).find((c) => c.key === 'tomorrow')?.until ?? new Date(now));
  const [value, setValue] = useState(usual);
  const [error, setError] = useState('');
  const close = () => {
    setValue(usual);
    setError('');
    onClose();
  };
  return (
    <Modal opened={opened} onClose={close} onExitTransitionEnd={focusWorkIfLost} title={title ?? t('snooze.other')} size="sm" closeButtonProps={{ 'aria-label': t('common:action.close') }}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          const until = new Date(value);
          if (!(until.getTime() > serverNow())) return setError(t('snooze.past'));
          onPick(until);
          close();
        }}
      >
        <TextInput
          type="datetime-local"
          dir="ltr"
          label={action ? undefined : t('snooze.until')}
          aria-label={title ?? t('snooze.until')}
          min={toLocalInput(new Date(now))}
          value={value}
          error={error}
          onChange={(event) => setValue(event.target.value)}
          data-autofocus
        />
        <Button type="submit">{action ?? t('do.snooze')}</Button>
      </form>
    </Modal>
  );
}
