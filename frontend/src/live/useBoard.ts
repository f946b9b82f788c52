import { useCallback, useEffect, useRef, useState } from 'react';
import { api, bodyOf } from '~/shared/api/client';
import type { EventFrame, SignalFrame } from '~/shared/api/frames';
import type { Board } from '~/shared/api/types';
import { listen, whenLive } from '~/shared/realtime/live';
import { boardAfter, outdates } from './board';

type Frames = (EventFrame | SignalFrame)[];

interface Shown {
  board: Board | null;
  /** The past moment that the board is of; empty: it is live. */
  of: string;
  error: unknown;
  /** How far the gateway's clock is ahead of this device's, in milliseconds. */
  ahead: number;
}

/** While the slider is drawn, the gateway is asked when it rests. */
const restsFor = 150;

/** The floor as it is now, live for as long as it is shown, or as it was at a past moment. What was shown stays until the answer is there. */
export function useBoard(at: string): Shown & { retry: () => void } {
  const [shown, setShown] = useState<Shown>({ board: null, of: '', error: null, ahead: 0 });
  const [attempt, setAttempt] = useState(0);
  // What is heard while the board is on its way may be missing in it.
  const meanwhile = useRef<Frames | null>(null);
  const retry = useCallback(() => setAttempt((n) => n + 1), []);
  useEffect(() => {
    let left = false;
    meanwhile.current = [];
    const ask = () =>
      whenLive()
        .then(() => bodyOf(api.GET('/api/v1/board', { params: { query: { at: at || undefined } } })))
        .then(
          (answer) => {
            if (left) return;
            const frames = at ? [] : (meanwhile.current ?? []);
            meanwhile.current = null;
            setShown(({ ahead }) => ({ board: boardAfter(answer, frames), of: at, error: null, ahead: at ? ahead : Date.parse(answer.at) - Date.now() }));
          },
          (cause: unknown) => !left && setShown((before) => ({ ...before, of: at, board: null, error: cause })),
        );
    const timer = setTimeout(() => void ask(), at ? restsFor : 0);
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [at, attempt]);
  useEffect(() => {
    if (at) return;
    return listen({
      reload: retry,
      frames: (frames) => {
        meanwhile.current?.push(...frames);
        setShown((before) => {
          if (!before.board || before.of) return before;
          const next = boardAfter(before.board, frames);
          return next === before.board ? before : { ...before, board: next };
        });
      },
    });
  }, [at, retry]);
  const { board, of } = shown;
  useEffect(() => {
    if (!board || of) return;
    return listen({ frames: (frames) => outdates(board, frames) && retry() });
  }, [board, of, retry]);
  return { ...shown, retry };
}
