import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useShortcuts } from '~/shared/lib/keys';
import { useMay } from '~/shared/realtime/store';

/** How long the letter after G is waited for. */
const within = 1500;

/** G, then a letter by its place on the keyboard: goes to an area. The letter means nothing else meanwhile. */
export function useGo(): void {
  const navigate = useNavigate();
  const live = useMay('floor.watch');
  const until = useRef(0);
  useShortcuts({ KeyG: () => void (until.current = Date.now() + within) });
  useEffect(() => {
    const go: Record<string, () => void> = {
      KeyI: () => void navigate({ to: '/inbox' }),
      KeyS: () => void navigate({ to: '/settings' }),
      ...(live && { KeyL: () => void navigate({ to: '/live' }) }),
    };
    const onKey = (event: KeyboardEvent) => {
      const waited = Date.now() < until.current;
      if (event.code !== 'KeyG') until.current = 0;
      const to = go[event.code];
      if (!waited || !to || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      to();
    };
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, [live, navigate]);
}
