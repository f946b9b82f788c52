package main

import (
	"wasl/auth"
	"wasl/channels/sandbox"
	"wasl/internal/access"
)

// demoTeam is a team of the living floor. It serves one language.
type demoTeam struct {
	name, language string
	handOver       auth.HandOver
	people         string // the address of the demo's own user who is a member, too
}

var demoTeams = []demoTeam{
	{"Sales", "en", auth.Direct, "daniel@demo.wasl.example"},
	{"שירות לקוחות", "he", auth.ByOffer, ""},
	{"خدمة العملاء", "ar", auth.Direct, "layla@demo.wasl.example"},
}

// demoAgents are simulated: they take, answer and resolve conversations with the floor's customers. With Layla and Daniel they are eight.
var demoAgents = []auth.NewUser{
	{Name: "James Wood", Email: "james@demo.wasl.example", Role: access.Agent, Language: "en"},
	{Name: "Sofia Martin", Email: "sofia@demo.wasl.example", Role: access.Agent, Language: "en"},
	{Name: "נועם פרץ", Email: "noam@demo.wasl.example", Role: access.Agent, Language: "he"},
	{Name: "שירה אברהם", Email: "shira@demo.wasl.example", Role: access.Agent, Language: "he"},
	{Name: "أحمد ناصر", Email: "ahmad@demo.wasl.example", Role: access.Agent, Language: "ar"},
	{Name: "مريم خليل", Email: "mariam@demo.wasl.example", Role: access.Agent, Language: "ar"},
}

// demoCrowd are the floor's customers. They come again and again, so that their conversations stay as many as they are.
var demoCrowd = []sandbox.Customer{
	{Key: "crowd-1", Name: "Alice Turner", Phone: "447700900201", Language: "en"},
	{Key: "crowd-2", Name: "Ben Carter", Phone: "447700900202", Language: "en"},
	{Key: "crowd-3", Name: "Chloe Evans", Phone: "447700900203", Language: "en"},
	{Key: "crowd-4", Name: "Dylan Price", Phone: "447700900204", Language: "en"},
	{Key: "crowd-5", Name: "Ella Stone", Phone: "447700900205", Language: "en"},
	{Key: "crowd-6", Name: "Frank Moore", Phone: "447700900206", Language: "en"},
	{Key: "crowd-7", Name: "אורי שמש", Phone: "972525550201", Language: "he"},
	{Key: "crowd-8", Name: "גל רוזן", Phone: "972525550202", Language: "he"},
	{Key: "crowd-9", Name: "דנה ביטון", Phone: "972525550203", Language: "he"},
	{Key: "crowd-10", Name: "טל אמיר", Phone: "972525550204", Language: "he"},
	{Key: "crowd-11", Name: "יעל דגן", Phone: "972525550205", Language: "he"},
	{Key: "crowd-12", Name: "רון מלכה", Phone: "972525550206", Language: "he"},
	{Key: "crowd-13", Name: "باسم عيسى", Phone: "971505550201", Language: "ar"},
	{Key: "crowd-14", Name: "جنى منصور", Phone: "971505550202", Language: "ar"},
	{Key: "crowd-15", Name: "خالد يونس", Phone: "971505550203", Language: "ar"},
	{Key: "crowd-16", Name: "رنا شاهين", Phone: "971505550204", Language: "ar"},
	{Key: "crowd-17", Name: "سامر عودة", Phone: "971505550205", Language: "ar"},
	{Key: "crowd-18", Name: "هدى قاسم", Phone: "971505550206", Language: "ar"},
}

// demoSaid are what the floor's customers ask, what its agents answer, and why agents decline or are away.
var demoSaid = map[string]struct{ asked, answered, declined, away []string }{
	"en": {
		[]string{
			"Hi, how much is the evening course?", "I cannot sign in to the platform, please help",
			"Do you have a group that starts in January?",
			"My payment went through twice", "Where do I find the recording of yesterday's lesson?",
		},
		[]string{"Hello! I am looking at it and will have an answer for you in a moment.", "Thank you for waiting. It is arranged now."},
		[]string{"On a call"}, []string{"Lunch", "Coffee"},
	},
	"he": {
		[]string{
			"היי, כמה עולה הקורס בערב?", "לא מצליח להתחבר למערכת, אפשר עזרה?", "יש קבוצה שמתחילה בינואר?", "חויבתי פעמיים על אותו תשלום",
			"איפה מוצאים את ההקלטה של השיעור אתמול?",
		},
		[]string{"שלום! הפנייה בבדיקה ותשובה בדרך.", "תודה על ההמתנה. הנושא טופל."},
		[]string{"בשיחת טלפון"}, []string{"הפסקת צהריים", "קפה"},
	},
	"ar": {
		[]string{
			"مرحبًا، كم سعر الدورة المسائية؟", "لا أستطيع الدخول إلى المنصة، أرجو المساعدة", "هل هناك مجموعة تبدأ في يناير؟",
			"تم خصم المبلغ مرتين", "أين أجد تسجيل درس الأمس؟",
		},
		[]string{"أهلًا! نراجع طلبك وسنجيبك بعد لحظات.", "شكرًا على انتظارك. تم حل الأمر."},
		[]string{"في مكالمة"}, []string{"استراحة غداء", "قهوة"},
	},
}
