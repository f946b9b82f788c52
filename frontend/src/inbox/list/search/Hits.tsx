import { IconMessage2Bolt } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useChannel } from '~/shared/api/queries';
import type { CannedHit, ContactHit, Highlight, MessageHit } from '~/shared/api/types';
import { addressOf } from '~/shared/lib/identity';
import { Avatar } from '~/shared/ui/Avatar';
import { RelTime } from '~/shared/ui/RelTime';
import css from './SearchResults.module.css';
import { Marked } from './Marked';
import type { Item, Kind } from './kinds';

/** Where hits lead. */
export interface Ways {
  openId: string;
  conversation: (id: string, message: string) => void;
  contact: (contact: ContactHit) => void;
  canned: () => void;
}

/** How one of each kind is shown. */
export const shown: { [K in Kind]: (hit: Item<K>, ways: Ways) => ReactNode } = {
  messages: (hit, ways) => <Said key={hit.message.id} hit={hit} ways={ways} />,
  notes: (hit, ways) => <Said key={hit.message.id} hit={hit} ways={ways} />,
  files: (hit, ways) => <Said key={hit.message.id} hit={hit} ways={ways} />,
  contacts: (hit, ways) => <Person key={hit.id} hit={hit} ways={ways} />,
  canned_replies: (hit, ways) => <Canned key={hit.id} hit={hit} ways={ways} />,
};

/** A row: what it is called, and where the words are. */
function Row({ icon, title, time, parts, current, onClick }: { icon: ReactNode; title: ReactNode; time?: ReactNode; parts: Highlight[]; current?: boolean; onClick: () => void }) {
  return (
    <button type="button" className={css.hit} aria-current={current ? 'true' : undefined} onClick={onClick} data-testid="search-hit">
      {icon}
      <span className={css.name}>{title}</span>
      {time}
      {parts.map((part, i) => (
        <span key={i} className={`${css.snippet} follow`} dir="auto">
          <Marked of={part} />
        </span>
      ))}
    </button>
  );
}

function Said({ hit: { message, conversation, highlights }, ways }: { hit: MessageHit; ways: Ways }) {
  const { contact } = conversation;
  const channel = useChannel(conversation.channel_id);
  return (
    <Row
      icon={<Avatar id={contact.id} name={contact.name} url={contact.avatar_url} size={34} channel={channel?.kind} />}
      title={<bdi>{contact.name}</bdi>}
      time={<RelTime at={message.sent_at} className={css.time} />}
      parts={highlights.slice(0, 2)}
      current={conversation.id === ways.openId}
      onClick={() => ways.conversation(conversation.id, message.id)}
    />
  );
}

function Person({ hit, ways }: { hit: ContactHit; ways: Ways }) {
  const name = hit.highlights.find(({ field }) => field === 'name');
  const other = hit.highlights.find(({ field }) => field !== 'name');
  return (
    <button type="button" className={css.hit} onClick={() => ways.contact(hit)} data-testid="search-hit">
      <Avatar id={hit.id} name={hit.name} url={hit.avatar_url} size={34} />
      <span className={css.name}>
        <bdi>{name ? <Marked of={name} /> : hit.name}</bdi>
      </span>
      <span className={css.snippet}>
        <bdi dir="ltr">{other ? <Marked of={other} /> : addressOf(hit)}</bdi>
      </span>
    </button>
  );
}

function Canned({ hit, ways }: { hit: CannedHit; ways: Ways }) {
  const shortcut = hit.highlights.find(({ field }) => field === 'shortcut');
  const rest = hit.highlights.filter(({ field }) => field !== 'shortcut');
  const text = hit.text.en ?? hit.text.he ?? hit.text.ar ?? '';
  return (
    <Row
      icon={<IconMessage2Bolt size={22} stroke={1.6} className={css.icon} aria-hidden />}
      title={<bdi>/{shortcut ? <Marked of={shortcut} /> : hit.shortcut}</bdi>}
      parts={rest.length > 0 ? rest.slice(0, 1) : [{ field: 'text', text: text.slice(0, 200), marks: [] }]}
      onClick={ways.canned}
    />
  );
}
