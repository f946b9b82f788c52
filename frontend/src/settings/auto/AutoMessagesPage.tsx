import { Button, Switch } from '@mantine/core';
import { IconMessageBolt, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api } from '~/shared/api/client';
import { invalidate, useChannels, useHours } from '~/shared/api/queries';
import type { AutoMessage } from '~/shared/api/types';
import { mayManageChannels } from '~/shared/lib/health';
import { useLive } from '~/shared/realtime/store';
import { isolate } from '~/shared/ui/bidi';
import { EmptyState, ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import { toastError } from '~/shared/ui/toast';
import own from '../rules/Rules.module.css';
import css from '../Settings.module.css';
import { AutoMessageForm } from './AutoMessageForm';

/** What customers are told by themselves, and where. */
export function AutoMessagesPage() {
  const { t, i18n } = useTranslation(['settings', 'common']);
  const messages = $api.useQuery('get', '/api/v1/auto-messages', {}, { select: (page) => page.items });
  const channels = useChannels().data ?? [];
  const hours = useHours().data ?? [];
  const manages = mayManageChannels(useLive((s) => s.me?.user.role) ?? 'agent');
  const [editing, setEditing] = useState<AutoMessage | 'new' | null>(null);
  const turn = async (message: AutoMessage, enabled: boolean) => {
    try {
      await api.PATCH('/api/v1/auto-messages/{id}', { params: { path: { id: message.id } }, body: { enabled } });
    } catch (cause) {
      toastError(cause);
    }
    await invalidate('/api/v1/auto-messages');
  };
  const where = ({ channel_ids, channel_kinds, business_hours_id }: AutoMessage) => {
    const names = [...channel_ids.map((id) => channels.find((one) => one.id === id)?.name ?? id), ...channel_kinds.map((kind) => t(`common:channel.${kind}` as 'common:channel.whatsapp'))];
    const outside = hours.find(({ id }) => id === business_hours_id)?.name;
    return [names.length > 0 ? names.map(isolate).join(', ') : t('auto.everywhere'), outside && t('auto.outside', { hours: isolate(outside) })].filter(Boolean).join(' · ');
  };
  const add = manages && (
    <Button leftSection={<IconPlus size={17} />} onClick={() => setEditing('new')} data-testid="auto-new">
      {t('auto.add')}
    </Button>
  );
  return (
    <>
      <div className={css.titleRow}>
        <h2>{t('auto.title')}</h2>
        {!!messages.data?.length && add}
      </div>
      <p className={css.lead}>{t('auto.lead')}</p>
      {messages.isPending && <SkeletonRows rows={3} />}
      {messages.isError && <ErrorRetry error={messages.error} retry={() => void messages.refetch()} />}
      {messages.data?.length === 0 && <EmptyState icon={<IconMessageBolt size={28} stroke={1.5} />} title={t('auto.none')} text={t('auto.noneText')} action={add} />}
      {!!messages.data?.length && (
        <ul className={css.list}>
          {messages.data.map((message) => {
            const name = t(`auto.kind.${message.kind}`);
            return (
              <li key={message.id} className={own.rule} data-off={!message.enabled || undefined} data-testid="auto-row">
                <button type="button" className={own.open} onClick={() => setEditing(message)} disabled={!manages}>
                  <strong>{name}</strong>
                  <span>{where(message)}</span>
                  <span dir="auto">{message.text[i18n.language as 'en'] ?? message.text.en ?? message.text.he ?? message.text.ar}</span>
                </button>
                <Switch checked={message.enabled} disabled={!manages} aria-label={t('rules.enabled', { name })} onChange={(event) => void turn(message, event.target.checked)} data-testid="auto-enabled" />
              </li>
            );
          })}
        </ul>
      )}
      {editing && <AutoMessageForm message={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </>
  );
}
