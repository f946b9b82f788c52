import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { composerInputId } from '../focus';
import { atSign } from './mentions';

const MentionList = lazy(() => import('./MentionList').then((m) => ({ default: m.MentionList })));

/** In a note: the list of colleagues behind an @. */
export function Mentions({ text }: { text: string }) {
  const [at, setAt] = useState<ReturnType<typeof atSign>>(null);
  /** The @ that was answered with Escape. */
  const [left, setLeft] = useState(-1);
  const before = useRef(text);
  useEffect(() => {
    if (before.current === text) return; // as it was when it was opened: nobody has typed
    before.current = text;
    const input = document.getElementById(composerInputId);
    const found = input instanceof HTMLTextAreaElement && input === document.activeElement && input.value === text ? atSign(text, input.selectionStart) : null;
    setAt(found);
    if (!found) setLeft(-1);
  }, [text]);
  return (
    at && at.start !== left && (
      <Suspense>
        <MentionList at={at} close={() => setLeft(at.start)} />
      </Suspense>
    )
  );
}
