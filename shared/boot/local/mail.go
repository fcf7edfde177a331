package local

import (
	"strings"

	"headstart/shared/engine"
	"headstart/shared/notice"
)

// Mailer returns who sends letters on one machine, from an address: the mail server of
// smtp://... or smtps://..., or a folder that keeps them as files. It returns
// fault.Invalid for an address that makes no sense.
func Mailer(to, from string) (engine.Mailer, error) {
	if strings.HasPrefix(to, "smtp://") || strings.HasPrefix(to, "smtps://") {
		return notice.NewSMTP(to, from)
	}
	return notice.NewFolder(to, from)
}
