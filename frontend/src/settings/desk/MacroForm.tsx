import { ActionIcon, Button, Modal, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '~/shared/api/client';
import { invalidate } from '~/shared/api/queries';
import type { Macro } from '~/shared/api/types';
import { actionsAt, keysOf, keyText } from '~/shared/actions/keymap';
import { chordOf } from '~/shared/lib/keys';
import { altKey } from '~/shared/lib/keyNames';
import { useMay } from '~/shared/realtime/store';
import { inDir } from '~/shared/ui/inDir';
import css from '../Settings.module.css';
import { filled, newStep, type Step } from './actions';
import { ActionsBuilder } from './ActionsBuilder';
import desk from './Desk.module.css';
import { useSaving } from './save';
import { ScopeSelect } from './ScopeSelect';
import type { Scoped } from './scope';

const seenAs = (macro: Macro) => ({ path: { id: macro.id }, header: { 'If-Match': `"${macro.version}"` } });

export function MacroForm({ macro, onClose }: { macro: Macro | null; onClose: () => void }) {
  const { t } = useTranslation(['desk', 'common', 'actions']);
  const manages = useMay('desk.manage');
  const [name, setName] = useState(macro?.name ?? '');
  const [scope, setScope] = useState<Scoped>(macro ?? { scope: manages ? 'all' : 'me' });
  const [hotkey, setHotkey] = useState(macro?.hotkey ?? '');
  const [steps, setSteps] = useState<Step[]>(macro ? (macro.actions as Step[]) : [newStep('send_message')]);
  const { busy, refused, attempt } = useSaving(onClose, () => invalidate('/api/v1/macros'));
  const [taken] = actionsAt(hotkey);
  const ready = !taken && name.trim() !== '' && steps.length > 0 && steps.every((step) => step.action === 'assign' || filled(step));
  const save = () => {
    const body = { name: name.trim(), actions: steps, hotkey, scope: scope.scope, ...(scope.scope === 'team' && { team_id: scope.team_id }) };
    return attempt(() => (macro ? api.PATCH('/api/v1/macros/{id}', { params: seenAs(macro), body }) : api.POST('/api/v1/macros', { body })));
  };
  return (
    <Modal opened onClose={onClose} size={720} title={macro ? <bdi>{macro.name}</bdi> : t('macro.add')} closeButtonProps={{ 'aria-label': t('common:action.close') }}>
      <form
        className={css.wideForm}
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void save();
        }}
      >
        <div className={desk.row}>
          <TextInput label={t('macro.name')} {...inDir('auto')} required maxLength={120} data-autofocus value={name} error={refused.name} onChange={(event) => setName(event.target.value)} data-testid="macro-name" />
          <Hotkey value={hotkey} error={taken ? t('actions:keys.taken', { key: keyText(hotkey), name: t(`actions:do.${taken}`) }) : refused.hotkey} onChange={setHotkey} />
          <ScopeSelect value={scope} onChange={setScope} />
        </div>
        <ActionsBuilder value={steps} refused={refused} onChange={setSteps} />
        <div className={css.actions}>
          <Button type="submit" loading={busy} disabled={!ready} data-testid="macro-save">
            {t('common:action.save')}
          </Button>
          {macro && (
            <Button variant="default" color="red" onClick={() => void attempt(() => api.DELETE('/api/v1/macros/{id}', { params: seenAs(macro) }))} data-testid="macro-remove">
              {t('common:action.delete')}
            </Button>
          )}
        </div>
      </form>
    </Modal>
  );
}

/** A key by its place on the keyboard, so that it is the same on every layout: it is pressed, not typed. */
function Hotkey({ value, error, onChange }: { value: string; error?: string; onChange: (value: string) => void }) {
  const { t } = useTranslation('desk');
  return (
    <TextInput
      label={t('macro.hotkey')}
      description={t('macro.hotkeyHelp', { alt: altKey })}
      dir="ltr"
      readOnly
      value={keysOf(value).join(' ')}
      error={error}
      rightSection={
        value && (
          <ActionIcon size="sm" aria-label={t('macro.noHotkey')} onClick={() => onChange('')}>
            <IconX size={14} />
          </ActionIcon>
        )
      }
      onKeyDown={(event) => {
        const chord = chordOf(event.nativeEvent);
        if (!/^Alt\+(Shift\+)?(Key[A-Z]|Digit\d)$/.test(chord)) return;
        event.preventDefault();
        onChange(chord);
      }}
      data-testid="macro-hotkey"
    />
  );
}
