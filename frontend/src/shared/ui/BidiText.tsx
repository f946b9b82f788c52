import { memo } from 'react';
import { splitBidi } from './bidi';

interface Props {
  text: string;
  /** Makes addresses, mails and phones links; off in rows that are links themselves. */
  links?: boolean;
}

/** Text of a customer or an agent: what reads left to right stays so inside Hebrew and Arabic. */
export const BidiText = memo(function BidiText({ text, links = false }: Props) {
  return splitBidi(text).map((part, i) => {
    if (!part.ltr) return part.text;
    if (links && part.href) {
      const outside = part.href.startsWith('http');
      return (
        <a key={i} dir="ltr" href={part.href} data-whole={part.href.startsWith('tel:') || undefined} {...(outside && { target: '_blank', rel: 'noreferrer noopener' })}>
          {part.text}
        </a>
      );
    }
    return (
      // A code or a number of ordinary length stays on one line.
      <bdi key={i} dir="ltr" data-whole={part.text.length <= 24 || undefined}>
        {part.text}
      </bdi>
    );
  });
});
