import { ActionIcon } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { setNotifyPrefs, useNotifyPrefs } from '~/shared/notify/prefs';
import css from './FirstSound.module.css';

const SoundTest = lazy(() => import('~/shared/notify/SoundTest').then((m) => ({ default: m.SoundTest })));

/** On the first day on a device: hear the sound once, so that nobody misses customers for a muted tab. It covers nothing. */
export function FirstSound() {
  const { t } = useTranslation();
  const prefs = useNotifyPrefs();
  if (prefs.tested) return null;
  return (
    <section className={css.strip} aria-label={t('notify.title')} data-testid="first-sound">
      <p>{t('notify.text')}</p>
      <Suspense>
        <SoundTest />
      </Suspense>
      <ActionIcon size="sm" aria-label={t('action.close')} onClick={() => setNotifyPrefs({ ...prefs, tested: true })}>
        <IconX size={16} />
      </ActionIcon>
    </section>
  );
}
