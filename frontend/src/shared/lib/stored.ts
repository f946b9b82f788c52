import { create } from 'zustand';

/** A choice of this device that outlives the tab: a hook and a setter over localStorage. */
export function storedChoice<T>(key: string, initial: T): readonly [() => T, (value: T) => void, () => T] {
  const read = (): T => {
    try {
      return (JSON.parse(localStorage.getItem(key) ?? 'null') as T | null) ?? initial;
    } catch {
      return initial;
    }
  };
  const useStore = create<{ value: T }>()(() => ({ value: read() }));
  const set = (value: T) => {
    localStorage.setItem(key, JSON.stringify(value));
    useStore.setState({ value });
  };
  return [() => useStore((s) => s.value), set, () => useStore.getState().value] as const;
}
