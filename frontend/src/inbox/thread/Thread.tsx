import { IconArrowDown } from '@tabler/icons-react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { loadWords } from '~/shared/i18n';
import { Virtualizer } from 'virtua';
import { useActivity, useChannel } from '~/shared/api/queries';
import type { Activity, Attachment, Conversation } from '~/shared/api/types';
import { daysBetween, formatDay } from '~/shared/i18n/format';
import { threadId } from '~/shared/lib/focus';
import { loadAround, openThread } from '~/shared/realtime/actions';
import { useDraft } from '~/shared/realtime/drafts';
import { sendMessage } from '~/shared/realtime/outbox';
import { personKey, useLive, useMessages, type Thread as ThreadData, type ThreadMessage } from '~/shared/realtime/store';
import { BidiText } from '~/shared/ui/BidiText';
import { useNow } from '~/shared/ui/RelTime';
import { EmptyState, ErrorRetry } from '~/shared/ui/States';
import { toastDone } from '~/shared/ui/toast';
import { focusComposer } from '../composer/focus';
import { isTold } from './activity';
import { ActivityRow } from './ActivityRow';
import { ThreadContext, type ThreadContextValue } from './context';
import { MessageRow } from './MessageRow';
import { buildRows, keepRows, type Row } from './rows';
import { useMessageActions } from './useMessageActions';
import { ThreadSkeleton } from './ThreadSkeleton';
import css from './Thread.module.css';
import { TypingBubble } from './TypingBubble';
import { useNewMessages } from './useNewMessages';
import { useThreadScroll } from './useThreadScroll';

/** Opened now and then: loaded then. */
const Lightbox = lazy(() => import('./Lightbox').then((m) => ({ default: m.Lightbox })));
const ReactionPicker = lazy(() => import('./ReactionPicker').then((m) => ({ default: m.ReactionPicker })));
const Lifeline = lazy(async () => ({ default: (await Promise.all([import('./Lifeline'), loadWords('more')]))[0].Lifeline }));

function Day({ at }: { at: string }) {
  const { t } = useTranslation();
  const days = daysBetween(new Date(at), new Date(useNow()));
  return (
    <div className={css.day} role="separator">
      <time dateTime={at.slice(0, 10)}>{days === 0 ? t('time.today') : days === 1 ? t('time.yesterday') : formatDay(at)}</time>
    </div>
  );
}

function Notice({ message }: { message: ThreadMessage }) {
  const { t, i18n } = useTranslation('thread');
  const key = `system.${message.system ?? ''}`;
  const known = !!message.system && i18n.exists(`thread:${key}`);
  return (
    <div className={css.notice} data-testid="message" data-message-id={message.id} data-status={message.status} data-direction={message.direction}>
      <span dir="auto">{known ? t(key as 'system.call') : <BidiText text={message.text || t('system.other')} />}</span>
    </div>
  );
}

function NewLine() {
  const { t } = useTranslation('thread');
  return <div className={css.newLine} role="separator"><span>{t('newLine')}</span></div>;
}

function renderRow(row: Row, highlighted: string): ReactElement {
  switch (row.kind) {
    case 'day':
      return <Day key={row.key} at={row.at} />;
    case 'new':
      return <NewLine key={row.key} />;
    case 'notice':
      return <Notice key={row.key} message={row.message} />;
    case 'activity':
      return <ActivityRow key={row.key} lines={row.lines} />;
    case 'message':
      return <MessageRow key={row.key} row={row} highlighted={row.message.id === highlighted} />;
  }
}

/** Up and down walk from message to message; the actions of the one in focus are the next tab stops. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>('article')];
  const at = all.findIndex((el) => el.contains(document.activeElement));
  const next = at < 0 ? all.at(-1) : all[at + (event.key === 'ArrowUp' ? -1 : 1)];
  if (!next) return;
  event.preventDefault();
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: 'nearest' });
}

/** Shows one message wherever it is in the history, and marks it for a moment. */
function useJump(conversationId: string, toMessage: (id: string) => boolean, wanted: string | undefined) {
  const { t } = useTranslation('thread');
  const [target, setTarget] = useState(wanted ?? '');
  const [highlighted, setHighlighted] = useState('');
  const loading = useMessages(conversationId).loading;
  const asked = useRef('');
  useEffect(() => setTarget(wanted ?? ''), [wanted]);
  useEffect(() => {
    if (!target || loading) return;
    if (toMessage(target)) {
      setHighlighted(target);
      setTarget('');
      asked.current = '';
    } else if (asked.current !== target) {
      asked.current = target;
      void loadAround(conversationId, target);
    } else {
      setTarget('');
      asked.current = '';
      toastDone(t('jump.gone'));
    }
  }, [target, loading, toMessage, conversationId, t]);
  useEffect(() => {
    if (!highlighted) return;
    const timer = setTimeout(() => setHighlighted(''), 2500);
    return () => clearTimeout(timer);
  }, [highlighted]);
  return { highlighted, jumpTo: setTarget };
}

