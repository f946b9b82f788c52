import type { TFunction } from 'i18next';

/** The variables that texts may have, besides the contact's custom fields. */
export const variableNames = [
  'contact.first_name', 'contact.last_name', 'contact.name', 'contact.phone', 'contact.email', 'agent.first_name', 'agent.name', 'channel.name', 'conversation.subject',
] as const;

const fieldsOf = 'contact.fields.';

/** A variable as people call it; a custom field by its own name. */
export function variableName(t: TFunction<'desk'>, name: string): string {
  const known = variableNames.find((one) => one === name);
  return known ? t(`variable.${known.replace('.', '_') as 'contact_name'}`) : name.startsWith(fieldsOf) ? name.slice(fieldsOf.length) : name;
}
