import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, bodyOf } from '~/shared/api/client';
import { invalidate } from '~/shared/api/queries';
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
          const channel = await bodyOf(api.POST('/api/v1/channels', { body: { kind: 'widget', name, credentials } }));
          await invalidate('/api/v1/channels');
          await navigate({ to: '/settings/channels/$channelId', params: { channelId: channel.id } });
        }}
      />
    </>
  );
}
