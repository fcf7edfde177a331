package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"headstart/shared/supply"
)

// Explanation is why an item's future supply is, or is not, for sale: what every
// gate says, in order of precedence, with what it rests on and when it can
// change; and the same in sentences.
type Explanation struct {
	Seller      supply.SellerID      `json:"sellerId"`
	Marketplace supply.MarketplaceID `json:"marketplace"`
	SKU         supply.SKU           `json:"sku"`
	At          time.Time            `json:"at"`
	Verdict     VerdictView          `json:"verdict"`
	Numbers     Numbers              `json:"numbers"`
	Offer       OfferView            `json:"offer"`
	Gates       []GateView           `json:"gates"`
	Lots        []LotExplanation     `json:"lots"`
	Text        []string             `json:"text"`
}

// LotExplanation is a lot with what each of its gates says.
type LotExplanation struct {
	LotView
	Gates []GateView `json:"gates"`
}

// GateView is what one gate says. A closed gate of a lot always has its
// evidence, one of the item when it is the verdict.
type GateView struct {
	Code     string `json:"code"`
	Passed   bool   `json:"passed"`
	Evidence string `json:"evidence"`
}

// Explain returns why an item is, or is not, sold before it arrives, from the
// gates that decide what is sold. It returns fault.NotFound for an item nobody
// listed.
func (e *Engine) Explain(ctx context.Context, now time.Time, key supply.ItemKey) (x Explanation, err error) {
	err = e.look(ctx, now, []supply.ItemKey{key}, func(s seen) error {
		if !s.item.Listed {
			return unknownItem(key)
		}
		x = s.explain()
		return nil
	})
	return x, err
}

func (s seen) explain() Explanation {
	x := Explanation{Seller: s.key.Seller, Marketplace: s.key.Marketplace, SKU: s.key.SKU, At: s.rules.Now,
		Verdict: verdictView(s.item.Verdict(s.rules)), Numbers: s.numbers(), Offer: s.offer(), Gates: s.gates()}
	for i, lot := range s.lots() {
		x.Lots = append(x.Lots, LotExplanation{lot, gateViews(s.item.Lots[i].Checks(s.rules))})
	}
	x.Text = x.sentences()
	return x
}

// gates returns the item's own gates; those of its lots come behind them.
func (s seen) gates() []GateView {
	it, verdict := s.item, s.item.Verdict(s.rules)
	gates := []GateView{
		{Code: supply.NotFBA.String(), Passed: it.Controls.Channel == supply.FBA},
		{Code: supply.WithheldBySeller.String(), Passed: !it.Controls.Withheld},
		{Code: supply.InStock.String(), Passed: it.Fulfillable() == 0},
		{Code: supply.NoInbound.String(), Passed: it.Ended != supply.CodeNone || slices.ContainsFunc(it.Lots, func(l supply.Lot) bool { return !l.Code.Over() })},
		{Code: supply.SoldOut.String(), Passed: it.Code() != supply.SoldOut},
	}
	for i := range gates {
		if gates[i].Code == verdict.Code.String() {
			gates[i].Evidence = verdict.Evidence
		}
	}
	return gates
}

func gateViews(checks []supply.Check) []GateView {
	views := make([]GateView, len(checks))
	for i, c := range checks {
		views[i] = GateView{c.Code.String(), c.Passed, c.Evidence}
	}
	return views
}

// sentences says for people what the numbers and gates say.
func (x *Explanation) sentences() []string {
	n := x.Numbers
	text := []string{
		fmt.Sprintf("%s: %s: %s.", x.SKU, x.Verdict.Code, x.Verdict.Evidence),
		fmt.Sprintf("On hand %d are free and %d are set aside for orders; on their way %d are reserved and %d may be bought.",
			n.Fulfillable, n.PendingCustomerOrder, n.ReservedFutureSupply, n.FutureSupplyBuyable),
	}
	if n.Shortfall > 0 {
		text = append(text, fmt.Sprintf("%d ordered units have no supply.", n.Shortfall))
	}
	if n.AtRisk > 0 {
		text = append(text, fmt.Sprintf("%d reserved units hang on shipments that are no longer sure enough to sell from.", n.AtRisk))
	}
	for i := range x.Lots {
		text = append(text, x.Lots[i].sentence())
	}
	if at := x.Verdict.NextChangeAt; at != nil {
		text = append(text, fmt.Sprintf("Time alone can change this at %s.", at.Format(time.RFC3339)))
	}
	return text
}

func (l *LotExplanation) sentence() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Shipment %s (%s): %d units expected, %d sure enough to sell, %d reserved, %d left. %s: %s.",
		l.Shipment, l.Status, l.Expected, l.Exposable, l.Reserved, l.Buyable, l.Verdict.Code, l.Verdict.Evidence)
	for _, g := range l.Gates {
		if !g.Passed && g.Code != l.Verdict.Code {
			fmt.Fprintf(&b, " Also %s: %s.", g.Code, g.Evidence)
		}
	}
	return b.String()
}
