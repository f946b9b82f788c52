import { ActionIcon, Button, Menu, Modal, TextInput } from '@mantine/core';
import { IconAlarmSnooze, IconHourglass } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '~/shared/api/types';
import { formatDateTime } from '~/shared/i18n/format';
import { useShortcuts } from '~/shared/lib/keys';
import { firstDayOf, snoozeChoices, toLocalInput } from '~/shared/lib/snooze';
import { useNow } from '~/shared/ui/RelTime';
import { setPending, snooze } from '../changes';
import css from './SnoozeMenu.module.css';

export function SnoozeMenu({ conversation }: { conversation: Conversation }) {
  const { t, i18n } = useTranslation('inbox');
  const now = useNow();
  const [asks, setAsks] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useShortcuts({ KeyS: () => button.current?.click() });
  const choices = snoozeChoices(new Date(now), firstDayOf(i18n.language));
  return (
    <>
      <Menu width={310}>
        <Menu.Target>
          <ActionIcon ref={button} variant="default" aria-label={t('do.snooze')} title="S" data-testid="snooze-menu">
            <IconAlarmSnooze size={19} stroke={1.7} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t('snooze.label')}</Menu.Label>
          {choices.map(({ key, until }) => (
            <Menu.Item
              key={key}
              rightSection={<span className={css.when}>{formatDateTime(until)}</span>}
              onClick={() => void snooze(conversation, until)}
              data-testid={`snooze-${key}`}
            >
              {t(`snooze.${key}`)}
            </Menu.Item>
          ))}
          <Menu.Item onClick={() => setAsks(true)}>{t('snooze.other')}</Menu.Item>
          {conversation.status !== 'pending' && (
            <>
              <Menu.Divider />
              <Menu.Item leftSection={<IconHourglass size={16} stroke={1.7} />} onClick={() => void setPending(conversation)}>
                {t('do.pending')}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <OtherTime opened={asks} onClose={() => setAsks(false)} onPick={(until) => void snooze(conversation, until)} />
    </>
  );
}

interface OtherProps {
  opened: boolean;
  onClose: () => void;
  onPick: (until: Date) => void;
}

function OtherTime({ opened, onClose, onPick }: OtherProps) {
  const { t } = useTranslation(['inbox', 'common']);
  const now = useNow();
  const [value, setValue] = useState('');
  const [error, setError] = useState('');
  const close = () => {
    setValue('');
    setError('');
    onClose();
  };
  return (
    <Modal opened={opened} onClose={close} title={t('snooze.other')} size="sm" closeButtonProps={{ 'aria-label': t('common:action.close') }}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          const until = new Date(value);
          if (!(until.getTime() > Date.now())) return setError(t('snooze.past'));
          onPick(until);
          close();
        }}
      >
        <TextInput
          type="datetime-local"
          dir="ltr"
          label={t('snooze.until')}
          min={toLocalInput(new Date(now))}
          value={value}
          error={error}
          onChange={(event) => setValue(event.target.value)}
          data-autofocus
        />
        <Button type="submit">{t('do.snooze')}</Button>
      </form>
    </Modal>
  );
}
