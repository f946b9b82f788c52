import { Button } from '@mantine/core';
import { IconPlus, IconWand } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Macro } from '~/shared/api/types';
import { keysOf } from '~/shared/actions/keymap';
import { useMacros } from '~/shared/desk/queries';
import { EmptyState, ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import own from '../rules/Rules.module.css';
import css from '../Settings.module.css';
import type { Step } from './actions';
import desk from './Desk.module.css';
import { MacroForm } from './MacroForm';
import { useChangeable, useScopeName } from './scope';
import { useStepWords } from './steps';

/** Several steps in one. */
export function MacrosPage() {
  const { t } = useTranslation('desk');
  const macros = useMacros();
  const scopeName = useScopeName();
  const changeable = useChangeable();
  const words = useStepWords();
  const [editing, setEditing] = useState<Macro | 'new' | null>(null);
  const add = (
    <Button leftSection={<IconPlus size={17} />} onClick={() => setEditing('new')} data-testid="macro-new">
      {t('macro.add')}
    </Button>
  );
  return (
    <>
      <div className={css.titleRow}>
        <h2>{t('macro.title')}</h2>
        {!!macros.data?.length && add}
      </div>
      <p className={css.lead}>{t('macro.lead')}</p>
      {macros.isPending && <SkeletonRows rows={3} />}
      {macros.isError && <ErrorRetry error={macros.error} retry={() => void macros.refetch()} />}
      {macros.data?.length === 0 && <EmptyState icon={<IconWand size={28} stroke={1.5} />} title={t('macro.none')} text={t('macro.noneText')} action={add} />}
      {!!macros.data?.length && (
        <ul className={css.list}>
          {macros.data.map((macro) => (
            <li key={macro.id} className={own.rule} data-testid="macro-row">
              <button type="button" className={own.open} onClick={() => setEditing(macro)} disabled={!changeable(macro)}>
                <strong>
                  <bdi>{macro.name}</bdi>
                </strong>
                <span className={desk.line}>{(macro.actions as Step[]).map(words.step).join(' · ')}</span>
                <span>{scopeName(macro)}</span>
              </button>
              {macro.hotkey && (
                <span className={desk.keys} dir="ltr">
                  {keysOf(macro.hotkey).map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      {editing && <MacroForm macro={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </>
  );
}
