/** Sending with what becomes of the conversation: also from the palette, which does not know the composer. */
import { useEffect } from 'react';
import type { When } from './send';

export const resolved: When = { afterwards: { status: 'resolved' } };
export const untilAnswered: When = { afterwards: { status: 'snoozed', until_answered: true } };

let composer: ((when: When) => void) | undefined;

/** Lets the palette send what stands in the composer; undefined: there is nothing to send. */
export function useSendFromOutside(send: typeof composer): void {
  useEffect(() => {
    composer = send;
    return () => {
      if (composer === send) composer = undefined;
    };
  }, [send]);
}

/** Sends what stands in the composer; undefined: there is nothing. */
export const sendFromOutside = () => composer;
