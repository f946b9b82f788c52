import { describe, expect, it } from 'vitest';
import { findPromise } from './promise';

/** A Wednesday, 11:20. */
const now = new Date(2026, 10, 25, 11, 20);
const shown = (at: Date) =>
  `${String(at.getMonth() + 1)}-${String(at.getDate())} ${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`;

const promised: [string, string][] = [
  // English
  ["I'll call at 4", '11-25 16:00'],
  ['I will call you tomorrow at 9:30.', '11-26 09:30'],
  ['Thanks for your patience! I’ll get back to you tomorrow.', '11-26 09:00'],
  ["We'll send the invoice by Friday", '11-27 09:00'],
  ["We're going to check with the warehouse and let you know this afternoon", '11-25 15:00'],
  ["I'll follow up in two hours", '11-25 13:20'],
  ['Will get back to you within half an hour', '11-25 11:50'],
  ["I'll write to you by end of day", '11-25 17:00'],
  ["I'll ring you at 8", '11-25 20:00'],
  ["I'll ring you at 10", '11-26 10:00'],
  ['I will confirm at 10 pm', '11-25 22:00'],
  ['You will hear from me on Monday', '11-30 09:00'],
  ["We'll reply next week", '11-30 09:00'],
  ["I'll call you tomorrow evening at 7", '11-26 19:00'],
  ["I'll email you today", '11-25 17:00'],
  ['I can call you at noon tomorrow', '11-26 12:00'],
  // Hebrew
  ['אחזור אליך מחר', '11-26 09:00'],
  ['אני אתקשר אליך ב-4', '11-25 16:00'],
  ['נבדוק ונחזור אליך בעוד שעתיים', '11-25 13:20'],
  ['אשלח לך את החשבונית היום', '11-25 17:00'],
  ['אני חוזרת אליך מחר בבוקר', '11-26 09:00'],
  ['נעדכן אתכם ביום ראשון', '11-29 09:00'],
  ['אברר ואענה לך תוך חצי שעה', '11-25 11:50'],
  ['אתקשר מחר בשעה 16:30', '11-26 16:30'],
  ['אחזור אליך מחר אחה"צ', '11-26 15:00'],
  ['ניצור קשר בשבוע הבא', '11-29 09:00'],
  ['אתקשר הערב', '11-25 18:00'],
  ['אעדכן אותך עד סוף היום', '11-25 17:00'],
  ['תקבלי ממני תשובה מחרתיים', '11-27 09:00'],
  ['אחזור אליך בעוד 20 דקות', '11-25 11:40'],
  ['אתקשר בשעה ארבע', '11-25 16:00'],
  // Arabic
  ['سأتصل بك غدًا', '11-26 09:00'],
  ['سنعود إليك خلال ساعتين', '11-25 13:20'],
  ['سأرسل لك الفاتورة اليوم', '11-25 17:00'],
  ['هتصل بيك بكرة الصبح', '11-26 09:00'],
  ['راح أتصل فيك الساعة ٤', '11-25 16:00'],
  ['سوف نرد عليك يوم الأحد', '11-29 09:00'],
  ['سأخبرك بعد نصف ساعة', '11-25 11:50'],
  ['سأتصل بك الساعة الخامسة مساءً', '11-25 17:00'],
  ['سنتواصل معك بعد غد', '11-27 09:00'],
  ['سأتأكد وأرد عليك خلال 20 دقيقة', '11-25 11:40'],
  // the sentence that promises, not the others
  ['Sorry about that.\nI have asked the driver. I will call you at 5.', '11-25 17:00'],
];

const none = [
  'Shall I call you tomorrow?',
  'You can call us tomorrow at 9.',
  "I won't be able to call today",
  'I called you yesterday at 4',
  "I'll check",
  'The shop opens at 9 tomorrow',
  'I will send 4 boxes',
  '> I will call you at 4',
  "I'll send you 3 at 20% off",
  'תוכל להתקשר מחר',
  'לא אוכל לחזור אליך היום',
  'אבדוק',
  'שנחזור אליך מחר?',
  'החנות פתוחה מחר ב-9',
  'اتصل بنا غدًا',
  'لن نتصل اليوم',
  'هل أتصل بك غدًا؟',
  'السعودية غدًا',
  'سأتأكد',
  '',
];

describe('what is promised', () => {
  it.each(promised)('%s → %s', (text, at) => {
    const found = findPromise(text, now);
    expect(found && shown(found.at)).toBe(at);
  });

  it.each(none)('no promise: %s', (text) => {
    expect(findPromise(text, now)).toBeUndefined();
  });

  it('is the sentence alone', () => {
    expect(findPromise('Hello Dana.\nI will call you at 5. Bye!', now)?.text).toBe('I will call you at 5.');
  });
});
