/**
 * Where the thread stands: at its end, which it keeps while things arrive and grow; at a place further up, which it keeps
 * while older messages come in above; or at a message that somebody jumped to.
 */
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import type { VirtualizerHandle } from 'virtua';
import { loadNewer, loadOlder, showLatest } from '~/shared/realtime/actions';
import type { Thread } from '~/shared/realtime/store';
import type { Row } from './rows';

/** This close to the end counts as the end. */
const stickWithin = 24;
/** The next page is asked for this far before it is needed. */
const loadWithin = 600;
/** The way back to the end is offered from here. */
const farFrom = 240;

/** How the rows changed: the same list that grew (perhaps above), or another part of the history. */
export function changeOf(before: Row[], after: Row[]): 'same' | 'above' | 'other' {
  // A day's separator may move up with its day, and activity join what came before; messages stay what they are.
  const from = before.findIndex((row) => row.kind === 'message' || row.kind === 'notice');
  const anchor = before[from];
  if (!anchor) return 'same';
  const at = after.findIndex((row) => row.key === anchor.key);
  if (at < 0) return 'other';
  return at > from ? 'above' : 'same';
}

const messageIndex = (rows: Row[], id: string) =>
  rows.findIndex((r) => (r.kind === 'message' || r.kind === 'notice') && (r.message.id === id || (r.kind === 'message' && !!r.album?.some((m) => m.id === id))));

export interface ThreadScroll {
  scroller: RefObject<HTMLDivElement | null>;
  list: RefObject<VirtualizerHandle | null>;
  /** True while the end is on screen. */
  atEnd: boolean;
  /** True when it is worth offering the way back. */
  far: boolean;
  /** For Virtualizer: rows were added above. */
  shift: boolean;
  /** Changes when another part of the history is shown, so that measured sizes are forgotten. */
  generation: number;
  onScroll: () => void;
  onResize: () => void;
  toEnd: () => void;
  /** Shows one message; false when it is not loaded. */
  toMessage: (id: string) => boolean;
}

export function useThreadScroll(conversationId: string, rows: Row[], thread: Thread): ThreadScroll {
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const stuck = useRef(true);
  const lastTop = useRef(0);
  const placed = useRef(false);
  const [atEnd, setAtEnd] = useState(true);
  const [far, setFar] = useState(false);
  const [held, setHeld] = useState({ rows, generation: 0, shift: false });

  if (held.rows !== rows) {
    const change = changeOf(held.rows, rows);
    setHeld({ rows, generation: held.generation + (change === 'other' ? 1 : 0), shift: change === 'above' });
  }

  const settle = useCallback(() => {
    const el = scroller.current;
    if (el && stuck.current) el.scrollTop = el.scrollHeight;
  }, []);

  const onScroll = useCallback(() => {
    const el = scroller.current;
    if (!el) return;
    const distance = el.scrollHeight - el.scrollTop - el.clientHeight;
    // Only moving up lets go of the end: what grows below or a smaller window does not.
    if (distance <= stickWithin) stuck.current = true;
    else if (el.scrollTop < lastTop.current - 1) stuck.current = false;
    lastTop.current = el.scrollTop;
    setAtEnd(stuck.current);
    setFar(!stuck.current && distance > farFrom);
    if (el.scrollTop < loadWithin && placed.current) void loadOlder(conversationId);
    if (distance < loadWithin) void loadNewer(conversationId);
  }, [conversationId]);

  // The first rows: at the line of what is new where there is one, else at the end.
  useLayoutEffect(() => {
    if (rows.length === 0) return;
    if (!placed.current) {
      const line = rows.findIndex((r) => r.kind === 'new');
      if (line >= 0) {
        stuck.current = false;
        list.current?.scrollToIndex(line, { align: 'start', offset: -48 });
        setAtEnd(false);
      }
      requestAnimationFrame(() => {
        placed.current = true;
        onScroll();
      });
    }
    // Our own message is always shown.
    const last = rows.at(-1);
    if (last?.kind === 'message' && last.message.local?.state === 'waiting' && last.message.direction === 'out') {
      if (thread.hasNewer) void showLatest(conversationId);
      stuck.current = true;
    }
    settle();
  }, [rows, conversationId, thread.hasNewer, settle, onScroll]);

  useEffect(() => {
    const el = scroller.current;
    if (!el) return;
    const observer = new ResizeObserver(() => {
      settle();
      onScroll();
    });
    observer.observe(el);
    return () => observer.disconnect();
  }, [settle, onScroll]);

  const toEnd = useCallback(() => {
    stuck.current = true;
    setAtEnd(true);
    setFar(false);
    if (thread.hasNewer) void showLatest(conversationId);
    settle();
  }, [conversationId, thread.hasNewer, settle]);

  const toMessage = useCallback(
    (id: string) => {
      const index = messageIndex(rows, id);
      if (index < 0) return false;
      stuck.current = false;
      list.current?.scrollToIndex(index, { align: 'center' });
      return true;
    },
    [rows],
  );

  return { scroller, list, atEnd, far, shift: held.shift, generation: held.generation, onScroll, onResize: settle, toEnd, toMessage };
}
