import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '~/shared/api/client';
import { queryClient } from '~/shared/api/queries';
import type { Channel } from '~/shared/api/types';
import css from './Settings.module.css';
import { WebsiteForm } from './WebsiteForm';

/** Needs nothing but the address of the site: key and secret are made by the gateway. */
export function NewWebsitePage() {
  const { t } = useTranslation('settings');
  const navigate = useNavigate();
  return (
    <>
      <div className={css.titleRow}>
        <h2>{t('website.add')}</h2>
      </div>
      <p className={css.lead}>{t('website.lead')}</p>
      <WebsiteForm
        initial={{ name: '', origins: '', title: '', greeting: '', colour: '', language: '' }}
        submitLabel={t('website.create')}
        onSubmit={async (name, credentials) => {
          const channel = await api.post<Channel>('/channels', { kind: 'widget', name, credentials });
          await queryClient.invalidateQueries({ queryKey: ['channels'] });
          await navigate({ to: '/settings/channels/$channelId', params: { channelId: channel.id } });
        }}
      />
    </>
  );
}
