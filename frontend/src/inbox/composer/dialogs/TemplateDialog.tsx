import { ActionIcon, Button, Select, TextInput } from '@mantine/core';
import { IconRefresh, IconSearch } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, bodyOf } from '~/shared/api/client';
import { templatesQuery, useTemplates } from '~/shared/api/queries';
import type { Template } from '~/shared/api/types';
import { BidiText } from '~/shared/ui/BidiText';
import { ErrorRetry } from '~/shared/ui/States';
import { toastError } from '~/shared/ui/toast';
import { component } from '../templates';
import css from './Dialogs.module.css';
import type { DialogProps } from './Dialogs';
import { TemplateForm } from './TemplateForm';

const bodyText = (template: Template) => component(template, 'body')?.text ?? '';

/** Templates whose name or words hold every word that is looked for: what can be sent comes first, of that what the customer reads. */
export function findTemplates(all: Template[], query: string, language: string, customers = ''): Template[] {
  const foreign = (tpl: Template) => Number(customers !== '' && !tpl.language.startsWith(customers));
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return all
    .filter((tpl) => !language || tpl.language === language)
    .filter((tpl) => {
      const text = `${tpl.name.replaceAll('_', ' ')} ${tpl.name} ${(tpl.components ?? []).map((c) => c.text ?? '').join(' ')}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .sort((a, b) => Number(b.status === 'approved') - Number(a.status === 'approved') || foreign(a) - foreign(b) || a.name.localeCompare(b.name) || a.language.localeCompare(b.language));
}

function Item({ template, id, at, chosen, choose }: { template: Template; id: string; at: boolean; chosen: boolean; choose: () => void }) {
  const { t, i18n } = useTranslation('composer');
  const usable = template.status === 'approved';
  const status = `template.status.${template.status}`;
  return (
    <li>
      <button type="button" id={id} className={css.item} data-at={at || undefined} aria-pressed={chosen} disabled={!usable} onClick={choose} data-testid="template-item" data-name={template.name}>
        <header>
          <strong><bdi>{template.name}</bdi></strong>
          <span className={css.tag} dir="ltr">{template.language}</span>
          {!usable && <span className={css.tag} data-bad>{i18n.exists(`composer:${status}`) ? t(status as 'template.status.rejected') : template.status}</span>}
        </header>
        <p dir="auto"><BidiText text={bodyText(template)} /></p>
      </button>
    </li>
  );
}

/** Choosing a template and filling it in. */
export default function TemplateDialog({ conversation, close }: DialogProps) {
  const { t } = useTranslation('composer');
  const queryClient = useQueryClient();
  const channelId = conversation.channel_id;
  const { data, error, refetch, isPending } = useTemplates(channelId, true);
  const [query, setQuery] = useState('');
  const [language, setLanguage] = useState('');
  const [chosen, setChosen] = useState<Template | null>(null);
  const [syncing, setSyncing] = useState(false);
  const [at, setAt] = useState(0);
  const listId = useId();
  const search = useRef<HTMLInputElement>(null);
  // The dialog was there before its content: its button to close has the focus.
  useEffect(() => search.current?.focus(), []);
  const found = useMemo(() => findTemplates(data ?? [], query, language, conversation.language), [data, query, language, conversation.language]);
  const languages = useMemo(() => [...new Set((data ?? []).map((tpl) => tpl.language))].sort(), [data]);

  const sync = async () => {
    setSyncing(true);
    try {
      const page = await bodyOf(api.POST('/api/v1/channels/{id}/templates/sync', { params: { path: { id: channelId } } }));
      queryClient.setQueryData(templatesQuery(channelId).queryKey, page);
    } catch (cause) {
      toastError(cause);
    } finally {
      setSyncing(false);
    }
  };
  const marked = found[at];
  const find = (text: string) => {
    setQuery(text);
    setAt(0);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown') setAt(Math.min(at + 1, found.length - 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, 0));
    else if (event.key === 'Enter' && marked?.status === 'approved') setChosen(marked);
    else return;
    event.preventDefault();
  };
  useEffect(() => void document.getElementById(`${listId}-${at}`)?.scrollIntoView({ block: 'nearest' }), [at, listId]);
  if (error) return <ErrorRetry error={error} retry={() => void refetch()} />;
  return (
    <div className={css.columns} data-testid="template-dialog">
      <div className={css.column}>
        <div className={css.row}>
          <TextInput ref={search} data-autofocus aria-controls={listId} aria-activedescendant={marked && `${listId}-${at}`} onKeyDown={onKeyDown} leftSection={<IconSearch size={16} />} placeholder={t('template.search')} aria-label={t('template.search')} value={query} onChange={(e) => find(e.target.value)} />
          {languages.length > 1 && (
            <Select w={128} data={languages} value={language || null} clearable placeholder={t('template.language')} aria-label={t('template.language')} onChange={(value) => setLanguage(value ?? '')} />
          )}
          <ActionIcon size={36} aria-label={t('template.sync')} title={t('template.sync')} loading={syncing} onClick={() => void sync()}>
            <IconRefresh size={17} />
          </ActionIcon>
        </div>
        <ul className={css.list} id={listId}>
          {found.map((tpl, n) => (
            <Item key={tpl.id || `${tpl.name} ${tpl.language}`} id={`${listId}-${n}`} at={tpl === marked} template={tpl} chosen={tpl === chosen} choose={() => setChosen(tpl)} />
          ))}
          {found.length === 0 && !isPending && <li className={css.empty}>{t(data?.length ? 'template.noMatch' : 'template.none')}</li>}
        </ul>
      </div>
      {chosen ? (
        <TemplateForm key={`${chosen.name} ${chosen.language}`} template={chosen} conversation={conversation} close={close} />
      ) : (
        <div className={css.column}>
          <div className={css.phone}><span className={css.empty}>{t('template.choose')}</span></div>
          <div className={css.foot}><Button variant="default" onClick={close}>{t('cancel')}</Button></div>
        </div>
      )}
    </div>
  );
}
