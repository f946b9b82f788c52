import { Button, SegmentedControl, Select, TextInput, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, bodyOf } from '~/shared/api/client';
import type { Language } from '~/shared/api/types';
import { formatNumber } from '~/shared/i18n/format';
import { isLanguage, languages, setLanguage } from '~/shared/i18n';
import { setMe } from '~/shared/realtime/actions';
import { setUndoSeconds, undoChoices, useUndoSeconds } from '~/shared/realtime/sent';
import { useLive } from '~/shared/realtime/store';
import { Ltr } from '~/shared/ui/Ltr';
import { toastDone, toastError } from '~/shared/ui/toast';
import { inDir } from '~/shared/ui/inDir';
import css from './Settings.module.css';
import { Notifications } from './Notifications';
import { Signature } from './Signature';

async function saveMe(change: { name?: string; language?: Language }): Promise<void> {
  setMe(await bodyOf(api.PATCH('/api/v1/me', { body: change })));
}

export function ProfilePage() {
  const { t, i18n } = useTranslation(['settings', 'common']);
  const me = useLive((s) => s.me);
  const [name, setName] = useState(me?.user.name ?? '');
  const undo = useUndoSeconds();
  const { colorScheme, setColorScheme } = useMantineColorScheme();

  const save = async () => {
    try {
      await saveMe({ name: name.trim() });
      toastDone(t('saved'));
    } catch (cause) {
      toastError(cause, () => void save());
    }
  };
  /** The words change at once; the gateway keeps the choice for the next device. */
  const choose = async (language: string | null) => {
    if (!isLanguage(language)) return;
    await setLanguage(language);
    saveMe({ language }).catch((cause: unknown) => toastError(cause));
  };

  return (
    <>
      <div className={css.titleRow}>
        <h2>{t('profile.title')}</h2>
      </div>
      <p className={css.lead}>
        <Ltr>{me?.user.email ?? ''}</Ltr>
      </p>
      <section className={css.group}>
        <form
          className={css.form}
          onSubmit={(event) => {
            event.preventDefault();
            void save();
          }}
        >
          <TextInput label={t('profile.name')} {...inDir('auto')} maxLength={100} required value={name} onChange={(event) => setName(event.target.value)} />
          <div className={css.actions}>
            <Button type="submit" disabled={!name.trim() || name.trim() === me?.user.name}>
              {t('common:action.save')}
            </Button>
          </div>
        </form>
      </section>
      <Signature />
      <section className={css.group}>
        <h3>{t('profile.look')}</h3>
        <div className={css.form}>
          <Select
            label={t('common:nav.language')}
            allowDeselect={false}
            data={Object.entries(languages).map(([value, { name: label }]) => ({ value, label }))}
            value={i18n.language}
            onChange={(language) => void choose(language)}
          />
          <Select
            label={t('undo.label')}
            allowDeselect={false}
            data={undoChoices.map((seconds) => ({ value: String(seconds), label: seconds ? t('undo.seconds', { count: seconds, formatted: formatNumber(seconds) }) : t('undo.never') }))}
            value={String(undo)}
            onChange={(seconds) => setUndoSeconds(Number(seconds))}
            data-testid="undo-seconds"
          />
          <SegmentedControl
            aria-label={t('common:nav.theme')}
            value={colorScheme}
            onChange={(value) => setColorScheme(value as MantineColorScheme)}
            data={(['light', 'dark', 'auto'] as const).map((value) => ({ value, label: t(`profile.scheme.${value}`) }))}
          />
        </div>
      </section>
      <Notifications />
    </>
  );
}
