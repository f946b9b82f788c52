import { Alert, Button, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '~/shared/api/client';
import { meQuery, queryClient } from '~/shared/api/queries';
import { isLanguage, setLanguage } from '~/shared/i18n';
import { resetDrafts } from '~/shared/realtime/drafts';
import { forgetKept } from '~/shared/realtime/kept';
import { resetLive } from '~/shared/realtime/store';
import { errorText } from '~/shared/ui/errors';
import { LanguageMenu, ThemeToggle } from '~/shared/ui/Preferences';
import css from './Login.module.css';

export function Login() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { to } = useSearch({ from: '/login' });
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [asksCode, setAsksCode] = useState(false);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: '', password: '', totp: '' },
    validate: {
      email: (value) => (/^\S+@\S+$/.test(value.trim()) ? null : t('login.emailInvalid')),
      password: (value) => (value ? null : t('login.passwordMissing')),
    },
  });

  const submit = form.onSubmit(async (values) => {
    setBusy(true);
    setError(null);
    try {
      await api.POST('/api/v1/auth/login', { body: { email: values.email.trim(), password: values.password, ...(values.totp && { totp: values.totp.trim() }) } });
      // Another person may sit here now: nothing of the one before stays in memory.
      queryClient.clear();
      await forgetKept();
      resetLive();
      resetDrafts();
      const me = await queryClient.fetchQuery(meQuery);
      if (isLanguage(me.user.language)) await setLanguage(me.user.language);
      await navigate({ href: to ?? '/inbox', replace: true });
    } catch (cause) {
      if (cause instanceof ApiError && cause.code.startsWith('totp')) setAsksCode(true);
      setError(cause);
    } finally {
      setBusy(false);
    }
  });

  return (
    <main className={css.page}>
      <form className={css.card} onSubmit={submit} noValidate>
        <img src="/icon.svg" alt="" width={44} height={44} />
        <h1>{t('login.title')}</h1>
        {error !== null && (
          <Alert color="red" role="alert" icon={<IconAlertTriangle size={18} />} data-testid="login-error">
            {errorText(error).title}
          </Alert>
        )}
        <TextInput label={t('login.email')} type="email" dir="ltr" autoComplete="username" autoFocus data-testid="login-email" key={form.key('email')} {...form.getInputProps('email')} />
        <PasswordInput label={t('login.password')} dir="ltr" autoComplete="current-password" data-testid="login-password" key={form.key('password')} {...form.getInputProps('password')} />
        {asksCode && (
          <TextInput label={t('login.totp')} dir="ltr" inputMode="numeric" autoComplete="one-time-code" autoFocus key={form.key('totp')} {...form.getInputProps('totp')} />
        )}
        <Button type="submit" fullWidth loading={busy} data-testid="login-submit">
          {t('login.submit')}
        </Button>
      </form>
      <div className={css.preferences}>
        <LanguageMenu />
        <ThemeToggle />
      </div>
    </main>
  );
}
