import { Button, Modal } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, bodyOf } from '~/shared/api/client';
import { invalidate, queryClient, templatesQuery, useChannels, useTemplates } from '~/shared/api/queries';
import type { Channel } from '~/shared/api/types';
import { Ltr } from '~/shared/ui/Ltr';
import { ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import { toastDone, toastError } from '~/shared/ui/toast';
import { ChannelCheck } from './ChannelCheck';
import { ChannelForm } from './ChannelForm';
import { HealthBadge, HealthFacts, HealthProblem, ImportProgress } from './ChannelHealth';
import { CopyField } from './CopyField';
import { addresses, type ConnectableKind, kindOf } from './kinds';
import { MailboxForm } from './MailboxForm';
import css from './Settings.module.css';
import { Snippet, WebsiteForm } from './WebsiteForm';

export function ChannelPage() {
  const { channelId = '' } = useParams({ strict: false });
  const channels = useChannels();
  const channel = channels.data?.find((c) => c.id === channelId);
  if (channels.isPending) return <SkeletonRows rows={4} />;
  if (!channel) return <ErrorRetry error={channels.error} retry={() => void channels.refetch()} />;
  return <Details channel={channel} key={channel.id} />;
}

async function change(channel: Channel, body: object): Promise<void> {
  await api.PATCH('/api/v1/channels/{id}', { params: { path: { id: channel.id } }, body });
  await invalidate('/api/v1/channels');
}

function Details({ channel }: { channel: Channel }) {
  const { t } = useTranslation(['settings', 'common']);
  const paused = channel.status === 'paused';
  const mailbox = !!channel.settings.imap_host;
  const toggle = () => change(channel, { status: paused ? 'active' : 'paused' }).catch((cause: unknown) => toastError(cause, () => void toggle()));
  return (
    <>
      <div className={css.titleRow}>
        <h2>
          <bdi>{channel.name}</bdi>
        </h2>
        <HealthBadge channel={channel} />
      </div>
      <p className={css.lead}>
        {t(`common:channel.${channel.kind}`)} · <Ltr>{channel.account}</Ltr>
      </p>
      <HealthProblem channel={channel} />
      {channel.settings.history_days && <ImportProgress channelId={channel.id} />}
      <HealthFacts channel={channel} />
      <section className={css.group}>
        {channel.kind === 'widget' ? (
          <Snippet channel={channel} />
        ) : (
          <>
            {!mailbox && addresses(channel.kind, channel.webhook_url, {}).map(({ name, value }) => <CopyField key={name} label={t(`connect.address.${name}`)} value={value} />)}
            <ChannelCheck channel={channel} />
          </>
        )}
        <div className={css.actions}>
          <Button variant="default" onClick={() => void toggle()} data-testid="channel-pause">
            {t(paused ? 'channels.resume' : 'channels.pause')}
          </Button>
          <span>{t(paused ? 'channels.pausedHelp' : 'channels.pauseHelp')}</span>
        </div>
      </section>
      {mailbox && (
        <section className={css.group}>
          <h3>{t('channels.credentials')}</h3>
          <p className={css.lead}>{t('mailbox.replaceHelp')}</p>
          <MailboxForm
            fresh={false}
            channelId={channel.id}
            initial={{ ...channel.settings, name: channel.name }}
            submitLabel={t('common:action.save')}
            onSubmit={async (name, credentials) => {
              const changed = Object.fromEntries(Object.entries(credentials).filter(([key, value]) => value !== (channel.settings[key] ?? '')));
              await change(channel, { name, ...(Object.keys(changed).length > 0 && { credentials: changed }) });
              toastDone(t('saved'));
            }}
          />
        </section>
      )}
      {!mailbox && kindOf(channel.kind) && (
        <section className={css.group}>
          <h3>{t('channels.credentials')}</h3>
          <p className={css.lead}>{t('connect.replaceHelp')}</p>
          <ChannelForm
            kind={channel.kind as ConnectableKind}
            fresh={false}
            initial={{ name: channel.name, api_base_url: channel.api_base_url ?? '' }}
            submitLabel={t('common:action.save')}
            onSubmit={async ({ credentials, ...rest }) => {
              await change(channel, { ...rest, ...(Object.keys(credentials).length > 0 && { credentials }) });
              toastDone(t('saved'));
            }}
          />
        </section>
      )}
      {channel.kind === 'widget' && (
        <section className={css.group}>
          <h3>{t('website.look')}</h3>
          <WebsiteForm
            initial={{ origins: '', title: '', greeting: '', colour: '', language: '', ...channel.settings, name: channel.name }}
            submitLabel={t('common:action.save')}
            onSubmit={async (name, { origins = '', title = '', greeting = '', colour = '', language = '' }) => {
              await change(channel, { name, credentials: { origins, title, greeting, colour, language } });
              toastDone(t('saved'));
            }}
          />
        </section>
      )}
      {channel.capabilities.templates && <Templates channel={channel} />}
      <Remove channel={channel} />
    </>
  );
}

function Templates({ channel }: { channel: Channel }) {
  const { t } = useTranslation('settings');
  const templates = useTemplates(channel.id, true);
  const [busy, setBusy] = useState(false);
  const sync = async () => {
    setBusy(true);
    try {
      const page = await bodyOf(api.POST('/api/v1/channels/{id}/templates/sync', { params: { path: { id: channel.id } } }));
      queryClient.setQueryData(templatesQuery(channel.id).queryKey, page);
    } catch (cause) {
      toastError(cause, () => void sync());
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className={css.group}>
      <div className={css.titleRow}>
        <h3>{t('templates.title')}</h3>
        <Button size="xs" variant="default" loading={busy} leftSection={<IconRefresh size={15} />} onClick={() => void sync()} data-testid="templates-sync">
          {t('templates.sync')}
        </Button>
      </div>
      {templates.isError && <ErrorRetry error={templates.error} retry={() => void templates.refetch()} />}
      {templates.data?.length === 0 && <p className={css.lead}>{t('templates.none')}</p>}
      {!!templates.data?.length && (
        <ul className={css.list}>
          {templates.data.map((template) => (
            <li key={template.id} className={css.item}>
              <span className={css.itemText}>
                <strong>
                  <Ltr>{template.name}</Ltr>
                </strong>
                <span dir="auto" className="follow">{template.components?.find((c) => c.type === 'body')?.text}</span>
              </span>
              <span className={css.state} data-state={template.status === 'approved' ? 'active' : template.status === 'rejected' ? 'error' : undefined}>
                <Ltr>{`${template.language} · ${template.status}`}</Ltr>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Remove({ channel }: { channel: Channel }) {
  const { t } = useTranslation(['settings', 'common']);
  const navigate = useNavigate();
  const [asks, setAsks] = useState(false);
  const remove = async () => {
    setAsks(false);
    try {
      await api.DELETE('/api/v1/channels/{id}', { params: { path: { id: channel.id } } });
      await invalidate('/api/v1/channels');
      await navigate({ to: '/settings/channels' });
    } catch (cause) {
      toastError(cause);
    }
  };
  return (
    <section className={css.group}>
      <div className={css.actions}>
        <Button variant="default" color="red" onClick={() => setAsks(true)}>
          {t('channels.remove')}
        </Button>
      </div>
      <Modal opened={asks} onClose={() => setAsks(false)} title={t('channels.removeTitle', { name: channel.name })} closeButtonProps={{ 'aria-label': t('common:action.close') }}>
        <p>{t('channels.removeText')}</p>
        <div className={css.actions}>
          <Button color="red" onClick={() => void remove()}>
            {t('channels.remove')}
          </Button>
          <Button variant="default" onClick={() => setAsks(false)} data-autofocus>
            {t('common:action.cancel')}
          </Button>
        </div>
      </Modal>
    </section>
  );
}
