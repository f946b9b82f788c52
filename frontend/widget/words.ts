/** The few words of the chat, in the languages that it speaks. */
const en = {
  open: 'Open chat',
  close: 'Close chat',
  messages: 'Messages',
  write: 'Write a message…',
  send: 'Send',
  attach: 'Attach a file',
  here: 'We are here to answer',
  away: 'We are not here right now. Write to us and we will answer.',
  reach: 'Where can we answer you?',
  name: 'Name',
  email: 'Email',
  save: 'Save',
  saved: 'Thank you. We will write to you.',
  typing: 'Typing…',
  today: 'Today',
  yesterday: 'Yesterday',
  retry: 'Try again',
  failed: 'Not sent',
  waiting: 'Will be sent as soon as there is a connection',
  sending: 'Sending',
  sent: 'Sent',
  read: 'Read',
  uploading: 'Uploading',
  tooLarge: 'The file is larger than 25 MB',
  earlier: 'Earlier messages',
  noFile: 'The file is not available',
  deleted: 'This message was deleted',
};

export type Words = typeof en;

const he: Words = {
  open: 'פתיחת הצ׳אט',
  close: 'סגירת הצ׳אט',
  messages: 'הודעות',
  write: 'כתבו הודעה…',
  send: 'שליחה',
  attach: 'צירוף קובץ',
  here: 'אנחנו כאן לשירותכם',
  away: 'איננו זמינים כרגע. כתבו לנו ונחזור אליכם.',
  reach: 'איך נוכל לחזור אליכם?',
  name: 'שם',
  email: 'דוא״ל',
  save: 'שמירה',
  saved: 'תודה. נכתוב לכם.',
  typing: 'מקלידים…',
  today: 'היום',
  yesterday: 'אתמול',
  retry: 'נסו שוב',
  failed: 'לא נשלח',
  waiting: 'יישלח כשיהיה חיבור',
  sending: 'בשליחה',
  sent: 'נשלח',
  read: 'נקרא',
  uploading: 'בהעלאה',
  tooLarge: 'הקובץ גדול מ-25 מ״ב',
  earlier: 'הודעות קודמות',
  noFile: 'הקובץ אינו זמין',
  deleted: 'ההודעה נמחקה',
};

const ar: Words = {
  open: 'فتح المحادثة',
  close: 'إغلاق المحادثة',
  messages: 'الرسائل',
  write: 'اكتب رسالة…',
  send: 'إرسال',
  attach: 'إرفاق ملف',
  here: 'نحن هنا للرد عليك',
  away: 'لسنا متاحين الآن. اكتب لنا وسنرد عليك.',
  reach: 'كيف نرد عليك؟',
  name: 'الاسم',
  email: 'البريد الإلكتروني',
  save: 'حفظ',
  saved: 'شكرًا لك. سنكتب إليك.',
  typing: 'جارٍ الكتابة…',
  today: 'اليوم',
  yesterday: 'أمس',
  retry: 'إعادة المحاولة',
  failed: 'لم تُرسل',
  waiting: 'ستُرسل عند عودة الاتصال',
  sending: 'جارٍ الإرسال',
  sent: 'أُرسلت',
  read: 'قُرئت',
  uploading: 'جارٍ الرفع',
  tooLarge: 'حجم الملف أكبر من 25 م.ب',
  earlier: 'رسائل سابقة',
  noFile: 'الملف غير متاح',
  deleted: 'حُذفت هذه الرسالة',
};

const all = { en, he, ar };
export type Language = keyof typeof all;

export const isLanguage = (value: string): value is Language => Object.hasOwn(all, value);

/** The first of the wishes that the chat speaks. */
export function choose(...wishes: (string | null | undefined)[]): Language {
  for (const wish of wishes) {
    const short = (wish ?? '').toLowerCase().split('-')[0] ?? '';
    if (isLanguage(short)) return short;
  }
  return 'en';
}

export const wordsOf = (language: Language): Words => all[language];
export const directionOf = (language: Language) => (language === 'en' ? 'ltr' : 'rtl');

/** Times read alike in all three: with the digits that all of them use. */
export const localeOf = (language: Language) => ({ en: 'en-GB', he: 'he-IL', ar: 'ar-AE-u-nu-latn' })[language];
