package carrier_test

// Works by reading EPCIS documents of ours, by the GS1 keys that the standards
// print, and by asking for capture jobs. It would catch a pallet that is known by
// another number than the one on its label, a hub's receipt taken for ours, an
// error declaration that takes nothing back, weights counted as pieces, and a
// capture job that nobody made but somebody is told about.

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/carrier"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

var epcis = sampleOf("epcis", sample{
	secret: "c0ffee00c0ffee00c0ffee00c0ffee00", other: "decaf000decaf000decaf000decaf000", malformed: []string{"", "fifteen letters"},
	bare: true, headers: []string{"Authorization"},
	usual: "webhook-epcis-shipping.json", number: "urn:epc:id:sscc:9521321.1234567890", field: "epcList", irrelevant: "webhook-epcis-master-data.json",
})

func FuzzEPCISParse(f *testing.F)  { fuzzParse(f, epcis) }
func FuzzEPCISVerify(f *testing.F) { fuzzVerify(f, epcis) }

func FuzzEPCISContents(f *testing.F) {
	for _, file := range []string{"packed", "shipping", "hostile", "one-bad-event-unreadable"} {
		f.Add(event(f, "webhook-epcis-"+file+".json"))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		manifests, err := epcis.Contents(body)
		if err != nil {
			require.True(t, fault.Is(err, fault.Invalid) || fault.Is(err, fault.TooLarge), "%v", err)
		}
		for _, m := range manifests {
			require.NotEmpty(t, m.Numbers, "contents of nothing in particular")
			for _, number := range m.Numbers {
				_, err := supply.ParseTrackingNumber("number", number)
				require.NoError(t, err)
			}
			lists := [][]supply.Content{m.Lines}
			for _, box := range m.Boxes {
				lists = append(lists, box.Contents)
			}
			for _, c := range slices.Concat(lists...) {
				require.Len(t, c.SKU, 14)
				require.Positive(t, c.Units)
				require.LessOrEqual(t, c.Units, supply.MaxUnits)
			}
		}
	})
}

func BenchmarkEPCISParse(b *testing.B) { benchmarkParse(b, "epcis", "webhook-epcis-subscription.json") }

func BenchmarkEPCISContents(b *testing.B) {
	body := event(b, "webhook-epcis-packed.json")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := epcis.Contents(body); err != nil {
			b.Fatal(err)
		}
	}
}

const (
	pallet    = "195213212345678904"
	palletEPC = "urn:epc:id:sscc:9521321.1234567890"
)

// epcisDocument is a capture document with these events.
func epcisDocument(events ...string) []byte {
	return []byte(`{"type":"EPCISDocument","epcisBody":{"eventList":[` + strings.Join(events, ",") + `]}}`)
}

// epcisEvent is an event about the pallet, at the hour of 2026-03-10, with more
// members as they are given.
func epcisEvent(hour int, members string) string {
	return fmt.Sprintf(`{"type":"ObjectEvent","eventTime":"2026-03-10T%02d:00:00+01:00","eventTimeZoneOffset":"+01:00","action":"OBSERVE","epcList":[%q],%s}`, hour, palletEPC, members)
}

func onlyScan(t *testing.T, body []byte) supply.Scan {
	t.Helper()
	reports, err := epcis.Parse(body)
	require.NoError(t, err)
	require.Len(t, reports, 1)
	require.Len(t, reports[0].Scans, 1)
	return reports[0].Scans[0]
}

func TestAPalletThatIsShippedIsReadWhole(t *testing.T) {
	got, err := epcis.Parse(event(t, "webhook-epcis-shipping.json"))
	require.NoError(t, err)
	at := utc("2026-03-02T08:58:12.25Z")
	require.Equal(t, []supply.Report{{
		Number: pallet, Also: []string{"BOL-7781"}, SaidAt: utc("2026-03-02T09:05:00Z"),
		Scans: []supply.Scan{{ID: "urn:uuid:4d0f1a52-6f6b-4a0e-9a53-2f2f1f6f0001", Version: at, Status: supply.InTransit, Code: supply.Departed,
			At: at, Text: "shipping in_transit", Place: "9521321000018"}},
	}}, got)
	u := follow(t, epcis, event(t, "webhook-epcis-shipping.json"))
	require.Equal(t, supply.InTransit, u.Status)
	require.Equal(t, at, u.StatusAt)
}

func TestAPushedQueryResultIsReadLikeACapture(t *testing.T) {
	got, err := epcis.Parse(event(t, "webhook-epcis-subscription.json"))
	require.NoError(t, err)
	require.Len(t, got, 3, "the logger is no logistic unit")
	require.Equal(t, []supply.TrackCode{supply.ArrivedAt, supply.CodeInfo, supply.CodeDelivered},
		[]supply.TrackCode{got[0].Scans[0].Code, got[1].Scans[0].Code, got[2].Scans[0].Code})
	u := follow(t, epcis, event(t, "webhook-epcis-subscription.json"))
	require.Equal(t, supply.Delivered, u.Status)
	require.Equal(t, utc("2026-03-20T14:12:00Z"), u.Arrived, "and not when the hub had it, two days before")
}

