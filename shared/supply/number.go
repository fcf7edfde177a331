package supply

import (
	"cmp"
	"strings"

	"headstart/shared/fault"
)

// maxNumber and maxIssuer bound a carrier's number and name in a unit's record,
// in bytes. Source of the first: SP-API fulfillment inbound 2024-03-20, trackingId.
const (
	maxNumber = 64
	maxIssuer = 24
)

// NormalNumber returns the form in which numbers are compared and stored as
// keys: upper case, without blanks and dashes. People and carriers write the
// same number as "1Z 999 AA1" on a label, "1z999aa1" in a form and
// "MSKU 123456-7" on a container.
func NormalNumber(s string) string { return separators.Replace(strings.ToUpper(s)) }

var separators = strings.NewReplacer(" ", "", "-", "")

// ParseTrackingNumber returns s as it was written, or fault.Invalid naming
// field. Source: SP-API fulfillment inbound 2024-03-20, trackingId and
// freightBillNumber: 1 to 64 of ^[a-zA-Z0-9-._ ]*$. At least one must be a
// letter or a digit, or the number would have no normal form.
func ParseTrackingNumber(field, s string) (string, error) {
	if err := parseName(field, s, maxNumber, upper+lower+digits+"-._ "); err != nil {
		return "", err
	}
	if strings.Trim(s, "-._ ") == "" {
		return "", fault.New(fault.Invalid, "INVALID_INPUT", "%s %q has neither a letter nor a digit", field, s)
	}
	return s, nil
}

// issuerAliases maps carriers' codes to their name. Sources:
// retailreadyedi.com/docs/shipping/tracking-and-carriers (SCAC), and the
// carrierCode values of FedEx's Track API (FDXE, FDXG, FXFR, FXSP).
var issuerAliases = map[string]string{
	"UPSN": "UPS", "UPGF": "UPS",
	"FDEG": "FEDEX", "FDEN": "FEDEX", "FXNL": "FEDEX", "FDXE": "FEDEX", "FDXG": "FEDEX", "FXFR": "FEDEX", "FXSP": "FEDEX",
}

// NormalIssuer returns the form in which carriers are compared: upper case, one
// name for all known codes of a carrier, at most 24 bytes.
func NormalIssuer(s string) string {
	s = Words(strings.ToUpper(s), maxIssuer)
	return cmp.Or(issuerAliases[s], s)
}

// SameIssuer reports whether two names may mean the same carrier: they do unless
// both are known and differ. Source: design section 3, "Webhooks".
func SameIssuer(a, b string) bool {
	a, b = NormalIssuer(a), NormalIssuer(b)
	return a == "" || b == "" || a == b
}
