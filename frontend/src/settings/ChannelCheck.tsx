import { Button } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, bodyOf } from '~/shared/api/client';
import { invalidate } from '~/shared/api/queries';
import type { Channel, Problem } from '~/shared/api/types';
import { toastError } from '~/shared/ui/toast';
import css from './Settings.module.css';

/** Asks the provider whether the channel works, and says what is wrong and how to mend it. */
export function ChannelCheck({ channel }: { channel: Channel }) {
  const { t } = useTranslation('settings');
  const [busy, setBusy] = useState(false);
  const [found, setFound] = useState<{ ok: boolean; error: Problem | null } | null>(null);
  const check = async () => {
    setBusy(true);
    try {
      setFound(await bodyOf(api.POST('/api/v1/channels/{id}/check', { params: { path: { id: channel.id } } })));
      await invalidate('/api/v1/channels');
    } catch (cause) {
      toastError(cause, () => void check());
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <div className={css.actions}>
        <Button variant="default" loading={busy} onClick={() => void check()} data-testid="channel-check">
          {t('connect.check')}
        </Button>
        {!found && <span>{t('connect.checkHelp')}</span>}
      </div>
      {found?.ok && (
        <div className={css.waiting} data-done role="status" data-testid="channel-check-result">
          <IconCircleCheck size={22} stroke={1.7} /> {t('connect.works')}
        </div>
      )}
      {found?.error && (
        <div className={css.trouble} role="alert" data-testid="channel-check-result">
          <strong>
            <IconAlertTriangle size={16} style={{ verticalAlign: '-3px' }} aria-hidden /> <bdi>{found.error.title}</bdi>
          </strong>
          <p dir="auto" className="follow">{found.error.detail}</p>
        </div>
      )}
    </>
  );
}