func TestOneEventMayComeAlone(t *testing.T) {
	got, err := epcis.Parse(event(t, "webhook-epcis-single-event.json"))
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Equal(t, pallet, got[0].Number)
	require.True(t, got[0].SaidAt.IsZero())
	s := got[0].Scans[0]
	require.Equal(t, supply.InTransit, s.Status)
	require.Equal(t, supply.Damaged, s.Code, "a disposition that lasts counts like one of the event")
	require.Equal(t, "9521321000018", s.Place)

	_, err = epcis.Parse([]byte(`{"type":"ObjectEvent","epcList":["` + palletEPC + `"]}`))
	require.True(t, fault.Is(err, fault.Invalid))
	require.ErrorContains(t, err, "eventTime is required")
}

// Every row of the two tables, by literals from the Core Business Vocabulary.
func TestEveryBusinessStepMeansWhatItSays(t *testing.T) {
	const remark = "accepting assembling collecting creating_class_instance cycle_counting decommissioning disassembling dispensing encoding entering_exiting " +
		"inspecting installing killing other removing repackaging repairing replacing reserving retail_selling sampling sensor_reporting stock_taking stocking storing"
	rows := map[string]supply.Scan{
		"commissioning":    {Status: supply.PreTransit, Code: supply.InfoReceived},
		"packing":          {Status: supply.PreTransit, Code: supply.Stuffed},
		"picking":          {Status: supply.PreTransit, Code: supply.InfoReceived},
		"staging_outbound": {Status: supply.PreTransit, Code: supply.InfoReceived},
		"loading":          {Status: supply.InTransit, Code: supply.Loaded},
		"shipping":         {Status: supply.InTransit, Code: supply.Departed},
		"departing":        {Status: supply.InTransit, Code: supply.Departed},
		"consigning":       {Status: supply.InTransit, Code: supply.PickedUp},
		"transporting":     {Status: supply.InTransit, Code: supply.HubScan},
		"arriving":         {Status: supply.InTransit, Code: supply.ArrivedAt},
		"unloading":        {Status: supply.InTransit, Code: supply.Discharged},
		"unpacking":        {Status: supply.InTransit, Code: supply.Stripped},
		"receiving":        {Status: supply.Delivered, Code: supply.CodeDelivered},
		"holding":          {Status: supply.Exception, Code: supply.Held},
		"void_shipping":    {Status: supply.Exception, Code: supply.Held},
		"destroying":       {Status: supply.Exception, Code: supply.Lost},
	}
	for _, step := range strings.Fields(remark) {
		rows[step] = supply.Scan{Code: supply.CodeInfo}
	}
	require.Len(t, rows, 41, "CBV 2.0 has 41 business steps")
	for step, want := range rows {
		for _, spelled := range []string{step, "urn:epcglobal:cbv:bizstep:" + step, "https://ref.gs1.org/cbv/BizStep-" + step, "https://ns.gs1.org/cbv/BizStep-" + step, "cbv:BizStep-" + step} {
			s := onlyScan(t, epcisDocument(epcisEvent(1, `"bizStep":"`+spelled+`"`)))
			require.Equal(t, want.Status.String()+" "+want.Code.String(), s.Status.String()+" "+s.Code.String(), spelled)
			require.Equal(t, step, s.Text)
		}
	}
}

