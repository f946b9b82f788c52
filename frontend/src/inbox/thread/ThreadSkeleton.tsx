import { useTranslation } from 'react-i18next';
import { useSlow } from '~/shared/ui/States';
import css from './Thread.module.css';

const shapes: [width: number, height: number, out: boolean][] = [
  [46, 54, false], [30, 36, false], [52, 74, true], [24, 36, true], [40, 54, false], [58, 74, true], [34, 36, false],
];

/** Bubbles that are not there yet. */
export function ThreadSkeleton() {
  const { t } = useTranslation();
  if (!useSlow(true)) return null;
  return (
    <div className={css.skeleton} role="status" aria-label={t('state.loading')}>
      {shapes.map(([width, height, out], i) => (
        <span key={i} data-out={out || undefined} style={{ inlineSize: `${width}%`, blockSize: height }} />
      ))}
    </div>
  );
}
