/** Writes opus packets as Ogg (RFC 3533, RFC 7845). Nothing is encoded again. */

/** The polynomial of Ogg's checksum, most significant bit first. */
const crcTable = Uint32Array.from({ length: 256 }, (_, i) => {
  let r = i << 24;
  for (let bit = 0; bit < 8; bit++) r = r & 0x80000000 ? (r << 1) ^ 0x04c11db7 : r << 1;
  return r >>> 0;
});

export function crc(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum = ((sum << 8) ^ (crcTable[((sum >>> 24) ^ byte) & 0xff] ?? 0)) >>> 0;
  return sum;
}

/** How many samples at 48 kHz one packet lasts, from its first byte (RFC 6716, 3.1). */
export function packetSamples(packet: Uint8Array): number {
  const toc = packet[0] ?? 0;
  const config = toc >> 3;
  const frame =
    config < 12 ? [480, 960, 1920, 2880][config & 3]! : config < 16 ? [480, 960][config & 1]! : [120, 240, 480, 960][config & 3]!;
  const code = toc & 3;
  const frames = code === 0 ? 1 : code === 3 ? (packet[1] ?? 0) & 0x3f : 2;
  return frame * frames;
}

interface Page {
  flags: number; // 2: first of the stream, 4: last
  granule: number;
  packets: Uint8Array[];
}

const lacingOf = (packet: Uint8Array) => [...Array.from<number>({ length: Math.floor(packet.length / 255) }).fill(255), packet.length % 255];

function writePage({ flags, granule, packets }: Page, serial: number, sequence: number): Uint8Array {
  const lacing = packets.flatMap(lacingOf);
  const size = packets.reduce((n, p) => n + p.length, 0);
  const page = new Uint8Array(27 + lacing.length + size);
  const view = new DataView(page.buffer);
  page.set([0x4f, 0x67, 0x67, 0x53, 0, flags]); // OggS, version 0
  view.setBigUint64(6, BigInt(granule), true);
  view.setUint32(14, serial, true);
  view.setUint32(18, sequence, true);
  page[26] = lacing.length;
  page.set(lacing, 27);
  let at = 27 + lacing.length;
  for (const packet of packets) {
    page.set(packet, at);
    at += packet.length;
  }
  view.setUint32(22, crc(page), true);
  return page;
}

function tags(): Uint8Array {
  const vendor = new TextEncoder().encode('wasl');
  const bytes = new Uint8Array(8 + 4 + vendor.length + 4);
  bytes.set(new TextEncoder().encode('OpusTags'));
  new DataView(bytes.buffer).setUint32(8, vendor.length, true);
  bytes.set(vendor, 12);
  return bytes;
}

/** A page holds at most 255 pieces; about a second of speech keeps seeking easy. */
const pagePieces = 255;
const pageSamples = 48_000;

/** Gathers packets into pages that end on whole packets. */
function pagesOf(packets: Uint8Array[]): Page[] {
  const pages: Page[] = [];
  let page: Page = { flags: 0, granule: 0, packets: [] };
  let granule = 0;
  let from = 0;
  let pieces = 0;
  for (const packet of packets) {
    const needs = lacingOf(packet).length;
    if (page.packets.length > 0 && (pieces + needs > pagePieces || granule - from >= pageSamples)) {
      pages.push(page);
      page = { flags: 0, granule: 0, packets: [] };
      pieces = 0;
      from = granule;
    }
    granule += packetSamples(packet);
    pieces += needs;
    page.packets.push(packet);
    page.granule = granule;
  }
  page.flags = 4;
  pages.push(page);
  return pages;
}

export function writeOgg(head: Uint8Array, packets: Uint8Array[], serial: number): Uint8Array<ArrayBuffer> {
  const pages: Page[] = [{ flags: 2, granule: 0, packets: [head] }, { flags: 0, granule: 0, packets: [tags()] }, ...pagesOf(packets)];
  const written = pages.map((page, i) => writePage(page, serial, i));
  const all = new Uint8Array(written.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const page of written) {
    all.set(page, at);
    at += page.length;
  }
  return all;
}
