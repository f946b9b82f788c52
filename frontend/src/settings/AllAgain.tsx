import { Button, Modal } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '~/shared/api/client';
import { queryClient } from '~/shared/api/queries';
import { toastDone, toastError } from '~/shared/ui/toast';
import css from './Settings.module.css';

interface Page {
  next_cursor: string;
  replayed?: number;
  retried?: number;
}

interface Props {
  path: '/dead-letters/replay' | '/failed-messages/retry';
  filter: Record<string, string>;
  /** The query that shows what is left. */
  query: string;
  test: string;
  label: string;
  title: string;
  text: string;
  /** Says how many were begun. */
  done: (count: number) => string;
}

/** Asks, then does all of them page by page, and says how many that was, also where it did not get to the end. */
export function AllAgain({ path, filter, query, test, label, title, text, done }: Props) {
  const { t } = useTranslation('common');
  const [asks, setAsks] = useState(false);
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setAsks(false);
    setBusy(true);
    const chosen = Object.fromEntries(Object.entries(filter).filter(([, value]) => value));
    let count = 0;
    try {
      let cursor = '';
      do {
        const page: Page = await api.post(`${path}?${new URLSearchParams({ ...chosen, limit: '200', ...(cursor && { cursor }) })}`);
        count += page.replayed ?? page.retried ?? 0;
        cursor = page.next_cursor;
      } while (cursor);
      toastDone(done(count));
    } catch (cause) {
      if (count > 0) toastDone(done(count));
      toastError(cause, () => void run());
    } finally {
      setBusy(false);
      await queryClient.invalidateQueries({ queryKey: [query] });
    }
  };
  return (
    <>
      <Button size="xs" variant="default" loading={busy} onClick={() => setAsks(true)} data-testid={test}>
        {label}
      </Button>
      <Modal opened={asks} onClose={() => setAsks(false)} title={title} closeButtonProps={{ 'aria-label': t('action.close') }}>
        <p>{text}</p>
        <div className={css.actions}>
          <Button onClick={() => void run()} data-testid={`${test}-yes`}>
            {label}
          </Button>
          <Button variant="default" onClick={() => setAsks(false)}>
            {t('action.cancel')}
          </Button>
        </div>
      </Modal>
    </>
  );
}
