package engine

// These tests make and use bearer keys. They would catch a key stored in the
// clear, two sellers sharing one, and a key that nobody made being taken.

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

func TestAKeyBelongsToOneSellerAndIsStoredHashed(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	mine, err := e.CreateKey(ctx, monday, "acme")
	require.NoError(t, err)
	other, err := e.CreateKey(ctx, monday, "other")
	require.NoError(t, err)
	require.NotEqual(t, mine, other)
	require.Greater(t, len(mine), 20)
	for key, seller := range map[string]supply.SellerID{mine: "acme", other: "other"} {
		found, err := e.Seller(ctx, key)
		require.NoError(t, err)
		require.Equal(t, seller, found)
	}
	for _, wrong := range []string{"", "x", mine + "x", strings.ToLower(mine), mine[:len(mine)-1], strings.Repeat("x", 100_000)} {
		_, err := e.Seller(ctx, wrong)
		require.True(t, fault.Is(err, fault.Unauthenticated), "%.20s", wrong)
	}
	changes, _, err := e.store.Changes(ctx, "", 0)
	require.NoError(t, err)
	require.Len(t, changes, 2)
	for _, c := range changes {
		require.NotContains(t, c.Key.Partition, strings.TrimPrefix(mine, keyPrefix))
		for _, a := range c.New.Attrs {
			require.NotContains(t, a.Text, mine)
		}
	}
	_, err = e.CreateKey(ctx, monday, "Not A Seller")
	require.True(t, fault.Is(err, fault.Invalid))
}
