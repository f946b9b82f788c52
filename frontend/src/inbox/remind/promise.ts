/**
 * Finds what somebody promises a customer for a time ("I'll call at 4", "אחזור אליך מחר", "سأتصل بك غدًا"): a statement in the first person about
 * the future, with a time. A time that may be meant in two ways is the one in the day's waking hours. Pure; times are in the zone of the browser.
 */
export interface Promised {
  at: Date;
  /** The sentence that promises it. */
  text: string;
}

const [morning, noon, afternoon, evening, night, closing] = [9, 12, 15, 18, 20, 17];
/** Hours without a half of the day are meant to be among these. */
const [wakes, sleeps] = [7, 21];
const minute = 60_000;
const longestSentence = 300;

/** What one language says. All expressions are asked of text as `plain` makes it. */
interface Grammar {
  promise: RegExp;
  denial: RegExp;
  /** What begins a span of time from now on. */
  within: string;
  units: [RegExp, number][];
  days: [RegExp, (now: Date) => number][];
  weekdays: string[];
  weekday: (names: string) => RegExp;
  parts: [RegExp, number][];
  /** The hour, the minutes and what says which half of the day; or the word for the hour. */
  clock: RegExp;
  hours: string[];
  half: RegExp;
  pm: RegExp;
  am: RegExp;
}

const after = (n: number) => () => n;
/** Days until a day of the week, today being a week away. */
const until = (weekday: number) => (now: Date) => (weekday - now.getDay() + 7) % 7 || 7;

