// Fills every list of every provider's usual payload with what costs most, as far
// as the limits let it, and counts the bytes that are allocated until it is read.
// It would catch a parser that a short body can make take much memory.
package carrier_test

import (
	"bytes"
	"runtime"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"headstart/shared/carrier"
	"headstart/shared/fault"
)

func TestNoBodyTakesMoreThanEightTimesTheLongestOne(t *testing.T) {
	forEachAdapter(t, func(t *testing.T, a carrier.Adapter, s sample) {
		if a.Name == "x12" {
			t.Skip("lists nothing: x12_test.go measures what it repeats")
		}
		body := event(t, s.usual)
		for i, c := range body {
			if c != '[' {
				continue
			}
			list := jsontext.NewDecoder(bytes.NewReader(body[i:]))
			_, _ = list.ReadToken()
			elements := []string{"{}", "null", `"urn:epc:id:sscc:4012345.1234567890"`}
			if first, err := list.ReadValue(); err == nil {
				elements = append(elements, string(first))
			}
			for _, element := range elements {
				spent, _ := allocated(a, listFull(body, i, element, most(element), a.MaxBody))
				require.LessOrEqual(t, spent, 8*a.MaxBody, "list at %d full of %.40s", i, element)
			}
			spent, err := allocated(a, listFull(body, i, "{}", 1<<18, a.MaxBody))
			require.Equal(t, fault.TooLarge, fault.Of(err), "%v", err)
			require.Less(t, spent, 1<<16, "a refusal costs nothing")
		}
	})
}

// most returns how many of an element one body may list: some lists stand beside
// it, and some in it.
func most(element string) int {
	if element[0] == '"' {
		return 11_900
	}
	return 4900 / (1 + strings.Count(element, "[") + strings.Count(element, ","))
}

// listFull returns the body with the list at start full of one element: so many
// times, as far as the longest body allows.
func listFull(body []byte, start int, element string, times, longest int) []byte {
	list := jsontext.NewDecoder(bytes.NewReader(body[start:]))
	_ = list.SkipValue()
	times = min(times, (longest-len(body))/(len(element)+1))
	full := append(bytes.Clone(body[:start+1]), strings.Repeat(element+",", times-1)...)
	return append(append(append(full, element...), ']'), body[start+int(list.InputOffset()):]...)
}

// allocated returns how many bytes reading a body takes, those that are given
// back meanwhile too.
func allocated(a carrier.Adapter, body []byte) (int, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := a.Parse(body)
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc - before.TotalAlloc), err
}
