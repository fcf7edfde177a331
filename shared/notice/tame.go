package notice

import (
	"regexp"
	"strings"
	"unicode"
)

// maxName is how much of a name is shown, in characters.
const maxName = 120

// tame returns a stranger's name as it may stand in a mail: one line of visible
// characters in the order that they are read in, not longer than most characters, and
// nothing that a mail program makes a link of.
func tame(name string, most int) string {
	return link.ReplaceAllStringFunc(visible(name, most), func(found string) string { return found[:1] + " " + found[1:] })
}

// link finds what mail programs look for: ://, an address, a domain. A space within
// is enough that they do not find it; numbers such as 2.5 stay whole.
var link = regexp.MustCompile(`://|@|\.\pL[\pL\pN-]`)

// visible drops what cannot be seen: controls, line ends, marks that turn the
// direction of what follows, characters of no width. White space becomes one space.
func visible(s string, most int) string {
	var kept strings.Builder
	length, gap := 0, false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp):
			gap = length > 0
			continue
		case r == unicode.ReplacementChar || unicode.In(r, unicode.Cf, unicode.Co, unicode.Variation_Selector) || blank[r]:
			continue
		}
		if length+1 >= most {
			kept.WriteString("…")
			break
		}
		if gap {
			kept.WriteByte(' ')
			length, gap = length+1, false
		}
		kept.WriteRune(r)
		length++
	}
	return kept.String()
}

// blank are letters by name that show nothing.
var blank = map[rune]bool{'\u115f': true, '\u1160': true, '\u17b4': true, '\u17b5': true, '\u2800': true, '\u3164': true, '\uffa0': true, '\u034f': true}