func TestEveryDispositionMeansWhatItSays(t *testing.T) {
	const remark = "active available completeness_inferred completeness_verified conformant container_closed container_open dispensed encoded in_progress inactive " +
		"mismatch_class mismatch_instance mismatch_quantity needs_replacement non_conformant partially_dispensed reserved retail_sold sellable_accessible sellable_not_accessible unavailable unknown"
	type with struct{ nothing, arriving, receiving, sensor string }
	rows := map[string]with{
		"damaged":            {"EXCEPTION DAMAGED", "IN_TRANSIT DAMAGED", "DELIVERED DAMAGED", "EXCEPTION DAMAGED"},
		"destroyed":          {"EXCEPTION LOST", "IN_TRANSIT LOST", "DELIVERED LOST", "EXCEPTION LOST"},
		"disposed":           {"EXCEPTION LOST", "IN_TRANSIT LOST", "DELIVERED LOST", "EXCEPTION LOST"},
		"stolen":             {"EXCEPTION LOST", "IN_TRANSIT LOST", "DELIVERED LOST", "EXCEPTION LOST"},
		"expired":            {"EXCEPTION HELD", "IN_TRANSIT HELD", "DELIVERED HELD", "EXCEPTION HELD"},
		"recalled":           {"EXCEPTION HELD", "IN_TRANSIT HELD", "DELIVERED HELD", "EXCEPTION HELD"},
		"no_pedigree_match":  {"EXCEPTION HELD", "IN_TRANSIT HELD", "DELIVERED HELD", "EXCEPTION HELD"},
		"non_sellable_other": {"EXCEPTION HELD", "IN_TRANSIT HELD", "DELIVERED HELD", "EXCEPTION HELD"},
		"in_transit":         {"IN_TRANSIT ", "IN_TRANSIT ARRIVED", "IN_TRANSIT ARRIVED", "IN_TRANSIT "},
		"returned":           {"RETURNING RETURN_STARTED", "RETURNING RETURN_STARTED", "RETURNED RETURNED", "RETURNING RETURN_STARTED"},
	}
	for _, disposition := range strings.Fields(remark) {
		rows[disposition] = with{"UNKNOWN INFO", "IN_TRANSIT ARRIVED", "DELIVERED DELIVERED", "UNKNOWN INFO"}
	}
	require.Len(t, rows, 33, "CBV 2.0 has 33 dispositions")
	for disposition, want := range rows {
		for _, spelled := range []string{disposition, "urn:epcglobal:cbv:disp:" + disposition, "https://ref.gs1.org/cbv/Disp-" + disposition} {
			for step, means := range map[string]string{`""`: want.nothing, `"arriving"`: want.arriving, `"receiving"`: want.receiving, `"sensor_reporting"`: want.sensor} {
				s := onlyScan(t, epcisDocument(epcisEvent(1, `"bizStep":`+step+`,"disposition":"`+spelled+`"`)))
				require.Equal(t, means, s.Status.String()+" "+s.Code.String(), "%s %s", step, spelled)
				lasts := onlyScan(t, epcisDocument(epcisEvent(1, `"bizStep":`+step+`,"persistentDisposition":{"set":["`+spelled+`"],"unset":["recalled"]}`)))
				require.Equal(t, means, lasts.Status.String()+" "+lasts.Code.String(), "%s %s", step, spelled)
			}
		}
	}
}

func TestAStepThatNobodyKnowsMovesNothing(t *testing.T) {
	for _, c := range []struct{ step, disposition, means, text string }{
		{"https://kettles.example/steps/receiving", "", "UNKNOWN UNKNOWN", "https://kettles.example/steps/receiving"},
		{"Receiving", "in_progress", "UNKNOWN UNKNOWN", "Receiving in_progress"},
		{"", "urn:x:delivered", "UNKNOWN UNKNOWN", "urn:x:delivered"},
		{"teleporting", "in_transit", "IN_TRANSIT ", "teleporting in_transit"},
		{"shipping", "urn:x:delivered", "IN_TRANSIT DEPARTED", "shipping urn:x:delivered"},
		{"", "", "UNKNOWN INFO", "ObjectEvent OBSERVE"},
	} {
		s := onlyScan(t, epcisDocument(epcisEvent(1, fmt.Sprintf(`"bizStep":%q,"disposition":%q`, c.step, c.disposition))))
		require.Equal(t, c.means, s.Status.String()+" "+s.Code.String(), "%+v", c)
		require.Equal(t, c.text, s.Text)
	}
	u := follow(t, epcis, epcisDocument(epcisEvent(1, `"bizStep":"teleporting"`)))
	require.Equal(t, supply.TrackUnknown, u.Status)
	require.EqualValues(t, 1, u.Scans)
}

// The first key and its EPC are the example of the EPC Tag Data Standard; the check
// digit of the second was computed apart.
func TestAPalletIsKnownByTheNumberOnItsLabel(t *testing.T) {
	for id, number := range map[string]string{
		"urn:epc:id:sscc:0614141.1234567890":                "106141412345678908",
		"urn:epc:id:sscc:952012345678.91234":                "995201234567812349",
		"https://id.gs1.org/00/106141412345678908":          "106141412345678908",
		"http://example.com/x/y/00/106141412345678908?4326": "106141412345678908",
		"urn:epc:id:bic:CSQU3054383":                        "CSQU3054383",
	} {
		got, err := epcis.Parse([]byte(strings.Replace(string(epcisDocument(epcisEvent(1, `"bizStep":"shipping"`))), palletEPC, id, 1)))
		require.NoError(t, err, id)
		require.Len(t, got, 1, id)
		require.Equal(t, number, got[0].Number, id)
	}
	for _, id := range []string{
		"urn:epc:id:sgtin:0614141.107346.2017", "urn:epc:id:grai:0614141.12345.400", "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
		"https://id.gs1.org/01/09520123456788/21/1", "https://id.gs1.org/00/1234", "https://id.gs1.org/00/10614141234567890x", "https://example.com/", "mailto:00/106141412345678908",
	} {
		got, err := epcis.Parse([]byte(strings.Replace(string(epcisDocument(epcisEvent(1, `"bizStep":"shipping"`))), palletEPC, id, 1)))
		require.NoError(t, err, id)
		require.Empty(t, got, "%s is no logistic unit", id)
	}
	for _, id := range []string{
		"urn:epc:id:sscc:0614141.123456789", "urn:epc:id:sscc:0614141.12345678901", "urn:epc:id:sscc:06141411234567890", "urn:epc:id:sscc:.06141411234567890",
		"urn:epc:id:sscc:061414x.1234567890", "urn:epc:id:sgtin:0614141.10734.1", "urn:epc:id:bic:", "urn:epc:id:bic:CSQU/1", "106141412345678908", "", ":x", "urn:",
	} {
		_, err := epcis.Parse([]byte(strings.Replace(string(epcisDocument(epcisEvent(1, `"bizStep":"shipping"`))), palletEPC, id, 1)))
		require.True(t, fault.Is(err, fault.Invalid), id)
		require.ErrorContains(t, err, "eventList[0].epcList", id)
	}
}

