/** The gateway's time: what is scheduled and what closes go by it, whatever the clock of this device says. */
const key = 'wasl.clock';
/** By how much it is ahead of the device, in ms; kept, because a device that starts without a line cannot ask. */
let ahead = Number(localStorage.getItem(key)) || 0;

/** What the device keeps anew: less is the way of the network. */
const worthKeeping = 1000;

/** Notes what time it is at the gateway, as it said just now. */
export function noteServerTime(at: string): void {
  const time = Date.parse(at);
  if (Number.isNaN(time)) return;
  ahead = time - Date.now();
  if (Math.abs(ahead - (Number(localStorage.getItem(key)) || 0)) < worthKeeping) return;
  try {
    localStorage.setItem(key, String(ahead));
  } catch {
    // A device without room asks again when it starts.
  }
}

export const serverNow = (): number => Date.now() + ahead;
