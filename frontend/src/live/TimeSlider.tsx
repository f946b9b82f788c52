import { ActionIcon, Button } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconChevronsLeft, IconChevronsRight } from '@tabler/icons-react';
import type { KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { formatTime } from '~/shared/i18n/format';
import { Ltr } from '~/shared/ui/Ltr';
import { useHalfMinute } from './Clock';
import css from './Live.module.css';
import { clamp, dayOf, isoDay, minuteOf, minutesInDay, moment, steps } from './past';

interface Props {
  /** The past moment that is shown, in milliseconds; null: now. */
  at: number | null;
  go: (at: number | null) => void;
}

/** Goes back in time: a day, and a minute of it. Arrows go by minutes, Page keys by hours, with Shift by days; End is now. */
export function TimeSlider({ at, go }: Props) {
  const { t } = useTranslation('live');
  const now = useHalfMinute();
  const shown = at ?? now;
  const to = (when: number) => go(clamp(when, now));
  const step = (minutes: number) => to(shown + minutes * steps.minute);
  const onKey = (event: KeyboardEvent) => {
    const by = { PageUp: event.shiftKey ? -24 * 60 : -60, PageDown: event.shiftKey ? 24 * 60 : 60 }[event.key];
    if (event.key === 'End') go(null);
    else if (by) step(by);
    else return;
    event.preventDefault();
  };
  const button = (id: 'hourBack' | 'minuteBack' | 'minuteOn' | 'hourOn', minutes: number, Icon: typeof IconChevronLeft) => (
    <ActionIcon variant="default" size="lg" aria-label={t(`past.${id}`)} title={t(`past.${id}`)} disabled={minutes > 0 && at === null} onClick={() => step(minutes)} data-testid={`live-${id}`}>
      <Icon size={18} className="mirror" />
    </ActionIcon>
  );
  return (
    <footer className={css.slider} data-past={at !== null || undefined}>
      <input type="date" className={css.day} aria-label={t('past.day')} value={isoDay(shown)} min={isoDay(now - steps.most)} max={isoDay(now)} onChange={(event) => event.target.value && to(moment(event.target.value, minuteOf(shown)))} data-testid="live-day" />
      <input
        type="range"
        className={css.range}
        aria-label={t('past.minute')}
        aria-valuetext={formatTime(shown)}
        min={0}
        max={minutesInDay - 1}
        step={1}
        value={minuteOf(shown)}
        onChange={(event) => to(dayOf(shown) + Number(event.target.value) * steps.minute)}
        onKeyDown={onKey}
        data-testid="live-range"
      />
      <output className={css.minute}>
        <Ltr>{formatTime(shown)}</Ltr>
      </output>
      <span className={css.steps}>
        {button('hourBack', -60, IconChevronsLeft)}
        {button('minuteBack', -1, IconChevronLeft)}
        {button('minuteOn', 1, IconChevronRight)}
        {button('hourOn', 60, IconChevronsRight)}
        <Button variant={at === null ? 'light' : 'filled'} onClick={() => go(null)} disabled={at === null} data-testid="live-now">
          {t('past.now')}
        </Button>
      </span>
    </footer>
  );
}
