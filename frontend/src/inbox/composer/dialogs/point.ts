import type { Location } from '~/shared/api/types';

const number = String.raw`(-?\d{1,3}(?:\.\d+)?)`;
const forms = [
  new RegExp(`^\\s*${number}\\s*[,;\\s]\\s*${number}\\s*$`), // 32.08, 34.78
  new RegExp(`[?&](?:q|query|ll|destination)=(?:loc:)?${number}(?:,|%2C)\\+?${number}`, 'i'),
  new RegExp(`!3d${number}!4d${number}`), // the pin of a place, which the view's centre (@) may miss
  new RegExp(`[?&]mlat=${number}&mlon=${number}`),
  new RegExp(`@${number},${number}`),
];

/** Latitude and longitude out of two numbers or the address of a map; null when there are none or they are nowhere on earth. */
export function parsePoint(text: string): Location | null {
  for (const form of forms) {
    const match = form.exec(text);
    if (!match) continue;
    const [latitude, longitude] = [Number(match[1]), Number(match[2])];
    return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? { latitude, longitude } : null;
  }
  return null;
}
