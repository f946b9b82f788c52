import { expect, test } from 'vitest';
import { parsePoint } from './point';

test.each([
  ['32.0853, 34.7818', 32.0853, 34.7818],
  ['-33.9 18.4', -33.9, 18.4],
  ['https://www.google.com/maps?q=32.0853,34.7818', 32.0853, 34.7818],
  ['https://www.google.com/maps/place/X/@32.1,34.1,17z/data=!3m1!3d32.0853!4d34.7818', 32.0853, 34.7818],
  ['https://www.google.com/maps/@25.2,55.27,12z', 25.2, 55.27],
  ['https://www.openstreetmap.org/?mlat=31.9&mlon=35.9#map=16/31.9/35.9', 31.9, 35.9],
])('%s is a place', (text, latitude, longitude) => {
  expect(parsePoint(text)).toEqual({ latitude, longitude });
});

test.each(['', 'Herzl 12, Haifa', '95, 20', '10, 190', 'https://maps.app.goo.gl/abc'])('%j is none', (text) => {
  expect(parsePoint(text)).toBeNull();
});
