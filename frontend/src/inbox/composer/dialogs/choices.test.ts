import { expect, test } from 'vitest';
import { choicesProblems, emptyChoices, interactiveOf, kindsOf, type ChoicesDraft } from './choices';

const rules = { buttons: 3, button_title_max: 20, rows: 10, row_title_max: 24, row_text_max: 72, section_title_max: 24, body_max: 1024, header_max: 60, footer_max: 60, link: true, location_request: true, contact_request: true };
const draft = (change: Partial<ChoicesDraft>): ChoicesDraft => ({ ...emptyChoices, body: 'Which?', ...change });

test.each<[string, Partial<ChoicesDraft>, Record<string, string>]>([
  ['complete buttons', { buttons: ['Yes', 'No'] }, {}],
  ['nothing filled in', { body: ' ' }, { body: 'missing', 'button.0': 'missing', 'button.1': 'missing' }],
  ['a title that is too long', { buttons: ['x'.repeat(21)] }, { 'button.0': 'long' }],
  ['a title of twenty emoji', { buttons: ['👍'.repeat(20)] }, {}],
  ['the same title twice', { buttons: ['Yes', 'Yes '] }, { 'button.1': 'repeated' }],
  ['a link without an address', { kind: 'link', label: 'Open', url: 'example.com' }, { url: 'url' }],
  ['a link', { kind: 'link', label: 'Open', url: 'https://example.com' }, {}],
  ['a list', { kind: 'list', label: 'Choose', sections: [{ title: '', rows: [{ title: 'A', text: '' }] }] }, {}],
  ['several sections without titles', { kind: 'list', label: 'Choose', sections: [{ title: 'X', rows: [{ title: 'A', text: '' }] }, { title: '', rows: [{ title: 'B', text: 'y'.repeat(73) }] }] }, { 'section.1': 'sectionTitle', 'text.1.0': 'long' }],
  ['the same row in two sections', { kind: 'list', label: 'Choose', sections: [{ title: 'X', rows: [{ title: 'A', text: '' }] }, { title: 'Y', rows: [{ title: 'A', text: '' }] }] }, { 'row.1.0': 'repeated' }],
  ['a request for the place', { kind: 'location_request' }, {}],
])('%s', (_, change, expected) => {
  expect(choicesProblems(draft(change), rules)).toEqual(expected);
});

test('what is sent is trimmed and every choice has an id of its own', () => {
  expect(interactiveOf(draft({ buttons: [' Yes ', 'No'], header: ' ' }))).toEqual({ kind: 'buttons', buttons: [{ id: 'b1', title: 'Yes' }, { id: 'b2', title: 'No' }] });
  const list = interactiveOf(draft({ kind: 'list', label: 'Choose', sections: [{ title: 'X', rows: [{ title: 'A', text: 't' }] }, { title: 'Y', rows: [{ title: 'B', text: '' }] }] }));
  expect(list).toEqual({ kind: 'list', button: 'Choose', sections: [{ title: 'X', rows: [{ id: 'r1', title: 'A', description: 't' }] }, { title: 'Y', rows: [{ id: 'r2', title: 'B' }] }] });
});

test('only what the channel can send is offered', () => {
  expect(kindsOf(rules)).toEqual(['buttons', 'list', 'link', 'location_request']);
  expect(kindsOf({ ...rules, rows: 0, location_request: false })).toEqual(['buttons', 'link']);
});
