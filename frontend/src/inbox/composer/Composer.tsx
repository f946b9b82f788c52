import { Button } from '@mantine/core';
import { IconArrowBackUp, IconLock, IconNote, IconSend, IconUpload, IconX } from '@tabler/icons-react';
import { lazy, Suspense, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useActions } from '~/shared/actions/actions';
import { useHint } from '~/shared/actions/keymap';
import { loadWords } from '~/shared/i18n';
import type { Conversation, Draft } from '~/shared/api/types';
import { formatNumber } from '~/shared/i18n/format';
import { focusThread } from '~/shared/lib/focus';
import { noLettersHere } from '~/shared/lib/keys';
import { useSent } from '~/shared/realtime/sent';
import { Lazily } from '~/shared/ui/Lazily';
import { Quote } from '../thread/content/Quote';
import css from './Composer.module.css';
import { Canned } from './canned/Canned';
import { ChannelMenu } from './ChannelMenu';
import type { DialogName } from './dialogs/Dialogs';
import { VoiceBar } from './VoiceBar';
import { ChannelNotice, Colleagues, Notice, OptedOut, PeopleOnly, WindowClosed, WroteAgain } from './Notices';
import { captionLimit } from './checks';
import { focusComposer, goOnWriting } from './focus';
import { modEnter, onGlass } from './keys';
import { Mentions } from './mentions/Mentions';
import { HeldNotice } from './HeldNotice';
import { segments } from './segments';
import { ScheduledList } from './ScheduledList';
import { captionFits, quoteOf } from './send';
import { resolved, untilAnswered } from './sendAnd';
import { SendMenu } from './SendMenu';
import { beginCanned, TextInput } from './TextInput';
import { Toolbar } from './Toolbar';
import { UndoBar } from './UndoBar';
import { UploadStrip } from './UploadStrip';
import { useComposer, type ComposerState } from './useComposer';
import { useFileDrop } from './useFileDrop';
import { useUndo } from './useUndo';
import { useRecorder } from './voice/useRecorder';
import { WindowClock } from './WindowClock';

const MailFields = lazy(() => import('./MailFields').then((m) => ({ default: m.MailFields })));
const Signature = lazy(() => import('./MailFields').then((m) => ({ default: m.Signature })));
const Dialogs = lazy(async () => ({ default: (await Promise.all([import('./dialogs/Dialogs'), loadWords('more')]))[0].Dialogs }));

/** Reply or note. Which of the two it is decides who reads it, so the whole composer changes its look. */
function ModeSwitch({ composer }: { composer: ComposerState }) {
  const { t } = useTranslation('composer');
  const hint = useHint();
  const modes = [['reply', IconArrowBackUp], ['note', IconLock]] as const;
  return (
    <div className={css.modes} role="radiogroup" aria-label={t('mode.label')}>
      {modes.map(([mode, Icon]) => (
        <button key={mode} type="button" role="radio" aria-checked={composer.draft.mode === mode} data-mode={mode} title={hint(t(`mode.${mode}`), mode)} data-testid={`mode-${mode}`} onClick={() => composer.setDraft({ mode })}>
          <Icon size={14} stroke={2} aria-hidden className={mode === 'reply' ? 'mirror' : undefined} />
          {t(`mode.${mode}`)}
        </button>
      ))}
    </div>
  );
}

function ReplyBar({ composer }: { composer: ComposerState }) {
  const { t } = useTranslation('composer');
  const { draft, quoted, setDraft } = composer;
  if (!draft.reply_to || draft.mode === 'note') return null;
  return (
    <div className={css.replyBar} data-testid="reply-bar">
      {quoted ? <Quote quote={quoteOf(quoted)} /> : <span className={css.grow}>{t('reply.earlier')}</span>}
      <button type="button" className={css.iconButton} onClick={() => setDraft({ reply_to: undefined })} aria-label={t('reply.cancel')} title={t('reply.cancel')}>
        <IconX size={16} />
      </button>
    </div>
  );
}

function SendButton({ composer, send }: { composer: ComposerState; send: () => void }) {
  const { t } = useTranslation('composer');
  const { draft, ready, armed } = composer;
  const note = draft.mode === 'note';
  return (
    <Button
      className={css.send}
      data-mode={draft.mode}
      rightSection={note ? <IconNote size={16} stroke={1.8} /> : <IconSend size={16} stroke={1.8} className="mirror" />}
      disabled={!ready}
      loading={armed}
      onClick={send}
      data-testid="composer-send"
    >
      {t(note ? 'addNote' : 'send')}
    </Button>
  );
}

/** In how many parts an SMS is sent, which is how it is paid. */
function SegmentCount({ text }: { text: string }) {
  const { t } = useTranslation('composer');
  const { parts, short, left } = segments(text);
  return (
    <span className={css.length} role="status" title={t(short ? 'sms.short' : 'sms.long')} data-testid="segments">
      {t('sms.parts', { count: parts, formatted: formatNumber(parts) })} · {formatNumber(left)}
    </span>
  );
}