/** The messages with which loaded pages began; see RowOptions. */
function useSeams({ items, hasOlder }: ThreadData): ReadonlySet<string> {
  const [seams, setSeams] = useState<ReadonlySet<string>>(new Set());
  const first = items[0]?.id;
  useEffect(() => {
    if (first && hasOlder) setSeams((known) => (known.has(first) ? known : new Set([...known, first])));
  }, [first, hasOlder]);
  return seams;
}

const none: Activity[] = [];

/** What was done with the conversation, as far back as messages are loaded, oldest first. */
function useActivities(conversationId: string, { items, hasOlder }: ThreadData): Activity[] {
  const { data, hasNextPage, isFetching, fetchNextPage } = useActivity(conversationId);
  const oldest = items[0]?.sent_at ?? '';
  const reached = !hasNextPage || (hasOlder && (data?.at(-1)?.at ?? '') < oldest);
  useEffect(() => {
    if (!reached && !isFetching) void fetchNextPage();
  }, [reached, isFetching, fetchNextPage]);
  return useMemo(() => data?.toReversed().filter(isTold) ?? none, [data]);
}

function useRows({ items, hasOlder, hasNewer }: ThreadData, newFrom: string | null, seams: ReadonlySet<string>, activities: Activity[]): Row[] {
  const built = useMemo(
    () => buildRows(items, { hasOlder, hasNewer, newFrom, seams, activities }),
    [items, hasOlder, hasNewer, newFrom, seams, activities],
  );
  const [held, setHeld] = useState({ built, rows: built });
  if (held.built === built) return held.rows;
  const rows = keepRows(held.rows, built);
  setHeld({ built, rows });
  return rows;
}

interface Props {
  conversation: Conversation;
  /** A message to show instead of the end. */
  highlight?: string;
  /** Everything said with the customer, on all channels. */
  everything?: boolean;
}

/** What is shown: a conversation, or all with the person; what waits to go out stands in both. */
function useShown(conversation: Conversation, everything: boolean): { id: string; thread: ThreadData } {
  const person = personKey(conversation.contact.id);
  const own = useMessages(conversation.id);
  const all = useMessages(person);
  const loaded = useLive((s) => person in s.threads);
  useEffect(() => {
    if (everything && !loaded) void openThread(person);
  }, [everything, loaded, person]);
  // What was dropped because messages moved is loaded again.
  const there = useLive((s) => conversation.id in s.threads);
  useEffect(() => {
    if (!there) void openThread(conversation.id);
  }, [there, conversation.id]);
  const joined = useMemo(() => {
    const waiting = own.items.filter((m) => m.local && !all.items.some((x) => x.client_id === m.client_id));
    return waiting.length ? { ...all, items: [...all.items, ...waiting] } : all;
  }, [own, all]);
  return everything ? { id: person, thread: joined } : { id: conversation.id, thread: own };
}

