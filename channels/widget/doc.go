// Package widget is the chat on a company's own website: a channel without a provider.
//
// The page's script (frontend/widget) gives each browser a visitor with a token of its own. What the visitor writes comes to the
// webhook of the channel with that token as its signature; what agents write is taken at once, and read from the visitor's history
// and live socket (package visitors). The browser reports what it has shown.
//
// A token proves who sends, not what: whoever has a visitor's token is that visitor, as with any other session.
//
// # Bodies
//
//	{"visitor": "vis_…", "page": {"url", "title", "referrer"}, "events": [
//	  {"type": "message", "id": "…", "text": "…", "files": ["med_…"], "reply_to": "msg_…"},
//	  {"type": "receipt", "status": "delivered"|"read", "messages": ["msg_…"]},
//	  {"type": "details", "name": "…", "email": "…"}]}
//
// # Keys
//
//	message:<visitor>:<id>            id is the browser's own key: the same one is the same message
//	receipt:<status>:<message>        our id of the message
//	details:<visitor>:<hash>          the same details again are no news
//	unknown:<visitor>:<hash>          an entry that is not understood
package widget
