import { Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { altKey, modKey } from '~/shared/lib/keyNames';
import { useMay } from '~/shared/realtime/store';
import { closeOverlay } from '../overlays';
import css from './Palette.module.css';

const keys = [
  { id: 'palette', chord: [modKey, 'K'] },
  { id: 'search', chord: ['/'] },
  { id: 'next', chord: ['J'] },
  { id: 'previous', chord: ['K'] },
  { id: 'open', chord: ['Enter'] },
  { id: 'reply', chord: ['R'] },
  { id: 'note', chord: ['N'] },
  { id: 'assign', chord: ['A'] },
  { id: 'snooze', chord: ['S'] },
  { id: 'resolve', chord: ['E'] },
  { id: 'unread', chord: ['U'] },
  { id: 'select', chord: ['X'] },
  { id: 'customer', chord: ['I'] },
  { id: 'take', chord: ['T'] },
  { id: 'accept', chord: [altKey, 'Y'] },
  { id: 'decline', chord: [altKey, 'X'] },
  { id: 'goInbox', chord: ['G', 'I'] },
  { id: 'goLive', chord: ['G', 'L'] },
  { id: 'goSettings', chord: ['G', 'S'] },
  { id: 'remind', chord: [altKey, 'M'] },
  { id: 'why', chord: ['W'] },
  { id: 'leave', chord: ['Esc'] },
  { id: 'send', chord: ['Enter'] },
  { id: 'sendResolve', chord: [modKey, 'Shift', 'Enter'] },
  { id: 'undo', chord: [modKey, 'Z'] },
  { id: 'takeOver', chord: [altKey, 'T'] },
  { id: 'later', chord: [altKey, 'S'] },
  { id: 'line', chord: ['Shift', 'Enter'] },
  { id: 'help', chord: ['?'] },
] as const;

export function HelpSheet() {
  const { t } = useTranslation(['common', 'more']);
  const live = useMay('floor.watch');
  return (
    <Modal opened onClose={closeOverlay} title={t('help.title')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <p className={css.hint}>{t('more:help.text')}</p>
      <dl className={css.keys}>
        {keys.filter(({ id }) => id !== 'goLive' || live).map(({ id, chord }) => (
          <div key={id}>
            <dt>{t(`more:help.${id}`)}</dt>
            <dd dir="ltr">
              {chord.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
