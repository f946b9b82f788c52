package mail

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// language is how mail programs of one language introduce what was said before. The fields are alternatives of regular expressions, in
// lower case; blanks in them match any blanks.
type language struct {
	code string
	// opens begins an attribution; empty: it begins with the date or the name.
	opens string
	// wrote ends an attribution; after it may stand only what is stated here.
	wrote string
	// wroteBy stands before the name, which then ends the attribution.
	wroteBy string
	// The fields of the head of a quoted mail.
	from, sent, date, to, subject string
	// original divides what was said before; forwarded what is sent on.
	original, forwarded string
	// phone is what a device adds below a text; the device stands in the place of %.
	phone string
	// re and fwd mark subjects.
	re, fwd string
}

// languages are the tables. What stands in them was seen in mails of Gmail, Outlook, Apple Mail, Thunderbird, Yahoo and others.
var languages = []language{
	{
		code: "en", opens: `on|at`, wrote: `wrote|writes|said|has written|wrote the following`, from: `from`, sent: `sent`,
		date: `date|sent at`, to: `to|cc|reply-to|reply to`, subject: `subject`,
		original:  `original message|original email|reply message|previous message|original appointment`,
		forwarded: `forwarded message|begin forwarded message|start of forwarded message|forwarded by .{1,60}`,
		phone:     `sent (?:from|with|via|using) (?:my |the )?%(?: secure email| app| mobile app)?|get %`, re: `re|res|ref`, fwd: `fwd?|fw`,
	},
	{
		code: "he", opens: `ב|בתאריך|ביום|ב-|מאת`, wrote: `כתב|כתבה|כתב/ה|כתב\(ה\)|כתב/כתבה|כתבו|נכתב על ידי`, from: `מאת|מ`,
		sent: `נשלח|נשלח ב|נשלחה`, date: `תאריך`, to: `אל|עותק|ל`, subject: `נושא|הנדון`,
		original:  `הודעה מקורית|ההודעה המקורית|הודעת מקור`,
		forwarded: `הודעה שהועברה|הודעה מועברת|תחילת ההודעה שהועברה|התחלת הודעה מועברת|הודעה שהועברה מאת .{1,60}`,
		phone:     `נשלח (?:מ|מה|מן|באמצעות|מתוך)[-־ ]?%.{0,20}`, re: `תשובה|השב|תגובה|הנדון|רד`, fwd: `הועבר|העבר|הע`,
	},
	{
		code: "ar", opens: `في|بتاريخ|يوم`, wrote: `كتب|كتبت|كتب/ت|كتب/كتبت|كتب ما يلي`,
		wroteBy: `كتب|كتبت|كتب/ت|بواسطة|تمت كتابة ما يلي بواسطة`, from: `من`, sent: `تم الإرسال|تاريخ الإرسال|أرسلت|أُرسلت|المرسل|مرسل`,
		date: `التاريخ|تاريخ`,
		to:   `إلى|الى|نسخة|نسخة إلى`, subject: `الموضوع|موضوع`, original: `الرسالة الأصلية|رسالة أصلية|الرسالة الاصلية`,
		forwarded: `رسالة معاد توجيهها|رسالة مُعاد توجيهها|الرسالة المعاد توجيهها|الرسالة المُعاد توجيهها|بدء الرسالة المعاد توجيهها|بدء رسالة معاد توجيهها|رسالة محولة`,
		phone:     `(?:أُ?رسلت|تم الإرسال|مُ?رسل|أُ?رسل) (?:من|عبر|باستخدام) (?:جهاز |ال|هاتف )*%.{0,20}`, re: `رد|الرد|رد على`,
		fwd: `إعادة توجيه|اعادة توجيه|إعادة|توجيه|مُعاد توجيهه|تحويل`,
	},
	{
		code: "ru", wrote: `написал|написала|написал\(а\)|написал/а|пишет|написали|писал|писал\(а\)`, wroteBy: `пользователь|пишет`,
		opens: `в|от`, from: `от|от кого`, sent: `отправлено|отправлен|послано`, date: `дата`, to: `кому|копия`, subject: `тема`,
		original:  `исходное сообщение|оригинальное сообщение|первоначальное сообщение|исходное письмо|оригинал сообщения`,
		forwarded: `пересланное сообщение|пересылаемое сообщение|перенаправленное сообщение|начало переадресованного сообщения|начало пересылаемого сообщения|конец пересылаемого сообщения`,
		phone:     `отправлено с (?:моего |устройства )?%|отправлено из %|отправлено через %`, re: `re|ответ|отв`, fwd: `fwd|пер`,
	},
	{
		code: "uk", wrote: `пише|написав|написала|написав\(ла\)|написав/ла`, wroteBy: `користувач`, from: `від`,
		sent: `надіслано|відправлено`,
		date: `дата`, to: `кому|копія`, subject: `тема`, original: `вихідне повідомлення|початкове повідомлення|оригінальне повідомлення`,
		forwarded: `переслане повідомлення|переадресоване повідомлення|початок листа, що пересилається`, phone: `надіслано з (?:мого )?%`,
		fwd: `пер`,
	},
	{
		code: "fr", opens: `le|à|en date du`, wrote: `a écrit|a ecrit|écrit|a écrit ce qui suit`, from: `de|expéditeur`,
		sent: `envoyé|envoyé le|envoye`, date: `date`, to: `à|a|cc|pour|destinataire`, subject: `objet|sujet`,
		original:  `message d'origine|message d’origine|message original|message initial`,
		forwarded: `message transféré|message transmis|début du message transféré|message réexpédié|transféré par .{1,60}`,
		phone:     `envoyé (?:de|depuis|à partir de) (?:mon |l['’])?(?:appareil |application )?%.{0,20}|télécharger %|obtenez %`,
		re:        `re|réf|rép`, fwd: `tr|trans`,
	},
	{
		code: "de", opens: `am|on`, wrote: `schrieb|hat geschrieben|geschrieben|schrieb folgendes`, wroteBy: `schrieb|schrieben`,
		from: `von`,
		sent: `gesendet|gesendet am`, date: `datum`, to: `an|kopie`, subject: `betreff|betr.`,
		original:  `ursprüngliche nachricht|originalnachricht|original-nachricht|ursprüngliche mail|urspr. nachricht|original nachricht`,
		forwarded: `weitergeleitete nachricht|anfang der weitergeleiteten nachricht|weitergeleitet von .{1,60}`,
		phone:     `von meinem % (?:aus )?gesendet|gesendet (?:von|mit|aus) (?:meinem |der |dem )?%.{0,20}|diese nachricht wurde von meinem % gesendet|%.{0,20} gesendet|holen sie sich %`, re: `aw|antw|antwort`, fwd: `wg|wtr|weitergeleitet`,
	},
	{
		code: "es", opens: `el|en|con fecha`, wrote: `escribió|escribio|ha escrito|escribe`, from: `de|remitente`,
		sent: `enviado|enviado el|enviado a las`, date: `fecha`, to: `para|a|destinatario`, subject: `asunto`,
		original:  `mensaje original|correo original`,
		forwarded: `mensaje reenviado|inicio del mensaje reenviado|mensaje enviado|comienzo del mensaje reenviado|reenviado por .{1,60}`,
		phone:     `enviado (?:desde|con|por) (?:mi |el |la aplicación )?%.{0,20}|obtener %`, fwd: `rv|reenv`,
	},
	{
		code: "pt", opens: `em|no dia|a`, wrote: `escreveu|escreveu o seguinte`, from: `de|remetente`,
		sent: `enviado|enviada|enviado em|enviada em|envio`, date: `data`, to: `para|a|cc`, subject: `assunto`,
		original:  `mensagem original|mensagem de origem`,
		forwarded: `mensagem encaminhada|mensagem reencaminhada|início da mensagem encaminhada|início da mensagem reencaminhada|forwarded message|encaminhado por .{1,60}|encaminhada por .{1,60}`, phone: `enviado (?:do|de|pelo|a partir do) (?:meu |o )?%.{0,20}|obter %`, re: `re|res`, fwd: `enc|encaminhada`,
	},
	{
		code: "it", opens: `il|il giorno|in data|da`, wrote: `ha scritto|scrive|scriveva|hai scritto`, from: `da`,
		sent: `inviato|inviato il|spedito`, date: `data|inviato il`, to: `a|per`, subject: `oggetto`,
		original:  `messaggio originale|messaggio original|messaggio originario`,
		forwarded: `messaggio inoltrato|inizio messaggio inoltrato|messaggio inoltrato da .{1,60}`,
		phone:     `inviato (?:da|dal|tramite) (?:mio |il mio )?%.{0,20}`, re: `r|rif|ris`, fwd: `i|inoltro|inol`,
	},
	{
		code: "nl", opens: `op`, wrote: `schreef|heeft geschreven|geschreven|het volgende geschreven|schreef het volgende`,
		wroteBy: `schreef|geschreven door`, from: `van`, sent: `verzonden|verstuurd`, date: `datum`, to: `aan`, subject: `onderwerp`,
		original:  `oorspronkelijk bericht|origineel bericht|oorspronkelijke bericht`,
		forwarded: `doorgestuurd bericht|begin doorgestuurd bericht`,
		phone:     `verzonden (?:vanaf|met|via|vanuit) (?:mijn )?%.{0,20}|verstuurd vanaf (?:mijn )?%`, re: `antw|betr`, fwd: `doorst|dst`,
	},
	{
		code: "pl", opens: `w dniu|dnia`, wrote: `napisał|napisała|napisał\(a\)|napisał/a|pisze|użytkownik .{1,60} napisał|napisał\(-a\)`,
		from: `od|nadawca`, sent: `wysłano|wysłane|data wysłania`, date: `data`, to: `do|dw`, subject: `temat`,
		original:  `wiadomość oryginalna|oryginalna wiadomość|treść oryginalnej wiadomości`,
		forwarded: `wiadomość przekazana dalej|przekazana wiadomość|treść przekazanej wiadomości|początek przekazanej wiadomości|przekazano dalej`, phone: `wysłan[eoy] (?:z|za pomocą) (?:mojego )?%.{0,20}`, re: `odp`, fwd: `pd|pdl`,
	},
	{
		code: "cs", opens: `dne`, wrote: `napsal|napsala|napsal\(a\)|napsal/a|píše`, wroteBy: `odesílatel|uživatel`,
		from: `od|odesílatel|odesílatele`, sent: `odesláno|odeslané`, date: `datum`, to: `komu|pro|kopie`, subject: `předmět|věc`,
		original:  `původní zpráva|původní e-mail|původní email`,
		forwarded: `přeposlaná zpráva|přesměrovaná zpráva|začátek přeposílané zprávy`, phone: `odesláno z (?:mého )?%.{0,20}`, re: `odp`,
		fwd: `př`,
	},
	{
		code: "sk", opens: `dňa`, wrote: `napísal|napísala|napísal\(a\)|napísal/a|píše`, wroteBy: `používateľ`, from: `od|odosielateľ`,
		sent: `odoslané|dátum odoslania`, date: `dátum`, to: `komu|kópia`, subject: `predmet`, original: `pôvodná správa`,
		forwarded: `preposlaná správa|začiatok preposlanej správy`,
		phone:     `odoslané z (?:môjho )?%.{0,20}`, re: `odp`, fwd: `prep`,
	},
	{
		code: "hu", wrote: `ezt írta|a következőt írta|írta|ezt írta \(időpont: .{5,60}\)|ezt írta ekkor: .{5,60}`, from: `feladó`,
		sent: `elküldve|küldve|küldés dátuma`, date: `dátum`, to: `címzett|másolatot kap`, subject: `tárgy`, original: `eredeti üzenet`,
		forwarded: `továbbított üzenet|továbbított levél`,
		phone:     `(?:az )?%.{0,20} küldve|elküldve (?:az? )?%.{0,20}`, re: `vá|válasz`, fwd: `továbbítás|tov`,
	},
	{
		code: "ro", opens: `în|in|pe|la data de`, wrote: `a scris|scrie|a scris următoarele`, from: `de la|expeditor`,
		sent: `trimis|trimisă|data trimiterii`, date: `data|dată`, to: `către|catre`, subject: `subiect`,
		original: `mesaj original|mesajul original|mesaj iniţial`, forwarded: `mesaj redirecționat|mesaj redirecţionat|mesaj transmis`,
		phone: `trimis (?:de pe|din) (?:al meu )?%.{0,20}`, re: `răsp|rasp`, fwd: `redirecționat`,
	},
	{
		code: "bg", opens: `на|в`, wrote: `написа|пише|написал|написа следното`, from: `от`, sent: `изпратено`, date: `дата`,
		to:      `до|копие`,
		subject: `относно|тема`, original: `оригинално съобщение|първоначално съобщение`, forwarded: `препратено съобщение`,
		phone: `изпратено от (?:моя )?%.{0,20}`, re: `отн|отг`, fwd: `пр|прп`,
	},
	{
		code: "el", opens: `στις|την|στις`, wrote: `έγραψε|έγραψε τα εξής|έγραψε/αν|γράφει`, from: `από`, sent: `στάλθηκε|εστάλη|απεστάλη`,
		date: `ημερομηνία|ημ/νία`, to: `προς|κοιν`, subject: `θέμα`, original: `αρχικό μήνυμα|πρωτότυπο μήνυμα`,
		forwarded: `προωθημένο μήνυμα|έναρξη προωθημένου μηνύματος`,
		phone:     `στάλθηκε από (?:το |τη )?%.{0,20}`, re: `απ|σχετ`, fwd: `πρθ`,
	},
	{
		code: "tr", wrote: `şunu yazdı|yazdı|tarihinde şunu yazdı|tarihinde şunları yazdı|şöyle yazdı`, from: `kimden|gönderen`,
		sent: `gönderildi|gönderme tarihi|gönderim tarihi`, date: `tarih`, to: `kime|alıcı|bilgi`, subject: `konu`,
		original:  `orijinal ileti|orijinal mesaj|özgün ileti`,
		forwarded: `yönlendirilmiş ileti|iletilen ileti|iletilmiş mesaj|yönlendirilen mesajın başı`,
		phone:     `(?:.{0,10} )?%.{0,20} gönderildi`, re: `ynt|ynl|cvp`, fwd: `ilt|i̇lt`,
	},
	{
		code: "sv", opens: `den|på`, wrote: `skrev|skriver|skrev följande`, wroteBy: `skrev`, from: `från`, sent: `skickat|skickades`,
		date: `datum`, to: `till|kopia`, subject: `ämne`, original: `ursprungligt meddelande|originalmeddelande`,
		forwarded: `vidarebefordrat meddelande|vidarebefordrat brev|börja vidarebefordrat meddelande`,
		phone:     `skickat från (?:min )?%.{0,20}`, re: `sv`, fwd: `vb|vs`,
	},
	{
		code: "da", opens: `den`, wrote: `skrev|skrev følgende`, wroteBy: `skrev`, from: `fra`, sent: `sendt`, date: `dato`, to: `til|cc`,
		subject: `emne`, original: `oprindelig meddelelse|oprindelig besked|original meddelelse`,
		forwarded: `videresendt meddelelse|videresendt besked|start på videresendt besked`, phone: `sendt fra (?:min )?%.{0,20}`, re: `sv`,
		fwd: `vs|videresendt`,
	},
	{
		code: "no", opens: `den|på`, wrote: `skrev|skrev følgende`, wroteBy: `skrev`, from: `fra`, sent: `sendt`, date: `dato`,
		to:      `til|kopi`,
		subject: `emne`, original: `opprinnelig melding|original melding`, forwarded: `videresendt melding|videresendt e-post`,
		phone: `sendt fra (?:min )?%.{0,20}`, re: `sv`, fwd: `vs`,
	},
	{
		code: "fi", wrote: `kirjoitti|kirjoittaa|kirjoitti seuraavasti`, from: `lähettäjä`, sent: `lähetetty`,
		date: `päiväys|päivämäärä|pvm`,
		to:   `vastaanottaja|kopio`, subject: `aihe`, original: `alkuperäinen viesti`,
		forwarded: `edelleenlähetetty viesti|välitetty viesti|välitetty viesti alkaa`, phone: `lähetetty %.{0,20}`, fwd: `vl|vs`,
	},
	{
		code: "zh", opens: `在|于`, wrote: `写道|寫道|写到|写了|撰写|於 .{4,40} 寫道|于 ?.{4,40} ?写道`, from: `发件人|寄件者|寄件人|發件人|发自`,
		sent: `发送时间|发送日期|已发送|寄件日期|傳送時間|發送時間`, date: `日期|时间`, to: `收件人|抄送|副本`, subject: `主题|主旨|主題`, original: `原始邮件|原始郵件|原邮件|原始信件|原始邮件信息`,
		forwarded: `转发的邮件|轉寄郵件|转发邮件信息|已转发邮件|转发邮件`,
		phone:     `发自我的 ?%|從我的 ?% ?傳送|发送自 ?%|從 ?% ?傳送`, re: `回复|回覆|答复|回復`, fwd: `转发|轉寄|轉發`,
	},
	{
		code: "ja", wrote: `のメール|さんは書きました|は書きました|wrote`, from: `差出人|送信者|from`, sent: `送信日時|送信済み`, date: `日時|日付`, to: `宛先|cc`, subject: `件名`,
		original: `元のメッセージ|オリジナルメッセージ|元のメール`, forwarded: `転送されたメッセージ|転送メッセージ`, phone: `(?:私の)?%から送信|%から送信`, re: `返信`, fwd: `転送`,
	},
	{
		code: "ko", wrote: `님이 작성|작성|님이 다음과 같이 썼습니다|님이 .{1,20} 작성`, from: `보낸 사람|보낸사람|발신`, sent: `보낸 날짜|보낸날짜|보냄`, date: `날짜|일시`,
		to: `받는 사람|받는사람|참조|수신`, subject: `제목`, original: `원본 메시지|원본 메일|원본메시지`, forwarded: `전달된 메시지|전달된 메일`, phone: `(?:나의 )?%에서 보냄`,
		re: `회신|답장`, fwd: `전달`,
	},
	{
		code: "fa", opens: `در|در تاریخ`, wrote: `نوشت|نوشته است|نوشته`, from: `از|فرستنده`, sent: `ارسال شده|ارسال`, date: `تاریخ`,
		to: `به|گیرنده`, subject: `موضوع`, original: `پیام اصلی|پیغام اصلی`, forwarded: `پیام بازارسال شده|پیام هدایت شده|پیام ارسال شده`,
		phone: `(?:ارسال شده|فرستاده شده) از %.{0,20}`, re: `پاسخ`, fwd: `ارسال`,
	},
	{
		code: "hr", opens: `dana|u`,
		wrote: `je napisao|je napisala|je napisao/la|napisao/la je|napisao|napisala|je napisao/napisala|napisao je|napisala je|је написао/ла|је написао|је написала|пише`, from: `od|šalje|pošiljatelj|од|шаље|prima`, sent: `poslano|poslato|послато`, date: `datum|датум`, to: `prima|za|kome|коме|за`, subject: `predmet|naslov|наслов|тема`,
		original:  `izvorna poruka|originalna poruka|izvorno sporočilo|оригинална порука`,
		forwarded: `proslijeđena poruka|prosleđena poruka|прослеђена порука`,
		phone:     `poslano s (?:mog )?%.{0,20}|poslato sa (?:mog )?%.{0,20}`, re: `odg`, fwd: `prosl`,
	},
	{
		code: "vi", opens: `vào|vào lúc|ngày`, wrote: `đã viết|viết`, from: `từ|người gửi`, sent: `đã gửi|gửi`, date: `ngày`,
		to: `tới|đến|người nhận`, subject: `chủ đề|tiêu đề`, original: `thư gốc|tin nhắn gốc`,
		forwarded: `thư được chuyển tiếp|forwarded message`, phone: `đã gửi từ %.{0,20}|được gửi từ %.{0,20}`, re: `trả lời`,
		fwd: `chuyển tiếp`,
	},
	{
		code: "th", opens: `ในวันที่|เมื่อ|ใน`, wrote: `เขียนว่า|เขียน`, from: `จาก`, sent: `ส่ง|ส่งเมื่อ`, date: `วันที่`, to: `ถึง`,
		subject: `เรื่อง|หัวเรื่อง|หัวข้อ`, original: `ข้อความต้นฉบับ|ข้อความเดิม`, forwarded: `ข้อความที่ส่งต่อ`, phone: `ส่งจาก %.{0,20}`,
		re: `ตอบ`, fwd: `ส่งต่อ`,
	},
	{
		code: "id", opens: `pada|tanggal`, wrote: `menulis|menulis berikut`, from: `dari`, sent: `dikirim|terkirim`, date: `tanggal`,
		to: `kepada|ke`, subject: `subjek|perihal`, original: `pesan asli`, forwarded: `pesan terusan|pesan yang diteruskan`,
		phone: `dikirim dari %.{0,20}`, re: `bls`, fwd: `trs`,
	},
	{
		code: "ca", opens: `el dia|missatge de|a`, wrote: `va escriure|ha escrit|va escriure el següent`, from: `de`,
		sent: `enviat|enviat el`,
		date: `data`, to: `per a|a`, subject: `assumpte|tema`, original: `missatge original`, forwarded: `missatge reenviat`,
		phone: `enviat des del? (?:meu )?%.{0,20}`, re: `re`, fwd: `rv`,
	},
}

