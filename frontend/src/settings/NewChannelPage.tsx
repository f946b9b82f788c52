import { Button } from '@mantine/core';
import { IconCircleCheck, IconHourglass } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import { api } from '~/shared/api/client';
import { queryClient, useChannels } from '~/shared/api/queries';
import type { Channel } from '~/shared/api/types';
import { randomId } from '~/shared/lib/ids';
import { CopyField } from './CopyField';
import css from './Settings.module.css';
import { WhatsAppForm } from './WhatsAppForm';

/** From nothing to the first message: what Meta shows, what Meta wants back, and the proof that it works. */
export function NewChannelPage() {
  const { t } = useTranslation('settings');
  const [verifyToken] = useState(randomId);
  const [made, setMade] = useState<Channel | null>(null);
  if (made) return <Webhook channel={made} verifyToken={verifyToken} />;
  return (
    <>
      <div className={css.titleRow}>
        <h2>{t('whatsapp.title')}</h2>
      </div>
      <p className={css.lead}>{t('whatsapp.step1')}</p>
      <WhatsAppForm
        fresh
        initial={{ name: '', api_base_url: '' }}
        submitLabel={t('whatsapp.next')}
        onSubmit={async ({ name, api_base_url, ...credentials }) => {
          const trimmed = Object.fromEntries(Object.entries(credentials).map(([key, value]) => [key, value.trim()]));
          setMade(
            await api.post<Channel>('/channels', {
              kind: 'whatsapp',
              name: name.trim(),
              credentials: { ...trimmed, verify_token: verifyToken },
              ...(api_base_url.trim() && { api_base_url: api_base_url.trim() }),
            }),
          );
          void queryClient.invalidateQueries({ queryKey: ['channels'] });
        }}
      />
    </>
  );
}

function Webhook({ channel, verifyToken }: { channel: Channel; verifyToken: string }) {
  const { t } = useTranslation('settings');
  // The list is asked for again whenever the gateway says that a channel changed; until then, now and then.
  const current = useChannels(5000).data?.find((c) => c.id === channel.id) ?? channel;
  const done = !!current.last_inbound_at;
  return (
    <>
      <div className={css.titleRow}>
        <h2>{t('whatsapp.webhookTitle')}</h2>
      </div>
      <p className={css.lead}>{t('whatsapp.step2')}</p>
      <section className={css.group}>
        <CopyField label={t('channels.webhook')} value={channel.webhook_url} />
        <CopyField label={t('whatsapp.verify_token')} value={verifyToken} />
        <ol className={css.steps}>
          {(['a', 'b', 'c', 'd'] as const).map((step) => (
            <li key={step}>
              <Trans t={t} i18nKey={`whatsapp.steps.${step}`} components={{ b: <b dir="ltr" /> }} />
            </li>
          ))}
        </ol>
      </section>
      <div className={css.waiting} data-done={done || undefined} role="status" data-testid="channel-first-message">
        {done ? <IconCircleCheck size={22} stroke={1.7} /> : <IconHourglass size={22} stroke={1.7} />}
        {done ? t('whatsapp.received') : t('whatsapp.waiting')}
      </div>
      <div className={css.actions} style={{ marginBlockStart: 16 }}>
        <Button component={Link} to="/inbox" variant={done ? 'filled' : 'default'}>
          {t('whatsapp.toInbox')}
        </Button>
      </div>
    </>
  );
}
