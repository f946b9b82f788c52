import { useTranslation } from 'react-i18next';
import { useConversation } from '~/shared/realtime/conversations';
import css from './Bulk.module.css';
import { ConversationRow } from './ConversationRow';
import { toggleSelected, useSelection } from './selection';

interface Props {
  id: string;
  open: boolean;
  compact: boolean;
  onOpen: (id: string) => void;
  /** Selects everything up to this one. */
  onRange: (id: string) => void;
}

/** A row with the box that selects it, which is there under the pointer and while anything is selected. */
export function SelectableRow({ id, onRange, ...row }: Props) {
  const { t } = useTranslation('inbox');
  const selected = useSelection((s) => s.ids.has(id));
  const some = useSelection((s) => s.ids.size > 0);
  const name = useConversation(id)?.contact.name ?? '';
  return (
    <div className={css.item} data-some={some || undefined} data-selected={selected || undefined} data-compact={row.compact || undefined}>
      <ConversationRow id={id} {...row} />
      <input
        type="checkbox"
        className={css.box}
        tabIndex={-1}
        checked={selected}
        aria-label={t('bulk.select', { name: name || t('row.nameless') })}
        onChange={() => {}}
        onClick={(event) => (event.shiftKey ? onRange(id) : toggleSelected(id))}
        data-testid="row-select"
      />
    </div>
  );
}
