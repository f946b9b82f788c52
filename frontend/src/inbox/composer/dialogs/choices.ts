/** A message with choices while it is made: what it holds, what is wrong with it, and how it is sent. */
import type { Capabilities, Interactive } from '~/shared/api/types';
import { lengthOf } from '../checks';

export type Kind = 'buttons' | 'list' | 'link' | 'location_request';
type Rules = NonNullable<Capabilities['interactive']>;

/** The kinds that the channel can send. */
export function kindsOf(rules: Rules): Kind[] {
  const possible: Record<Kind, boolean> = { buttons: rules.buttons > 0, list: rules.rows > 0, link: rules.link, location_request: rules.location_request };
  return (Object.keys(possible) as Kind[]).filter((kind) => possible[kind]);
}

export interface Row {
  title: string;
  text: string;
}

export interface ChoicesDraft {
  kind: Kind;
  header: string;
  body: string;
  footer: string;
  /** Titles of buttons. */
  buttons: string[];
  /** What opens the list or the link. */
  label: string;
  url: string;
  sections: { title: string; rows: Row[] }[];
}

export const emptyChoices: ChoicesDraft = {
  kind: 'buttons', header: '', body: '', footer: '', buttons: ['', ''], label: '', url: '', sections: [{ title: '', rows: [{ title: '', text: '' }] }],
};

export type ChoicesProblem = 'missing' | 'long' | 'repeated' | 'url' | 'sectionTitle';

/** What is wrong, by field: body, header, footer, label, url, button.N, section.N, row.N.M, text.N.M. */
export function choicesProblems(d: ChoicesDraft, rules: Rules): Record<string, ChoicesProblem> {
  const problems: Record<string, ChoicesProblem> = {};
  const check = (field: string, text: string, max: number, needed: boolean) => {
    if (needed && !text.trim()) problems[field] = 'missing';
    else if (max > 0 && lengthOf(text.trim()) > max) problems[field] = 'long';
  };
  const apart = (fields: [string, string][]) => {
    const seen = new Set<string>();
    for (const [field, title] of fields) {
      if (title.trim() && seen.has(title.trim())) problems[field] ??= 'repeated';
      seen.add(title.trim());
    }
  };
  check('body', d.body, rules.body_max, true);
  check('footer', d.footer, rules.footer_max, false);
  check('header', d.header, rules.header_max, false);
  if (d.kind === 'buttons') {
    d.buttons.forEach((title, i) => check(`button.${i}`, title, rules.button_title_max, true));
    apart(d.buttons.map((title, i) => [`button.${i}`, title]));
  }
  if (d.kind === 'list' || d.kind === 'link') check('label', d.label, rules.button_title_max, true);
  if (d.kind === 'link' && !/^https?:\/\/\S+\.\S+/.test(d.url.trim())) problems.url = 'url';
  if (d.kind === 'list') {
    d.sections.forEach((section, s) => {
      check(`section.${s}`, section.title, rules.section_title_max, false);
      if (d.sections.length > 1 && !section.title.trim()) problems[`section.${s}`] = 'sectionTitle';
      section.rows.forEach((row, r) => {
        check(`row.${s}.${r}`, row.title, rules.row_title_max, true);
        check(`text.${s}.${r}`, row.text, rules.row_text_max, false);
      });
    });
    apart(d.sections.flatMap((section, s) => section.rows.map((row, r): [string, string] => [`row.${s}.${r}`, row.title])));
  }
  return problems;
}

export const rowCount = (d: ChoicesDraft) => d.sections.reduce((n, s) => n + s.rows.length, 0);

/** As it is sent. Ids only need to tell the choices of one message apart. */
export function interactiveOf(d: ChoicesDraft): Interactive {
  const out: Interactive = { kind: d.kind };
  if (d.kind !== 'location_request' && d.header.trim()) out.header = d.header.trim();
  if (d.kind !== 'location_request' && d.footer.trim()) out.footer = d.footer.trim();
  if (d.kind === 'buttons') out.buttons = d.buttons.map((title, i) => ({ id: `b${i + 1}`, title: title.trim() }));
  if (d.kind === 'link' || d.kind === 'list') out.button = d.label.trim();
  if (d.kind === 'link') out.url = d.url.trim();
  if (d.kind === 'list') {
    let id = 0;
    out.sections = d.sections.map((section) => ({
      ...(section.title.trim() && { title: section.title.trim() }),
      rows: section.rows.map((row) => ({ id: `r${++id}`, title: row.title.trim(), ...(row.text.trim() && { description: row.text.trim() }) })),
    }));
  }
  return out;
}