// device is what phone notes name: words of one's own do not.
const device = `(?:[\p{L}0-9.]{0,12}[ -])?(?:iphone|ipad|ipod|apple watch|android|samsung|galaxy|huawei|xiaomi|redmi|oppo|nokia|motorola|blackberry|windows phone|windows mail|windows 10|mail for windows|mail voor windows|outlook|hotmail|yahoo ?mail|yahoo|gmail|gmx|proton ?mail|proton mail|mail\.ru|mail ru|yandex|яндекс|почты|mail app|aol|icloud|spark|thunderbird|k-9 mail|fairemail|bluemail|zoho mail|tutanota|mobile|mobil|smartphone|telefon|handy|phone|mobile device|mobiltelefon|téléphone|portable|móvil|celular|telemóvel|iphone de .{2,30}|אייפון|אייפד|אנדרואיד|גלקסי|סמסונג|הטלפון|אאוטלוק|الآيفون|آيفون|ايفون|أيفون|الأيفون|آيباد|أندرويد|اندرويد|سامسونج|هاتفي|айфона|андроид|телефона)`

// alternatives joins a field of all languages to one expression.
func alternatives(field func(language) string) string {
	var all []string
	for _, l := range languages {
		if text := field(l); text != "" {
			all = append(all, strings.ReplaceAll(text, " ", `\s+`))
		}
	}
	return strings.Join(all, "|")
}