func TestEveryUnitOfAnEventIsReported(t *testing.T) {
	const c1, c2 = "urn:epc:id:sscc:9521321.0000000001", "https://id.gs1.org/00/095213210000000025"
	for _, kind := range []string{
		`"type":"AggregationEvent","parentID":"` + palletEPC + `","childEPCs":["` + c1 + `","` + c2 + `"]`,
		`"type":"AssociationEvent","parentID":"` + palletEPC + `","childEPCs":["` + c1 + `","` + c2 + `"]`,
		`"type":"TransactionEvent","parentID":"` + palletEPC + `","epcList":["` + c1 + `","` + c2 + `"]`,
		`"type":"TransformationEvent","inputEPCList":["` + palletEPC + `","` + c1 + `"],"outputEPCList":["` + c2 + `"]`,
		`"type":"ObjectEvent","epcList":["` + palletEPC + `","` + c1 + `","` + c2 + `"]`,
	} {
		got, err := epcis.Parse(epcisDocument(`{` + kind + `,"eventTime":"2026-03-10T00:00:00Z","bizStep":"departing"}`))
		require.NoError(t, err, kind)
		require.Len(t, got, 3, kind)
		require.Equal(t, []string{pallet, "095213210000000018", "095213210000000025"}, []string{got[0].Number, got[1].Number, got[2].Number}, kind)
		require.Equal(t, got[0].Scans, got[2].Scans)
	}
	_, err := epcis.Parse(epcisDocument(`{"type":"https://kettles.example/OwnEvent","eventTime":"2026-03-10T00:00:00Z"}`))
	require.True(t, fault.Is(err, fault.Invalid))
	require.ErrorContains(t, err, "eventList[0].type")
}

func TestOneBadEventTakesNoNeighbourAlong(t *testing.T) {
	got, err := epcis.Parse(event(t, "webhook-epcis-one-bad-event-unreadable.json"))
	require.True(t, fault.Is(err, fault.Invalid))
	require.ErrorContains(t, err, "2 of 4 events cannot be read")
	require.ErrorContains(t, err, "eventList[1].eventTime")
	require.Len(t, got, 2)
	require.Equal(t, []string{"urn:uuid:a", "urn:uuid:d"}, []string{got[0].Scans[0].ID, got[1].Scans[0].ID})

	u := follow(t, epcis, event(t, "webhook-epcis-one-bad-event-unreadable.json"))
	require.Equal(t, utc("2026-03-02T10:58:12Z"), u.StatusAt)
}

func TestAnEventDeclaredAnErrorIsTakenBackHoweverItArrives(t *testing.T) {
	both := event(t, "webhook-epcis-error-declared.json")
	got, err := epcis.Parse(both)
	require.NoError(t, err)
	wrong, right := got[0].Scans[0], got[1].Scans[0]
	require.True(t, wrong.Retracted)
	require.Equal(t, "urn:uuid:4d0f1a52-6f6b-4a0e-9a53-2f2f1f6f0020", wrong.ID)
	require.Equal(t, utc("2026-03-20T17:55:00Z"), wrong.Version)
	require.False(t, right.Retracted, "the corrective event stands for itself")
	require.Equal(t, supply.ArrivedAt, right.Code)

	said := epcisDocument(`{"type":"ObjectEvent","eventID":"urn:uuid:4d0f1a52-6f6b-4a0e-9a53-2f2f1f6f0020","eventTime":"2026-03-20T15:12:00+01:00","bizStep":"receiving","disposition":"in_progress","epcList":["` + palletEPC + `"]}`)
	bodies := [][]byte{event(t, "webhook-epcis-shipping.json"), said, both, epcisDocument(epcisEvent(5, `"bizStep":"unloading","eventID":"urn:uuid:u"`))}
	want := follow(t, epcis, bodies...)
	require.Equal(t, supply.InTransit, want.Status)
	require.Equal(t, utc("2026-03-20T14:12:00Z"), want.StatusAt)
	require.True(t, want.Arrived.IsZero(), "what was received by mistake was not received")
	everyOrder(bodies, func(order [][]byte) {
		require.Equal(t, want.AppendBinary(nil), follow(t, epcis, append(order, order[0])...).AppendBinary(nil))
	})
}

