import { Button, TextInput } from '@mantine/core';
import { IconMessage2Share, IconPaperclip, IconPlus, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { findCanned, textIn } from '~/inbox/composer/canned/search';
import type { CannedReply } from '~/shared/api/types';
import { useCanned } from '~/shared/desk/queries';
import { EmptyState, ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import { inDir } from '~/shared/ui/inDir';
import own from '../rules/Rules.module.css';
import css from '../Settings.module.css';
import { CannedForm } from './CannedForm';
import desk from './Desk.module.css';
import { useChangeable, useScopeName } from './scope';

/** Texts that agents send often, by folder. */
export function CannedPage() {
  const { t, i18n } = useTranslation(['desk', 'common']);
  const canned = useCanned();
  const scopeName = useScopeName();
  const changeable = useChangeable();
  const [q, setQ] = useState('');
  const [editing, setEditing] = useState<CannedReply | 'new' | null>(null);
  const found = findCanned(canned.data ?? [], q.trim());
  const folders = [...new Set(found.map(({ folder }) => folder))].sort((a, b) => a.localeCompare(b));
  const add = (
    <Button leftSection={<IconPlus size={17} />} onClick={() => setEditing('new')} data-testid="canned-new">
      {t('canned.add')}
    </Button>
  );
  return (
    <>
      <div className={css.titleRow}>
        <h2>{t('canned.title')}</h2>
        {!!canned.data?.length && add}
      </div>
      <p className={css.lead}>{t('canned.lead')}</p>
      {canned.isPending && <SkeletonRows rows={3} />}
      {canned.isError && <ErrorRetry error={canned.error} retry={() => void canned.refetch()} />}
      {canned.data?.length === 0 && <EmptyState icon={<IconMessage2Share size={28} stroke={1.5} />} title={t('canned.none')} text={t('canned.noneText')} action={add} />}
      {!!canned.data?.length && (
        <TextInput type="search" className={desk.search} {...inDir(q ? 'auto' : i18n.dir())} leftSection={<IconSearch size={16} stroke={1.7} />} aria-label={t('canned.search')} placeholder={t('canned.search')} value={q} onChange={(event) => setQ(event.target.value)} data-testid="canned-search" />
      )}
      {!!canned.data?.length && found.length === 0 && <p className={css.help}>{t('canned.noMatch')}</p>}
      {folders.map((folder) => (
        <section key={folder} className={desk.folder}>
          {(folder || folders.length > 1) && <h3>{folder ? <bdi>{folder}</bdi> : t('canned.noFolder')}</h3>}
          <ul className={css.list}>
            {found
              .filter((one) => one.folder === folder)
              .map((one) => (
                <li key={one.id} className={own.rule} data-testid="canned-row">
                  <button type="button" className={own.open} onClick={() => setEditing(one)} disabled={!changeable(one)}>
                    <strong>
                      <bdi>/{one.shortcut}</bdi>
                    </strong>
                    <span dir="auto" className={desk.line}>{textIn(one, i18n.language).text}</span>
                    <span className={desk.facts}>
                      {scopeName(one)}
                      {(['en', 'he', 'ar'] as const).filter((language) => one.text[language]).map((language) => <span key={language}>{t(`language.${language}`)}</span>)}
                      {one.attachments.length > 0 && (
                        <span>
                          <IconPaperclip size={13} stroke={1.8} aria-hidden /> {t('canned.files', { count: one.attachments.length })}
                        </span>
                      )}
                    </span>
                  </button>
                </li>
              ))}
          </ul>
        </section>
      ))}
      {editing && <CannedForm canned={editing === 'new' ? null : editing} folders={[...new Set((canned.data ?? []).map(({ folder }) => folder))].filter(Boolean)} onClose={() => setEditing(null)} />}
    </>
  );
}
