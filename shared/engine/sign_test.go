package engine

// These tests sign with one secret and check with others. They would catch a
// signature that another tool computes differently, one that serves two purposes,
// and a secret that counts after it was dropped or while it is too short.

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
)

func TestWhatTheConsoleSignsCountsForOnePurposeAndWhileItsSecretIsKnown(t *testing.T) {
	const old, fresh = "a secret of 32 bytes, more or less", "another secret of some length"
	e := &Engine{links: secrets(old)}
	signature, err := e.Sign(t.Context(), ForSession, []byte("body"))
	require.NoError(t, err)
	// printf 'headstart session\0body' | openssl dgst -sha256 -hmac 'a secret of 32 bytes, more or less'
	require.Equal(t, "0e94ede3a95c4d147c0a1fdf302c95ec8f02fa8be8976a025903934c0ce85b60", hex.EncodeToString(signature))
	for _, c := range []struct {
		secrets []string
		purpose purpose
		body    string
		want    bool
	}{
		{[]string{old}, ForSession, "body", true},
		{[]string{fresh, old}, ForSession, "body", true},
		{[]string{fresh}, ForSession, "body", false},
		{nil, ForSession, "body", false},
		{[]string{old}, ForForm, "body", false},
		{[]string{old}, forConsent, "body", false},
		{[]string{old}, ForSession, "body2", false},
	} {
		e.UseLinks(secrets(c.secrets...))
		ours, err := e.Signed(t.Context(), c.purpose, []byte(c.body), signature)
		require.NoError(t, err)
		require.Equal(t, c.want, ours, "%v", c)
	}
	e.UseLinks(secrets(fresh, old))
	again, err := e.Sign(t.Context(), ForSession, []byte("body"))
	require.NoError(t, err)
	require.NotEqual(t, signature, again, "the first secret signs")
}

func TestWithoutASecretNothingIsSigned(t *testing.T) {
	e := &Engine{}
	for _, links := range []Links{{}, secrets()} {
		e.UseLinks(links)
		_, err := e.Sign(t.Context(), ForSession, nil)
		require.Equal(t, fault.NotFound, fault.Of(err))
	}
	e.UseLinks(secrets("of 15 characters"[:15]))
	_, err := e.Sign(t.Context(), ForSession, nil)
	require.Equal(t, fault.Internal, fault.Of(err))
	_, err = e.Signed(t.Context(), ForSession, nil, nil)
	require.Equal(t, fault.Internal, fault.Of(err))
}
