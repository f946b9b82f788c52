import { Button, Select, Switch, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, bodyOf } from '~/shared/api/client';
import { setMe } from '~/shared/realtime/actions';
import { useLive } from '~/shared/realtime/store';
import { toastDone, toastError } from '~/shared/ui/toast';
import { inDir } from '~/shared/ui/inDir';
import { countries } from './countries';
import { NumberField } from './NumberField';
import css from './Settings.module.css';

/** The workspace's name, and the country whose numbers are written without a country code. */
export function WorkspacePage() {
  const { t, i18n } = useTranslation(['settings', 'common']);
  const me = useLive((s) => s.me);
  const [name, setName] = useState(me?.workspace.name ?? '');
  const [country, setCountry] = useState(me?.workspace.country ?? '');
  const [minutes, setMinutes] = useState<number | ''>(me?.workspace.remind_waiting_minutes ?? 0);
  const [takes, setTakes] = useState(me?.workspace.assign_on_reply ?? false);
  const [thanks, setThanks] = useState(me?.workspace.thanks_reopen ?? false);
  const [shown, setShown] = useState(me?.workspace.push_customers ?? false);
  const [busy, setBusy] = useState(false);
  const named = useMemo(() => countries(i18n.language), [i18n.language]);
  const changed = name.trim() !== me?.workspace.name || country !== me.workspace.country || shown !== me.workspace.push_customers || takes !== me.workspace.assign_on_reply || thanks !== me.workspace.thanks_reopen || Number(minutes) !== me.workspace.remind_waiting_minutes;
  const save = async () => {
    setBusy(true);
    try {
      const workspace = await bodyOf(api.PATCH('/api/v1/workspace', { body: { name: name.trim(), country, push_customers: shown, assign_on_reply: takes, thanks_reopen: thanks, remind_waiting_minutes: Number(minutes) } }));
      const fresh = useLive.getState().me;
      if (fresh) setMe({ ...fresh, workspace });
      toastDone(t('saved'));
    } catch (cause) {
      toastError(cause, () => void save());
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <div className={css.titleRow}>
        <h2>{t('workspace.title')}</h2>
      </div>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextInput label={t('workspace.name')} {...inDir('auto')} required maxLength={120} value={name} onChange={(event) => setName(event.target.value)} data-testid="workspace-name" />
        <Select
          label={t('workspace.country')}
          description={t('workspace.countryHelp')}
          searchable
          clearable
          nothingFoundMessage={t('workspace.countryNone')}
          data={named}
          value={country || null}
          onChange={(value) => setCountry(value ?? '')}
          data-testid="workspace-country"
        />
        <NumberField label={t('workspace.remind')} description={t('workspace.remindHelp')} min={0} max={10_080} value={minutes} onChange={setMinutes} data-testid="workspace-remind" />
        <Switch label={t('workspace.takes')} description={t('workspace.takesHelp')} checked={takes} onChange={({ currentTarget }) => setTakes(currentTarget.checked)} data-testid="assign-on-reply" />
        <Switch label={t('workspace.thanks')} description={t('workspace.thanksHelp')} checked={thanks} onChange={({ currentTarget }) => setThanks(currentTarget.checked)} data-testid="thanks-reopen" />
        <Switch label={t('device.customers')} description={t('device.customersHelp')} checked={shown} onChange={({ currentTarget }) => setShown(currentTarget.checked)} data-testid="push-customers" />
        <div className={css.actions}>
          <Button type="submit" loading={busy} disabled={!name.trim() || !changed} data-testid="workspace-save">
            {t('common:action.save')}
          </Button>
        </div>
      </form>
    </>
  );
}
