import { IconMailOpened, IconRobot, IconShieldQuestion } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Mail, MailAddress, Message } from '~/shared/api/types';
import { BidiText } from '~/shared/ui/BidiText';
import css from './MailParts.module.css';

function People({ label, list }: { label: string; list: MailAddress[] | undefined }) {
  if (!list?.length) return null;
  return (
    <span className={css.people}>
      {label} {list.map((a, i) => <bdi key={a.address} title={a.address}>{(i > 0 ? ', ' : '') + (a.name || a.address)}</bdi>)}
    </span>
  );
}

/** The marks of an answer come from mail programs and do not say how the subject reads. */
function Subject({ text }: { text: string }) {
  const [, mark = '', rest = ''] = /^((?:(?:re|fwd?)\s*:\s*)*)(.*)$/is.exec(text) ?? [];
  return (
    <strong dir="auto" className={css.subject} data-testid="mail-shown-subject">
      {mark && <><bdi>{mark.trim()}</bdi> </>}
      <BidiText text={rest} />
    </strong>
  );
}

/** What stands above a mail: what it is about, who else got it, and what to be careful about. */
export function MailHead({ mail }: { mail: Mail }) {
  const { t } = useTranslation('thread');
  return (
    <div className={css.head} data-testid="mail-head">
      {mail.subject && <Subject text={mail.subject} />}
      <People label={t('mail.cc')} list={mail.cc} />
      <People label={t('mail.bcc')} list={mail.bcc} />
      {mail.auto && <span className={css.mark}><IconRobot size={14} stroke={1.8} aria-hidden />{t(`mail.auto.${mail.auto}`)}</span>}
      {mail.unproven && <span className={css.mark} data-tone="warn"><IconShieldQuestion size={14} stroke={1.8} aria-hidden />{t('mail.unproven')}</span>}
    </div>
  );
}

/** What stands below: earlier text, and the mail as it was designed, in a frame where nothing runs. */
export function MailFoot({ message, mail }: { message: Pick<Message, 'id'>; mail: Mail }) {
  const { t } = useTranslation('thread');
  const [shown, setShown] = useState<'' | 'plain' | 'images'>('');
  return (
    <div className={css.foot}>
      {mail.quoted && (
        <details className={css.quoted}>
          <summary>{t('mail.quoted')}</summary>
          <p dir="auto"><BidiText text={mail.quoted} links /></p>
        </details>
      )}
      {mail.has_html && (
        <span className={css.actions}>
          <button type="button" onClick={() => setShown(shown ? '' : 'plain')} aria-expanded={shown !== ''} data-testid="mail-html">
            <IconMailOpened size={14} stroke={1.8} aria-hidden />
            {t(shown ? 'mail.hide' : 'mail.show')}
          </button>
          {shown === 'plain' && <button type="button" onClick={() => setShown('images')}>{t('mail.images')}</button>}
        </span>
      )}
      {shown && (
        <iframe
          key={shown}
          className={css.frame}
          title={t('mail.show')}
          src={`/api/v1/messages/${message.id}/html${shown === 'images' ? '?images=1' : ''}`}
          sandbox="allow-popups allow-popups-to-escape-sandbox"
          referrerPolicy="no-referrer"
        />
      )}
    </div>
  );
}