// everyOrder calls f with every order of the list, which f must not keep.
func everyOrder[T any](list []T, f func([]T)) {
	var place func(k int)
	place = func(k int) {
		if k == len(list) {
			f(slices.Clone(list))
			return
		}
		for i := k; i < len(list); i++ {
			list[k], list[i] = list[i], list[k]
			place(k + 1)
			list[k], list[i] = list[i], list[k]
		}
	}
	place(0)
}

func TestAnErrorMayBeDeclaredBeforeTheTimeThatIsWrong(t *testing.T) {
	for declared, version := range map[string]string{
		`"2026-03-09T00:00:00Z"`: "2026-03-10T00:00:00.001Z", `"2026-03-10T01:00:00+01:00"`: "2026-03-10T00:00:00.001Z",
		`null`: "2026-03-10T00:00:00.001Z", `"2026-03-10T00:00:01Z"`: "2026-03-10T00:00:01Z",
	} {
		s := onlyScan(t, epcisDocument(epcisEvent(1, `"eventID":"urn:uuid:1","bizStep":"receiving","errorDeclaration":{"declarationTime":`+declared+`}`)))
		require.True(t, s.Retracted)
		require.Equal(t, utc(version), s.Version, declared)
	}
	_, err := epcis.Parse(epcisDocument(epcisEvent(1, `"errorDeclaration":{"declarationTime":"now"}`)))
	require.ErrorContains(t, err, "eventList[0].errorDeclaration.declarationTime")
}

func TestAnEventWithoutAnIDIsKnownByWhatItSays(t *testing.T) {
	id := func(event string) string { return onlyScan(t, epcisDocument(event)).ID }
	const said = `{"type":"AggregationEvent","eventTime":"2026-03-10T01:00:00+01:00","action":"ADD","bizStep":"packing","disposition":"in_progress",
		"parentID":"` + palletEPC + `","childEPCs":["urn:a:1","urn:a:2"],"childQuantityList":[{"epcClass":"urn:a:3","quantity":5},{"epcClass":"urn:a:4","quantity":6,"uom":"KGM"}],
		"readPoint":{"id":"urn:r"},"bizLocation":{"id":"urn:l"},"bizTransactionList":[{"type":"po","bizTransaction":"urn:p:1"}],"persistentDisposition":{"set":["conformant"]}}`
	require.Equal(t, "sha-256;90de2ba1ab944e94c0530172f6f0a2fe", id(said), "computed apart; what is stored never changes")
	for _, same := range []struct{ old, new string }{
		{`{"type"`, `{"recordTime":"2026-03-11T00:00:00Z","type"`},
		{`{"type"`, `{"errorDeclaration":{"declarationTime":"2026-03-11T00:00:00Z"},"type"`},
		{`{"type"`, `{"kettles:own":{"any":1},"eventID":null,"type"`},
		{`2026-03-10T01:00:00+01:00`, `2026-03-10T00:00:00.000Z`},
		{`"packing"`, `"urn:epcglobal:cbv:bizstep:packing"`},
		{`"in_progress"`, `"https://ref.gs1.org/cbv/Disp-in_progress"`},
		{`"urn:a:1","urn:a:2"`, `"urn:a:2", "urn:a:1"`},
		{`"type":"po"`, `"type":"urn:epcglobal:cbv:btt:po"`},
	} {
		require.Contains(t, said, same.old)
		require.Equal(t, id(said), id(strings.Replace(said, same.old, same.new, 1)), same.new)
	}
	for _, other := range []struct{ old, new string }{
		{`AggregationEvent`, `AssociationEvent`}, {`01:00:00+01:00`, `01:00:00.001+01:00`}, {`"ADD"`, `"DELETE"`}, {`"packing"`, `"unpacking"`},
		{`"in_progress"`, `"in_transit"`}, {palletEPC, "urn:epc:id:sscc:9521321.1234567891"}, {`"urn:a:1",`, ``}, {`"urn:a:2"`, `"urn:a:2","urn:a:2"`},
		{`:5}`, `:6}`}, {`"KGM"`, `"LBR"`}, {`urn:r`, `urn:s`}, {`urn:l`, `urn:m`}, {`"po"`, `"bol"`}, {`urn:p:1`, `urn:p:2`}, {`"conformant"`, ``},
	} {
		require.Contains(t, said, other.old)
		require.NotEqual(t, id(said), id(strings.Replace(said, other.old, other.new, 1)), other.new)
	}
	twice := follow(t, epcis, epcisDocument(said), epcisDocument(said, strings.Replace(said, `"ADD"`, `"OBSERVE"`, 1)))
	require.EqualValues(t, 2, twice.Scans)
}

