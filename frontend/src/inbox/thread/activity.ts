/** What was done with a conversation, between its messages: which of it is told, and what is told in one line. Pure. */
import type { Activity, ActivityActor, ActivityChange } from '~/shared/api/types';

/** One line: what one actor did within a while, with the last word on each field. */
export interface ActivityLine {
  /** The id of its first activity. */
  key: string;
  at: string;
  action: Activity['action'];
  actor: ActivityActor;
  changes: ActivityChange[];
}

/** What one actor does within this long is one line. */
const together = 10 * 60_000;

const sameValue = (a: unknown, b: unknown) => JSON.stringify(a ?? '') === JSON.stringify(b ?? '');

/** Later changes on top of earlier ones; what ends as it began is none. */
function merge(before: ActivityChange[], after: ActivityChange[]): ActivityChange[] {
  const fields = new Map(before.map((change) => [change.field, change]));
  for (const change of after) fields.set(change.field, { ...change, before: (fields.get(change.field) ?? change).before });
  return [...fields.values()].filter((change) => !sameValue(change.before, change.after));
}

const sameActor = (a: ActivityActor, b: ActivityActor) => a.kind === b.kind && a.id === b.id && a.cause.name === b.cause.name;

/** That a customer's first message began the conversation needs no word. */
export const isTold = ({ action, actor, changes }: Activity) => changes.length > 0 || (action === 'conversation.created' && actor.kind === 'user');

/** The lines of what happened between two messages, oldest first. */
export function linesOf(activities: Activity[]): ActivityLine[] {
  const lines: ActivityLine[] = [];
  for (const { id, at, action, actor, changes } of activities) {
    const last = lines.at(-1);
    if (last && last.changes.length > 0 && changes.length > 0 && sameActor(last.actor, actor) && Date.parse(at) - Date.parse(last.at) < together) {
      lines[lines.length - 1] = { ...last, at, action, actor, changes: merge(last.changes, changes) };
    } else {
      lines.push({ key: id, at, action, actor, changes });
    }
  }
  return lines.filter((line) => line.changes.length > 0 || line.action === 'conversation.created');
}

/** One thing that a line says: a text of the catalogue and what stands in it. */
export interface Said {
  key:
    | 'began' | 'assigned' | 'unassigned' | 'team' | 'noTeam' | 'resolved' | 'reopened' | 'reopenedByCustomer' | 'opened' | 'woke' | 'pending' | 'snoozed' | 'untilAnswered'
    | 'type' | 'noType' | 'sentiment' | 'priority' | 'noPriority' | 'labelsAdded' | 'labelsRemoved' | 'optedOut' | 'optedIn' | 'slaWarning' | 'slaBreached' | 'rated' | 'surveyNotSent' | 'merged' | 'split' | 'unmerged' | 'unsplit' | 'thanked';
  value?: string;
  labels?: string[];
}

const text = (value: unknown) => (typeof value === 'string' ? value : '');
const list = (value: unknown) => (Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []);

function status(change: ActivityChange, line: ActivityLine): Said[] {
  const until = text(line.changes.find((c) => c.field === 'snoozed_until')?.after);
  switch (change.after) {
    case 'resolved':
    case 'pending':
      return [{ key: change.after }];
    case 'snoozed':
      return [until ? { key: 'snoozed', value: until } : { key: 'untilAnswered' }];
    case 'open':
      if (line.actor.kind === 'contact') return [{ key: 'reopenedByCustomer' }];
      if (change.before === 'snoozed' && line.actor.cause.kind === 'timer') return [{ key: 'woke' }];
      return [{ key: change.before === 'resolved' ? 'reopened' : 'opened' }];
  }
  return [];
}

function labels(change: ActivityChange): Said[] {
  const [before, after] = [list(change.before), list(change.after)];
  const added = after.filter((label) => !before.includes(label));
  const removed = before.filter((label) => !after.includes(label));
  return [...(added.length ? [{ key: 'labelsAdded' as const, labels: added }] : []), ...(removed.length ? [{ key: 'labelsRemoved' as const, labels: removed }] : [])];
}

/** What a line says, in the order in which it is read. A field that this version does not know is left out. */
export function sayings(line: ActivityLine): Said[] {
  if (line.changes.length === 0) return [{ key: 'began' }];
  return line.changes.flatMap((change): Said[] => {
    const value = text(change.after);
    switch (change.field) {
      case 'assignee_id':
        return [value ? { key: 'assigned', value } : { key: 'unassigned' }];
      case 'team_id':
        return [value ? { key: 'team', value } : { key: 'noTeam' }];
      case 'status':
        return status(change, line);
      case 'snoozed_until':
        return value && !line.changes.some((c) => c.field === 'status') ? [{ key: 'snoozed', value }] : [];
      case 'type':
        return [value ? { key: 'type', value } : { key: 'noType' }];
      case 'sentiment':
        return value ? [{ key: 'sentiment', value }] : [];
      case 'priority':
        return [value && value !== 'none' ? { key: 'priority', value } : { key: 'noPriority' }];
      case 'labels':
        return labels(change);
      case 'sla_warning':
        return [{ key: 'slaWarning', value }];
      case 'sla_breached':
        return [{ key: 'slaBreached', value }];
      case 'rating':
        return [{ key: 'rated', value: String(change.after) }];
      case 'thanked':
        return [{ key: 'thanked' }];
      case 'survey_not_sent':
        return [{ key: 'surveyNotSent' }];
      case 'merged':
      case 'split':
        return [{ key: value ? change.field : `un${change.field}` }];
      case 'opted_out':
        return [{ key: change.after === true ? 'optedOut' : 'optedIn' }];
    }
    return [];
  });
}
