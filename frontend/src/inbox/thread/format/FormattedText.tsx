import { memo, type ReactNode } from 'react';
import { BidiText } from '~/shared/ui/BidiText';
import css from './FormattedText.module.css';
import { parseFormat, type Block, type Inline } from './parse';

const tags = { bold: 'strong', italic: 'em', strike: 's' } as const;

function inline(parts: Inline[]): ReactNode {
  return parts.map((part, i) => {
    if (typeof part === 'string') return <BidiText key={i} text={part} links />;
    if (part.mark === 'code') return <code key={i}>{part.children[0] as string}</code>;
    const Tag = tags[part.mark];
    return <Tag key={i}>{inline(part.children)}</Tag>;
  });
}

const lines = (all: Inline[][]): ReactNode =>
  all.map((line, i) => [i > 0 && '\n', <span key={i}>{inline(line)}</span>]);

function block(b: Block, key: number): ReactNode {
  switch (b.kind) {
    case 'text':
      return <p key={key}>{lines(b.lines)}</p>;
    case 'quote':
      return <blockquote key={key}>{lines(b.lines)}</blockquote>;
    case 'code':
      return <pre key={key} dir="ltr">{b.text}</pre>;
    case 'bullets':
      return <ul key={key}>{b.items.map((item, i) => <li key={i}>{inline(item)}</li>)}</ul>;
    case 'numbers':
      return <ol key={key} start={b.start}>{b.items.map((item, i) => <li key={i}>{inline(item)}</li>)}</ol>;
  }
}

interface Props {
  text: string;
  /** The markup of the channel; anything but "whatsapp" is shown as it was written. */
  format: string;
}

/** A message's text in its own direction, as the customer's app would show it. */
export const FormattedText = memo(function FormattedText({ text, format }: Props) {
  return (
    <div className={css.text} dir="auto" data-testid="message-text">
      {format === 'whatsapp' ? parseFormat(text).map(block) : <p><BidiText text={text} links /></p>}
    </div>
  );
});
