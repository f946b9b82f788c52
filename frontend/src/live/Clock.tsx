import { createContext, useContext, useSyncExternalStore } from 'react';
import { useNow } from '~/shared/ui/RelTime';
import { Ltr } from '~/shared/ui/Ltr';
import { formatClock } from './board';

/** What time it is on the board: by the gateway's clock, or at the past moment that is shown. */
export interface BoardTime {
  /** How far the gateway's clock is ahead of this device's, in milliseconds. */
  ahead: number;
  /** The past moment; null: now. */
  fixed: number | null;
}

export const TimeOfBoard = createContext<BoardTime>({ ahead: 0, fixed: null });

/** One clock for everything that grows by the second. */
const ticking = (() => {
  const listeners = new Set<() => void>();
  let now = Date.now();
  let timer: ReturnType<typeof setInterval> | undefined;
  return {
    now: () => now,
    subscribe: (listener: () => void) => {
      if (listeners.size === 0) {
        now = Date.now();
        timer = setInterval(() => {
          now = Date.now();
          listeners.forEach((tell) => tell());
        }, 1000);
      }
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) clearInterval(timer);
      };
    },
  };
})();

/** The time of the board, to the second. */
export function useSecond(): number {
  const { ahead, fixed } = useContext(TimeOfBoard);
  const now = useSyncExternalStore(ticking.subscribe, ticking.now);
  return fixed ?? now + ahead;
}

/** The time of the board, to the half minute. */
export function useHalfMinute(): number {
  const { ahead, fixed } = useContext(TimeOfBoard);
  const now = useNow();
  return fixed ?? now + ahead;
}

/** How long ago something was, growing by the second. */
export function Clock({ since }: { since: string }) {
  const now = useSecond();
  return (
    <time dateTime={since}>
      <Ltr>{formatClock((now - Date.parse(since)) / 1000)}</Ltr>
    </time>
  );
}
