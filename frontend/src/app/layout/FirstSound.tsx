import { ActionIcon } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { setNotifyPrefs, useNotifyPrefs } from '~/shared/notify/prefs';
import css from './FirstSound.module.css';

const SoundCheck = lazy(() => import('~/shared/notify/SoundCheck').then((m) => ({ default: m.SoundCheck })));

/** On the first day on a device: hear the sound once, so that nobody misses customers for a muted tab. */
export function FirstSound() {
  const { t } = useTranslation();
  const prefs = useNotifyPrefs();
  if (prefs.tested) return null;
  return (
    <section className={css.card} aria-label={t('notify.title')} data-testid="first-sound">
      <header>
        <strong>{t('notify.title')}</strong>
        <ActionIcon size="sm" aria-label={t('action.close')} onClick={() => setNotifyPrefs({ ...prefs, tested: true })}>
          <IconX size={16} />
        </ActionIcon>
      </header>
      <p>{t('notify.text')}</p>
      <Suspense>
        <SoundCheck />
      </Suspense>
    </section>
  );
}
