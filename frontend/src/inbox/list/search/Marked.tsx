import type { Highlight } from '~/shared/api/types';
import { BidiText } from '~/shared/ui/BidiText';
import { pieces } from './marks';

/** A text with what was looked for marked. */
export function Marked({ of }: { of: Pick<Highlight, 'text' | 'marks'> }) {
  return pieces(of).map((piece, i) => (i % 2 ? <mark key={i}>{piece}</mark> : <BidiText key={i} text={piece} />));
}
