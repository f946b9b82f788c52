import { IconTemplate } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useTemplates } from '~/shared/api/queries';
import type { Message } from '~/shared/api/types';
import { renderTemplate, type Rendered } from '../../composer/templates';
import { FormattedText } from '../format/FormattedText';
import cards from './Cards.module.css';
import { PhoneButtons } from './Choices';
import css from './TemplateBody.module.css';

/** A template with its values, drawn as the customer's phone draws it. */
export function TemplateView({ rendered, format }: { rendered: Rendered; format: string }) {
  return (
    <div className={css.template}>
      {rendered.header && <strong className={css.header} dir="auto">{rendered.header}</strong>}
      <FormattedText text={rendered.body} format={format} />
      {rendered.footer && <small className={css.footer} dir="auto">{rendered.footer}</small>}
    </div>
  );
}

function useRendered(message: Message): Rendered | null {
  const { data } = useTemplates(message.channel_id, message.type === 'template');
  const use = message.template;
  const template = use && data?.find((d) => d.name === use.name && d.language === use.language);
  return template ? renderTemplate(template, use) : null;
}

/** The template of a message: from the channel's list, else the text that the gateway kept. */
export function TemplateBody({ message, format }: { message: Message; format: string }) {
  const { t } = useTranslation('thread');
  const rendered = useRendered(message);
  return (
    <>
      <span className={cards.label} title={message.template?.name}>
        <IconTemplate size={14} stroke={1.8} aria-hidden />
        {t('template.label')}
      </span>
      {rendered ? <TemplateView rendered={rendered} format={format} /> : <FormattedText text={message.text} format={format} />}
    </>
  );
}

export function TemplateButtons({ message }: { message: Message }) {
  const rendered = useRendered(message);
  return rendered && rendered.buttons.length > 0 ? <PhoneButtons buttons={rendered.buttons} /> : null;
}