func TestContentsAreWhatWasPackedAndWhatWasShipped(t *testing.T) {
	got, err := epcis.Contents(event(t, "webhook-epcis-packed.json"))
	require.NoError(t, err)
	require.Equal(t, []supply.Manifest{
		{
			Numbers: []string{pallet}, SaidAt: utc("2026-03-02T06:10:00Z"),
			Boxes: []supply.Box{{ID: pallet, TrackingID: pallet, Contents: []supply.Content{{SKU: "09521321123458", Units: 4}, {SKU: "09521321543218", Units: 100}}}},
		},
		{
			Shipment: "DES-2026-88", Numbers: []string{pallet, "MSKU1234565"}, SaidAt: utc("2026-03-02T08:58:12Z"),
			Lines: []supply.Content{{SKU: "09521321123458", Units: 400}},
		},
	}, got)

	reports, err := epcis.Parse(event(t, "webhook-epcis-packed.json"))
	require.NoError(t, err)
	require.Len(t, reports, 3)
	require.Equal(t, "1.264,103.82", reports[1].Scans[0].Place)

	got, err = epcis.Contents(event(t, "webhook-epcis-one-bad-event-unreadable.json"))
	require.Empty(t, got)
	require.ErrorContains(t, err, "2 of 4 events cannot be read")
}

func TestContentsAreSaidByFewEvents(t *testing.T) {
	const sgtin = "urn:epc:id:sgtin:0614141.107346.2017"
	packed := `{"type":"AggregationEvent","action":"ADD","eventTime":"2026-03-10T00:00:00Z","parentID":"` + palletEPC + `","childEPCs":["` + sgtin + `"]}`
	shipped := `{"type":"ObjectEvent","action":"OBSERVE","bizStep":"shipping","eventTime":"2026-03-10T00:00:00Z","epcList":["` + sgtin + `"],"bizTransactionList":[{"type":"bol","bizTransaction":"urn:x:B1"}]}`
	for _, c := range []struct {
		event, old, new string
		manifests       int
	}{
		{packed, "", "", 1}, {shipped, "", "", 1},
		{packed, `"ADD"`, `"OBSERVE"`, 0}, {packed, `"ADD"`, `"DELETE"`, 0}, {packed, `"AggregationEvent"`, `"AssociationEvent"`, 0},
		{packed, `"` + palletEPC + `"`, `null`, 0}, {packed, palletEPC, "urn:epc:id:grai:0614141.12345.400", 0}, {packed, `{"type"`, `{"errorDeclaration":{},"type"`, 0},
		{packed, sgtin, palletEPC, 0}, {shipped, `"shipping"`, `"departing"`, 0}, {shipped, `"ObjectEvent"`, `"TransactionEvent"`, 0},
		{shipped, `"bol"`, `"inv"`, 0}, {shipped, `{"type"`, `{"errorDeclaration":{},"type"`, 0}, {shipped, `"OBSERVE"`, `"ADD"`, 1},
	} {
		require.Contains(t, c.event, c.old)
		got, err := epcis.Contents(epcisDocument(strings.Replace(c.event, c.old, c.new, 1)))
		require.NoError(t, err, c.new)
		require.Len(t, got, c.manifests, c.new)
	}
	got, err := epcis.Contents(epcisDocument(shipped))
	require.NoError(t, err)
	require.Equal(t, []supply.Content{{SKU: "10614141073464", Units: 1}}, got[0].Lines, "GTIN of the Tag Data Standard's example")
	require.Equal(t, []string{"B1"}, got[0].Numbers)
	require.Empty(t, got[0].Shipment)
	two := strings.Replace(shipped, `[{"type":"bol"`, `[{"type":"desadv","bizTransaction":"urn:x:D1"},{"type":"desadv","bizTransaction":"urn:x:D2"},{"type":"bol"`, 1)
	got, err = epcis.Contents(epcisDocument(two))
	require.NoError(t, err)
	require.Empty(t, got[0].Shipment, "of two despatch advices neither is the shipment")
	require.Equal(t, []string{"B1"}, got[0].Numbers)
}

