import { expect, test } from 'vitest';
import { addressIn } from './identity';

const phone = { kind: 'whatsapp_phone', channel_id: 'c1', value: '972501234567', display: '+972 50-123-4567' };
const bsuid = { kind: 'whatsapp_bsuid', channel_id: 'c1', value: 'IL.8387876330165894397', display: '', username: '@noa' };

test('a number is said before a username, and a made-up id never', () => {
  expect(addressIn([bsuid, phone], 'c1')).toBe('+972 50-123-4567');
  expect(addressIn([bsuid], 'c1')).toBe('@noa');
  expect(addressIn([{ ...bsuid, username: undefined }], 'c1')).toBeNull();
  expect(addressIn([phone], 'another')).toBe('+972 50-123-4567');
});
