import { expect, test } from 'vitest';
import { crc, packetSamples, writeOgg } from './ogg';
import { readOpus } from './webm';

const ascii = (text: string) => new TextEncoder().encode(text);
const head = Uint8Array.from([...ascii('OpusHead'), 1, 1, 0x38, 0x01, 0x80, 0xbb, 0, 0, 0, 0, 0]);
/** Packets of 20 ms (config 1: SILK narrow band, one frame) of a given size, told apart by their last byte. */
const packet = (size: number, mark: number) => Uint8Array.from({ length: size }, (_, i) => (i === 0 ? 0x08 : i === size - 1 ? mark : i & 0xff));

/** Elements of EBML, with a size or open-ended as a live recorder writes them. */
const bytesOf = (id: number) => (id > 0xffffff ? [id >>> 24, id >> 16, id >> 8, id] : id > 0xff ? [id >> 8, id] : [id]).map((b) => b & 0xff);
const element = (id: number, data: ArrayLike<number>) => [...bytesOf(id), 0x08, ...[data.length >> 24, data.length >> 16, data.length >> 8, data.length].map((b) => b & 0xff), ...Array.from(data)];
const open = (id: number, data: number[]) => [...bytesOf(id), 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, ...data];
const block = (track: number, data: Uint8Array, flags = 0x80) => element(0xa3, [0x80 | track, 0, 0, flags, ...data]);

function webm(clusters: number[][]): Uint8Array {
  const entry = element(0xae, [...element(0xd7, [1]), ...element(0x86, ascii('A_OPUS')), ...element(0x63a2, head)]);
  return Uint8Array.from([...element(0x1a45dfa3, [1, 2, 3]), ...open(0x18538067, [...element(0x1654ae6b, entry), ...clusters.flatMap((c) => open(0x1f43b675, [...element(0xe7, [0]), ...c]))])]);
}

test('packets come out of a live recording in order, over open clusters and groups', () => {
  const packets = [packet(10, 1), packet(300, 2), packet(20, 3)];
  const group = element(0xa0, element(0xa1, [0x81, 0, 0, 0, ...packets[2]!]));
  const file = webm([[...block(1, packets[0]!), ...block(2, packet(9, 9)), ...block(1, packets[1]!)], group]);
  const track = readOpus(file);
  expect(track.head).toEqual(head);
  expect(track.packets).toEqual(packets);
});

test('a cut recording gives what is whole, an empty or foreign one is an error', () => {
  const whole = webm([[...block(1, packet(40, 1)), ...block(1, packet(40, 2))]]);
  expect(readOpus(whole.subarray(0, whole.length - 5)).packets.map((p) => p.at(-1))).toEqual([1]);
  expect(() => readOpus(new Uint8Array())).toThrow('no opus');
  expect(() => readOpus(ascii('RIFF....WAVE'))).toThrow('no opus');
  expect(() => readOpus(webm([block(1, packet(8, 1), 0x02)]))).toThrow('laced');
});

test.each([
  [[0x08], 960], // SILK NB 20 ms
  [[0x18], 2880], // SILK NB 60 ms
  [[0x60], 480], // hybrid SWB 10 ms
  [[0xe0], 120], // CELT FB 2.5 ms
  [[0xf8], 960], // CELT FB 20 ms
  [[0xf9], 1920], // two frames
  [[0xfb, 3], 2880], // three frames
])('a packet that begins with %j lasts %d samples', (bytes, samples) => {
  expect(packetSamples(Uint8Array.from(bytes))).toBe(samples);
});

test('the checksum is that of Ogg', () => {
  // Of the reference: polynomial 04c11db7, nothing reflected, no start value.
  expect(crc(ascii('123456789'))).toBe(0x89a1897f);
});

interface ReadPage { flags: number; granule: number; sequence: number; packets: Uint8Array[] }
function readPages(ogg: Uint8Array): ReadPage[] {
  const pages: ReadPage[] = [];
  for (let at = 0; at < ogg.length; ) {
    const view = new DataView(ogg.buffer, at);
    expect(new TextDecoder().decode(ogg.subarray(at, at + 4))).toBe('OggS');
    const count = view.getUint8(26);
    const lacing = [...ogg.subarray(at + 27, at + 27 + count)];
    const size = 27 + count + lacing.reduce((a, b) => a + b, 0);
    const copy = ogg.slice(at, at + size);
    new DataView(copy.buffer).setUint32(22, 0, true);
    expect(view.getUint32(22, true)).toBe(crc(copy));
    const packets: Uint8Array[] = [];
    let from = at + 27 + count;
    let length = 0;
    for (const piece of lacing) {
      length += piece;
      if (piece === 255) continue;
      packets.push(ogg.slice(from, from + length));
      from += length;
      length = 0;
    }
    expect(length).toBe(0);
    pages.push({ flags: view.getUint8(5), granule: Number(view.getBigUint64(6, true)), sequence: view.getUint32(18, true), packets });
    at += size;
  }
  return pages;
}

test('the Ogg file holds every packet once, in whole pages, with true positions', () => {
  const packets = Array.from({ length: 400 }, (_, i) => packet(i % 7 === 0 ? 510 : 60 + (i % 50), i & 0xff));
  const pages = readPages(writeOgg(head, packets, 7));
  expect(pages[0]).toMatchObject({ flags: 2, granule: 0, packets: [head] });
  expect(new TextDecoder().decode(pages[1]?.packets[0]?.subarray(0, 8))).toBe('OpusTags');
  const audio = pages.slice(2);
  expect(audio.flatMap((p) => p.packets)).toEqual(packets);
  expect(audio.at(-1)).toMatchObject({ flags: 4, granule: 400 * 960 });
  let seen = 0;
  for (const page of audio) {
    seen += page.packets.length * 960;
    expect(page.granule).toBe(seen);
  }
  expect(pages.map((p) => p.sequence)).toEqual(pages.map((_, i) => i));
});

test('recording in, Ogg out', () => {
  const { head: h, packets } = readOpus(webm([[...block(1, packet(40, 1)), ...block(1, packet(41, 2))]]));
  const pages = readPages(writeOgg(h, packets, 1));
  expect(pages[2]?.packets.map((p) => p.at(-1))).toEqual([1, 2]);
});
