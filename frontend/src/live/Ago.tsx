import { formatDateTime, formatShort } from '~/shared/i18n/format';
import { useHalfMinute } from './Clock';

/** When something was, in few words, as seen from the time of the board. */
export function Ago({ at }: { at: string }) {
  const now = useHalfMinute();
  return (
    <time dateTime={at} title={formatDateTime(at)}>
      {formatShort(at, Math.max(now, Date.parse(at)))}
    </time>
  );
}
