package main

// Where mails go is printed as a person may see it; it would catch a password on the
// screen, and a place for mails that is refused too late.

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
)

func TestWhereMailsGoIsShownWithoutAPassword(t *testing.T) {
	for to, shown := range map[string]string{
		"build/local/mails":                            "build/local/mails",
		"smtp://user:pa55word@mail.example.com:587":    "smtp://mail.example.com:587",
		"smtps://u%40x.example:p@55@mail.example.com/": "smtps://mail.example.com/",
		"smtp://127.0.0.1:1025":                        "smtp://127.0.0.1:1025",
	} {
		require.Equal(t, shown, withoutPassword(to))
	}
}

func TestAPlaceForMailsThatMakesNoSenseIsRefusedAtTheStart(t *testing.T) {
	var out bytes.Buffer
	require.True(t, fault.Is(post(nil, "smtp://user:pa55word@", "headstart@localhost", &out), fault.Invalid))
	require.True(t, fault.Is(post(nil, t.TempDir(), "Headstart", &out), fault.Invalid))
	require.Empty(t, out.String())
}
