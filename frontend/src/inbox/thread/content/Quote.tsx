import { useTranslation } from 'react-i18next';
import type { Quote as QuoteData } from '~/shared/api/types';
import { BidiText } from '~/shared/ui/BidiText';
import css from './Quote.module.css';

/** Words for a message in one line: its text, else what it is. */
export function useQuoteText(): (quote: QuoteData) => string {
  const { t } = useTranslation(['inbox']);
  return (quote) => {
    if (quote.text) return quote.text.replace(/\s+/g, ' ').slice(0, 240);
    return t(`preview.${quote.type === 'media' && quote.attachment_kind ? quote.attachment_kind : quote.type}`);
  };
}

interface Props {
  quote: QuoteData;
  onClick?: () => void;
}

/** The message that is answered. A click goes there. */
export function Quote({ quote, onClick }: Props) {
  const { t } = useTranslation('thread');
  const text = useQuoteText()(quote);
  const content = (
    <>
      <strong dir="auto">{quote.author_name || t(quote.direction === 'in' ? 'author.customer' : 'author.us')}</strong>
      <span dir="auto"><BidiText text={text} /></span>
    </>
  );
  if (!onClick) return <div className={css.quote} data-direction={quote.direction}>{content}</div>;
  return (
    <button type="button" className={css.quote} data-direction={quote.direction} onClick={onClick} data-testid="message-quote">
      {content}
    </button>
  );
}
