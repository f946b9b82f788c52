import { vi } from 'vitest';

/** The device has no room for anything more, until the globals are put back. */
export function fillStorage(): void {
  const kept = localStorage;
  const full = () => {
    throw new DOMException('full', 'QuotaExceededError');
  };
  vi.stubGlobal(
    'localStorage',
    new Proxy(kept, {
      get: (_, key) => {
        const value: unknown = Reflect.get(kept, key);
        if (key === 'setItem') return full;
        return typeof value === 'function' ? value.bind(kept) : value;
      },
    }),
  );
}
