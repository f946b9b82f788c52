import { ActionIcon } from '@mantine/core';
import { IconAlarmSnooze, IconHourglass } from '@tabler/icons-react';
import { lazy, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '~/shared/api/types';
import { formatDateTime } from '~/shared/i18n/format';
import { useActions } from '~/shared/actions/actions';
import { useHint } from '~/shared/actions/keymap';
import { firstDayOf, snoozeChoices } from '~/shared/lib/snooze';
import { Lazily } from '~/shared/ui/Lazily';
import { Menu } from '~/shared/ui/Menu';
import { useNow } from '~/shared/ui/RelTime';
import { setPending, snooze } from '../changes';
import css from './SnoozeMenu.module.css';

const OtherTime = lazy(() => import('./OtherTime').then((m) => ({ default: m.OtherTime })));

export function SnoozeMenu({ conversation }: { conversation: Conversation }) {
  const { t, i18n } = useTranslation('inbox');
  const now = useNow();
  const [asks, setAsks] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const hint = useHint();
  useActions({ snooze: () => button.current?.click(), pending: conversation.status !== 'pending' && (() => void setPending(conversation)) });
  const choices = snoozeChoices(new Date(now), firstDayOf(i18n.language));
  return (
    <>
      <Menu width={310}>
        <Menu.Target>
          <ActionIcon ref={button} variant="default" aria-label={t('do.snooze')} title={hint(t('do.snooze'), 'snooze')} data-testid="snooze-menu">
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
      <Lazily wanted={asks}>
        <OtherTime opened={asks} onClose={() => setAsks(false)} onPick={(until) => void snooze(conversation, until)} />
      </Lazily>
    </>
  );
}
