import { IconArrowBackUp, IconChevronDown, IconCircleDot, IconCopy, IconExternalLink, IconListDetails, IconMapPin, IconPhone, IconUser } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Interactive } from '~/shared/api/types';
import cards from './Cards.module.css';
import css from './Choices.module.css';

const icons = {
  quick_reply: IconArrowBackUp, url: IconExternalLink, phone_number: IconPhone, copy_code: IconCopy, list: IconListDetails, location: IconMapPin, contact: IconUser,
} as const;

export interface PhoneButton {
  type: string;
  text: string;
  url?: string;
}

/** Buttons as the customer's phone draws them under a message. They press nothing here. */
export function PhoneButtons({ buttons }: { buttons: PhoneButton[] }) {
  return (
    <ul className={css.buttons}>
      {buttons.map((button, i) => {
        const Icon = icons[button.type as keyof typeof icons] ?? IconArrowBackUp;
        return (
          <li key={`${i} ${button.text}`} title={button.url}>
            <Icon size={15} stroke={1.8} aria-hidden className={button.type === 'quick_reply' ? 'mirror' : undefined} />
            <bdi>{button.text}</bdi>
          </li>
        );
      })}
    </ul>
  );
}

function ListRows({ interactive }: { interactive: Interactive }) {
  const { t } = useTranslation('thread');
  const [open, setOpen] = useState(false);
  const count = interactive.sections?.reduce((n, s) => n + (s.rows?.length ?? 0), 0) ?? 0;
  return (
    <>
      <button type="button" className={css.list} aria-expanded={open} onClick={() => setOpen(!open)}>
        <IconListDetails size={15} stroke={1.8} aria-hidden />
        <bdi>{interactive.button || t('interactive.list')}</bdi>
        <span className={css.count}>{t('interactive.rows', { count })}</span>
        <IconChevronDown size={14} className={css.chevron} aria-hidden />
      </button>
      {open &&
        interactive.sections?.map((section, i) => (
          <div key={`${i} ${section.title ?? ''}`} className={css.section}>
            {section.title && <strong dir="auto">{section.title}</strong>}
            <ul>
              {section.rows?.map((row) => (
                <li key={row.id}>
                  <span dir="auto">{row.title}</span>
                  {row.description && <small dir="auto">{row.description}</small>}
                </li>
              ))}
            </ul>
          </div>
        ))}
    </>
  );
}

/** What hangs under a message with choices that we sent. */
export function OutgoingChoices({ interactive }: { interactive: Interactive }) {
  const { t } = useTranslation('thread');
  switch (interactive.kind) {
    case 'buttons':
      return <PhoneButtons buttons={(interactive.buttons ?? []).map((b) => ({ type: 'quick_reply', text: b.title }))} />;
    case 'list':
      return <ListRows interactive={interactive} />;
    case 'link':
      return <PhoneButtons buttons={[{ type: 'url', text: interactive.button ?? '', url: interactive.url }]} />;
    case 'location_request':
      return <PhoneButtons buttons={[{ type: 'location', text: t('interactive.askLocation') }]} />;
    case 'contact_request':
      return <PhoneButtons buttons={[{ type: 'contact', text: t('interactive.askContact') }]} />;
    default:
      return null;
  }
}

/** The mark above an answer that was chosen, not typed; and a form's answers. */
export function ChosenAnswer({ interactive, text }: { interactive: Interactive; text: string }) {
  const { t } = useTranslation('thread');
  // the token is the business's own mark of the form, for programs
  const form = Object.entries(interactive.form ?? {}).filter(([name]) => name !== 'flow_token');
  return (
    <>
      <span className={cards.label}>
        <IconCircleDot size={14} stroke={1.8} aria-hidden />
        {t(`interactive.${interactive.kind === 'form_reply' ? 'form' : interactive.kind === 'list_reply' ? 'listReply' : interactive.kind === 'call_permission' ? 'call' : 'buttonReply'}`)}
      </span>
      {(text || interactive.reply) && <strong className={css.chosen} dir="auto">{text || interactive.reply?.title}</strong>}
      {interactive.reply?.description && <small className={css.description} dir="auto">{interactive.reply.description}</small>}
      {form.length > 0 && (
        <dl className={cards.form}>
          {form.map(([name, value]) => [<dt key={`${name}-`}><bdi>{name}</bdi></dt>, <dd key={name} dir="auto">{value}</dd>])}
        </dl>
      )}
    </>
  );
}
