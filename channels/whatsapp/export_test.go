package whatsapp

// LetGo names the fields whose news are let go.
var LetGo = letGo
