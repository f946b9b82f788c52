import { expect, test } from 'vitest';
import type { Template } from '~/shared/api/types';
import { findTemplates } from './dialogs/TemplateDialog';
import { fill, headerMedia, knownValues, placeholders, renderTemplate, slotProblem, slots, templateText, templateUse } from './templates';

const template: Template = {
  id: 't', name: 'order_update', language: 'en_US', category: 'utility', status: 'approved',
  components: [
    { type: 'header', format: 'text', text: 'Order {{1}}', example: ['A-1'] },
    { type: 'body', text: 'Hi {{1}}, it comes on {{2}}. {{1}}!', example: ['Noa', 'Sunday'] },
    { type: 'footer', text: 'Reply STOP' },
    { type: 'buttons', buttons: [{ type: 'quick_reply', text: 'Thanks' }, { type: 'url', text: 'Track', url: 'https://x.io/{{1}}' }, { type: 'url', text: 'Home', url: 'https://x.io' }] },
  ],
};
const values = { 'header.0': 'A-7', 'body.0': 'Noa', 'body.1': 'Monday', 'button.1': '77' };

test('parameters are asked for in the order in which they are sent', () => {
  expect(placeholders('{{2}} {{10}} {{1}} {{2}}')).toEqual(['1', '2', '10']);
  expect(placeholders('{{name}} {{city}}')).toEqual(['name', 'city']);
  expect(slots(template).map((s) => [s.part, s.name, s.example])).toEqual([
    ['header', '1', 'A-1'], ['body', '1', 'Noa'], ['body', '2', 'Sunday'], ['button', '2', ''],
  ]);
});

test('the use carries values by place, by name, and by button', () => {
  expect(templateUse(template, values)).toEqual({
    name: 'order_update', language: 'en_US',
    header: [{ value: 'A-7' }], body: [{ value: 'Noa' }, { value: 'Monday' }], buttons: [{ index: 1, value: '77' }],
  });
  const named = { ...template, components: [{ type: 'body', text: 'Hi {{first_name}}' }] };
  expect(templateUse(named, { 'body.0': 'Noa' })).toEqual({ name: 'order_update', language: 'en_US', body: [{ name: 'first_name', value: 'Noa' }] });
});

test('the preview is what the phone shows', () => {
  const rendered = renderTemplate(template, templateUse(template, values));
  expect(rendered).toMatchObject({ header: 'Order A-7', body: 'Hi Noa, it comes on Monday. Noa!', footer: 'Reply STOP' });
  expect(rendered.buttons.map((b) => b.text)).toEqual(['Thanks', 'Track', 'Home']);
  expect(templateText(template, templateUse(template, values))).toBe('Order A-7\n\nHi Noa, it comes on Monday. Noa!\n\nReply STOP');
});

test('what has no value yet stays visible', () => {
  expect(fill('Hi {{1}} from {{2}}', [{ value: '' }, { value: 'Haifa' }])).toBe('Hi {{1}} from Haifa');
});

test.each([['', 'missing'], ['  ', 'missing'], ['a\nb', 'invalid'], ['a    b', 'invalid'], ['a b', null]])('value %j: %s', (value, problem) => {
  expect(slotProblem(value)).toBe(problem);
});

test('a header of a file is no text', () => {
  const media = { ...template, components: [{ type: 'header', format: 'image' }, { type: 'body', text: 'Hi' }] };
  expect(headerMedia(media)).toBe('image');
  expect(slots(media)).toEqual([]);
});

test('the customer’s first name is filled in where a text greets, and nowhere else', () => {
  expect(knownValues(template, 'נועה לוי')).toEqual({ 'body.0': 'נועה' });
  expect(knownValues(template, '+972 52-765-4321')).toEqual({});
  const named = { ...template, components: [{ type: 'body', text: 'Order {{order}} for {{first_name}}', example: ['A-1', 'Noa'] }] };
  expect(knownValues(named, 'Noa Levi')).toEqual({ 'body.1': 'Noa' });
  const numbered = { ...template, components: [{ type: 'body', text: 'Order {{1}} left', example: ['A-1'] }] };
  expect(knownValues(numbered, 'Noa')).toEqual({});
});

test('what the customer reads comes first among what can be sent', () => {
  const one = (name: string, language: string, status = 'approved') => ({ ...template, id: name, name, language, status }) as Template;
  const found = findTemplates([one('a', 'en_US'), one('b', 'he'), one('c', 'he', 'rejected')], '', '', 'he');
  expect(found.map(({ name }) => name)).toEqual(['b', 'a', 'c']);
});
