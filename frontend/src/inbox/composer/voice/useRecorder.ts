import { useCallback, useEffect, useRef, useState } from 'react';

/** What a browser can record, best first: Ogg as it is, WebM that is wrapped anew, MP4 where there is nothing else. */
const formats = ['audio/ogg;codecs=opus', 'audio/webm;codecs=opus', 'audio/mp4'];

/** The recording in a form that messengers take. */
export async function asVoiceFile(blob: Blob, mime: string): Promise<File> {
  const name = `voice-${new Date().toISOString().slice(0, 19).replace(/\D/g, '')}`;
  if (mime.startsWith('audio/webm')) {
    const [{ readOpus }, { writeOgg }] = await Promise.all([import('./webm'), import('./ogg')]);
    const { head, packets } = readOpus(new Uint8Array(await blob.arrayBuffer()));
    const serial = crypto.getRandomValues(new Uint32Array(1))[0] ?? 1;
    return new File([writeOgg(head, packets, serial)], `${name}.ogg`, { type: 'audio/ogg' });
  }
  return mime.startsWith('audio/ogg')
    ? new File([blob], `${name}.ogg`, { type: 'audio/ogg' })
    : new File([blob], `${name}.m4a`, { type: 'audio/mp4' });
}

export type RecorderState = 'idle' | 'asking' | 'recording';
export type RecorderProblem = '' | 'denied' | 'missing' | 'insecure' | 'broken';

export interface Recorder {
  state: RecorderState;
  problem: RecorderProblem;
  seconds: number;
  start: () => Promise<void>;
  /** Ends the recording and gives the file; null when there is none. */
  stop: () => Promise<File | null>;
  cancel: () => void;
}

function reasonOf(cause: unknown): RecorderProblem {
  const name = cause instanceof DOMException ? cause.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  return name === 'NotFoundError' ? 'missing' : 'broken';
}

/** Records one voice message. The microphone is let go as soon as it is not needed. */
export function useRecorder(): Recorder {
  const [state, setState] = useState<RecorderState>('idle');
  const [problem, setProblem] = useState<RecorderProblem>('');
  const [seconds, setSeconds] = useState(0);
  const recorder = useRef<MediaRecorder | null>(null);
  const chunks = useRef<Blob[]>([]);
  const wanted = useRef(false);

  const release = useCallback(() => {
    wanted.current = false;
    recorder.current?.stream.getTracks().forEach((track) => track.stop());
    recorder.current = null;
    setState('idle');
    setSeconds(0);
  }, []);
  useEffect(() => release, [release]);

  useEffect(() => {
    if (state !== 'recording') return;
    const begun = performance.now();
    const timer = setInterval(() => setSeconds(Math.floor((performance.now() - begun) / 1000)), 250);
    return () => clearInterval(timer);
  }, [state]);

  const start = useCallback(async () => {
    setProblem('');
    if (!navigator.mediaDevices) return setProblem('insecure');
    const mimeType = formats.find((f) => MediaRecorder.isTypeSupported(f));
    if (!mimeType) return setProblem('broken');
    wanted.current = true;
    setState('asking');
    try {
      // Voice messages are mono: messengers take nothing else.
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true } });
      if (!wanted.current) return stream.getTracks().forEach((track) => track.stop());
      chunks.current = [];
      const next = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: 32_000 });
      next.ondataavailable = (e) => chunks.current.push(e.data);
      next.start(1000);
      recorder.current = next;
      setState('recording');
    } catch (cause) {
      setProblem(reasonOf(cause));
      release();
    }
  }, [release]);

  const stop = useCallback(async () => {
    const current = recorder.current;
    if (!current) return null;
    const mime = current.mimeType;
    await new Promise<void>((resolve) => {
      current.onstop = () => resolve();
      current.stop();
    });
    const blob = new Blob(chunks.current, { type: mime });
    release();
    try {
      return await asVoiceFile(blob, mime);
    } catch {
      setProblem('broken');
      return null;
    }
  }, [release]);

  return { state, problem, seconds, start, stop, cancel: release };
}
