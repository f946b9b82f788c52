import { IconSpeakerphone } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Referral } from '~/shared/api/types';
import css from './Cards.module.css';

/** Where the customer came from. Its picture stays with the provider: loading it would tell them who looks. */
export function ReferralCard({ referral }: { referral: Referral }) {
  const { t } = useTranslation('thread');
  const content = (
    <>
      <header>
        <IconSpeakerphone size={14} stroke={1.8} aria-hidden />
        {t(referral.source === 'ad' ? 'referral.ad' : referral.source === 'post' ? 'referral.post' : 'referral.other')}
      </header>
      {referral.headline && <strong dir="auto">{referral.headline}</strong>}
      {referral.ref && <bdi>{referral.ref}</bdi>}
      {referral.body && <p dir="auto">{referral.body}</p>}
    </>
  );
  return referral.url && /^https?:\/\//.test(referral.url) ? (
    <a className={css.referral} href={referral.url} target="_blank" rel="noreferrer noopener">{content}</a>
  ) : (
    <div className={css.referral}>{content}</div>
  );
}
