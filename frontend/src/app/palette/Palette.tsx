import { Modal } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '~/shared/api/client';
import { addressOf } from '~/shared/lib/identity';
import { BidiText } from '~/shared/ui/BidiText';
import { closeOverlay, paletteInputId, useOverlay } from '../overlays';
import css from './Palette.module.css';
import { useCommands, useOpenContact, type Command } from './commands';
import { rank } from './rank';

/** Every action and every customer, a few letters away. */
export function Palette() {
  const { t, i18n } = useTranslation();
  const listId = useId();
  const text = useOverlay((s) => s.text);
  const [at, setAt] = useState(0);
  const [q] = useDebouncedValue(text.trim(), 150);
  const openContact = useOpenContact();
  const commands = useCommands();
  const contacts = $api.useQuery('get', '/api/v1/contacts', { params: { query: { q, limit: 8 } } }, {
    enabled: q.length > 0,
    placeholderData: keepPreviousData,
  });

  const people: Command[] = (text.trim() ? (contacts.data?.items ?? []) : []).map((contact) => ({
    id: contact.id,
    group: 'contacts',
    label: contact.name,
    hint: addressOf(contact),
    run: () => openContact(contact.id),
  }));
  const items = [...rank(commands, text), ...people];
  const chosen = items[Math.min(at, items.length - 1)];

  const run = (command: Command | undefined) => {
    if (!command) return;
    closeOverlay(command.run);
  };

  return (
    <Modal opened onClose={() => closeOverlay()} withCloseButton={false} padding={0} size="lg" yOffset="10vh" centered={false} aria-label={t('palette.title')}>
      <input
        id={paletteInputId}
        className={css.input}
        role="combobox"
        aria-expanded
        aria-controls={listId}
        aria-activedescendant={chosen && `${listId}-${chosen.id}`}
        aria-label={t('palette.title')}
        placeholder={t('palette.placeholder')}
        dir={text ? 'auto' : i18n.dir()}
        value={text}
        data-autofocus
        data-testid="palette-input"
        onChange={(event) => {
          useOverlay.setState({ text: event.target.value });
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setAt(Math.min(at + 1, items.length - 1));
          else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, 0));
          else if (event.key === 'Enter' && !event.nativeEvent.isComposing) run(chosen);
          else return;
          event.preventDefault();
        }}
      />
      <div className={css.list} id={listId} role="listbox" aria-label={t('palette.title')}>
        {items.length === 0 && <p className={css.hint}>{t('palette.none')}</p>}
        {items.map((command, i) => (
          <Row key={command.id} command={command} first={command.group !== items[i - 1]?.group} id={`${listId}-${command.id}`} selected={command === chosen} onPoint={() => setAt(i)} onRun={() => run(command)} />
        ))}
      </div>
    </Modal>
  );
}

interface RowProps {
  command: Command;
  first: boolean;
  id: string;
  selected: boolean;
  onPoint: () => void;
  onRun: () => void;
}

function Row({ command, first, id, selected, onPoint, onRun }: RowProps) {
  const { t } = useTranslation('actions');
  return (
    <>
      {first && (
        <div className={css.group} role="presentation">
          {t(`group.${command.group}`)}
        </div>
      )}
      <div
        id={id}
        role="option"
        aria-selected={selected}
        tabIndex={-1}
        className={css.item}
        ref={selected ? (node) => void node?.scrollIntoView({ block: 'nearest' }) : undefined}
        onMouseMove={onPoint}
        onClick={onRun}
        onKeyDown={(event) => event.key === 'Enter' && onRun()}
      >
        <bdi>{command.label}</bdi>
        {command.hint && (
          <small>
            <BidiText text={command.hint} />
          </small>
        )}
        {command.keys && <kbd dir="ltr">{command.keys}</kbd>}
      </div>
    </>
  );
}