func compile(format, list string) *regexp.Regexp {
	return regexp.MustCompile(strings.ReplaceAll(format, "LIST", list))
}

var (
	opensForm    = compile(`^(?:LIST)[\s,:\-־]*`, alternatives(func(l language) string { return l.opens }))
	wroteForm    = compile(`(?:^|[\s,>)\]"'»”־-])(?:LIST)$`, alternatives(func(l language) string { return l.wrote }))
	wroteByForm  = compile(`[\s,](?:LIST)\s+[^:]{1,90}$`, alternatives(func(l language) string { return l.wroteBy }))
	deviceForm   = regexp.MustCompile(device)
	cjkWroteForm = regexp.MustCompile(`(?:写道|寫道|写到|写了|撰写|님이 작성|작성|님이 다음과 같이 썼습니다|は書きました|のメール)$`)
	phoneForm    = regexp.MustCompile(`^(?:` + strings.ReplaceAll(alternatives(func(l language) string { return l.phone }), "%", device) +
		`)(?:\s+(?:for|auf|für|para|pour|per|в|на)\s+.{2,30})?\s*(?:[<(]?https?://\S+[>)]?)?[.!]?$`)
	reForm = compile(`^(?:LIST|r|antw)(?:\s?\[\d+\]|\s?\(\d+\)|\^\d+)?\s*[:：]\s*`,
		alternatives(func(l language) string { return l.re }))
	fwdForm = compile(`^(?:LIST)(?:\s?\[\d+\]|\s?\(\d+\))?\s*[:：]\s*`, alternatives(func(l language) string { return l.fwd }))
)

