import { expect, test } from 'vitest';
import { addressIn, addressOf, spelled } from './identity';

const phone = { kind: 'whatsapp_phone', channel_id: 'c1', value: '972501234567', display: '+972 50-123-4567', typed: false };
const bsuid = { kind: 'whatsapp_bsuid', channel_id: 'c1', value: 'IL.8387876330165894397', display: '', username: '@noa', typed: false };

test('a number is said before a username, and a made-up id never', () => {
  expect(addressIn([bsuid, phone], 'c1')).toBe('+972 50-123-4567');
  expect(addressIn([bsuid], 'c1')).toBe('@noa');
  expect(addressIn([{ ...bsuid, username: undefined }], 'c1')).toBeNull();
  expect(addressIn([phone], 'another')).toBe('+972 50-123-4567');
});

test('a number is shown as a channel groups it', () => {
  const typed = { kind: 'phone', channel_id: '', value: '+972501234567', display: '+972501234567', typed: true };
  expect(spelled('+972501234567', [typed, phone])).toBe('+972 50-123-4567');
  expect(spelled('+12025550143', [typed, phone])).toBe('+12025550143');
});

test('a person is told by a number as people write it, an address, or a username', () => {
  expect(addressOf({ phones: ['+972501234567'], emails: ['noa@example.com'], identities: [phone] })).toBe('+972 50-123-4567');
  expect(addressOf({ phones: [], emails: ['noa@example.com'], identities: [bsuid] })).toBe('noa@example.com');
  expect(addressOf({ phones: [], emails: [], identities: [bsuid] })).toBe('@noa');
  expect(addressOf({ phones: [], emails: [], identities: [] })).toBe('');
});