const english: Grammar = {
  promise: new RegExp(
    String.raw`\b(?:i|we)(?:'ll| will| shall|'m going to| am going to|'re going to| are going to| can)\s+(?:(?:also|then|just|try to|definitely|certainly|personally|make sure to|be sure to)\s+)*` +
      String.raw`(?:call|ring|phone|get back|come back|check|look into|find out|let you know|send|e-?mail|mail|write|reply|respond|answer|follow up|update|confirm|contact|message|text|be in touch|get in touch|reach out|arrange|prepare|ship|refund|have (?:it|an answer|the))\b|^(?:will|'ll) (?:call|get back|check|send|email|update|reply|let you know|be in touch|follow up)\b|\byou(?:'ll| will) (?:hear from (?:me|us)|have (?:it|an answer|my answer|our answer))\b|\bexpect (?:my|our|a) (?:call|answer|reply)\b`,
  ),
  denial: /\b(?:won't|will not|can't|cannot|can not|not be able|unable)\b/,
  within: String.raw`\b(?:in|within)\s+(?:about |the next |around )?`,
  units: [
    [/(?:half an?|half-an) hour/, 30],
    [/quarter of an hour/, 15],
    [/an? (?:couple of|few) hours/, 120],
    [/an? (?:couple of|few) minutes/, 10],
    [/(\d{1,3}|an?|one|two|three|four|five|ten|twenty|thirty) min(?:ute)?s?\b/, 1],
    [/(\d{1,3}|an?|one|two|three|four|five) (?:hours?|hrs?)\b/, 60],
    [/(\d{1,2}|an?|one|two|three|four|five) days?\b/, 1440],
    [/(\d{1,2}|an?|one|two|three) weeks?\b/, 10_080],
  ],
  days: [
    [/\bday after tomorrow\b/, after(2)],
    [/\b(?:tomorrow|tmrw|tmr)\b/, after(1)],
    [/\b(?:today|tonight|this (?:morning|afternoon|evening)|end of (?:the )?day|eod)\b/, after(0)],
    [/\bnext week\b/, until(1)],
  ],
  weekdays: ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'],
  weekday: (name) => new RegExp(String.raw`\b${name}\b`),
  parts: [
    [/\b(?:end of (?:the )?day|eod|close of business)\b/, closing],
    [/\bmorning\b/, morning],
    [/\b(?:noon|midday|lunch(?:time)?)\b/, noon],
    [/\bafternoon\b/, afternoon],
    [/\bevening\b/, evening],
    [/\btonight\b/, night],
  ],
  clock:
    /(?:\b(?:at|by|before|around|about|until|@)\s*(?<h>\d{1,2})(?:[:.](?<m>\d\d))?|\b(?<h2>\d{1,2})(?:[:.](?<m2>\d\d))?(?=\s*[ap]\.?m\b)|\b(?<h3>\d{1,2}):(?<m3>\d\d)|\b(?:at|by|before|around)\s+(?<word>one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve))\b(?![\d/%]|\s*(?:min|hour|hr|day|week|%|\$|€|£|pieces|items))/,
  hours: ['', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'],
  half: /\bhalf past\b/,
  pm: /\d\s*p\.?m\b|\b(?:afternoon|evening|tonight)\b/,
  am: /\d\s*a\.?m\b|\bmorning\b/,
};

/** Words of Hebrew and Arabic have no \b; a prefix of one letter may stand before them. */
const he = (words: string, prefixes = 'ושכ') => new RegExp(`(?<![א-ת])[${prefixes}]?(?:${words})(?![א-ת])`);
const ar = (words: string, prefixes = 'وف') => new RegExp(`(?<![ء-ي])[${prefixes}]?(?:${words})(?![ء-ي])`);

const hebrew: Grammar = {
  promise: he(
    'אחזור|נחזור|אתקשר|נתקשר|אצלצל|נצלצל|אעדכן|נעדכן|אבדוק|נבדוק|אשלח|נשלח|אברר|נברר|אענה|נענה|אכתוב|נכתוב|אאשר|נאשר|אצור קשר|ניצור קשר|אדבר|נדבר|אהיה בקשר|נהיה בקשר|אטפל|נטפל|אסדר|נסדר|אכין|נכין|אודיע|נודיע|אגיד|נגיד|אזכה|נזכה|' +
      '(?:אני|אנחנו|אנו) (?:כבר |גם )?(?:חוזר|חוזרת|חוזרים|חוזרות|מתקשר|מתקשרת|מתקשרים|שולח|שולחת|שולחים|בודק|בודקת|בודקים|מעדכן|מעדכנת|מעדכנים)|(?:תקבל|תקבלי|תקבלו) (?:ממני|ממנו|תשובה|שיחה|עדכון)',
  ),
  denial: he('לא|אין'),
  within: `(?<![א-ת])ו?(?:בעוד|תוך|עוד)\\s+(?:כ-?)?`,
  units: [
    [he('חצי שעה', ''), 30],
    [he('רבע שעה', ''), 15],
    [he('שעתיים', ''), 120],
    [he('יומיים', ''), 2880],
    [he('שבועיים', ''), 20_160],
    [/(\d{1,3})\s*דקות/, 1],
    [/(\d{1,3})\s*שעות/, 60],
    [/(\d{1,2})\s*ימים/, 1440],
    [/(\d{1,2})\s*שבועות/, 10_080],
    [he('שעה', ''), 60],
    [he('יום', ''), 1440],
    [he('שבוע', ''), 10_080],
  ],
  days: [
    [he('מחרתיים', 'ולעב'), after(2)],
    [he('מחר', 'ולעב'), after(1)],
    [he('היום|הערב|הלילה|הבוקר|סוף יום', 'ולעב'), after(0)],
    [he('שבוע הבא|בשבוע הבא', 'ול'), until(0)],
  ],
  weekdays: ['ראשון', 'שני', 'שלישי', 'רביעי', 'חמישי', 'שישי', 'שבת'],
  weekday: (name) => (name === 'שבת' ? he('שבת', 'בול') : he(`(?:ב|ל|עד )?(?:יום|ביום|ליום) ${name}`, 'ו')),
  parts: [
    [he('סוף היום|סוף יום|סוף יום העבודה', 'בול'), closing],
    [he('אחר הצהריים|אחרי הצהריים|אחה"צ|אחהצ', 'בול'), afternoon],
    [he('בוקר|הבוקר', 'בול'), morning],
    [he('צהריים|הצהריים', 'בול'), noon],
    [he('ערב|הערב', 'בול'), evening],
    [he('לילה|הלילה', 'בול'), night],
  ],
  clock:
    /(?:(?<![א-ת])(?:ב|עד|לפני|סביב|בסביבות|לקראת|בשעה|ל)(?: ה?שעה)?\s*[-־–]?\s*(?<h>\d{1,2})(?:[:.](?<m>\d\d))?|(?<![\d.])(?<h2>\d{1,2}):(?<m2>\d\d)|(?<![א-ת])(?:בשעה|עד שעה|בסביבות|ב-?)\s*(?<word>אחת עשרה|שתים עשרה|אחת|שתיים|שלוש|ארבע|חמש|שש|שבע|שמונה|תשע|עשר))(?![\d/%א-ת]|\.\d|\s*(?:ימי|ימים|דק|שעות|שבוע|ש"ח|₪|שקל|יח|%|פריט|אחוז))/,
  hours: ['', 'אחת', 'שתיים', 'שלוש', 'ארבע', 'חמש', 'שש', 'שבע', 'שמונה', 'תשע', 'עשר', 'אחת עשרה', 'שתים עשרה'],
  half: he('וחצי', ''),
  pm: he('אחר הצהריים|אחה"צ|ערב|הערב', 'ב'),
  am: he('בוקר|הבוקר', 'ב'),
};

const arabicStems = 'تصل|عود|رجع|رسل|رد|خبر|علم|تاكد|تحقق|بلغ|تابع|وافي|كلم|بعت|بعث|جهز|جيب|رجعلك|تواصل|راجع|شوف|حول';

const arabic: Grammar = {
  promise: ar(`(?:س|سوف )(?:ا|ن)(?:${arabicStems})[ء-ي]{0,4}|(?:ح|ه|راح |رح )(?:ا|ن)?(?:${arabicStems})[ء-ي]{0,4}|(?:سيتم|سيصلك|راح يوصلك|هيوصلك) [ء-ي]+`),
  denial: ar('لن|لا|ما راح|مش'),
  within: `(?<![ء-ي])و?(?:بعد|خلال|في غضون)\\s+(?:حوالي )?`,
  units: [
    [ar('(?:نصف|نص) ساعه', ''), 30],
    [ar('ربع ساعه', ''), 15],
    [ar('ساعتين', ''), 120],
    [ar('يومين', ''), 2880],
    [ar('اسبوعين', ''), 20_160],
    [/(\d{1,3})\s*دق(?:يقه|ائق|ايق)/, 1],
    [/(\d{1,3})\s*ساع(?:ات|ه)/, 60],
    [/(\d{1,2})\s*(?:ايام|يوم)/, 1440],
    [/(\d{1,2})\s*(?:اسابيع|اسبوع)/, 10_080],
    [ar('ساعه', ''), 60],
    [ar('يوم', ''), 1440],
    [ar('اسبوع', ''), 10_080],
  ],
  days: [
    [ar('بعد (?:غد|غدا|بكره|بكرا)'), after(2)],
    [ar('غدا|غد|الغد|بكره|بكرا|باكر', 'ول'), after(1)],
    [ar('اليوم|الليله|هالليله|نهايه اليوم|اخر النهار'), after(0)],
    [ar('الاسبوع (?:القادم|المقبل|الجاي|الجاي)'), until(0)],
  ],
  weekdays: ['الاحد', 'الاثنين', 'الثلاثاء', 'الاربعاء', 'الخميس', 'الجمعه', 'السبت'],
  weekday: (name) => ar(name),
  parts: [
    [ar('نهايه اليوم|اخر النهار|نهايه الدوام'), closing],
    [ar('صباحا|الصبح|الصباح', 'وب'), morning],
    [ar('بعد الظهر|العصر|عصرا'), afternoon],
    [ar('ظهرا|الظهر'), noon],
    [ar('مساء|المساء|المسا|المغرب'), evening],
    [ar('الليله|بالليل|ليلا'), night],
  ],
  clock:
    /(?:(?<![ء-ي])(?:الساعه|عالساعه|قبل|حوالي)\s*(?<h>\d{1,2})(?:[:.](?<m>\d\d))?|(?<![\d.])(?<h2>\d{1,2}):(?<m2>\d\d)|(?<![ء-ي])(?:ع)?الساعه (?<word>الواحده|الثانيه عشره|الحاديه عشره|الثانيه|الثالثه|الرابعه|الخامسه|السادسه|السابعه|الثامنه|التاسعه|العاشره))(?![\d/%ء-ي]|\s*(?:دق|ساع|يوم|ايام))/,
  hours: ['', 'الواحده', 'الثانيه', 'الثالثه', 'الرابعه', 'الخامسه', 'السادسه', 'السابعه', 'الثامنه', 'التاسعه', 'العاشره', 'الحاديه عشره', 'الثانيه عشره'],
  half: ar('ونصف|ونص|والنصف|والنص', ''),
  pm: ar('مساء|المساء|العصر|عصرا|بعد الظهر'),
  am: ar('صباحا|الصبح|الصباح', 'ب'),
};

const grammars = [english, hebrew, arabic];

/** Lower case, Western digits, plain quotation marks, letters of one form, without vowel points. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\u0591-\u05BD\u05BF-\u05C7\u064B-\u0652\u0640\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/[٠-٩]/g, (d) => String(d.charCodeAt(0) - 0x660))
    .replace(/[۰-۹]/g, (d) => String(d.charCodeAt(0) - 0x6f0))
    .replace(/[’‘׳`]/g, "'")
    .replace(/[“”״]/g, '"')
    .replace(/[أإآ]/g, 'ا')
    .replace(/ة/g, 'ه')
    .replace(/ى/g, 'ي')
    .replace(/\s+/g, ' ')
    .trim();
}

const numbers: Record<string, number> = { a: 1, an: 1, one: 1, two: 2, three: 3, four: 4, five: 5, ten: 10, twenty: 20, thirty: 30 };

/** Minutes from now on, as "in two hours" says. */
function span(text: string, g: Grammar): number | undefined {
  for (const [unit, minutes] of g.units) {
    const found = new RegExp(g.within + unit.source).exec(text);
    if (!found) continue;
    const said = found[1];
    return minutes * (said === undefined ? 1 : (numbers[said] ?? Number(said)));
  }
  return undefined;
}

function dayOf(text: string, g: Grammar, now: Date): number | undefined {
  const named = g.days.find(([form]) => form.test(text));
  if (named) return named[1](now);
  const weekday = g.weekdays.findIndex((name) => g.weekday(name).test(text));
  return weekday < 0 ? undefined : until(weekday)(now);
}

/** The hour and minutes of a clock; known: which half of the day is meant. */
function clockOf(text: string, g: Grammar): { hour: number; minutes: number; known: boolean } | undefined {
  const said = g.clock.exec(text)?.groups;
  if (!said) return undefined;
  const digits = said.h ?? said.h2 ?? said.h3;
  const minutes = Number(said.m ?? said.m2 ?? said.m3 ?? (g.half.test(text) ? 30 : 0));
  let hour = digits === undefined ? g.hours.indexOf(said.word ?? '') : Number(digits);
  if (hour < 0 || hour > 23 || minutes > 59) return undefined;
  const [isPm, isAm] = [g.pm.test(text), g.am.test(text)];
  if (isPm && hour < 12) hour += 12;
  if (isAm && hour === 12) hour = 0;
  return { hour, minutes, known: isPm || isAm || hour > 12 || hour === 0 || digits?.length === 2 && digits.startsWith('0') };
}

function timeOf(text: string, g: Grammar, now: Date): Date | undefined {
  const wait = span(text, g);
  if (wait !== undefined) return new Date(now.getTime() + wait * minute);
  const day = dayOf(text, g, now);
  const at = (later: number, hour: number, past = 0) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + later, hour, past);
  const clock = clockOf(text, g);
  if (clock) {
    const hours = clock.known ? [clock.hour] : [clock.hour, clock.hour + 12].filter((h) => h >= wakes && h < sleeps && h < 24);
    const times = (day === undefined ? [0, 1] : [day]).flatMap((d) => hours.map((h) => at(d, h, clock.minutes)));
    return times.find((time) => time > now);
  }
  const part = g.parts.find(([form]) => form.test(text))?.[1];
  if (day === undefined && part === undefined) return undefined;
  const time = at(day ?? 0, part ?? (day === 0 ? closing : morning));
  if (time > now) return time;
  if (day === undefined) return at(1, part ?? morning);
  return part === undefined ? new Date(now.getTime() + 60 * minute) : undefined;
}

/** The first promise with a time in what somebody wrote; what is quoted, asked or denied is none. */
export function findPromise(text: string, now: Date): Promised | undefined {
  for (const said of text.slice(0, 5000).split(/(?<=[.!?؟…\n])(?=\s|$)|\n/)) {
    const sentence = said.trim();
    if (!sentence || sentence.startsWith('>') || /[?؟]$/.test(sentence) || sentence.length > longestSentence) continue;
    const spoken = plain(sentence);
    for (const g of grammars) {
      if (!g.promise.test(spoken) || g.denial.test(spoken)) continue;
      const at = timeOf(spoken, g, now);
      if (at) return { at, text: sentence };
    }
  }
  return undefined;
}