// fromDevice reports whether a line, in lower case, says from which device a mail was sent. The form of all languages, which takes a
// megabyte to match, is asked only of lines that name a device.
func fromDevice(plain string) bool {
	return utf8.RuneCountInString(plain) < 120 && deviceForm.MatchString(plain) && phoneForm.MatchString(plain)
}

// The fields of the head of a quoted mail.
const (
	fieldFrom = 1 << iota
	fieldSent
	fieldDate
	fieldTo
	fieldSubject
)

// fieldLabels are the names of those fields in all languages; one name may mean several.
var fieldLabels = func() map[string]int {
	labels := map[string]int{}
	for _, l := range languages {
		for list, kind := range map[string]int{
			l.from: fieldFrom, l.sent: fieldSent, l.date: fieldDate, l.to: fieldTo,
			l.subject: fieldSubject,
		} {
			for label := range strings.SplitSeq(list, "|") {
				if label != "" {
					labels[label] |= kind
				}
			}
		}
	}
	return labels
}()

// blockField says which fields of a quoted mail's head a line, in lower case, may be.
func blockField(plain string) int {
	at := strings.IndexAny(plain, ":：")
	if at <= 0 || at > 40 {
		return 0
	}
	return fieldLabels[strings.Trim(plain[:at], "*_ ")]
}

