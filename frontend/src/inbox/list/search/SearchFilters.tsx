import { IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useChannels, useUsers } from '~/shared/api/queries';
import { useChannelName } from '~/shared/ui/channelName';
import list from '../ConversationList.module.css';
import css from './SearchResults.module.css';
import { isNarrow, type Narrow } from './kinds';

const spans = [1, 7, 30, 365] as const;

/** On which channel, by whom and since when. */
export function SearchFilters({ narrow, onChange }: { narrow: Narrow; onChange: (narrow: Narrow) => void }) {
  const { t } = useTranslation('find');
  const channels = useChannels().data ?? [];
  const users = useUsers().data ?? [];
  const nameOf = useChannelName();
  return (
    <div className={css.filters} role="group" aria-label={t('filters')}>
      {channels.length > 1 && (
        <Choice name="channel" label={t('channel')} value={narrow.channel ?? ''} onChange={(channel) => onChange({ ...narrow, channel: channel || undefined })}>
          <option value="">{t('anyChannel')}</option>
          {channels.map((channel) => (
            <option key={channel.id} value={channel.id}>
              {nameOf(channel)}
            </option>
          ))}
        </Choice>
      )}
      <Choice name="from" label={t('from')} value={narrow.from ?? ''} onChange={(from) => onChange({ ...narrow, from: from || undefined })}>
        <option value="">{t('anyone')}</option>
        <option value="customers">{t('customers')}</option>
        <option value="agents">{t('agents')}</option>
        {users.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Choice>
      <Choice name="since" label={t('since')} value={String(narrow.days ?? '')} onChange={(days) => onChange({ ...narrow, days: Number(days) || undefined })}>
        <option value="">{t('anyTime')}</option>
        {spans.map((days) => (
          <option key={days} value={days}>
            {t(`days.${days}`)}
          </option>
        ))}
      </Choice>
      {isNarrow(narrow) && (
        <button type="button" className={list.clear} aria-label={t('clear')} title={t('clear')} onClick={() => onChange({})} data-testid="search-clear-filters">
          <IconX size={14} />
        </button>
      )}
    </div>
  );
}

interface ChoiceProps {
  name: string;
  label: string;
  value: string;
  onChange: (value: string) => void;
  children: React.ReactNode;
}

function Choice({ name, label, value, onChange, children }: ChoiceProps) {
  return (
    <select className={css.choice} aria-label={label} title={label} value={value} data-active={!!value || undefined} onChange={(event) => onChange(event.target.value)} data-testid={`search-${name}`}>
      {children}
    </select>
  );
}
