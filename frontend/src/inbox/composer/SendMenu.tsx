import { ActionIcon } from '@mantine/core';
import { IconCheck, IconChevronDown } from '@tabler/icons-react';
import { lazy, Suspense, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { loadWords } from '~/shared/i18n';
import { formatDateTime } from '~/shared/i18n/format';
import { useActions } from '~/shared/actions/actions';
import { useHint } from '~/shared/actions/keymap';
import { firstDayOf, snoozeChoices } from '~/shared/lib/snooze';
import { serverNow } from '~/shared/realtime/serverClock';
import { Lazily } from '~/shared/ui/Lazily';
import { Menu } from '~/shared/ui/Menu';
import css from './Composer.module.css';
import { goOnWriting } from './focus';
import type { ComposerState } from './useComposer';

const SendAndItems = lazy(async () => ({ default: (await Promise.all([import('./SendAndItems'), loadWords('actions')]))[0].SendAndItems }));
const LaterDialog = lazy(() => import('./dialogs/LaterDialog').then((m) => ({ default: m.LaterDialog })));

/** Beside Send: when else. */
export function SendMenu({ composer }: { composer: ComposerState }) {
  const { t, i18n } = useTranslation(['composer', 'inbox']);
  const [unanswered, setUnanswered] = useState(false);
  const [asks, setAsks] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const hint = useHint();
  useActions({ later: composer.ready && (() => button.current?.click()) });
  const choices = snoozeChoices(new Date(serverNow()), firstDayOf(i18n.language));
  const send = (at: Date) => {
    composer.send({ send_at: at.toISOString(), ...(unanswered && { cancel_if_answered: true }) });
    setTimeout(goOnWriting);
  };
  return (
    <>
      <Menu position="top-end" width={310}>
        <Menu.Target>
          <ActionIcon ref={button} variant="default" size="input-sm" disabled={!composer.ready} aria-label={t('later.menu')} title={hint(t('later.menu'), 'later')} data-testid="send-later">
            <IconChevronDown size={18} stroke={1.8} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Suspense>
            <SendAndItems send={composer.send} />
          </Suspense>
          <Menu.Label>{t('later.menu')}</Menu.Label>
          {choices.map(({ key, until }) => (
            <Menu.Item key={key} rightSection={<span className={css.hint}>{formatDateTime(until)}</span>} onClick={() => send(until)} data-testid={`later-${key}`}>
              {t(`inbox:snooze.${key}`)}
            </Menu.Item>
          ))}
          <Menu.Item onClick={() => setAsks(true)} data-testid="later-other">{t('inbox:snooze.other')}</Menu.Item>
          <Menu.Divider />
          <Menu.Item
            role="menuitemcheckbox"
            aria-checked={unanswered}
            closeMenuOnClick={false}
            leftSection={<IconCheck size={16} style={{ visibility: unanswered ? 'visible' : 'hidden' }} />}
            onClick={() => setUnanswered(!unanswered)}
            data-testid="later-unanswered"
          >
            {t('later.unanswered')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Lazily wanted={asks}>
        <LaterDialog opened={asks} onClose={() => setAsks(false)} onPick={send} />
      </Lazily>
    </>
  );
}
