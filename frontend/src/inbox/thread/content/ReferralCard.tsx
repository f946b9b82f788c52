import { IconSpeakerphone } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Referral } from '~/shared/api/types';
import css from './Cards.module.css';

const source = (from: string | undefined) => (from === 'ad' || from === 'post' || from === 'website' ? (`referral.${from}` as const) : 'referral.other');

/** Where the customer came from. Its picture stays with the provider: loading it would tell them who looks. */
export function ReferralCard({ referral }: { referral: Referral }) {
  const { t } = useTranslation('thread');
  const content = (
    <>
      <header>
        <IconSpeakerphone size={14} stroke={1.8} aria-hidden />
        {t(source(referral.source))}
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
