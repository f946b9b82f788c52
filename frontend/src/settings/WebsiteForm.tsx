import { Button, ColorInput, Select, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/shared/api/client';
import type { Channel } from '~/shared/api/types';
import { fieldErrors } from '~/shared/ui/errors';
import { toastError } from '~/shared/ui/toast';
import { inDir } from '~/shared/ui/inDir';
import css from './Settings.module.css';
import { CopyField } from './CopyField';

export interface WebsiteValues {
  name: string;
  origins: string;
  title: string;
  greeting: string;
  colour: string;
  language: string;
}

interface Props {
  initial: WebsiteValues;
  submitLabel: string;
  onSubmit: (name: string, credentials: Record<string, string>) => Promise<void>;
}

/** Where the chat of a website may be, and what it looks like. */
export function WebsiteForm({ initial, submitLabel, onSubmit }: Props) {
  const { t } = useTranslation('settings');
  const [busy, setBusy] = useState(false);
  const form = useForm<WebsiteValues>({
    mode: 'uncontrolled',
    initialValues: initial,
    validate: {
      name: (value) => (value.trim() ? null : t('connect.wrong.missing')),
      origins: (value) => (value.trim() ? null : t('connect.wrong.missing')),
    },
  });
  const submit = form.onSubmit(async ({ name, ...settings }) => {
    setBusy(true);
    try {
      await onSubmit(name.trim(), settings);
    } catch (cause) {
      const fields = Object.fromEntries(Object.entries(fieldErrors(cause)).map(([key, detail]) => [key.replace(/^credentials\./, ''), detail]));
      form.setErrors(fields);
      if (!(cause instanceof ApiError) || Object.keys(fields).length === 0) toastError(cause);
    } finally {
      setBusy(false);
    }
  });
  const languages = [
    { value: '', label: t('website.asPage') },
    { value: 'en', label: 'English' },
    { value: 'he', label: 'עברית' },
    { value: 'ar', label: 'العربية' },
  ];
  return (
    <form className={css.form} onSubmit={submit} noValidate>
      <TextInput label={t('channels.name')} description={t('website.nameHelp')} {...inDir('auto')} maxLength={60} key={form.key('name')} {...form.getInputProps('name')} data-testid="channel-name" />
      <TextInput label={t('website.origins')} description={t('website.originsHelp')} placeholder="https://www.example.com" dir="ltr" key={form.key('origins')} {...form.getInputProps('origins')} data-testid="channel-origins" />
      <TextInput label={t('website.title')} description={t('website.titleHelp')} {...inDir('auto')} maxLength={60} key={form.key('title')} {...form.getInputProps('title')} />
      <Textarea label={t('website.greeting')} description={t('website.greetingHelp')} {...inDir('auto')} maxLength={500} autosize minRows={2} key={form.key('greeting')} {...form.getInputProps('greeting')} data-testid="channel-greeting" />
      <ColorInput label={t('website.colour')} format="hex" withEyeDropper={false} dir="ltr" key={form.key('colour')} {...form.getInputProps('colour')} />
      <Select label={t('website.language')} data={languages} allowDeselect={false} key={form.key('language')} {...form.getInputProps('language')} />
      <div className={css.actions}>
        <Button type="submit" loading={busy} data-testid="channel-save">
          {submitLabel}
        </Button>
      </div>
    </form>
  );
}

/** The one line that the website needs. */
export function Snippet({ channel }: { channel: Channel }) {
  const { t } = useTranslation('settings');
  const base = new URL(channel.webhook_url).origin;
  return (
    <>
      <CopyField label={t('website.snippet')} value={`<script async src="${base}/widget.js" data-channel="${channel.id}"></script>`} />
      <p className={css.lead}>{t('website.snippetHelp')}</p>
    </>
  );
}
