import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useChannel, useChannels, useUsers } from '~/shared/api/queries';
import type { AttachmentKind, Capabilities, Channel, Conversation, Draft } from '~/shared/api/types';
import { sendTyping } from '~/shared/realtime/actions';
import { forgetAgain, takeFiles, useAgain } from '~/shared/realtime/again';
import { useDraft } from '~/shared/realtime/drafts';
import { endLock, useHeld, writes, type Held } from '~/shared/realtime/lock';
import { serverNow } from '~/shared/realtime/serverClock';
import { useLive, useMessages, type ThreadMessage } from '~/shared/realtime/store';
import { useNow } from '~/shared/ui/RelTime';
import { captionLimit, checkText, type TextCheck } from './checks';
import { goOnWriting } from './focus';
import { unfilled } from './canned/variables';
import { answeredBy, composeMail, mailFields, type MailFields } from './mail';
import { mentioned } from './mentions/mentions';
import { captionFits, compose, sendAll, type When } from './send';
import { goOn, nextTo } from '../list/place';
import { addFiles, restoreUploads, takeUploads, useUploads, type Upload } from './uploads';
import { useSeen, type Seen } from './useSeen';
import { replyWindow, type ReplyWindow } from './window';

/** Notes stay here, so their length is the gateway's limit. */
const noteMax = 20_000;

export interface ComposerState {
  draft: Draft;
  setText: (text: string) => void;
  setDraft: (change: Partial<Draft>) => void;
  channel: Channel | undefined;
  capabilities: Capabilities | undefined;
  window: ReplyWindow;
  uploads: Upload[];
  quoted: ThreadMessage | undefined;
  /** Of a mail: what stands around its text, and what will stand under it. */
  mail: MailFields;
  signature: string;
  /** Goes on with what was written in another conversation. */
  moveDraft: (conversationId: string) => void;
  check: TextCheck;
  /** What came since the agent began to write. */
  seen: Seen;
  /** Enter sends; in a mail it is a new line. */
  enterSends: boolean;
  /** A colleague who writes the answer; it is theirs until it is taken over. */
  held: Held | undefined;
  /** True when free text is not allowed now. */
  closed: boolean;
  /** True when there is something that can be sent, now or when its files are there. */
  ready: boolean;
  /** Waits for its files. */
  armed: boolean;
  attach: (files: File[], kind?: AttachmentKind) => void;
  /** Sends it at once, or at a time. */
  send: (when?: When) => void;
}

/** Everything that the composer knows about one conversation. */
export function useComposer(conversation: Conversation): ComposerState {
  const { id } = conversation;
  const { draft, setDraft, clearDraft, moveDraft } = useDraft(id);
  const channel = useChannel(conversation.channel_id);
  const capabilities = channel?.capabilities;
  const uploads = useUploads(id);
  const { items } = useMessages(id);
  const quoted = items.find((m) => m.id === draft.reply_to);
  const own = (useChannels().data ?? []).filter((c) => c.kind === 'email').map((c) => c.account);
  const emails = useLive((s) => s.contacts[conversation.contact.id]?.emails);
  const mail = mailFields(draft.mail, answeredBy(items, draft.reply_to), { address: conversation.address?.value, emails }, own);
  const signature = useSignature(conversation.channel_id);
  const now = useNow();
  const note = draft.mode === 'note';
  const colleagues = useUsers().data ?? [];
  const window = replyWindow(conversation.window, capabilities, now);
  const stopped = !!conversation.opted_out_at;
  const closed = !note && (stopped || window.state === 'closed');

  const captionMax = captionLimit(capabilities);
  const beside = uploads.length > 0 && captionFits('', uploads, captionMax);
  const inCaption = beside && captionFits(draft.text, uploads, captionMax);
  const check = note || inCaption ? checkText(draft.text, note ? noteMax : (captionMax ?? 0)) : checkText(draft.text, capabilities?.text_max ?? 0, capabilities?.text_bytes);
  const files = uploads.filter((u) => u.state !== 'refused');
  const other = useHeld(id);
  const held = note ? undefined : other;
  const ready = !closed && !held && !check.over && unfilled(draft.text).length === 0 && (draft.text.trim() !== '' || files.length > 0) && !files.some((u) => u.state === 'failed');
  const uploading = files.some((u) => u.state === 'uploading');

  const seen = useSeen(conversation, !note && (draft.text.trim() !== '' || files.length > 0));
  const enterSends = note || !(capabilities?.mail ?? conversation.channel_kind === 'email');
  const returned = useAgain((s) => s.files[id]);
  useEffect(() => {
    if (returned?.length) restoreUploads(id, takeFiles(id));
  }, [id, returned]);

  const [armed, setArmed] = useState<When | null>(null);
  const fire = (when: When) => {
    const taken = takeUploads(id).filter((u) => u.state === 'ready');
    const messages = !note && capabilities?.mail ? composeMail(draft, taken, mail) : compose(draft, taken, captionMax);
    const mentions = note ? mentioned(draft.text, colleagues) : [];
    sendAll(conversation, messages, note ? { afterwards: when.afterwards, ...(mentions.length && { mentions }) } : { quoted, ...(seen.newest && { seen_message_id: seen.newest }), ...when });
    if (!note) forgetAgain(id);
    clearDraft();
    sendTyping(id, false);
    endLock(id);
    setArmed(null);
    const next = when.afterwards && useLive.getState().openId === id ? nextTo(id) : undefined;
    if (next) return void goOn(next);
    // Unless the agent has gone elsewhere while files went up.
    if (!document.activeElement?.closest('section, aside, nav, [role="dialog"]')) goOnWriting();
  };
  const latest = useRef(fire);
  useEffect(() => {
    latest.current = fire;
  });
  useEffect(() => {
    if (!armed) return;
    if (!ready) setArmed(null);
    else if (!uploading) latest.current(armed);
  }, [armed, ready, uploading]);

  const send = (when: When = {}) => {
    // The clock of the window ticks slowly; what counts is this moment.
    if (!ready || (!note && !seen.readable()) || (!note && replyWindow(conversation.window, capabilities, serverNow()).state === 'closed')) return;
    if (uploading) setArmed(when);
    else fire(when);
  };
  const attach = useCallback((list: File[], kind?: AttachmentKind) => capabilities && addFiles(id, list, capabilities, kind), [id, capabilities]);
  useEffect(() => () => endLock(id), [id]);
  const setText = (text: string) => {
    setDraft({ text });
    if (note) return;
    sendTyping(id, text !== '');
    if (text === '') endLock(id);
    else writes(id, text);
  };
  return { draft, setText, setDraft, channel, capabilities, window, uploads, quoted, mail, signature, moveDraft, check, seen, enterSends, held, closed, ready, armed: armed !== null, attach, send };
}

/** What stands under this person's mails on the channel, as plain text. */
function useSignature(channelId: string): string {
  const html = useLive((s) => s.me?.signatures.channels[channelId] || s.me?.signatures.everywhere) ?? '';
  return useMemo(() => {
    if (!html) return '';
    const page = new DOMParser().parseFromString(html.replace(/<br>|<\/(p|div|li|tr|h\d)>/g, '\n$&'), 'text/html');
    return (page.body.textContent ?? '').replace(/\n\s*\n/g, '\n').trim() || '🖼';
  }, [html]);
}