// originalPhrases and forwardedPhrases are what dividers say; true: something of the sender's own follows.
var (
	originalPhrases  = phrases(func(l language) string { return l.original })
	forwardedPhrases = phrases(func(l language) string { return l.forwarded })
)

func phrases(of func(language) string) map[string]bool {
	out := map[string]bool{}
	for _, l := range languages {
		for phrase := range strings.SplitSeq(of(l), "|") {
			if phrase != "" {
				begin, more := strings.CutSuffix(phrase, " .{1,60}")
				out[begin] = more
			}
		}
	}
	return out
}

// isDivider reports whether a line, in lower case, is one of the phrases between dashes, or followed by a colon.
func isDivider(plain string, phrases map[string]bool) bool {
	bare := strings.Trim(plain, "-_=*–— ")
	ruled := len(plain)-len(bare) >= 2
	said, colon := strings.CutSuffix(bare, ":")
	if said = strings.TrimSpace(said); !ruled && !colon || len(said) > 200 {
		return false
	}
	if _, ok := phrases[said]; ok {
		return true
	}
	for at := strings.IndexByte(said, ' '); at > 0; {
		if phrases[said[:at]] {
			return ruled
		}
		next := strings.IndexByte(said[at+1:], ' ')
		if next < 0 {
			break
		}
		at += next + 1
	}
	return false
}

// SubjectKey returns a subject for comparison, and what it is marked as: an answer, or something sent on. The first mark counts.
func SubjectKey(subject string) (key string, answer, forward bool) {
	key = strings.ToLower(strings.Join(strings.Fields(strings.Map(visible, subject)), " "))
	for first := true; ; first = false {
		switch {
		case reForm.MatchString(key):
			answer = answer || first
			key = reForm.ReplaceAllString(key, "")
		case fwdForm.MatchString(key):
			forward = forward || first
			key = fwdForm.ReplaceAllString(key, "")
		default:
			return key, answer, forward
		}
	}
}

// visible drops marks of direction, and makes all blanks ordinary ones.
func visible(r rune) rune {
	switch {
	case r < 0x80 && r != '\t':
		return r
	case unicode.Is(unicode.Bidi_Control, r), r == 0xfeff, r == 0x200b:
		return -1
	case r == 0xa0, r == 0x202f, r == 0x2007, r == '\t', r == 0x3000:
		return ' '
	}
	return r
}
