import { Button, PasswordInput, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ApiError, bodyOf } from '~/shared/api/client';
import type { MailHost } from '~/shared/api/types';
import { problemText } from '~/shared/lib/problem';
import { errorText, fieldErrors } from '~/shared/ui/errors';
import { inDir } from '~/shared/ui/inDir';
import { beginSignIn, type SignInProvider } from './signIn';
import css from './Settings.module.css';

const servers = ['imap_host', 'imap_port', 'smtp_host', 'smtp_port', 'username', 'folder', 'tls_fingerprint'] as const;

const unknown = { imap_host: '', imap_port: '', smtp_host: '', smtp_port: '' };

const domainOf = (address = '') => address.trim().split('@').pop()?.toLowerCase();

interface Props {
  /** A new mailbox wants everything; one that is there keeps what stays empty. */
  fresh: boolean;
  /** The channel that signs in anew, where it is there already. */
  channelId?: string;
  initial: Record<string, string>;
  submitLabel: string;
  onSubmit: (name: string, credentials: Record<string, string>) => Promise<void>;
}

/** A mailbox of any host: its servers are found where that is certain, and its owner signs in there where the host wants that. */
export function MailboxForm({ fresh, channelId, initial, submitLabel, onSubmit }: Props) {
  const { t } = useTranslation('settings');
  const [busy, setBusy] = useState(false);
  const [host, setHost] = useState<MailHost | null>(null);
  const [trouble, setTrouble] = useState<{ title: string; detail: string } | null>(null);
  const form = useForm<Record<string, string>>({
    mode: 'uncontrolled',
    initialValues: { name: '', from_address: '', from_name: '', password: '', history_days: '', ...Object.fromEntries(servers.map((key) => [key, ''])), ...initial },
    validate: (values) => ({
      ...(!values.name?.trim() && { name: t('connect.wrong.missing') }),
      ...(fresh && !/^\S+@\S+\.\S+$/.test((values.from_address ?? '').trim()) && { from_address: t('connect.wrong.address') }),
    }),
  });
  form.watch('from_address', ({ previousValue, value }) => {
    if (form.getValues().username === previousValue?.trim()) form.setFieldValue('username', value?.trim() ?? '');
    if (domainOf(previousValue) !== domainOf(value)) setHost(null);
  });
  const asks = !fresh || host !== null;
  const byPassword = asks && !host?.password_refused;
  const provider = (fresh ? host?.sign_in : initial.oauth_provider) as SignInProvider | '' | undefined;

  const look = async (values: Record<string, string>) => {
    const found = await bodyOf(api.GET('/api/v1/mail-hosts', { params: { query: { address: (values.from_address ?? '').trim() } } }));
    setHost(found);
    const { imap_host, smtp_host } = found;
    const known = found.certain ? { imap_host, imap_port: String(found.imap_port), smtp_host, smtp_port: String(found.smtp_port) } : unknown;
    form.setValues({ username: (values.from_address ?? '').trim(), ...known });
  };

  const failed = (cause: unknown) => {
    const named = Object.fromEntries(Object.entries(fieldErrors(cause)).map(([key, detail]) => [key.replace(/^credentials\./, ''), detail]));
    const { reason, ...fields } = named;
    form.setErrors(fields);
    if (Object.keys(fields).some((key) => key in form.getValues())) return;
    const { title, detail } = errorText(cause);
    setTrouble(reason ? problemText({ code: reason, title, detail }) : { title, detail: cause instanceof ApiError ? cause.detail || detail : detail });
  };

  const attempt = async (what: () => Promise<void>) => {
    setBusy(true);
    setTrouble(null);
    try {
      await what();
    } catch (cause) {
      failed(cause);
    } finally {
      setBusy(false);
    }
  };

  const submit = form.onSubmit((values) =>
    attempt(async () => {
      if (!asks) return look(values);
      const keys = ['password', 'from_name', ...servers, ...(fresh ? ['from_address', 'history_days'] : [])];
      const credentials = Object.fromEntries(keys.map((key) => [key, (values[key] ?? '').trim()]).filter(([key, value]) => value || (!fresh && key !== 'password' && initial[key!])));
      await onSubmit((values.name ?? '').trim(), credentials);
    }),
  );

  const signIn = () =>
    attempt(async () => {
      const { name = '', from_address = '', from_name = '', history_days = '' } = form.getValues();
      if (!provider || form.validate().hasErrors) return;
      await beginSignIn(provider, from_address, { channelId, name, from_name, history_days });
    });

  const input = (key: string, more: object = {}) => (
    <TextInput key={form.key(key)} label={t(`mailbox.field.${key}` as 'mailbox.field.username')} dir="ltr" autoComplete="off" {...more} {...form.getInputProps(key)} data-testid={`channel-${key}`} />
  );
  return (
    <form className={css.form} onSubmit={submit} noValidate>
      <TextInput label={t('channels.name')} description={t('channels.nameHelp')} {...inDir('auto')} maxLength={60} key={form.key('name')} {...form.getInputProps('name')} data-testid="channel-name" />
      {fresh && input('from_address', { type: 'email', description: t('mailbox.addressHelp') })}
      {input('from_name', { dir: 'auto', description: t('connect.email.help.from_name') })}
      {fresh && host?.password_refused && !provider && <p className={css.lead}>{t('mailbox.passwordRefused', { host: host.name })}</p>}
      {asks && provider && (
        <>
          <Button variant={host?.password_refused ? 'filled' : 'default'} loading={busy} onClick={() => void signIn()} data-testid="mailbox-sign-in">
            {t('mailbox.signIn', { provider: provider === 'google' ? 'Google' : 'Microsoft' })}
          </Button>
          <p className={css.lead}>{t(fresh ? 'mailbox.signInHelp' : 'mailbox.signInAgain')}</p>
        </>
      )}
      {byPassword && !(provider && !fresh) && (
        <PasswordInput
          label={t('mailbox.field.password')}
          description={fresh ? t(host?.app_password ? 'mailbox.appPassword' : 'mailbox.ownPassword') : undefined}
          placeholder={fresh ? undefined : t('connect.keep')}
          dir="ltr"
          autoComplete="off"
          key={form.key('password')}
          {...form.getInputProps('password')}
          data-testid="channel-password"
        />
      )}
      {fresh && (byPassword || (asks && provider)) && (
        <Select
          label={t('mailbox.field.history_days')}
          description={t('mailbox.historyHelp')}
          data={['', '7', '30', '90', '365'].map((value) => ({ value, label: value ? t('mailbox.days', { count: Number(value) }) : t('mailbox.noHistory') }))}
          allowDeselect={false}
          key={form.key('history_days')}
          {...form.getInputProps('history_days')}
          data-testid="channel-history_days"
        />
      )}
      {byPassword && (
        <details open={fresh && !host?.certain}>
          <summary>{t('mailbox.servers')}</summary>
          <div className={css.form}>
            {fresh && <p className={css.lead}>{t(host?.certain ? 'mailbox.certain' : 'mailbox.notCertain', { host: host?.name })}</p>}
            {input('imap_host', { placeholder: 'imap.example.com' })}
            {input('imap_port', { inputMode: 'numeric', placeholder: '993' })}
            {input('smtp_host', { placeholder: 'smtp.example.com' })}
            {input('smtp_port', { inputMode: 'numeric', placeholder: '465' })}
            {input('username')}
            {input('folder', { dir: 'auto', placeholder: 'INBOX', description: t('mailbox.folderHelp') })}
            {input('tls_fingerprint', { description: t('mailbox.fingerprintHelp') })}
          </div>
        </details>
      )}
      {trouble && (
        <div className={css.trouble} role="alert" data-testid="mailbox-trouble">
          <strong>
            <IconAlertTriangle size={16} style={{ verticalAlign: '-3px' }} aria-hidden /> <bdi>{trouble.title}</bdi>
          </strong>
          {trouble.detail && <p dir="auto" className="follow">{trouble.detail}</p>}
        </div>
      )}
      {!(host?.password_refused && fresh) && (
        <div className={css.actions}>
          <Button type="submit" loading={busy} data-testid="channel-save">
            {asks ? submitLabel : t('connect.next')}
          </Button>
        </div>
      )}
    </form>
  );
}
