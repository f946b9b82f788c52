package mailhost

const dovecotConf = `
base_dir = {{.Dir}}/run
state_dir = {{.Dir}}/state
log_path = {{.Dir}}/dovecot.log
protocols = imap submission
hostname = mail.test
ssl = required
ssl_cert = <{{.Dir}}/cert.pem
ssl_key = <{{.Dir}}/key.pem
disable_plaintext_auth = yes
auth_mechanisms = plain login
mail_location = maildir:{{.Dir}}/mail/%u
mail_uid = {{.User}}
mail_gid = nogroup
first_valid_uid = 1
mail_max_userip_connections = {{.Connections}}
passdb {
  driver = static
  args = password=` + Password + `
}
userdb {
  driver = static
  args = uid={{.User}} gid=nogroup home={{.Dir}}/mail/%u allow_all_users=yes
}
service imap-login {
  inet_listener imap {
    address = 127.0.0.1
    port = {{.IMAPClear}}
  }
  inet_listener imaps {
    address = 127.0.0.1
    port = {{.IMAP}}
    ssl = yes
  }
}
service submission-login {
  inet_listener submission {
    address = 127.0.0.1
    port = {{.SubmissionClear}}
  }
  inet_listener submissions {
    address = 127.0.0.1
    port = {{.Submission}}
    ssl = yes
  }
}
submission_relay_host = 127.0.0.1
submission_relay_port = {{.MX}}
submission_relay_trusted = yes
namespace inbox {
  inbox = yes
  mailbox Sent {
    special_use = \Sent
    auto = subscribe
  }
}
`

const smtpdConf = `
table all { "@" = "{{.User}}" }
listen on 127.0.0.1 port {{.MX}} hostname mail.test
action "deliver" maildir "{{.Dir}}/mail/%{rcpt}" virtual <all>
match from any for any action "deliver"
`
