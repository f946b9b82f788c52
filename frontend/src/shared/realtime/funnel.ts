import type { EventFrame, SignalFrame } from '~/shared/api/frames';

type LiveFrame = EventFrame | SignalFrame;

/** Which conversation an event is about; '' when it is about none. */
function conversationOf(frame: LiveFrame): string {
  switch (frame.type) {
    case 'message.created':
    case 'message.updated':
    case 'typing':
    case 'viewing':
    case 'lock':
      return frame.data.conversation_id;
    default:
      return '';
  }
}

/**
 * Funnel collects frames and hands them on in batches: what the open conversation shows with the next picture of the
 * screen, everything else (the order of the list above all) at most four times a second. Order within each stream is kept.
 */
export class Funnel {
  private now: LiveFrame[] = [];
  private later: LiveFrame[] = [];
  private frameAsked = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly apply: (frames: LiveFrame[]) => void;
  private readonly openId: () => string;
  private readonly pace: number;

  constructor(apply: (frames: LiveFrame[]) => void, openId: () => string, pace = 250) {
    this.apply = apply;
    this.openId = openId;
    this.pace = pace;
  }

  push(frame: LiveFrame): void {
    // A hidden tab gets no animation frames, so there everything goes by the slow way.
    if (!document.hidden && conversationOf(frame) === this.openId() && this.openId() !== '') {
      this.now.push(frame);
      if (this.frameAsked) return;
      this.frameAsked = true;
      requestAnimationFrame(() => {
        this.frameAsked = false;
        this.flush('now');
      });
      return;
    }
    this.later.push(frame);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.flush('later');
    }, this.pace);
  }

  /** Forgets what waits: the screen is about to be loaded again. */
  clear(): void {
    this.now = [];
    this.later = [];
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private flush(which: 'now' | 'later'): void {
    let frames = this[which];
    this[which] = [];
    if (which === 'now') {
      // What came for this conversation before it was opened still waits in the other stream, and goes first.
      const id = this.openId();
      frames = [...this.later.filter((f) => conversationOf(f) === id), ...frames];
      this.later = this.later.filter((f) => conversationOf(f) !== id);
    }
    if (frames.length > 0) this.apply(frames);
  }
}
