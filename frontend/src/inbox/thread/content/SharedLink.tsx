import { IconLink, IconMovie, IconPhoto } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Link } from '~/shared/api/types';
import css from './Cards.module.css';

const icons = { post: IconPhoto, reel: IconMovie, page: IconLink };

/** What was shared from elsewhere: where it is and what it is called. Nothing of it is loaded from there. */
export function SharedLink({ link }: { link: Link }) {
  const { t } = useTranslation('thread');
  const Icon = icons[link.kind];
  const content = (
    <>
      <header>
        <Icon size={14} stroke={1.8} aria-hidden />
        {t(`link.${link.kind}`)}
      </header>
      {link.title && <strong dir="auto">{link.title}</strong>}
      {link.url && <p dir="ltr">{link.url.replace(/^https?:\/\/(www\.)?/, '')}</p>}
    </>
  );
  return link.url && /^https?:\/\//.test(link.url) ? (
    <a className={css.referral} href={link.url} target="_blank" rel="noreferrer noopener">{content}</a>
  ) : (
    <div className={css.referral}>{content}</div>
  );
}
