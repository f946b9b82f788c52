import { IconHourglassEmpty } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '~/shared/api/types';
import { formatDateTime, formatSpan } from '~/shared/i18n/format';
import { useNow } from '~/shared/ui/RelTime';
import { dueOf } from './due';
import css from './DueTime.module.css';

/** What is left of what is promised, or since when it is late. It moves by itself. In a list what stands or has time is left out. */
export function DueTime({ conversation, short = false }: { conversation: Conversation; short?: boolean }) {
  const { t } = useTranslation('inbox');
  const now = useNow();
  const due = dueOf(conversation, now);
  if (!due || (short && due.state === 'paused')) return null;
  const left = (Date.parse(due.at) - now) / 60_000;
  const span = formatSpan(Math.max(1, left > 0 ? Math.ceil(left) : Math.floor(-left)) * 60_000);
  const metric = t(`sla.metric.${due.metric}`);
  const says = due.state === 'breached' ? t('sla.late', { time: span }) : due.state === 'paused' ? t('sla.paused') : t('sla.left', { time: span });
  return (
    <span className={css.due} data-state={due.state} title={`${metric}: ${formatDateTime(due.at)}`} data-testid="due">
      {short ? <IconHourglassEmpty size={12} stroke={1.8} aria-label={metric} /> : `${metric}: `}
      {short && due.state !== 'breached' ? span : says}
    </span>
  );
}
