/** The actions of a macro as their builder holds them. Pure. */

export interface Step {
  action: string;
  [argument: string]: unknown;
}

/** What can be done, in the order in which it is offered, with what it begins with. */
export const blanks = {
  send_message: { text: '' },
  add_note: { text: '' },
  add_label: { label: '' },
  remove_label: { label: '' },
  assign: { agent_id: 'me' },
  set_status: { status: 'resolved' },
  snooze: { until_answered: true },
  set_priority: { priority: 'high' },
  set_type: { type: 'support' },
} as const;

export type Verb = keyof typeof blanks;
export const verbs = Object.keys(blanks) as Verb[];
export const isVerb = (action: string): action is Verb => action in blanks;

export const newStep = (action: Verb): Step => ({ action, ...blanks[action] });

/** For how long a macro may snooze, in minutes. */
export const snoozes = [60, 180, 1440, 4320, 10080] as const;

/** Whether it says all that the gateway wants to know. */
export const filled = (step: Step) => Object.values(step).every((value) => typeof value !== 'string' || value.trim() !== '');
