import { lazy, Suspense } from 'react';

const Panel = lazy(() => import('./EmojiPanel'));

/** All emoji; code and data are loaded when it is first opened. */
export function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  return (
    <Suspense fallback={<div style={{ inlineSize: 316, blockSize: 340 }} />}>
      <Panel onPick={onPick} />
    </Suspense>
  );
}
