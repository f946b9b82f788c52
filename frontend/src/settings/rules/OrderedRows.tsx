import { ActionIcon, Switch } from '@mantine/core';
import { IconGripVertical } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import css from '../Settings.module.css';
import { moved } from './order';
import own from './Rules.module.css';

interface Props<T> {
  items: T[];
  manages: boolean;
  /** What stands below the name: under what condition, and what then. */
  says: (item: T) => [when: string, what: string];
  /** Turns a row on or off; rows without that are on. */
  onTurn?: (item: T, enabled: boolean) => void;
  onOpen: (item: T) => void;
  /** Shows another order, which the gateway is not told yet. */
  onPlace: (ids: string[]) => void;
  /** Tells the gateway of the order that is shown. */
  onDrop: () => void;
}

/** Rows of which the first that holds counts: dragged, or moved with the arrow keys. */
export function OrderedRows<T extends { id: string; name: string; enabled?: boolean }>({ items, manages, says, onTurn, onOpen, onPlace, onDrop }: Props<T>) {
  const { t } = useTranslation('settings');
  const [held, setHeld] = useState('');
  const [said, setSaid] = useState('');
  const ids = items.map(({ id }) => id);
  const place = (id: string, to: number) => {
    const next = moved(ids, id, to);
    if (next === ids) return;
    onPlace(next);
    setSaid(t('rules.moved', { name: items.find((item) => item.id === id)?.name ?? '', position: to + 1 }));
  };
  return (
    <>
      <ol className={css.list}>
        {items.map((item, n) => (
          <li
            key={item.id}
            className={own.rule}
            data-held={held === item.id || undefined}
            data-off={item.enabled === false || undefined}
            draggable={manages}
            onDragStart={() => setHeld(item.id)}
            onDragOver={(event) => {
              event.preventDefault();
              if (held) place(held, n);
            }}
            onDragEnd={() => {
              setHeld('');
              onDrop();
            }}
            data-testid="rule-row"
          >
            {manages && (
              <ActionIcon
                className={own.grip}
                aria-label={t('rules.move', { name: item.name })}
                title={t('rules.moveHelp')}
                onKeyDown={(event) => {
                  if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
                  event.preventDefault();
                  place(item.id, n + (event.key === 'ArrowUp' ? -1 : 1));
                  onDrop();
                }}
                data-testid="rule-grip"
              >
                <IconGripVertical size={18} stroke={1.6} />
              </ActionIcon>
            )}
            <button type="button" className={own.open} onClick={() => onOpen(item)} disabled={!manages}>
              <strong>
                <bdi>{item.name}</bdi>
              </strong>
              <span data-testid="rule-when">{says(item)[0]}</span>
              <span data-testid="rule-what">{says(item)[1]}</span>
            </button>
            {onTurn && <Switch checked={item.enabled} disabled={!manages} aria-label={t('rules.enabled', { name: item.name })} onChange={(event) => onTurn(item, event.target.checked)} data-testid="rule-enabled" />}
          </li>
        ))}
      </ol>
      <span className="visually-hidden" role="status">
        {said}
      </span>
    </>
  );
}
