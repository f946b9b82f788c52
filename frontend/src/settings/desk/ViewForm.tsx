import { Alert, Button, Modal, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { sorts, type Sort } from '~/inbox/list/filters';
import { api } from '~/shared/api/client';
import { invalidate } from '~/shared/api/queries';
import type { View } from '~/shared/api/types';
import { useMay } from '~/shared/realtime/store';
import { inDir } from '~/shared/ui/inDir';
import { complete, testsOf, whenOf, type Tests } from '../rules/condition';
import { ConditionBuilder } from '../rules/ConditionBuilder';
import { useFields } from '../rules/words';
import css from '../Settings.module.css';
import { useSaving } from './save';
import { ScopeSelect } from './ScopeSelect';
import type { Scoped } from './scope';

const seenAs = (view: View) => ({ path: { id: view.id }, header: { 'If-Match': `"${view.version}"` } });

/** Whoever looks is no choice of the builder. */
const asksOfMe = ({ tests }: Tests) => tests.some(({ value }) => value === 'me');

interface Props {
  view: View | null;
  /** What a new one begins with. */
  filter?: object;
  sort?: Sort;
  onClose: () => void;
}

export default function ViewForm({ view, filter, sort: first, onClose }: Props) {
  const { t } = useTranslation(['desk', 'common', 'inbox']);
  const { data: fields } = useFields();
  const [name, setName] = useState(view?.name ?? '');
  const [scope, setScope] = useState<Scoped>(view ?? { scope: 'me' });
  const [sort, setSort] = useState<Sort>(view?.sort ?? first ?? 'newest');
  const [edited, setEdited] = useState<Tests | null>(null);
  const { busy, refused, attempt } = useSaving(onClose, () => invalidate('/api/v1/views', '/api/v1/views/counts'));
  const manages = useMay('desk.manage');
  const given = view?.filter ?? filter ?? { all: [] };
  const shown = fields && testsOf(given, fields);
  const tests = edited ?? (shown && !asksOfMe(shown) ? shown : null);
  const ready = name.trim() !== '' && (!tests || complete(tests));
  const save = () => {
    const body = { name: name.trim(), sort, filter: tests ? whenOf(tests) : given, scope: scope.scope, ...(scope.scope === 'team' && { team_id: scope.team_id }) };
    return attempt(() => (view ? api.PATCH('/api/v1/views/{id}', { params: seenAs(view), body }) : api.POST('/api/v1/views', { body })));
  };
  return (
    <Modal opened onClose={onClose} size={640} title={view ? <bdi>{view.name}</bdi> : t('views.add')} closeButtonProps={{ 'aria-label': t('common:action.close') }}>
      <form
        className={css.wideForm}
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void save();
        }}
      >
        <TextInput label={t('views.name')} {...inDir('auto')} required maxLength={120} data-autofocus value={name} error={refused.name} onChange={(event) => setName(event.target.value)} data-testid="view-name" />
        {manages && <ScopeSelect value={scope} onChange={setScope} />}
        {fields && (tests ? <ConditionBuilder value={tests} fields={fields} onChange={setEdited} /> : <Alert color="yellow">{t('views.complex')}</Alert>)}
        <Select label={t('views.sort')} allowDeselect={false} data={sorts.map((value) => ({ value, label: t(`inbox:sort.${value}`) }))} value={sort} onChange={(value) => setSort(sorts.find((one) => one === value) ?? sort)} />
        <div className={css.actions}>
          <Button type="submit" loading={busy} disabled={!ready} data-testid="view-keep">
            {t('common:action.save')}
          </Button>
          {view && (
            <Button variant="default" color="red" onClick={() => void attempt(() => api.DELETE('/api/v1/views/{id}', { params: seenAs(view) }))} data-testid="view-remove">
              {t('common:action.delete')}
            </Button>
          )}
        </div>
      </form>
    </Modal>
  );
}
