import { Button, Loader } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { errorText, fieldErrors } from '~/shared/ui/errors';
import { ApiError } from '~/shared/api/client';
import { problemText } from '~/shared/lib/problem';
import { endSignIn } from './signIn';
import css from './Settings.module.css';

/** Where a mail host's own page leads back to. */
export function AuthorizedPage() {
  const { t } = useTranslation('settings');
  const navigate = useNavigate();
  const { state = '', ...returned } = useSearch({ strict: false }) as { state?: string; code?: string; error?: string; error_description?: string };
  const [trouble, setTrouble] = useState<{ title: string; detail: string } | null>(null);
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    endSignIn(state, returned)
      .then((channel) => navigate({ to: '/settings/channels/$channelId', params: { channelId: channel.id }, replace: true }))
      .catch((cause: unknown) => {
        const { title, detail } = errorText(cause);
        const { reason } = fieldErrors(cause);
        setTrouble(reason ? problemText({ code: reason, title, detail }) : { title, detail: cause instanceof ApiError ? cause.detail || detail : detail });
      });
  });
  return (
    <>
      <div className={css.titleRow}>
        <h2>{t('mailbox.authorized')}</h2>
      </div>
      {!trouble && <Loader aria-label={t('mailbox.authorized')} />}
      {trouble && (
        <>
          <div className={css.trouble} role="alert" data-testid="mailbox-trouble">
            <strong>
              <bdi>{trouble.title}</bdi>
            </strong>
            {trouble.detail && <p dir="auto" className="follow">{trouble.detail}</p>}
          </div>
          <div className={css.actions} style={{ marginBlockStart: 16 }}>
            <Button component={Link} to="/settings/channels/new">
              {t('mailbox.again')}
            </Button>
          </div>
        </>
      )}
    </>
  );
}
