import { useEffect, useState, type RefObject } from 'react';

const hasFiles = (event: DragEvent) => !!event.dataTransfer?.types.includes('Files');

/** True while files are held over the pane that the element is in; dropping them gives them to onFiles. */
export function useFileDrop(inside: RefObject<HTMLElement | null>, onFiles: (files: File[]) => void): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const pane = inside.current?.closest('main');
    if (!pane) return;
    // Enter and leave come for every child; only the balance says whether the pane was left.
    let depth = 0;
    const on = (type: string, handle: (event: DragEvent) => void, target: EventTarget = pane) => {
      const listener = (event: Event) => event instanceof DragEvent && hasFiles(event) && handle(event);
      target.addEventListener(type, listener);
      return () => target.removeEventListener(type, listener);
    };
    const stop = [
      on('dragenter', () => setOver(++depth > 0)),
      on('dragleave', () => setOver(--depth > 0)),
      // A file that misses the pane must not replace the app.
      on('dragover', (event) => event.preventDefault(), window),
      on('drop', (event) => event.preventDefault(), window),
      on('drop', (event) => {
        depth = 0;
        setOver(false);
        onFiles([...(event.dataTransfer?.files ?? [])]);
      }),
    ];
    return () => stop.forEach((off) => off());
  }, [inside, onFiles]);
  return over;
}
