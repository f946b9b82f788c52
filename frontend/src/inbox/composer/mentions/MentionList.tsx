import { useTranslation } from 'react-i18next';
import { useUsers } from '~/shared/api/queries';
import type { User } from '~/shared/api/types';
import { useLive } from '~/shared/realtime/store';
import { Avatar } from '~/shared/ui/Avatar';
import css from '../canned/Canned.module.css';
import { composerInputId } from '../focus';
import { applyEdit } from '../format';
import { PickList } from '../PickList';
import { findNamed } from './mentions';

/** How many are shown. */
const most = 8;

/** Colleagues whose name begins as it was typed; whoever is chosen is told of the note. */
export function MentionList({ at, close }: { at: { start: number; query: string }; close: () => void }) {
  const { t } = useTranslation('composer');
  const myId = useLive((s) => s.me?.user.id);
  const users = (useUsers().data ?? []).filter((user) => user.active !== false && user.id !== myId);
  const found = findNamed(users, at.query).slice(0, most);
  const insert = ({ name }: User) => {
    const input = document.getElementById(composerInputId);
    if (!(input instanceof HTMLTextAreaElement)) return;
    const written = `@${name} `;
    const end = at.start + written.length;
    applyEdit(input, { text: input.value.slice(0, at.start) + written + input.value.slice(at.start + 1 + at.query.length), start: end, end });
  };
  if (found.length === 0) return null;
  return (
    <PickList
      items={found}
      query={at.query}
      keyOf={({ id }) => id}
      pick={insert}
      close={close}
      label={t('mention.label')}
      count={t('mention.found', { count: found.length })}
      testId="mention"
      render={(user) => (
        <>
          <Avatar id={user.id} name={user.name} size={22} />
          <bdi className={css.line}>{user.name}</bdi>
        </>
      )}
    />
  );
}
