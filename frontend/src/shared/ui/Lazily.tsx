import { Suspense, useState, type ReactNode } from 'react';

/** Renders a lazy part from the first time that it is wanted, and keeps it from then on, so that it can also close with its transition. */
export function Lazily({ wanted, children }: { wanted: boolean; children: ReactNode }) {
  const [begun, setBegun] = useState(wanted);
  if (wanted && !begun) setBegun(true);
  return begun ? <Suspense>{children}</Suspense> : null;
}
