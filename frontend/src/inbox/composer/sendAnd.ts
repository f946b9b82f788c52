/** Sending with what becomes of the conversation. */
import type { When } from './send';

export const resolved: When = { afterwards: { status: 'resolved' } };
export const untilAnswered: When = { afterwards: { status: 'snoozed', until_answered: true } };
