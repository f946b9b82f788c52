import { Button } from '@mantine/core';
import { IconPlayerStopFilled, IconTrash } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { formatDuration } from '../thread/content/playing';
import css from './Composer.module.css';
import type { Recorder } from './voice/useRecorder';

interface Props {
  recorder: Recorder;
  onFile: (file: File) => void;
}

/** Stands in the place of the text while a voice message is recorded. It can be heard before it goes. */
export function VoiceBar({ recorder, onFile }: Props) {
  const { t } = useTranslation('composer');
  const asking = recorder.state === 'asking';
  const box = useRef<HTMLDivElement>(null);
  const end = useRef<HTMLButtonElement>(null);
  // The text that had the focus is gone: it stays in the recording, whose end is one key away once it has begun.
  useEffect(() => {
    if (!asking && box.current?.contains(document.activeElement)) end.current?.focus();
    else if (asking) box.current?.focus();
  }, [asking]);
  const stop = async () => {
    const file = await recorder.stop();
    if (file) onFile(file);
  };
  return (
    <div className={css.voice} ref={box} tabIndex={-1} role="group" aria-label={t('tool.voice')} data-recording data-testid="voice-bar" onKeyDown={(event) => event.key === 'Escape' && recorder.cancel()}>
      <i className={css.dot} data-on={!asking || undefined} />
      <span role="timer" aria-live="off">{asking ? t('voice.asking') : formatDuration(recorder.seconds)}</span>
      <span className={css.grow} />
      <Button variant="subtle" color="gray" leftSection={<IconTrash size={16} />} onClick={recorder.cancel}>
        {t('voice.discard')}
      </Button>
      <Button ref={end} leftSection={<IconPlayerStopFilled size={16} />} disabled={asking} onClick={() => void stop()} data-testid="voice-stop">
        {t('voice.done')}
      </Button>
    </div>
  );
}
