import { IconClock } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { formatDateTime } from '~/shared/i18n/format';
import css from './Composer.module.css';
import { hoursAndMinutes, type ReplyWindow } from './window';

/** How long free answers are still allowed. */
export function WindowClock({ window, closesAt }: { window: ReplyWindow; closesAt: string | null }) {
  const { t } = useTranslation('composer');
  if (window.state !== 'open') return null;
  const { hours, minutes } = hoursAndMinutes(window.left);
  return (
    <span className={css.clock} data-soon={window.soon || undefined} title={t('window.until', { time: closesAt ? formatDateTime(closesAt) : '' })} data-testid="window-clock">
      <IconClock size={14} stroke={1.8} aria-hidden />
      {hours > 0 ? t('window.hours', { hours, minutes }) : t('window.minutes', { count: minutes })}
    </span>
  );
}
