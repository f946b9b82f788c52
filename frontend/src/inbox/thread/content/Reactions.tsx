import { useTranslation } from 'react-i18next';
import type { Reaction } from '~/shared/api/types';
import type { ThreadMessage } from '~/shared/realtime/store';
import { useThread } from '../context';
import css from './Reactions.module.css';

interface Group {
  emoji: string;
  names: string[];
  mine: boolean;
}

/** The same emoji counted once, with who gave it. On our side all agents speak as one account, so ours is ours whoever gave it. */
export function groupReactions(reactions: Reaction[], you: string): Group[] {
  const groups = new Map<string, Group>();
  for (const { emoji, by } of reactions) {
    const group = groups.get(emoji) ?? { emoji, names: [], mine: false };
    group.names.push(by.name || you);
    group.mine ||= by.type !== 'contact';
    groups.set(emoji, group);
  }
  return [...groups.values()];
}

export function Reactions({ message }: { message: ThreadMessage }) {
  const { t } = useTranslation('thread');
  const { react } = useThread();
  return (
    <div className={css.reactions}>
      {groupReactions(message.reactions, t('author.us')).map(({ emoji, names, mine }) => {
        const label = t('reaction.by', { emoji, names: names.join(', ') });
        return (
          <button key={emoji} type="button" data-mine={mine || undefined} title={label} aria-label={mine ? `${label}. ${t('reaction.remove')}` : label} onClick={() => mine && react(message, '')}>
            {emoji}
            {names.length > 1 && <span>{names.length}</span>}
          </button>
        );
      })}
    </div>
  );
}
