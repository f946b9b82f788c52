package classify_test

import "wasl/routing/classify"

// borderCases are the decisions about messages between two types, in words of which the model has not learned any message. Where types has
// two, both are right; an empty sentiment is not asked.
var borderCases = []struct{ text, types, sentiment string }{
	// refund, return, cancellation: support, unless dissatisfaction is expressed
	{"hi, I'd like to give back the toaster from Monday", "support", classify.Neutral},
	{"sending the toaster back, it's a piece of rubbish and I want every penny", "complaint", ""},
	{"אפשר להחזיר את הטוסטר שקניתי ביום שני?", "support", classify.Neutral},
	{"הטוסטר גרוע, רוצה להחזיר אותו ולקבל כסף, מאוכזבת מכם מאוד", "complaint", ""},
	{"بدي رجع التوستر اللي اشتريته الاثنين", "support", classify.Neutral},
	{"التوستر سيء جدا وخاب ظني فيكم، ابي فلوسي", "complaint", ""},
	// money: what is owed or how it is made up
	{"what is still open on my account", "support", classify.Neutral},
	{"why are there two payments of 89 on my card this month, please check", "support", classify.Neutral},
	{"you took 89 twice again and nobody explains, this is dishonest", "complaint", ""},
	{"ירדו לי שני תשלומים של 89 החודש, תוכלו לבדוק", "support", classify.Neutral},
	{"انسحب ٨٩ مرتين هالشهر ممكن تشوفون", "support", classify.Neutral},
	// a fault or a late delivery, with anger, asks for help
	{"my screen is black AGAIN!!! get it working now, this is insane", "support", classify.Angry},
	{"הטלוויזיה שוב לא נדלקת!!! תתקנו אותה כבר, נמאס", "support complaint", classify.Angry},
	// ignored before: as the point, or in passing
	{"this is my fifth email and still not one answer from you", "complaint", ""},
	{"wrote last week too: could you resend my receipt?", "support", classify.Neutral},
	{"זו הפעם החמישית שאני כותבת ואף אחד לא טורח לענות", "complaint", ""},
	{"خامس رسالة وما حدا رد علي", "complaint", ""},
	// staff, misleading sale, refused claim, ironic praise
	{"the lady on the phone was rude and hung up", "complaint", ""},
	{"הנציגה הייתה גסה וניתקה", "complaint", ""},
	{"الموظفة كانت وقحة وقفلت الخط", "complaint", ""},
	{"you rejected my claim and I dispute your decision", "complaint", ""},
	// a new booking or one's own
	{"need a dentist on Friday, I am new", "sales", classify.Neutral},
	{"move my dentist visit from Friday to Monday", "support", classify.Neutral},
	{"רוצה לקבוע תור לרופא שיניים, לא הייתי אצלכם", "sales", classify.Neutral},
	{"להעביר את התור שלי לרופא שיניים מיום שישי", "support", classify.Neutral},
	{"حابة احجز موعد اسنان اول مرة عندكم", "sales", classify.Neutral},
	{"غيروا موعدي عند دكتور الاسنان ليوم الاثنين", "support", classify.Neutral},
	// an urgent call-out
	{"water is pouring from the ceiling, we found you online, how fast can a plumber come", "sales", classify.Neutral},
	// upgrade, renewal; a seat: price or act
	{"want to go from silver to gold", "sales", classify.Neutral},
	{"what would it cost to put my wife on the policy", "sales", classify.Neutral},
	{"please put my wife on the policy from May", "support", classify.Neutral},
	{"רוצה לחדש את הביטוח", "sales", classify.Neutral},
	{"نبي نضيف موظفين على حسابنا، ضيفوهم لو سمحتم", "support", classify.Neutral},
	// with no sign of a purchase
	{"till when are you open on Thursday", "sales", classify.Neutral},
	{"وين محلكم بالضبط", "sales", classify.Neutral},
	{"איפה אתם יושבים ויש חניה?", "sales", classify.Neutral},
	// a person, or nothing at all
	{"let me speak with a human being", "support", classify.Neutral},
	{"hello good people", "other", ""},
	{"שלום לכולם", "other", ""},
	{"مساء الورد", "other", ""},
	// leave me alone
	{"take me off this mailing list", "other", classify.Neutral},
	{"stop these texts, I asked three times already, next time my lawyer writes", "complaint", classify.Angry},
	{"תורידו אותי מרשימת הדיוור", "other", classify.Neutral},
	{"احذفوني من قائمة الرسايل", "other", classify.Neutral},
	// praise alone, and praise with a request
	{"your people did a splendid job, thank you", "other", classify.Positive},
	{"splendid job, thank you! can I have the invoice?", "support", classify.Positive},
	// who sells to us is no customer
	{"we sell cleaning products to clinics, may we send you our price list", "other", classify.Neutral},
	{"אנחנו ספק ציוד משרדי ונשמח להציע לכם מחירים", "other", classify.Neutral},
	{"نحن مورد قرطاسية ونود ارسال اسعارنا لكم", "other", classify.Neutral},
	// a polite ultimatum is anger
	{"Kindly return my deposit by Tuesday; failing that I shall go to court. With thanks", "complaint", classify.Angry},
	{"אודה להשבת הפיקדון עד יום שלישי, אחרת אפנה לבית המשפט. תודה", "complaint", classify.Angry},
	{"أرجو إعادة العربون قبل الثلاثاء وإلا توجهت إلى المحكمة، مع الشكر", "complaint", classify.Angry},
	// negation
	{"I have no complaints, only a question about my invoice", "support", classify.Neutral},
	{"אין לי תלונה, רק רוצה לדעת מתי ההזמנה שלי מגיעה", "support", classify.Neutral},
	{"مو زعلان بس ابي اعرف وين طلبي", "support", classify.Neutral},
}
