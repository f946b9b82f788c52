import { useTranslation } from 'react-i18next';
import { $api } from '~/shared/api/client';
import { RelTime } from '~/shared/ui/RelTime';
import css from './Settings.module.css';

/** Who let what go lately; nothing is drawn while nobody did. */
export function DiscardedLetters() {
  const { t } = useTranslation('settings');
  const gone = $api.useQuery('get', '/api/v1/dead-letters/discarded', {}, { staleTime: 0 });
  if (!gone.data?.items.length) return null;
  return (
    <details className={css.gone}>
      <summary>{t('dead.gone')}</summary>
      <ul>
        {gone.data.items.map(({ letter, by, at }) => (
          <li key={letter.id + at}>
            {t(`dead.reason.${letter.reason}`)} · <bdi>{by.name || by.id}</bdi> · <RelTime at={at} />
          </li>
        ))}
      </ul>
    </details>
  );
}
