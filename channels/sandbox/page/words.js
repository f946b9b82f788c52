// What the phones say, in the language of each.

const words = {
  en: {
    tells: { deferred: 'Not delivered yet', bounce: 'Bounced: no such mailbox', blocked: 'Refused by the mail server', dropped: 'Not sent: bounced before', machine_open: 'Opened by a program', click: 'A link was clicked', spamreport: 'Reported as spam', unsubscribe: 'Unsubscribed', group_unsubscribe: 'Unsubscribed from a group', group_resubscribe: 'Subscribed to a group again', take_thread_control: 'Another app takes over', pass_thread_control: 'Another app hands over', request_thread_control: 'Another app asks to take over', optin: 'Allow news', optin_stop: 'Stop news' }, tell: 'What the provider reports', held: 'Another app answers',
    storyReply: 'Reply to a story', storyMention: 'Mention in a story', share: 'Shared post', like: 'Heart', native: 'Answer in the business’ own app', newMail: 'New mail', subject: 'Subject', noSubject: '(no subject)', from: 'From', to: 'To', cc: 'Cc', automatic: 'Automatic reply',
    write: 'Message', send: 'Send', typing: 'typing…', business: 'Business account', off: 'Phone is off', waiting: (n) => (n === 1 ? '1 message is waiting' : `${n} messages are waiting`), turnOn: 'Turn on', turnOff: 'Turn off',
    noRead: 'Leaves messages unread', reads: 'Reads messages', attach: 'Attach', emoji: 'Emoji', record: 'Record a voice message', recording: 'Recording', cancel: 'Cancel', more: 'More',
    reply: 'Reply', edit: 'Edit', remove: 'Delete for everyone', react: 'React', edited: 'edited', deleted: 'This message was deleted', editing: 'Edit message', you: 'You',
    photo: 'Photo…', file: 'File…', samplePhoto: 'Sample photo', voice: 'Voice message', document: 'Document', sampleDocument: 'Sample PDF', location: 'Location', contact: 'Contact', sticker: 'Sticker', order: 'Order', video: 'Video', audio: 'Audio',
    today: 'Today', yesterday: 'Yesterday', choose: 'Choose', empty: 'No messages yet. Say hello.', items: (n) => (n === 1 ? '1 item' : `${n} items`), linked: 'Linked file', play: 'Play', pause: 'Pause', copied: 'Code copied',
    sent: 'Sent', delivered: 'Delivered', read: 'Read', played: 'Played', failed: 'Failed',
  },
  he: {
    tells: { deferred: 'טרם נמסר', bounce: 'חזר: אין תיבה כזאת', blocked: 'שרת הדואר סירב', dropped: 'לא נשלח: חזר בעבר', machine_open: 'נפתח בידי תוכנה', click: 'קישור נלחץ', spamreport: 'דווח כספאם', unsubscribe: 'הסרה מהרשימה', group_unsubscribe: 'הסרה מקבוצה', group_resubscribe: 'הצטרפות מחדש לקבוצה', take_thread_control: 'אפליקציה אחרת לוקחת את השיחה', pass_thread_control: 'אפליקציה אחרת מעבירה את השיחה', request_thread_control: 'אפליקציה אחרת מבקשת את השיחה', optin: 'אישור עדכונים', optin_stop: 'הפסקת עדכונים' }, tell: 'מה שהספק מדווח', held: 'אפליקציה אחרת עונה',
    storyReply: 'תגובה לסטורי', storyMention: 'אזכור בסטורי', share: 'פוסט ששותף', like: 'לב', native: 'תשובה מהאפליקציה של העסק', newMail: 'דוא״ל חדש', subject: 'נושא', noSubject: '(ללא נושא)', from: 'מאת', to: 'אל', cc: 'עותק', automatic: 'מענה אוטומטי',
    write: 'הודעה', send: 'שליחה', typing: 'מקליד/ה…', business: 'חשבון עסקי', off: 'הטלפון כבוי', waiting: (n) => (n === 1 ? 'הודעה אחת ממתינה' : `${n} הודעות ממתינות`), turnOn: 'הדלקה', turnOff: 'כיבוי',
    noRead: 'לא קורא/ת הודעות', reads: 'קורא/ת הודעות', attach: 'צירוף', emoji: 'אמוג׳י', record: 'הקלטת הודעה קולית', recording: 'מקליט', cancel: 'ביטול', more: 'עוד',
    reply: 'תשובה', edit: 'עריכה', remove: 'מחיקה אצל כולם', react: 'תגובה', edited: 'נערכה', deleted: 'הודעה זו נמחקה', editing: 'עריכת הודעה', you: 'את/ה',
    photo: 'תמונה…', file: 'קובץ…', samplePhoto: 'תמונה לדוגמה', voice: 'הודעה קולית', document: 'מסמך', sampleDocument: 'PDF לדוגמה', location: 'מיקום', contact: 'איש קשר', sticker: 'מדבקה', order: 'הזמנה', video: 'סרטון', audio: 'שמע',
    today: 'היום', yesterday: 'אתמול', choose: 'בחירה', empty: 'אין עדיין הודעות. אמרו שלום.', items: (n) => (n === 1 ? 'פריט אחד' : `${n} פריטים`), linked: 'קובץ מקושר', play: 'ניגון', pause: 'השהיה', copied: 'הקוד הועתק',
    sent: 'נשלח', delivered: 'נמסר', read: 'נקרא', played: 'הושמע', failed: 'נכשל',
  },
  ar: {
    tells: { deferred: 'لم تُسلَّم بعد', bounce: 'ارتدّت: لا صندوق بهذا الاسم', blocked: 'رفضها خادم البريد', dropped: 'لم تُرسل: ارتدّت سابقًا', machine_open: 'فتحها برنامج', click: 'نُقر رابط', spamreport: 'بُلّغ عنها كبريد مزعج', unsubscribe: 'إلغاء الاشتراك', group_unsubscribe: 'إلغاء الاشتراك في مجموعة', group_resubscribe: 'العودة إلى مجموعة', take_thread_control: 'تطبيق آخر يتولى المحادثة', pass_thread_control: 'تطبيق آخر يسلّم المحادثة', request_thread_control: 'تطبيق آخر يطلب المحادثة', optin: 'السماح بالأخبار', optin_stop: 'إيقاف الأخبار' }, tell: 'ما يبلّغ عنه المزوّد', held: 'تطبيق آخر يجيب',
    storyReply: 'رد على قصة', storyMention: 'إشارة في قصة', share: 'منشور مشارَك', like: 'قلب', native: 'الرد من تطبيق النشاط التجاري', newMail: 'بريد جديد', subject: 'الموضوع', noSubject: '(بلا موضوع)', from: 'من', to: 'إلى', cc: 'نسخة', automatic: 'رد تلقائي',
    write: 'رسالة', send: 'إرسال', typing: 'يكتب الآن…', business: 'حساب أعمال', off: 'الهاتف مغلق', waiting: (n) => (n === 1 ? 'رسالة واحدة في الانتظار' : `${n} رسائل في الانتظار`), turnOn: 'تشغيل', turnOff: 'إيقاف',
    noRead: 'لا يقرأ الرسائل', reads: 'يقرأ الرسائل', attach: 'إرفاق', emoji: 'رموز تعبيرية', record: 'تسجيل رسالة صوتية', recording: 'جارٍ التسجيل', cancel: 'إلغاء', more: 'المزيد',
    reply: 'رد', edit: 'تعديل', remove: 'حذف لدى الجميع', react: 'تفاعل', edited: 'معدّلة', deleted: 'تم حذف هذه الرسالة', editing: 'تعديل الرسالة', you: 'أنت',
    photo: 'صورة…', file: 'ملف…', samplePhoto: 'صورة تجريبية', voice: 'رسالة صوتية', document: 'مستند', sampleDocument: 'ملف PDF تجريبي', location: 'موقع', contact: 'جهة اتصال', sticker: 'ملصق', order: 'طلب', video: 'فيديو', audio: 'صوت',
    today: 'اليوم', yesterday: 'أمس', choose: 'اختر', empty: 'لا رسائل بعد. قل مرحبًا.', items: (n) => (n === 1 ? 'عنصر واحد' : `${n} عناصر`), linked: 'ملف مرتبط', play: 'تشغيل', pause: 'إيقاف مؤقت', copied: 'تم نسخ الرمز',
    sent: 'أُرسلت', delivered: 'تم التسليم', read: 'قُرئت', played: 'سُمعت', failed: 'فشلت',
  },
}

/** The words of a language. */
export const wordsOf = (language) => words[language] ?? words.en

/** The direction of a language. */
export const directionOf = (language) => (['he', 'ar'].includes(language) ? 'rtl' : 'ltr')

/** The time of day, with Latin digits everywhere, as phones in the region usually show it. */
export const timeOf = (at, language) => new Intl.DateTimeFormat(`${language}-u-nu-latn`, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(at))

/** The day: today, yesterday or its date. */
export function dayOf(at, language) {
  const day = new Date(at)
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86400000)
  if (days === 0) return wordsOf(language).today
  if (days === 1) return wordsOf(language).yesterday
  return new Intl.DateTimeFormat(`${language}-u-nu-latn`, { weekday: days < 7 ? 'long' : undefined, day: 'numeric', month: 'long' }).format(day)
}
