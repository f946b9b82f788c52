/** What stands in for content: not there yet, nothing there, could not be loaded. */
import { Button } from '@mantine/core';
import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react';
import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from './errors';
import css from './States.module.css';

/** True once something took longer than 150 ms, so that quick answers do not flash a skeleton. */
export function useSlow(waiting: boolean): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    if (!waiting) return setSlow(false);
    const timer = setTimeout(() => setSlow(true), 150);
    return () => clearTimeout(timer);
  }, [waiting]);
  return waiting && slow;
}

/** Rows of the size of the list's, after 150 ms. */
export function SkeletonRows({ rows = 10, height = 66 }: { rows?: number; height?: number }) {
  const { t } = useTranslation();
  const slow = useSlow(true);
  if (!slow) return null;
  return (
    <div role="status" aria-label={t('state.loading')}>
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className={css.row} style={{ blockSize: height }}>
          <span className={css.disc} />
          <span className={css.lines}>
            <span style={{ inlineSize: `${35 + ((i * 17) % 30)}%` }} />
            <span style={{ inlineSize: `${55 + ((i * 23) % 40)}%` }} />
          </span>
        </div>
      ))}
    </div>
  );
}

interface EmptyProps {
  icon: ReactNode;
  title: string;
  text?: string;
  action?: ReactNode;
}

export function EmptyState({ icon, title, text, action }: EmptyProps) {
  return (
    <div className={css.empty}>
      <span className={css.icon}>{icon}</span>
      <strong>{title}</strong>
      {text && <p>{text}</p>}
      {action}
    </div>
  );
}

export function ErrorRetry({ error, retry }: { error: unknown; retry: () => void }) {
  const { t } = useTranslation();
  const text = useErrorText()(error);
  return (
    <div className={css.empty} role="alert">
      <span className={css.icon}>
        <IconAlertTriangle size={28} stroke={1.5} />
      </span>
      <strong>{text.title}</strong>
      {text.detail && <p>{text.detail}</p>}
      <Button variant="default" size="xs" leftSection={<IconRefresh size={14} />} onClick={retry}>
        {t('action.retry')}
      </Button>
      {text.requestId && <small dir="ltr">{text.requestId}</small>}
    </div>
  );
}
