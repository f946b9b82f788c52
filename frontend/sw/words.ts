/** What a device says of a notice. The worker has no part of the app, so its few words are here. */
export type Language = 'en' | 'he' | 'ar';

interface Words {
  assigned: string;
  mention: string;
  waiting: string;
  reminder: string;
  sla_warning: Record<string, string>;
  sla_breached: Record<string, string>;
  message_failed: string;
  test: string;
  testBody: string;
  /** Of every other kind. */
  other: string;
  /** How many notices one notification stands for. */
  more: (count: number) => string;
}

export const words: Record<Language, Words> = {
  en: {
    assigned: 'A conversation was given to you',
    mention: 'A note for you',
    waiting: 'A customer waits for an answer',
    reminder: 'What you promised a customer is due',
    sla_warning: { first_answer: 'The first answer is due soon', next_answer: 'An answer is due soon', resolution: 'A conversation has to be resolved soon' },
    sla_breached: { first_answer: 'The first answer is late', next_answer: 'An answer is late', resolution: 'A conversation should be resolved by now' },
    message_failed: 'A message was not sent',
    test: 'Wasl reaches this device',
    testBody: 'This is how notices look while Wasl is closed.',
    other: 'Something in Wasl needs you',
    more: (count) => `${count} notices`,
  },
  he: {
    assigned: 'קיבלת שיחה',
    mention: 'הערה בשבילך',
    waiting: 'לקוח ממתין לתשובה',
    reminder: 'הגיע מועד שהבטחת ללקוח',
    sla_warning: { first_answer: 'מועד התשובה הראשונה מתקרב', next_answer: 'מועד התשובה מתקרב', resolution: 'שיחה צריכה להיסגר בקרוב' },
    sla_breached: { first_answer: 'התשובה הראשונה מאחרת', next_answer: 'תשובה מאחרת', resolution: 'שיחה הייתה צריכה להיסגר' },
    message_failed: 'הודעה לא נשלחה',
    test: 'Wasl מגיע למכשיר הזה',
    testBody: 'כך נראות התראות כש־Wasl סגור.',
    other: 'משהו ב־Wasl צריך אותך',
    more: (count) => `${count} התראות`,
  },
  ar: {
    assigned: 'أُسندت إليك محادثة',
    mention: 'ملاحظة لك',
    waiting: 'عميل ينتظر ردًا',
    reminder: 'حان موعد ما وعدت به عميلًا',
    sla_warning: { first_answer: 'اقترب موعد الرد الأول', next_answer: 'اقترب موعد الرد', resolution: 'يجب حل محادثة قريبًا' },
    sla_breached: { first_answer: 'تأخر الرد الأول', next_answer: 'تأخر الرد', resolution: 'كان يجب حل محادثة' },
    message_failed: 'لم تُرسل رسالة',
    test: 'يصل Wasl إلى هذا الجهاز',
    testBody: 'هكذا تبدو الإشعارات عندما يكون Wasl مغلقًا.',
    other: 'هناك ما يحتاج إليك في Wasl',
    more: (count) => `عدد الإشعارات: ${count}`,
  },
};
