import { IconDeviceFloppy } from '@tabler/icons-react';
import { lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useViewCounts, useViews } from '~/shared/desk/queries';
import { loadWords } from '~/shared/i18n';
import { formatNumber } from '~/shared/i18n/format';
import { Lazily } from '~/shared/ui/Lazily';
import css from './ConversationList.module.css';
import { isFiltered, toCondition } from './filters';
import { useFilters } from './useFilters';
import { viewName } from './viewName';

const ViewForm = lazy(async () => (await Promise.all([import('~/settings/desk/ViewForm'), loadWords('desk'), loadWords('settings')]))[0]);

/** Kept views with their numbers; a click shows one, another one shows everything again. */
export function ViewBar() {
  const { t } = useTranslation('inbox');
  const { filters, setFilters } = useFilters();
  const { data: views = [] } = useViews();
  const { data: counts = [] } = useViewCounts();
  const [saving, setSaving] = useState(false);
  return (
    <div className={css.chips} role="group" aria-label={t('saved.label')}>
      {isFiltered(filters) && !filters.saved && (
        <button type="button" className={css.chip} onClick={() => setSaving(true)} data-testid="view-save">
          <IconDeviceFloppy size={14} stroke={1.8} aria-hidden />
          {t('saved.save')}
        </button>
      )}
      {views.map((view) => {
        const count = counts.find(({ id }) => id === view.id);
        const name = viewName(view);
        return (
          <button key={view.id} type="button" className={css.chip} aria-pressed={filters.saved === view.id} title={name} onClick={() => setFilters(filters.saved === view.id ? {} : { saved: view.id })} data-testid="view" data-view={view.id}>
            <bdi className={css.chipLabel}>{name}</bdi>
            {!!count?.count && (
              <span className={css.count} data-testid="view-count">
                {formatNumber(count.count)}
                {count.more && '+'}
              </span>
            )}
          </button>
        );
      })}
      <Lazily wanted={saving}>{saving && <ViewForm view={null} filter={toCondition(filters)} sort={filters.sort ?? 'newest'} onClose={() => setSaving(false)} />}</Lazily>
    </div>
  );
}
