import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { formatDateTime, formatShort } from '~/shared/i18n/format';
import { serverNow } from '~/shared/realtime/serverClock';

/** One clock for every time on screen, by the gateway's: it ticks on the half minute and sleeps when nobody looks. */
const clock = (() => {
  const listeners = new Set<() => void>();
  let now = serverNow();
  let timer: ReturnType<typeof setInterval> | undefined;
  const tick = () => {
    now = serverNow();
    listeners.forEach((listener) => listener());
  };
  return {
    now: () => now,
    subscribe: (listener: () => void) => {
      if (listeners.size === 0) {
        now = serverNow();
        timer = setInterval(tick, 30_000);
      }
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) clearInterval(timer);
      };
    },
  };
})();

export const useNow = () => useSyncExternalStore(clock.subscribe, clock.now);

export function RelTime({ at, className }: { at: string; className?: string }) {
  const now = useNow();
  useTranslation(); // a change of language changes the words
  return (
    <time dateTime={at} title={formatDateTime(at)} className={className}>
      {formatShort(at, Math.max(now, Date.parse(at)))}
    </time>
  );
}
