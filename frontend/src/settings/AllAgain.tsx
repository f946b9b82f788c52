import { Button, Modal } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toastDone, toastError } from '~/shared/ui/toast';
import css from './Settings.module.css';

interface Props {
  /** Does those of one page, and says how many that was and where the next page begins. */
  again: (page: { limit: number; cursor: string }) => Promise<{ count: number; next_cursor: string }>;
  /** Shows what is left. */
  refresh: () => Promise<void>;
  test: string;
  label: string;
  title: string;
  text: string;
  /** Says how many were begun. */
  done: (count: number) => string;
}

/** Asks, then does all of them page by page, and says how many that was, also where it did not get to the end. */
export function AllAgain({ again, refresh, test, label, title, text, done }: Props) {
  const { t } = useTranslation('common');
  const [asks, setAsks] = useState(false);
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setAsks(false);
    setBusy(true);
    let count = 0;
    try {
      let cursor = '';
      do {
        const page = await again({ limit: 200, cursor });
        count += page.count;
        cursor = page.next_cursor;
      } while (cursor);
      toastDone(done(count));
    } catch (cause) {
      if (count > 0) toastDone(done(count));
      toastError(cause, () => void run());
    } finally {
      setBusy(false);
      await refresh();
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
