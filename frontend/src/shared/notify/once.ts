/** Of the tabs of one browser only one rings for a thing: the one that is used, else one that can be seen. */
const key = 'wasl.alerted';
const kept = 50;
/** How long the others let it go first, in ms. */
const patience = { seen: 150, hidden: 400 };

function claim(id: string): boolean {
  const done = JSON.parse(localStorage.getItem(key) ?? '[]') as string[];
  if (done.includes(id)) return false;
  localStorage.setItem(key, JSON.stringify([...done, id].slice(-kept)));
  return true;
}

/** Resolves to true in the one tab that is to tell of the thing. */
export async function firstToTell(id: string): Promise<boolean> {
  if (!document.hasFocus()) await new Promise((resolve) => setTimeout(resolve, patience[document.visibilityState === 'visible' ? 'seen' : 'hidden']));
  // Pages without https have no locks: there two tabs might ring in the same millisecond.
  return 'locks' in navigator ? navigator.locks.request(key, () => claim(id)) : claim(id);
}
