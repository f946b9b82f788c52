import { Button } from '@mantine/core';
import { IconCircleCheck, IconHourglass } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import { api, bodyOf } from '~/shared/api/client';
import { invalidate, useChannels } from '~/shared/api/queries';
import type { Channel } from '~/shared/api/types';
import { useKeptFocus } from '~/shared/lib/focus';
import { randomId } from '~/shared/lib/ids';
import { ChannelIcon } from '~/shared/ui/Avatar';
import { ChannelCheck } from './ChannelCheck';
import { ChannelForm } from './ChannelForm';
import { CopyField } from './CopyField';
import { addresses, type ConnectableKind, kinds } from './kinds';
import { MailboxForm } from './MailboxForm';
import css from './Settings.module.css';

/** From nothing to the first message: what the provider shows, what it wants back, and the proof that it works. */
export function NewChannelPage() {
  const { t } = useTranslation(['settings', 'common']);
  const [kind, setKind] = useState<ConnectableKind | null>(null);
  const [made, setMade] = useState<Record<string, string>>({});
  const [channel, setChannel] = useState<Channel | null>(null);
  const [mailbox, setMailbox] = useState(false);
  useKeptFocus(channel ?? kind ?? mailbox);
  if (mailbox) return <NewMailbox />;
  if (channel && kind) return <Deliver kind={kind} channel={channel} made={made} />;
  if (!kind) {
    return (
      <>
        <div className={css.titleRow}>
          <h2>{t('channels.connect')}</h2>
        </div>
        <p className={css.lead}>{t('connect.choose')}</p>
        <ul className={css.list}>
          <li>
            <button type="button" className={css.item} data-testid="connect-mailbox" onClick={() => setMailbox(true)}>
              <span className={css.kind} data-kind="email">
                <ChannelIcon kind="email" size={22} />
              </span>
              <span className={css.itemText}>
                <strong>{t('mailbox.title')}</strong>
                <span>{t('mailbox.about')}</span>
              </span>
            </button>
          </li>
          {(Object.keys(kinds) as ConnectableKind[]).map((one) => (
            <li key={one}>
              <button
                type="button"
                className={css.item}
                data-testid={`connect-${one}`}
                onClick={() => {
                  setMade(Object.fromEntries(kinds[one].made.map((name) => [name, randomId()])));
                  setKind(one);
                }}
              >
                <span className={css.kind} data-kind={one}>
                  <ChannelIcon kind={one} size={22} />
                </span>
                <span className={css.itemText}>
                  <strong>{one === 'email' ? t('mailbox.sendGrid') : t(`common:channel.${one}`)}</strong>
                  <span>{t(`connect.${one}.about`)}</span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      </>
    );
  }
  return (
    <>
      <div className={css.titleRow}>
        <h2>{t('connect.title', { kind: t(`common:channel.${kind}`) })}</h2>
      </div>
      <p className={css.lead}>{t(`connect.${kind}.fetch`)}</p>
      <ChannelForm
        key={kind}
        kind={kind}
        fresh
        initial={{ name: '', api_base_url: '' }}
        submitLabel={t('connect.next')}
        onSubmit={async ({ name, api_base_url, credentials }) => {
          setChannel(await bodyOf(api.POST('/api/v1/channels', { body: { kind, name, credentials: { ...credentials, ...made }, ...(api_base_url && { api_base_url }) } })));
          void invalidate('/api/v1/channels');
        }}
      />
    </>
  );
}

/** A mailbox needs nothing of its host but the sign-in: it is fetched. */
function NewMailbox() {
  const { t } = useTranslation('settings');
  const navigate = useNavigate();
  return (
    <>
      <div className={css.titleRow}>
        <h2>{t('mailbox.connect')}</h2>
      </div>
      <p className={css.lead}>{t('mailbox.lead')}</p>
      <MailboxForm
        fresh
        initial={{}}
        submitLabel={t('mailbox.submit')}
        onSubmit={async (name, credentials) => {
          const channel = await bodyOf(api.POST('/api/v1/channels', { body: { kind: 'email', name, credentials } }));
          await invalidate('/api/v1/channels');
          await navigate({ to: '/settings/channels/$channelId', params: { channelId: channel.id } });
        }}
      />
    </>
  );
}

function Deliver({ kind, channel, made }: { kind: ConnectableKind; channel: Channel; made: Record<string, string> }) {
  const { t } = useTranslation('settings');
  // The list is asked for again whenever the gateway says that a channel changed; until then, now and then.
  const current = useChannels(5000).data?.find((c) => c.id === channel.id) ?? channel;
  const done = !!current.last_inbound_at;
  return (
    <>
      <div className={css.titleRow}>
        <h2>{t('connect.deliverTitle')}</h2>
      </div>
      <p className={css.lead}>{t('connect.deliver')}</p>
      <section className={css.group}>
        {addresses(kind, channel.webhook_url, made).map(({ name, value }) => (
          <CopyField key={name} label={t(`connect.address.${name}`)} value={value} />
        ))}
        {made.verify_token && <CopyField label={t('connect.field.verify_token')} value={made.verify_token} />}
        <ol className={css.steps}>
          {(['a', 'b', 'c', 'd'] as const).slice(0, kinds[kind].steps).map((step) => (
            <li key={step}>
              <Trans t={t} i18nKey={`connect.${kind}.steps.${step}` as 'connect.whatsapp.steps.a'} components={{ b: <b dir="ltr" /> }} />
            </li>
          ))}
        </ol>
      </section>
      <section className={css.group}>
        <ChannelCheck channel={current} />
      </section>
      <div className={css.waiting} data-done={done || undefined} role="status" data-testid="channel-first-message">
        {done ? <IconCircleCheck size={22} stroke={1.7} /> : <IconHourglass size={22} stroke={1.7} />}
        {t(done ? 'connect.received' : 'connect.waiting')}
      </div>
      <div className={css.actions} style={{ marginBlockStart: 16 }}>
        <Button component={Link} to="/inbox" variant={done ? 'filled' : 'default'}>
          {t('connect.toInbox')}
        </Button>
      </div>
    </>
  );
}
