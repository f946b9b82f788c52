import { IconCheck, IconClockPause } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import css from './Composer.module.css';
import { useKeyText } from '~/shared/actions/keymap';
import { Menu } from '~/shared/ui/Menu';
import { resolved, untilAnswered } from './sendAnd';
import type { When } from './send';

/** At the head of the menu beside Send: what becomes of the conversation with it. */
export function SendAndItems({ send }: { send: (when: When) => void }) {
  const { t } = useTranslation('actions');
  return (
    <>
      <Menu.Item leftSection={<IconCheck size={16} />} rightSection={<span className={css.hint}>{useKeyText('sendResolve')}</span>} onClick={() => send(resolved)} data-testid="send-resolve">
        {t('do.sendResolve')}
      </Menu.Item>
      <Menu.Item leftSection={<IconClockPause size={16} />} onClick={() => send(untilAnswered)} data-testid="send-snooze">
        {t('do.sendSnooze')}
      </Menu.Item>
      <Menu.Divider />
    </>
  );
}