func TestOnlyPiecesAreUnits(t *testing.T) {
	quantity := func(q string) ([]supply.Manifest, error) {
		return epcis.Contents(epcisDocument(epcisEvent(1, `"bizStep":"shipping","quantityList":[{"epcClass":"urn:epc:class:lgtin:4012345.011111.L",`+q+`}]`)))
	}
	for q, units := range map[string]supply.Units{
		`"quantity":12`: 12, `"quantity":12.0`: 12, `"quantity":1.2e1`: 12, `"quantity":"12"`: 12, `"quantity":12,"uom":"EA"`: 12, `"quantity":12,"uom":"C62"`: 12, `"quantity":12,"uom":"H87"`: 12,
		`"quantity":1000000000`: 1_000_000_000, `"quantity":12,"uom":"KGM"`: 0, `"quantity":12.5,"uom":"KGM"`: 0, `"quantity":0`: 0, `"quantity":null`: 0, `"uom":null`: 0,
	} {
		got, err := quantity(q)
		require.NoError(t, err, q)
		if units == 0 {
			require.Empty(t, got, q)
			continue
		}
		require.Equal(t, []supply.Content{{SKU: "04012345111118", Units: units}}, got[0].Lines, q)
	}
	for _, q := range []string{`"quantity":12.5`, `"quantity":-1`, `"quantity":1e999`, `"quantity":1000000001`, `"quantity":"NaN"`, `"quantity":"many"`} {
		_, err := quantity(q)
		require.True(t, fault.Is(err, fault.Invalid), q)
		require.ErrorContains(t, err, "eventList[0].quantityList", q)
	}
	_, err := epcis.Contents(epcisDocument(epcisEvent(1, `"bizStep":"shipping","quantityList":[`+strings.Repeat(`{"epcClass":"urn:epc:class:lgtin:4012345.011111.L","quantity":900000000},`, 2)+`{"epcClass":"urn:x:y"}]`)))
	require.ErrorContains(t, err, "more than 1000000000 units of GTIN 04012345111118")
}

func TestAnEPCISDocumentWithoutAnEventListIsNone(t *testing.T) {
	for _, bad := range []string{
		`<?xml version="1.0"?><epcis:EPCISDocument/>`, "\n <x/>", `{"type":"EPCISDocument"}`, `{"type":"EPCISDocument","epcisBody":null}`, `{"type":"EPCISDocument","epcisBody":{"eventList":null}}`,
		`{"type":"EPCISDocument","epcisBody":{"eventList":{}}}`, `{"type":"EPCISDocument","epcisBody":{"queryResults":{"resultsBody":{"eventList":[]}}}}`,
		`{"type":"EPCISQueryDocument","epcisBody":{"eventList":[]}}`, `{"type":"Parcel"}`, `{"type":null}`, `{"type":["ObjectEvent"]}`,
		`{"type":"EPCISDocument","creationDate":"2026","epcisBody":{"eventList":[` + epcisEvent(1, `"bizStep":"shipping"`) + `]}}`,
	} {
		unreadable(t, epcis, []byte(bad), bad)
		manifests, err := epcis.Contents([]byte(bad))
		require.True(t, fault.Is(err, fault.Invalid), bad)
		require.Nil(t, manifests)
	}
	_, err := epcis.Parse([]byte("<x/>"))
	require.ErrorContains(t, err, "send the JSON of EPCIS 2.0")
	got, err := epcis.Parse([]byte(`{"type":"EPCISQueryDocument","epcisBody":{"queryResults":{"resultsBody":{"eventList":[]}}}}`))
	require.NoError(t, err)
	require.Empty(t, got)
}

func TestAHostileEPCISDocumentHarmsNothing(t *testing.T) {
	got, err := epcis.Parse(event(t, "webhook-epcis-hostile.json"))
	require.NoError(t, err)
	require.Len(t, got, 6, "four labels of one pallet, and what else is no logistic unit")
	require.Equal(t, supply.CodeUnknown, got[0].Scans[0].Code)
	require.Equal(t, "deviecer  https://ref.gs1.org/cbv/BizStep-receiving <script>alert('dock')</scrip", got[0].Scans[0].Text)
	require.Equal(t, "[31mShenzhen "+strings.Repeat("z", 27), got[0].Scans[0].Place)
	require.Empty(t, got[2].Also, "no number is made of what cannot be one")

	u := follow(t, epcis, event(t, "webhook-epcis-hostile.json"))
	require.False(t, u.StatusAt.After(utc("2026-12-01T00:00:00Z")), "not 2099")

	manifests, err := epcis.Contents(event(t, "webhook-epcis-hostile.json"))
	require.NoError(t, err)
	require.Empty(t, manifests)
}

func TestACaptureIsAnsweredWithItsJob(t *testing.T) {
	require.Equal(t, http.StatusAccepted, epcis.Success)
	s := samples["epcis"]
	at := time.Date(2026, 3, 4, 12, 0, 0, 123_000_000, time.UTC)
	request := carrier.Request{Method: http.MethodPost, Path: "/webhooks/epcis/acme/" + s.secret + "/capture", Tail: s.secret + "/capture"}
	for _, c := range []struct {
		unread  error
		success bool
		errors  int
	}{{nil, true, 0}, {fault.New(fault.Invalid, "X", "one"), false, 1}} {
		header, body := epcis.Answer(request, []string{s.secret, s.other}, c.unread, at)
		require.Empty(t, body)
		require.Equal(t, "2.0", header.Get("GS1-EPCIS-Version"))
		location := header.Get("Location")
		require.True(t, strings.HasPrefix(location, "/webhooks/epcis/acme/capture/"), location)
		require.NotContains(t, location, s.secret, "whoever sees the answer cannot capture")
		parsed, err := url.Parse(location)
		require.NoError(t, err)
		require.Equal(t, location, parsed.EscapedPath())

		for _, secrets := range [][]string{{s.secret}, {s.other, s.secret}} { // during a rotation, too
			status, header, body := epcis.Probe(probe(http.MethodGet, location), secrets)
			require.Equal(t, http.StatusOK, status)
			require.Equal(t, "application/json", header.Get("Content-Type"))
			var job map[string]any
			require.NoError(t, json.Unmarshal(body, &job))
			require.Len(t, job["errors"], c.errors)
			delete(job, "errors")
			require.Equal(t, map[string]any{"captureID": location[strings.LastIndex(location, "/")+1:], "createdAt": "2026-03-04T12:00:00.123Z", "finishedAt": "2026-03-04T12:00:00.123Z",
				"running": false, "success": c.success, "captureErrorBehaviour": "proceed"}, job)
		}
	}
}

