/** One ordered list over the known conversations. A change costs a few comparisons, however long the list is. */
import type { Conversation } from '~/shared/api/types';

export interface ListOptions {
  /** Whether a conversation belongs into the list. */
  wants: (conversation: Conversation) => boolean;
  /** The order; 0 only for two states of one conversation that stand at the same place. */
  compare: (a: Conversation, b: Conversation) => number;
}

export class LiveList {
  private readonly items: Conversation[];
  /** The last conversation that the gateway has told of: below it there may be others that we do not know. null: it told of all. */
  private boundary: Conversation | null = null;
  private readonly options: ListOptions;
  private readonly moved: () => void;

  /** moved is called when the order changed, and not when only a row did. */
  constructor(all: Iterable<Conversation>, options: ListOptions, moved: () => void) {
    this.options = options;
    this.moved = moved;
    this.items = [...all].filter(options.wants).sort(options.compare);
  }

  /** A conversation became another one, is new (no before), or is gone (no after). */
  change(before: Conversation | undefined, after: Conversation | undefined): void {
    const from = before && this.options.wants(before) ? this.position(before) : -1;
    const there = from >= 0 && this.items[from]?.id === before?.id;
    const wanted = !!after && this.options.wants(after);
    if (there && wanted && this.options.compare(this.items[from] as Conversation, after) === 0) {
      this.items[from] = after;
      return;
    }
    if (there) this.items.splice(from, 1);
    const to = wanted ? this.position(after) : -1;
    if (wanted) this.items.splice(to, 0, after);
    if (there ? to !== from : wanted) this.moved();
  }

  setBoundary(boundary: Conversation | null): void {
    this.boundary = boundary;
  }

  /** True when it shows this conversation. */
  shows(conversation: Conversation): boolean {
    return this.options.wants(conversation) && (!this.boundary || this.options.compare(conversation, this.boundary) <= 0);
  }

  /** What is shown, in order. */
  ids(): string[] {
    const boundary = this.boundary;
    let end = boundary ? this.position(boundary) : this.items.length;
    // The boundary itself, as it is now.
    if (boundary && this.items[end] && this.options.compare(this.items[end] as Conversation, boundary) === 0) end++;
    return this.items.slice(0, end).map((c) => c.id);
  }

  /** Where a conversation stands, or would. */
  private position(conversation: Conversation): number {
    let [low, high] = [0, this.items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.options.compare(this.items[middle] as Conversation, conversation) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
