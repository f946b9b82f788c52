import { useCallback, useEffect, useRef, useState } from 'react';
import { api, bodyOf } from '~/shared/api/client';
import type { EventFrame, SignalFrame } from '~/shared/api/frames';
import type { Board } from '~/shared/api/types';
import { listen, whenLive } from '~/shared/realtime/live';
import { boardAfter, outdates } from './board';

type Frames = (EventFrame | SignalFrame)[];

interface Shown {
  board: Board | null;
  error: unknown;
  /** How far the gateway's clock is ahead of this device's, in milliseconds. */
  ahead: number;
  retry: () => void;
}

/** The floor as it is now, live for as long as it is shown. */
export function useBoard(): Shown {
  const [{ board, error, ahead }, setShown] = useState<Omit<Shown, 'retry'>>({ board: null, error: null, ahead: 0 });
  const [attempt, setAttempt] = useState(0);
  // What is heard while the board is on its way may be missing in it.
  const meanwhile = useRef<Frames | null>(null);
  const retry = useCallback(() => setAttempt((n) => n + 1), []);
  useEffect(() => {
    let left = false;
    meanwhile.current = [];
    void whenLive()
      .then(() => bodyOf(api.GET('/api/v1/board')))
      .then(
        (answer) => {
          if (left) return;
          const frames = meanwhile.current ?? [];
          meanwhile.current = null;
          setShown({ board: boardAfter(answer, frames), error: null, ahead: Date.parse(answer.at) - Date.now() });
        },
        (cause: unknown) => !left && setShown((shown) => ({ ...shown, error: cause })),
      );
    return () => void (left = true);
  }, [attempt]);
  useEffect(
    () =>
      listen({
        reload: retry,
        frames: (frames) => {
          meanwhile.current?.push(...frames);
          setShown((shown) => {
            if (!shown.board) return shown;
            const next = boardAfter(shown.board, frames);
            return next === shown.board ? shown : { ...shown, board: next };
          });
        },
      }),
    [retry],
  );
  useEffect(() => {
    if (!board) return;
    return listen({ frames: (frames) => outdates(board, frames) && retry() });
  }, [board, retry]);
  return { board, error, ahead, retry };
}
