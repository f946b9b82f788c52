/** Reads the opus packets out of a WebM recording: just enough of EBML for what MediaRecorder writes. */

export interface OpusTrack {
  /** The OpusHead that belongs to the stream. */
  head: Uint8Array;
  packets: Uint8Array[];
}

const ids = { segment: 0x18538067, tracks: 0x1654ae6b, entry: 0xae, codec: 0x86, priv: 0x63a2, number: 0xd7, cluster: 0x1f43b675, group: 0xa0, block: 0xa1, simple: 0xa3 };
/** Elements whose children are read; everything else is a leaf or not of interest. */
const parents = new Set([ids.segment, ids.tracks, ids.entry, ids.cluster, ids.group]);

interface Element {
  id: number;
  data: Uint8Array;
}

/** A number of variable length: its first set bit says how long it is. The marker is part of an id and not of a size. */
function vint(bytes: Uint8Array, at: number, keepMarker: boolean): { value: number; length: number; unknown: boolean } | null {
  const first = bytes[at];
  if (!first) return null;
  const length = Math.clz32(first) - 23;
  if (at + length > bytes.length) return null;
  let value = keepMarker ? first : first & (0xff >> length);
  let unknown = (first & (0xff >> length)) === 0xff >> length;
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i] ?? 0;
    value = value * 256 + byte;
    unknown &&= byte === 0xff;
  }
  return { value, length, unknown };
}

/**
 * All leaves in order. A live recording does not know the sizes of its segment and clusters: since only parents may be
 * open-ended, it is enough to walk into every parent and read on to the end.
 */
function* leaves(bytes: Uint8Array): Generator<Element> {
  let at = 0;
  while (at < bytes.length) {
    const id = vint(bytes, at, true);
    const size = id && vint(bytes, at + id.length, false);
    if (!id || !size) return;
    at += id.length + size.length;
    if (parents.has(id.value)) {
      if (id.value === ids.entry) yield { id: id.value, data: bytes.subarray(at, at) };
      continue;
    }
    if (size.unknown || at + size.value > bytes.length) return;
    yield { id: id.value, data: bytes.subarray(at, at + size.value) };
    at += size.value;
  }
}

/** The frames of a block. Recorders put one packet in each; laced blocks would need more and are refused. */
function packetOf(data: Uint8Array, track: number): Uint8Array | null {
  const number = vint(data, 0, false);
  if (!number || number.value !== track) return null;
  const flags = data[number.length + 2] ?? 0;
  if (flags & 0x06) throw new Error('laced blocks are not supported');
  return data.subarray(number.length + 3);
}

export function readOpus(bytes: Uint8Array): OpusTrack {
  let head: Uint8Array | null = null;
  let track = 0;
  let number = 0;
  let codec = '';
  const packets: Uint8Array[] = [];
  const decode = new TextDecoder();
  for (const { id, data } of leaves(bytes)) {
    if (id === ids.entry) codec = '';
    else if (id === ids.number) number = data.reduce((n, b) => n * 256 + b, 0);
    else if (id === ids.codec) codec = decode.decode(data);
    else if (id === ids.priv && decode.decode(data.subarray(0, 8)) === 'OpusHead') head = data;
    else if (id === ids.block || id === ids.simple) {
      const packet = packetOf(data, track);
      if (packet?.length) packets.push(packet);
    }
    if (codec === 'A_OPUS' && number) track = number;
  }
  if (!head || packets.length === 0) throw new Error('no opus in the recording');
  return { head, packets };
}
