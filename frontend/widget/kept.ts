/** What the browser keeps for one channel. A page that may not store anything still has a chat, until it is left. */
export interface Kept {
  token?: string;
  visitor?: string;
  filesToken?: string;
  /** Messages that are not known to have arrived. */
  outbox?: Pending[];
  /** The page on which the visitor last wrote. */
  page?: string;
  /** The visitor has said where to answer. */
  reachable?: boolean;
}

export interface Pending {
  id: string;
  text: string;
  files: { id: string; name: string; size: number; kind: string; mime: string }[];
  at: number;
  state: 'waiting' | 'taken' | 'failed';
}

const memory = new Map<string, string>();

export function keeper(channel: string) {
  const key = `wasl:${channel}`;
  const read = (): Kept => {
    try {
      return JSON.parse(localStorage.getItem(key) ?? memory.get(key) ?? '{}') as Kept;
    } catch {
      return JSON.parse(memory.get(key) ?? '{}') as Kept;
    }
  };
  return {
    read,
    /** Changes what is kept; other windows of the site may have changed it meanwhile. */
    change(edit: (kept: Kept) => void): Kept {
      const kept = read();
      edit(kept);
      memory.set(key, JSON.stringify(kept));
      try {
        localStorage.setItem(key, JSON.stringify(kept));
      } catch {
        // Private windows and full disks: memory has it.
      }
      return kept;
    },
    /** Calls back when another window changes what is kept. */
    watch(changed: () => void) {
      addEventListener('storage', (event) => event.key === key && changed());
    },
  };
}

export type Keeper = ReturnType<typeof keeper>;