/** Where replies and notes are written. */
export function Composer({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation('composer');
  const composer = useComposer(conversation);
  const { draft, closed, check, uploads, attach, send, setDraft } = composer;
  const recorder = useRecorder();
  const [dialog, setDialog] = useState<DialogName | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const dropping = useFileDrop(box, attach);
  const note = draft.mode === 'note';
  const write = (mode: Draft['mode']) => {
    setDraft({ mode });
    focusComposer();
  };
  const undo = useUndo();
  const sent = useSent((s) => s.sent !== null);
  const sendNow = () => {
    send();
    goOnWriting();
  };
  const canWrite = recorder.state === 'idle' && !closed && composer.held === undefined;
  useActions({
    reply: () => write('reply'), note: () => write('note'), canned: canWrite && beginCanned, send: canWrite && sendNow, undo: sent && undo,
    sendResolve: canWrite && composer.ready && (() => send(resolved)), sendSnooze: canWrite && composer.ready && (() => send(untilAnswered)),
  });
  const textApart = !note && draft.text.trim() !== '' && uploads.some((u) => u.state !== 'refused') && !captionFits(draft.text, uploads, captionLimit(composer.capabilities));

  return (
    <div className={css.composer} data-mode={draft.mode} ref={box} {...noLettersHere} data-testid="composer">
      {dropping && (
        <div className={css.drop} aria-hidden>
          <IconUpload size={28} stroke={1.5} />
          {t('drop')}
        </div>
      )}
      <ScheduledList conversationId={conversation.id} />
      <UndoBar />
      <ChannelNotice channel={composer.channel} />
      {composer.held ? <HeldNotice conversationId={conversation.id} held={composer.held} text={draft.text} /> : <Colleagues conversation={conversation} />}
      {!note && <WroteAgain seen={composer.seen} send={sendNow} enterSends={composer.enterSends} />}
      {recorder.problem && <Notice tone="danger" testId="voice-problem" icon={null}>{t(`voice.${recorder.problem}`)}</Notice>}
      <div className={css.head}>
        <ModeSwitch composer={composer} />
        {!note && <ChannelMenu conversation={conversation} />}
        <span className={css.grow} />
        {!note && <WindowClock window={composer.window} closesAt={conversation.window.closes_at} />}
      </div>
      {!note && conversation.opted_out_at && <OptedOut since={conversation.opted_out_at} mail={composer.capabilities?.mail === true} />}
      {closed && !conversation.opted_out_at && <WindowClosed conversation={conversation} window={composer.window} channel={composer.channel} openTemplates={() => setDialog('template')} />}
      {!note && <PeopleOnly window={composer.window} />}
      {!note && composer.capabilities?.mail && <Suspense><MailFields conversation={conversation} composer={composer} /></Suspense>}
      <ReplyBar composer={composer} />
      <UploadStrip conversationId={conversation.id} uploads={uploads} textApart={textApart} />
      {note && <Mentions text={draft.text} />}
      <Canned conversation={conversation} text={draft.text} capabilities={composer.capabilities} />
      {recorder.state === 'idle' ? (
        <TextInput
          value={draft.text}
          label={closed ? t('placeholder.closed') : composer.held ? t('held.by', { name: composer.held.name }) : t(`placeholder.${draft.mode}`, { name: conversation.contact.name })}
          disabled={closed || composer.held !== undefined}
          onChange={composer.setText}
          enterSends={composer.enterSends}
          onSend={(resolve) => send(resolve ? resolved : {})}
          onUndo={composer.draft.text === '' && sent ? undo : undefined}
          onEscape={() => (composer.seen.asked ? composer.seen.dismiss() : draft.reply_to && !note ? setDraft({ reply_to: undefined }) : focusThread())}
          onFiles={attach}
        />
      ) : (
        <VoiceBar recorder={recorder} onFile={(file) => attach([file], 'voice')} />
      )}
      {!note && composer.capabilities?.mail && <Suspense><Signature composer={composer} /></Suspense>}
      <div className={css.foot}>
        <Toolbar composer={composer} record={() => void recorder.start()} openDialog={setDialog} />
        <span className={css.grow} />
        {check.near && <span className={css.length} data-over={check.over || undefined} role="status">{formatNumber(check.length)} / {formatNumber(check.max)}</span>}
        {!note && composer.capabilities?.segments && draft.text !== '' && <SegmentCount text={draft.text.trim()} />}
        {!onGlass() && <span className={css.hint} data-testid="send-key">{t('sendKey', { key: composer.enterSends ? 'Enter' : modEnter })}</span>}
        <div className={css.sending}>
          <SendButton composer={composer} send={sendNow} />
          {!note && <SendMenu composer={composer} />}
        </div>
      </div>
      <Lazily wanted={dialog !== null}>
        <Dialogs open={dialog} conversation={conversation} close={() => setDialog(null)} />
      </Lazily>
    </div>
  );
}
