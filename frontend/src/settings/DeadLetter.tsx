import { Button, Modal } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '~/shared/api/client';
import { invalidate, useChannels } from '~/shared/api/queries';
import type { DeadLetter } from '~/shared/api/types';
import { formatBytes } from '~/shared/i18n/format';
import { Ltr } from '~/shared/ui/Ltr';
import { RelTime } from '~/shared/ui/RelTime';
import { toastDone, toastError } from '~/shared/ui/toast';
import css from './Settings.module.css';

/** A body as it came; JSON is laid out so that it can be read. */
function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

export const refreshLetters = () => invalidate('/api/v1/dead-letters', '/api/v1/dead-letters/count', '/api/v1/dead-letters/discarded');

/** One thing that could not be done: what, why, and what can be done about it. */
export function Letter({ letter }: { letter: DeadLetter }) {
  const { t, i18n } = useTranslation(['settings', 'common']);
  const channel = useChannels().data?.find((c) => c.id === letter.channel_id);
  const [open, setOpen] = useState(false);
  const [asks, setAsks] = useState(false);
  const [busy, setBusy] = useState(false);
  const kind = `dead.kind.${letter.kind}`;
  const act = async (what: 'replay' | 'remove') => {
    setAsks(false);
    setBusy(true);
    try {
      if (what === 'replay') await api.POST('/api/v1/dead-letters/{id}/replay', { params: { path: { id: letter.id } } });
      else await api.DELETE('/api/v1/dead-letters/{id}', { params: { path: { id: letter.id } } });
      toastDone(t(what === 'replay' ? 'dead.replayed' : 'dead.removed'));
      await refreshLetters();
    } catch (cause) {
      toastError(cause, () => void act(what));
    } finally {
      setBusy(false);
    }
  };
  return (
    <li>
      <button type="button" className={css.item} aria-expanded={open} onClick={() => setOpen(!open)} data-testid="dead-letter">
        <span className={css.itemText}>
          <strong>{t(`dead.reason.${letter.reason}`)}</strong>
          <span>
            {i18n.exists(`settings:${kind}`) ? t(kind as 'dead.kind.inbound') : <Ltr>{letter.kind}</Ltr>}
            {channel && <> · <bdi>{channel.name}</bdi></>} · <RelTime at={letter.created_at} /> · {t('dead.attempts', { count: letter.attempts })}
          </span>
        </span>
      </button>
      {open && (
        <>
          <p className={css.cause}>
            {t('dead.cause')} <bdi dir="ltr">{letter.error}</bdi>
          </p>
          {letter.body_size > 0 && (
            <>
              <pre className={css.raw} dir="ltr" role="region" tabIndex={0} aria-label={t('dead.body')}>
                {pretty(letter.body)}
              </pre>
              <p className={css.cause}>
                {letter.body_size > 64 * 1024 && t('dead.cut')}{' '}
                <a href={`/api/v1/dead-letters/${letter.id}/body`} download data-testid="dead-download">
                  {t('dead.download', { size: formatBytes(letter.body_size) })}
                </a>
              </p>
            </>
          )}
          <div className={css.letterActions}>
            <Button size="xs" loading={busy} onClick={() => void act('replay')} data-testid="dead-replay">
              {t('dead.replay')}
            </Button>
            {letter.conversation_id && (
              <Button size="xs" variant="default" component={Link} to={`/inbox/${letter.conversation_id}`}>
                {t('dead.conversation')}
              </Button>
            )}
            <Button size="xs" variant="default" disabled={busy} onClick={() => setAsks(true)} data-testid="dead-discard">
              {t('dead.discard')}
            </Button>
          </div>
        </>
      )}
      <Modal opened={asks} onClose={() => setAsks(false)} title={t('dead.discardTitle')} closeButtonProps={{ 'aria-label': t('common:action.close') }}>
        <p>{t('dead.discardText')}</p>
        <div className={css.actions}>
          <Button color="red" onClick={() => void act('remove')} data-testid="dead-discard-yes">
            {t('dead.discard')}
          </Button>
          <Button variant="default" onClick={() => setAsks(false)} data-autofocus>
            {t('common:action.cancel')}
          </Button>
        </div>
      </Modal>
    </li>
  );
}
