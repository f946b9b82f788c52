import { useTranslation } from 'react-i18next';
import type { BoardAgent } from '~/shared/api/types';
import { formatNumber } from '~/shared/i18n/format';
import { capacityOf } from './board';
import css from './Live.module.css';

/** Of more places than this a bar shows better how many are taken. */
const most = 12;

/** What an agent has of what they can have: a dot for each place, or a bar where there are many. */
export function Dots({ agent }: { agent: BoardAgent }) {
  const { t } = useTranslation('live');
  const [load, total] = [agent.load, capacityOf(agent)];
  const label = t('agents.load', { load: formatNumber(load), total: formatNumber(total) });
  const places = Math.max(load, total);
  return (
    <span className={css.load} role="img" aria-label={label} title={label} data-over={load > total || undefined}>
      {places > 0 && places <= most ? (
        Array.from({ length: places }, (_, n) => <i key={n} data-taken={n < load || undefined} data-beyond={n >= total || undefined} />)
      ) : (
        <span className={css.bar}>
          <b style={{ inlineSize: `${total > 0 ? Math.min(100, (100 * load) / total) : 100}%` }} />
        </span>
      )}
      <span className={css.loadText} dir="ltr">
        {formatNumber(load)}/{formatNumber(total)}
      </span>
    </span>
  );
}
