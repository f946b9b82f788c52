import { IconMicrophone, IconMusic, IconPlayerPauseFilled, IconPlayerPlayFilled } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import css from './AudioPlayer.module.css';
import { formatDuration, nowPlaying } from './playing';

const speeds = [1, 1.5, 2];

interface Props {
  url: string;
  voice: boolean;
  name?: string;
}

/** A recording: play, seek, speed and time. Media run left to right in every language. */
export function AudioPlayer({ url, voice, name }: Props) {
  const { t } = useTranslation('thread');
  const audio = useRef<HTMLAudioElement>(null);
  const [state, setState] = useState<'idle' | 'playing' | 'broken'>('idle');
  const [at, setAt] = useState(0);
  const [length, setLength] = useState(0);
  const [speed, setSpeed] = useState(1);

  const toggle = () => {
    if (state === 'playing') audio.current?.pause();
    else audio.current?.play().catch(() => setState('broken'));
  };
  const faster = () => {
    const next = speeds[(speeds.indexOf(speed) + 1) % speeds.length] ?? 1;
    setSpeed(next);
    if (audio.current) audio.current.playbackRate = next;
  };
  const Icon = voice ? IconMicrophone : IconMusic;
  return (
    <div className={css.player}>
      {name && !voice && <bdi className={css.name}>{name}</bdi>}
      <div className={css.row} dir="ltr">
        {/* eslint-disable-next-line jsx-a11y/media-has-caption -- customers' recordings have none */}
        <audio
          ref={audio}
          src={url}
          preload="metadata"
          onPlay={(e) => { nowPlaying(e.currentTarget); setState('playing'); }}
          onPause={() => setState('idle')}
          onEnded={() => setAt(0)}
          onError={() => setState('broken')}
          onTimeUpdate={(e) => setAt(e.currentTarget.currentTime)}
          onDurationChange={(e) => setLength(Number.isFinite(e.currentTarget.duration) ? e.currentTarget.duration : 0)}
        />
        <button type="button" className={css.play} onClick={toggle} aria-label={t(state === 'playing' ? 'audio.pause' : 'audio.play')}>
          {state === 'playing' ? <IconPlayerPauseFilled size={18} /> : <IconPlayerPlayFilled size={18} />}
        </button>
        <div className={css.track}>
          <input
            type="range"
            min={0}
            max={length || 1}
            step={0.1}
            value={Math.min(at, length || 1)}
            style={{ '--done': `${length ? (at / length) * 100 : 0}%` } as React.CSSProperties}
            aria-label={t('audio.seek')}
            aria-valuetext={formatDuration(at)}
            onChange={(e) => {
              setAt(Number(e.target.value));
              if (audio.current) audio.current.currentTime = Number(e.target.value);
            }}
          />
          <span className={css.time}>
            <Icon size={13} stroke={1.8} aria-hidden />
            {state === 'broken' ? t('audio.broken') : formatDuration(at > 0 || state === 'playing' ? at : length)}
          </span>
        </div>
        <button type="button" className={css.speed} onClick={faster} aria-label={t('audio.speed', { speed })}>
          {speed}×
        </button>
      </div>
    </div>
  );
}
