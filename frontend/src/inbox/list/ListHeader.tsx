import { ActionIcon, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconArrowsSort, IconCheck, IconChecks, IconLayoutList, IconSearch, IconUserPlus, IconX } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { openOverlay } from '~/app/overlays';
import { useActions } from '~/shared/actions/actions';
import { useKeyText } from '~/shared/actions/keymap';
import { Menu } from '~/shared/ui/Menu';
import { inDir } from '~/shared/ui/inDir';
import { allRead } from '../changes';
import css from './ConversationList.module.css';
import { setCompact, useCompact } from './compact';
import { sorts } from './filters';
import { useFilters } from './useFilters';

export function ListHeader({ q }: { q: string }) {
  const { t } = useTranslation(['inbox', 'common']);
  return (
    <header className={css.header}>
      <div className={css.titleRow}>
        <h1>{t('title')}</h1>
        <SortMenu />
      </div>
      <SearchBox q={q} />
    </header>
  );
}

function SearchBox({ q }: { q: string }) {
  const { t, i18n } = useTranslation('inbox');
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(q);
  const go = (value: string) => void navigate({ to: '.', search: (s) => ({ ...s, q: value.trim() || undefined }), replace: true });
  const goSoon = useDebouncedCallback(go, 200);
  const key = useKeyText('search');
  useActions({ search: () => input.current?.select() });
  // The address may change by itself: back button, palette.
  useEffect(() => {
    if (document.activeElement !== input.current) setText(q);
  }, [q]);
  const clear = () => {
    setText('');
    go('');
  };
  return (
    <TextInput
      ref={input}
      type="search"
      size="sm"
      {...inDir(text ? 'auto' : i18n.dir())}
      value={text}
      placeholder={t('search.placeholder')}
      aria-label={t('search.label')}
      leftSection={<IconSearch size={16} stroke={1.7} />}
      rightSection={
        text ? (
          <ActionIcon size="sm" onClick={clear} aria-label={t('search.clear')}>
            <IconX size={16} />
          </ActionIcon>
        ) : (
          key && <kbd aria-hidden>{key}</kbd>
        )
      }
      onChange={(event) => {
        setText(event.target.value);
        goSoon(event.target.value);
      }}
      onKeyDown={(event) => {
        if (event.key === 'ArrowDown') {
          event.preventDefault();
          document.querySelector<HTMLElement>('[data-testid="search-hit"]')?.focus();
        }
        if (event.key !== 'Escape') return;
        clear();
        input.current?.blur();
      }}
      data-testid="search-input"
    />
  );
}

function SortMenu() {
  const { t } = useTranslation('inbox');
  const { filters, setFilters } = useFilters();
  const compact = useCompact();
  const current = filters.sort ?? 'newest';
  const sortButton = useRef<HTMLButtonElement>(null);
  useActions({ sort: () => sortButton.current?.click(), compact: () => setCompact(!compact), allRead: () => void allRead() });
  return (
    <div className={css.tools}>
      <ActionIcon aria-label={t('customer.new')} title={t('customer.new')} onClick={() => openOverlay('customer')} data-testid="customer-new">
        <IconUserPlus size={18} stroke={1.7} />
      </ActionIcon>
      <ActionIcon
        aria-label={t('list.compact')}
        title={t('list.compact')}
        aria-pressed={compact}
        variant={compact ? 'light' : 'subtle'}
        onClick={() => setCompact(!compact)}
        data-testid="compact-toggle"
      >
        <IconLayoutList size={18} stroke={1.7} />
      </ActionIcon>
      <Menu>
        <Menu.Target>
          <ActionIcon ref={sortButton} aria-label={t('sort.label')} title={t('sort.label')} data-testid="sort-menu">
            <IconArrowsSort size={18} stroke={1.7} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t('sort.label')}</Menu.Label>
          {sorts.map((sort) => (
            <Menu.Item
              key={sort}
              rightSection={sort === current ? <IconCheck size={16} /> : null}
              onClick={() => setFilters({ ...filters, sort: sort === 'newest' ? undefined : sort })}
            >
              {t(`sort.${sort}`)}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<IconChecks size={16} />} onClick={() => void allRead()} data-testid="all-read">
            {t('list.readAll')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
