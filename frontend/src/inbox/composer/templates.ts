/** Templates as the gateway reads them: which values they take, what the customer will read, what is still missing. */
import type { Template, TemplateParam, TemplateUse } from '~/shared/api/types';

type Component = NonNullable<Template['components']>[number];

const placeholder = /\{\{\s*([A-Za-z0-9_]+)\s*\}\}/g;

/** The parameters of a text in the order in which values are given: numbers by their value, names as they appear. */
export function placeholders(text: string): string[] {
  const names = [...new Set([...text.matchAll(placeholder)].map((m) => m[1] ?? ''))];
  return names.every((n) => /^\d+$/.test(n)) ? names.sort((a, b) => Number(a) - Number(b)) : names;
}

export const component = (template: Template, type: string): Component | undefined => template.components?.find((c) => c.type === type);

/** One value that a template asks for. */
export interface Slot {
  part: 'header' | 'body' | 'button';
  /** The parameter's name or number; for a button its place. */
  name: string;
  index: number;
  example: string;
  /** The words around it: a button's title. */
  hint: string;
}

export const slotKey = (slot: Pick<Slot, 'part' | 'index'>) => `${slot.part}.${slot.index}`;

function textSlots(part: 'header' | 'body', c: Component | undefined): Slot[] {
  if (!c?.text || (part === 'header' && c.format && c.format !== 'text')) return [];
  return placeholders(c.text).map((name, index) => ({ part, name, index, example: c.example?.[index] ?? '', hint: '' }));
}

export function slots(template: Template): Slot[] {
  const buttons = component(template, 'buttons')?.buttons ?? [];
  return [
    ...textSlots('header', component(template, 'header')),
    ...textSlots('body', component(template, 'body')),
    ...buttons.flatMap((b, index): Slot[] =>
      b.type === 'copy_code' || (b.type === 'url' && placeholders(b.url ?? '').length > 0)
        ? [{ part: 'button', name: String(index + 1), index, example: '', hint: b.text }]
        : [],
    ),
  ];
}

/** The kind of file or place that a template begins with; '' when it begins with text or nothing. */
export function headerMedia(template: Template): '' | 'image' | 'video' | 'document' | 'location' {
  const format = component(template, 'header')?.format;
  return format === 'image' || format === 'video' || format === 'document' || format === 'location' ? format : '';
}

export type SlotProblem = 'missing' | 'invalid';

/** Why a value cannot be sent; WhatsApp refuses line breaks, tabs and four spaces in a row. */
export function slotProblem(value: string): SlotProblem | null {
  if (!value.trim()) return 'missing';
  return /[\n\r\t]| {4}/.test(value) ? 'invalid' : null;
}

const isNamed = (name: string) => !/^\d+$/.test(name);

/** The template with its values, as it is sent. */
export function templateUse(template: Template, values: Record<string, string>): TemplateUse {
  const use: TemplateUse = { name: template.name, language: template.language };
  const all = slots(template);
  const params = (part: Slot['part']): TemplateParam[] =>
    all.filter((s) => s.part === part).map((slot) => {
      const value = (values[slotKey(slot)] ?? '').trim();
      if (part === 'button') return { index: slot.index, value };
      return isNamed(slot.name) ? { name: slot.name, value } : { value };
    });
  const [header, body, buttons] = [params('header'), params('body'), params('button')];
  if (header.length) use.header = header;
  if (body.length) use.body = body;
  if (buttons.length) use.buttons = buttons;
  return use;
}

/** A text with its values in place; what has no value stays visible as it is written. */
export function fill(text: string, given?: TemplateParam[] | null): string {
  const params = given ?? [];
  const names = placeholders(text);
  return text.replace(placeholder, (whole, name: string) => {
    const named = params.find((p) => p.name === name);
    const placed = params[names.indexOf(name)];
    return (named ?? (placed?.name ? undefined : placed))?.value || whole;
  });
}

export interface Rendered {
  header: string;
  body: string;
  footer: string;
  buttons: { type: string; text: string; url?: string; phone?: string }[];
}

/** What the customer's phone shows. */
export function renderTemplate(template: Template, use: TemplateUse): Rendered {
  const text = (type: string, params?: TemplateParam[] | null) => fill(component(template, type)?.text ?? '', params);
  return {
    header: headerMedia(template) ? '' : text('header', use.header),
    body: text('body', use.body),
    footer: text('footer'),
    buttons: component(template, 'buttons')?.buttons ?? [],
  };
}

/** The same as one text, which previews and search use. */
export function templateText(template: Template, use: TemplateUse): string {
  const { header, body, footer } = renderTemplate(template, use);
  return [header, body, footer].filter(Boolean).join('\n\n');
}

/** A place that greets the customer: named so, or the first one where the text begins. */
function isName(template: Template, { part, name, example }: Slot): boolean {
  if (part !== 'body') return false;
  const at = component(template, 'body')?.text?.indexOf(`{{${name}}}`) ?? -1;
  return /^(customer_?|contact_?|first_?)?name$/i.test(name) || (name === '1' && at >= 0 && at <= greeting && !/\d/.test(example));
}

/** Within so many letters from the beginning a text greets. */
const greeting = 24;

/** What is filled in already: the customer's first name. */
export function knownValues(template: Template, contactName: string): Record<string, string> {
  const [first = ''] = contactName.trim().split(/\s+/);
  if (!first || /^[+\d]/.test(first)) return {};
  return Object.fromEntries(slots(template).filter((slot) => isName(template, slot)).map((slot) => [slotKey(slot), first]));
}