// probe is a request to an address of ours.
func probe(method, path string) carrier.Request {
	_, tail, _ := strings.Cut(strings.TrimPrefix(path, "/webhooks/epcis/"), "/")
	return carrier.Request{Method: method, Path: path, Tail: tail}
}

func TestACaptureJobThatNobodyMadeIsNotFound(t *testing.T) {
	s := samples["epcis"]
	header, _ := epcis.Answer(probe(http.MethodPost, "/webhooks/epcis/acme/capture"), []string{s.secret}, nil, now)
	location := header.Get("Location")
	base, id := location[:strings.LastIndex(location, "/")+1], location[strings.LastIndex(location, "/")+1:]
	notFound := func(path string, secrets ...string) {
		status, header, body := epcis.Probe(probe(http.MethodGet, path), secrets)
		require.Equal(t, http.StatusNotFound, status, path)
		require.Empty(t, header)
		require.Empty(t, body)
	}
	notFound(location)
	notFound(location, s.other)
	notFound(strings.Replace(location, "acme", "other", 1), s.secret)
	for _, bad := range []string{"", "x", id[1:], id[:len(id)-1], id + "A", id + "=", id + "/", "/" + id, id + "\n", strings.ToLower(id), "../" + id, strings.Repeat("A", 32), strings.Repeat("A", 1<<16)} {
		notFound(base+bad, s.secret)
	}
	for i := range id {
		for bit := range 8 {
			forged := []byte(id)
			forged[i] ^= 1 << bit
			notFound(base+string(forged), s.secret)
		}
	}
	raw, err := base64.RawURLEncoding.DecodeString(id)
	require.NoError(t, err)
	require.Len(t, raw, 24)
	for i := range raw { // another instant or outcome under the same MAC, and another MAC
		raw[i] ^= 1
		notFound(base+base64.RawURLEncoding.EncodeToString(raw), s.secret)
		raw[i] ^= 1
	}
	status, _, _ := epcis.Probe(probe(http.MethodHead, location), []string{s.secret})
	require.Equal(t, http.StatusOK, status)

	header, _ = epcis.Answer(probe(http.MethodPost, "/webhooks/epcis/acme/capture"), nil, nil, now)
	require.Empty(t, header.Get("Location"), "without a secret anybody could make one")
}

func TestWhatMayBeCapturedIsAnnounced(t *testing.T) {
	for _, path := range []string{"/webhooks/epcis/acme", "/webhooks/epcis/acme/capture", "/webhooks/epcis/acme/events"} {
		status, header, body := epcis.Probe(probe(http.MethodOptions, path), nil)
		require.Equal(t, http.StatusNoContent, status)
		require.Empty(t, body)
		require.Equal(t, "2.0", header.Get("GS1-EPCIS-Version"))
		require.Equal(t, "1000", header.Get("GS1-EPCIS-Capture-Limit"))
		require.Equal(t, "1048576", header.Get("GS1-EPCIS-Capture-File-Size-Limit"))
		require.Equal(t, "GET, HEAD, OPTIONS, POST", header.Get("Allow"))
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			status, _, body := epcis.Probe(probe(method, path), []string{samples["epcis"].secret})
			require.Equal(t, http.StatusOK, status)
			require.Empty(t, body)
		}
	}
}

func TestTheSecretMayStandBeforeTheEndpoints(t *testing.T) {
	s := samples["epcis"]
	for tail, good := range map[string]bool{
		s.secret: true, s.secret + "/capture": true, s.secret + "/events": true,
		"capture": false, "events": false, "": false, s.secret + "capture": false, s.secret + "/capture/x": false, s.other + "/capture": false,
	} {
		err := epcis.Verify(carrier.Request{Tail: tail}, []string{s.secret}, now)
		require.Equal(t, good, err == nil, tail)
		withHeader := carrier.Request{Tail: tail, Header: http.Header{"Authorization": {"Bearer " + s.secret}}}
		require.Equal(t, good || tail == "" || tail == "capture" || tail == "events", epcis.Verify(withHeader, []string{s.secret}, now) == nil, tail)
	}
}