/** The messages of one conversation, or of all with its customer. */
export function Thread({ conversation, highlight, everything = false }: Props) {
  const { t } = useTranslation('thread');
  const { id, thread } = useShown(conversation, everything);
  const [atEndNow, setAtEndNow] = useState(true);
  const { newFrom, unseen } = useNewMessages(conversation, thread, atEndNow);
  const seams = useSeams(thread);
  const activities = useActivities(conversation.id, thread);
  // A person's timeline is of many conversations: what was done with one of them would be told out of place.
  const rows = useRows(thread, newFrom, seams, everything ? none : activities);
  const { scroller, list, atEnd, far, shift, generation, onScroll, onResize, toEnd, toMessage } = useThreadScroll(id, rows, thread);
  const { highlighted, jumpTo } = useJump(id, toMessage, highlight);
  const [viewed, setViewed] = useState<{ message: ThreadMessage; attachment: Attachment } | null>(null);
  const [picking, setPicking] = useState<{ message: ThreadMessage; beside: HTMLElement } | null>(null);
  useEffect(() => setAtEndNow(atEnd), [atEnd]);
  const [traced, setTraced] = useState<ThreadMessage | null>(null);
  const context = useThreadValue(conversation, { jumpTo, setViewed, setPicking, setTraced, everything });
  useMessageActions(context, thread.items);

  const empty = thread.items.length === 0;
  return (
    <ThreadContext value={context}>
      <div className={css.frame}>
        <div className={css.scroller} ref={scroller} id={threadId} role="log" aria-live="off" aria-label={t('messages')} tabIndex={0} onScroll={onScroll} onKeyDown={walk} data-testid="thread">
          <div className={css.push} />
          {!empty && (
            <Virtualizer key={generation} ref={list} data={rows} shift={shift} bufferSize={600} scrollRef={scroller} onResize={onResize}>
              {(row: Row) => renderRow(row, highlighted)}
            </Virtualizer>
          )}
          <TypingBubble conversation={conversation} onChange={onResize} />
        </div>
        {thread.loading === 'older' && <div className={css.loadingOlder} role="status">{t('loadingOlder')}</div>}
        {empty && <ThreadEmpty loading={thread.loading !== ''} error={thread.error} retry={() => void openThread(id)} />}
        {(far || unseen > 0 || thread.hasNewer) && !empty && (
          <button type="button" className={css.pill} onClick={toEnd} data-testid="to-newest">
            <IconArrowDown size={16} stroke={2} aria-hidden />
            {unseen > 0 ? t('newMessages', { count: unseen }) : t('toNewest')}
          </button>
        )}
        <span className="visually-hidden" role="status">{unseen > 0 ? t('newMessages', { count: unseen }) : ''}</span>
      </div>
      <Suspense>
        {viewed && <Lightbox items={thread.items} at={viewed.attachment.id} close={() => setViewed(null)} />}
        {traced && <Lifeline message={traced} close={() => setTraced(null)} />}
        {picking && <ReactionPicker {...picking} only={context.capabilities?.reaction_set ?? []} react={context.react} close={() => setPicking(null)} />}
      </Suspense>
    </ThreadContext>
  );
}

function ThreadEmpty({ loading, error, retry }: { loading: boolean; error: unknown; retry: () => void }) {
  const { t } = useTranslation('thread');
  if (error) return <div className={css.center}><ErrorRetry error={error} retry={retry} /></div>;
  if (loading) return <ThreadSkeleton />;
  return <div className={css.center}><EmptyState icon={null} title={t('empty')} text={t('emptyText')} /></div>;
}

interface Doing {
  jumpTo: (id: string) => void;
  setViewed: (v: { message: ThreadMessage; attachment: Attachment }) => void;
  setPicking: (p: { message: ThreadMessage; beside: HTMLElement }) => void;
  setTraced: (message: ThreadMessage) => void;
  everything: boolean;
}

function useThreadValue(conversation: Conversation, { jumpTo, setViewed, setPicking, setTraced, everything }: Doing): ThreadContextValue {
  const capabilities = useChannel(conversation.channel_id)?.capabilities;
  const myId = useLive((s) => s.me?.user.id ?? '');
  const { setDraft } = useDraft(conversation.id);
  const draftSetter = useRef(setDraft);
  useEffect(() => {
    draftSetter.current = setDraft;
  });
  const reply = useCallback((message: ThreadMessage) => {
    draftSetter.current({ reply_to: message.id, mode: 'reply' });
    focusComposer();
  }, []);
  const react = useCallback(
    (message: ThreadMessage, emoji: string) => sendMessage(conversation, { type: 'reaction', reaction: { message_id: message.id, emoji } }),
    [conversation],
  );
  return useMemo(
    () => ({
      conversation, capabilities, myId, everything, jumpTo, reply, react,
      view: (message, attachment) => setViewed({ message, attachment }),
      pickReaction: (message, beside) => setPicking({ message, beside }),
      trace: setTraced,
    }),
    [conversation, capabilities, myId, everything, jumpTo, reply, react, setViewed, setPicking, setTraced],
  );
}
