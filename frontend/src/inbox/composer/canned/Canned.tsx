import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import type { Capabilities, Conversation } from '~/shared/api/types';
import { loadWords } from '~/shared/i18n';
import { composerInputId } from '../focus';
import { slashAt, unfilled } from './variables';

const withWords = async <T,>(part: Promise<T>) => (await Promise.all([part, loadWords('desk')]))[0];
const CannedList = lazy(() => withWords(import('./CannedList').then((m) => ({ default: m.CannedList }))));
const ToFill = lazy(() => withWords(import('./ToFill').then((m) => ({ default: m.ToFill }))));

interface Props {
  conversation: Conversation;
  text: string;
  capabilities: Capabilities | undefined;
}

/** Canned replies in the composer: the list behind a slash, and what is left to fill in. */
export function Canned({ conversation, text, capabilities }: Props) {
  const [slash, setSlash] = useState<{ start: number; query: string } | null>(null);
  /** The slash that was answered with Escape. */
  const [left, setLeft] = useState(-1);
  const before = useRef(text);
  useEffect(() => {
    if (before.current === text) return; // as it was when it was opened: nobody has typed
    before.current = text;
    const input = document.activeElement;
    const at = input instanceof HTMLTextAreaElement && input.id === composerInputId && input.value === text ? slashAt(text, input.selectionStart) : null;
    setSlash(at);
    if (!at) setLeft(-1);
  }, [text]);
  const missing = unfilled(text);
  return (
    <>
      {slash && slash.start !== left && (
        <Suspense>
          <CannedList conversation={conversation} slash={slash} capabilities={capabilities} close={() => setLeft(slash.start)} />
        </Suspense>
      )}
      {missing.length > 0 && (
        <Suspense>
          <ToFill names={missing} />
        </Suspense>
      )}
    </>
  );
}
