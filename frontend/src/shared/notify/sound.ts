/** A short two-note chime, made here so that no file has to load before the first message. */
let context: AudioContext | null = null;

/** Plays the chime; false when the browser does not let pages make a sound yet. */
export async function chime(): Promise<boolean> {
  try {
    context ??= new AudioContext();
    // A page that was never touched may not play: the promise would then wait for ever.
    if (context.state === 'suspended') await Promise.race([context.resume(), new Promise((resolve) => setTimeout(resolve, 300))]);
    if (context.state !== 'running') return false;
    note(context, 660, 0);
    note(context, 880, 0.11);
    return true;
  } catch {
    return false;
  }
}

function note(audio: AudioContext, pitch: number, after: number): void {
  const start = audio.currentTime + after;
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.type = 'sine';
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(0.18, start + 0.012);
  volume.gain.exponentialRampToValueAtTime(0.001, start + 0.32);
  tone.connect(volume).connect(audio.destination);
  tone.start(start);
  tone.stop(start + 0.34);
}
