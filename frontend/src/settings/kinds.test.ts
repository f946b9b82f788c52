import { expect, test } from 'vitest';
import { addresses, checkFields, kinds } from './kinds';

test('a text message channel needs a number or a service', () => {
  const values = { account_sid: 'AC1', auth_token: 't', from_number: '', messaging_service_sid: '' };
  expect(checkFields(kinds.sms.fields, values, true)).toEqual({ from_number: 'missing' });
  expect(checkFields(kinds.sms.fields, { ...values, messaging_service_sid: 'MG1' }, true)).toEqual({});
  expect(checkFields(kinds.sms.fields, { ...values, from_number: '0501234567' }, true)).toEqual({ from_number: 'phone' });
});

test('what stays empty stays as it is, and ids are digits', () => {
  expect(checkFields(kinds.whatsapp.fields, {}, false)).toEqual({});
  expect(checkFields(kinds.messenger.fields, { page_id: 'my page' }, false)).toEqual({ page_id: 'digits' });
  expect(checkFields(kinds.email.fields, { from_address: 'support' }, false)).toEqual({ from_address: 'address' });
});

test('the inbound address of mail carries its password, and events have their own', () => {
  expect(addresses('email', 'https://inbox.example/webhooks/email/chn_1', { inbound_user: 'u', inbound_password: 'p' })).toEqual([
    { name: 'inbound', value: 'https://u:p@inbox.example/webhooks/email/chn_1' },
    { name: 'events', value: 'https://inbox.example/webhooks/email/chn_1/events' },
  ]);
  expect(addresses('sms', 'https://inbox.example/webhooks/sms/chn_1', {})).toEqual([{ name: 'webhook', value: 'https://inbox.example/webhooks/sms/chn_1' }]);
});
