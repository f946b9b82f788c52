import { Button, PasswordInput, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/shared/api/client';
import { fieldErrors } from '~/shared/ui/errors';
import { toastError } from '~/shared/ui/toast';
import { inDir } from '~/shared/ui/inDir';
import { checkFields, type ConnectableKind, type Field, kinds } from './kinds';
import css from './Settings.module.css';

interface Values {
  name: string;
  api_base_url: string;
  credentials: Record<string, string>;
  end_old_credentials?: boolean;
}

interface Props {
  kind: ConnectableKind;
  /** A new channel needs everything; an existing one keeps what stays empty. */
  fresh: boolean;
  initial: { name: string; api_base_url: string };
  submitLabel: string;
  onSubmit: (values: Values) => Promise<void>;
}

/** Name and credentials of a channel of any kind. */
export function ChannelForm({ kind, fresh, initial, submitLabel, onSubmit }: Props) {
  const { t } = useTranslation('settings');
  const [busy, setBusy] = useState(false);
  const [endOld, setEndOld] = useState(false);
  const fields: Field[] = kinds[kind].fields;
  const form = useForm<Record<string, string>>({
    mode: 'uncontrolled',
    initialValues: { ...Object.fromEntries(fields.map(({ key }) => [key, ''])), ...initial },
    validate: (values) => ({
      ...Object.fromEntries(Object.entries(checkFields(fields, values, fresh)).map(([key, why]) => [key, t(`connect.wrong.${why}`)])),
      ...(!values.name?.trim() && { name: t('connect.wrong.missing') }),
    }),
  });

  const submit = form.onSubmit(async (values) => {
    setBusy(true);
    try {
      const credentials = Object.fromEntries(fields.map(({ key }) => [key, (values[key] ?? '').trim()]).filter(([, value]) => value));
      await onSubmit({ name: (values.name ?? '').trim(), api_base_url: (values.api_base_url ?? '').trim(), credentials, ...(endOld && { end_old_credentials: true }) });
      setEndOld(false);
    } catch (cause) {
      const named = Object.fromEntries(Object.entries(fieldErrors(cause)).map(([key, detail]) => [key.replace(/^credentials\./, ''), detail]));
      form.setErrors(named);
      if (!(cause instanceof ApiError) || !Object.keys(named).some((key) => key in values)) toastError(cause);
    } finally {
      setBusy(false);
    }
  });

  return (
    <form className={css.form} onSubmit={submit} noValidate>
      <TextInput label={t('channels.name')} description={t('channels.nameHelp')} {...inDir('auto')} maxLength={60} key={form.key('name')} {...form.getInputProps('name')} data-testid="channel-name" />
      {fields.map(({ key, secret, shape }) => {
        const Input = secret ? PasswordInput : TextInput;
        return (
          <Input
            key={form.key(key)}
            label={t(`connect.field.${key}` as 'connect.field.page_id')}
            description={fresh ? t(`connect.${kind}.help.${key}` as 'connect.sms.help.auth_token') : undefined}
            placeholder={fresh ? undefined : t('connect.keep')}
            {...inDir(key === 'from_name' ? 'auto' : 'ltr')}
            inputMode={shape === 'digits' ? 'numeric' : undefined}
            autoComplete="off"
            {...form.getInputProps(key)}
            data-testid={`channel-${key}`}
          />
        );
      })}
      {!fresh && <Switch label={t('connect.endOld')} description={t('connect.endOldHelp')} checked={endOld} onChange={(e) => setEndOld(e.currentTarget.checked)} data-testid="channel-end-old" />}
      <details>
        <summary>{t('channels.advanced')}</summary>
        <TextInput mt="sm" label={t('channels.baseUrl')} description={t('channels.baseUrlHelp')} dir="ltr" key={form.key('api_base_url')} {...form.getInputProps('api_base_url')} data-testid="channel-api_base_url" />
      </details>
      <div className={css.actions}>
        <Button type="submit" loading={busy} data-testid="channel-save">
          {submitLabel}
        </Button>
      </div>
    </form>
  );
}
