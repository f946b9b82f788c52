/** The gateway's time: what is scheduled goes by it, whatever the clock of this device says. */
let ahead = 0;

/** Notes what time it is at the gateway, as it said just now. */
export function noteServerTime(at: string): void {
  const time = Date.parse(at);
  if (!Number.isNaN(time)) ahead = time - Date.now();
}

export const serverNow = (): number => Date.now() + ahead;
