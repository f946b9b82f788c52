import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/shared/api/client';
import { fieldErrors } from '~/shared/ui/errors';
import { toastError } from '~/shared/ui/toast';
import css from './Settings.module.css';
import { checkWhatsApp, whatsappFields } from './whatsapp';

const blank = { name: '', phone_number_id: '', business_account_id: '', access_token: '', app_secret: '', api_base_url: '' };
type Values = typeof blank;

interface Props {
  /** A new channel needs everything; an existing one keeps what stays empty. */
  fresh: boolean;
  initial: { name: string; api_base_url: string };
  submitLabel: string;
  onSubmit: (values: Values) => Promise<void>;
}

export function WhatsAppForm({ fresh, initial, submitLabel, onSubmit }: Props) {
  const { t } = useTranslation('settings');
  const [busy, setBusy] = useState(false);
  const form = useForm<Values>({
    mode: 'uncontrolled',
    initialValues: { ...blank, ...initial },
    validate: (values) => {
      const wrong = checkWhatsApp(values, fresh);
      return {
        ...Object.fromEntries(Object.entries(wrong).map(([key, why]) => [key, t(`whatsapp.${why}`)])),
        ...(!values.name.trim() && { name: t('whatsapp.missing') }),
      };
    },
  });

  const submit = form.onSubmit(async (values) => {
    setBusy(true);
    try {
      await onSubmit(values);
    } catch (cause) {
      const fields = Object.fromEntries(Object.entries(fieldErrors(cause)).map(([key, detail]) => [key.replace(/^credentials\./, ''), detail]));
      form.setErrors(fields);
      if (!(cause instanceof ApiError) || cause.fields.every((f) => !(f.field.replace(/^(body\.)?(credentials\.)?/, '') in blank))) toastError(cause);
    } finally {
      setBusy(false);
    }
  });

  return (
    <form className={css.form} onSubmit={submit} noValidate>
      <TextInput label={t('channels.name')} description={t('channels.nameHelp')} dir="auto" maxLength={60} key={form.key('name')} {...form.getInputProps('name')} data-testid="channel-name" />
      {whatsappFields.map(({ key, secret }) => {
        const Input = secret ? PasswordInput : TextInput;
        return (
          <Input
            key={form.key(key)}
            label={t(`whatsapp.${key}`)}
            description={fresh ? t(`whatsapp.${key}Help`) : undefined}
            placeholder={fresh ? undefined : t('whatsapp.keep')}
            dir="ltr"
            autoComplete="off"
            {...form.getInputProps(key)}
            data-testid={`channel-${key}`}
          />
        );
      })}
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
