package carrier_test

// Works by reading Terminal49's published notifications and ours, and by telling
// the life of containers in every order. It would catch a port taken for our
// dock, an event given to the wrong container, a hold that nobody sees or that
// never ends, a move that was taken back and still counts, and a local time read
// as UTC.

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"headstart/shared/carrier"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

var terminal49 = sampleOf("terminal49", sample{
	secret: "a secret of Terminal49", other: "another secret", malformed: []string{""},
	headers: []string{"X-T49-Webhook-Signature"},
	usual:   "webhook-terminal49-vessel-arrived.json", number: "MSKU1234565", field: "container.attributes.number", irrelevant: "webhook-terminal49-document.json",
})

func FuzzTerminal49Parse(f *testing.F)  { fuzzParse(f, terminal49) }
func FuzzTerminal49Verify(f *testing.F) { fuzzVerify(f, terminal49) }

func BenchmarkTerminal49Parse(b *testing.B) {
	benchmarkParse(b, "terminal49", "webhook-terminal49-vessel-arrived.json")
}

// A notification about container MSKU1234565 of bill of lading MAEU245566778,
// with the resources that are put beside these two.
func terminal49Notice(event string, resources ...string) []byte {
	const box = `{"type":"container","id":"c1","attributes":{"number":"MSKU1234565"},"relationships":{"shipment":{"data":{"type":"shipment","id":"s1"}}}}`
	const bill = `{"type":"shipment","id":"s1","attributes":{"bill_of_lading_number":"MAEU245566778","shipping_line_scac":"MAEU","port_of_discharge_locode":"USLGB"},
		"relationships":{"containers":{"data":[{"type":"container","id":"c1"}]}}}`
	return terminal49Only(event, append([]string{bill, box}, resources...)...)
}

// The same with nothing beside it but the resources.
func terminal49Only(event string, resources ...string) []byte {
	return fmt.Appendf(nil, `{"data":{"id":"n1","type":"webhook_notification","attributes":{"event":%q,"created_at":"2026-03-20T00:00:00Z"},
		"relationships":{"reference_object":{"data":{"type":"transport_event","id":"e1"}}}},"included":[%s]}`, event, strings.Join(resources, ","))
}

// terminal49Move is a transport event of that container with more attributes.
func terminal49Move(event, at, more string) string {
	return fmt.Sprintf(`{"type":"transport_event","id":"e1","attributes":{"event":%q,"created_at":"2026-03-19T00:00:00Z","timestamp":%q,"timezone":"America/Los_Angeles"%s},
		"relationships":{"container":{"data":{"type":"container","id":"c1"}},"shipment":{"data":{"type":"shipment","id":"s1"}}}}`, event, at, more)
}

// terminal49Told is a notification about one move.
func terminal49Told(event, at, more string) []byte {
	name := "container.transport." + event
	return terminal49Notice(name, terminal49Move(name, at, more))
}

// terminal49Update is a notification about changes, of a container with more
// attributes.
func terminal49Update(at, changes, container string) []byte {
	body := terminal49Notice("container.updated", fmt.Sprintf(`{"type":"container_updated_event","id":"e1",
		"attributes":{"changeset":{%s},"timestamp":%q,"data_source":"terminal","timezone":"America/Los_Angeles"},"relationships":{"container":{"data":{"type":"container","id":"c1"}}}}`, changes, at))
	return []byte(strings.Replace(string(body), `"number":"MSKU1234565"`, `"number":"MSKU1234565"`+container, 1))
}

// No vector is published; this one was made with openssl.
func TestASignatureOfTerminal49MadeByOthersVerifies(t *testing.T) {
	body := []byte(`{"data":{"attributes":{"event":"container.transport.available"}}}`)
	const digits = "831e0174f5bd8602e330401b81e6f529632c43ab9da1cac0b5ab77bacd8d06c4"
	request := carrier.Request{Header: http.Header{"X-T49-Webhook-Signature": {digits}}, Body: body}
	require.NoError(t, terminal49.Verify(request, []string{"a secret of Terminal49"}, now))
	refused(t, terminal49.Verify(request, []string{"a secret of terminal49"}, now), "1 secrets")
	request.Header.Set("X-T49-Webhook-Signature", "sha256="+digits)
	refused(t, terminal49.Verify(request, []string{"a secret of Terminal49"}, now), "matches none")
}

// estimated is an arrival of a kind that the carrier estimates.
func expected(kind supply.ETAKind, at, said string, source supply.ETASource, classifier supply.Classifier) supply.Estimate {
	return supply.Estimate{Window: supply.Window{From: utc(at), To: utc(at), Kind: kind}, Classifier: classifier, Source: source, SaidAt: utc(said)}
}

func TestTerminal49sPublishedNotificationsAreReadWhole(t *testing.T) {
	one := func(number, issuer, said string, also []string, etas []supply.Estimate, scans ...supply.Scan) []supply.Report {
		return []supply.Report{{Number: number, Also: also, Issuer: issuer, SaidAt: utc(said), ETAs: etas, Scans: scans}}
	}
	move := func(status supply.TrackStatus, code supply.TrackCode, event, at, said, place string) supply.Scan {
		text := strings.TrimPrefix(strings.TrimPrefix(event, "container."), "transport.")
		return supply.Scan{ID: event + "@" + at, Version: utc(said), Status: status, Code: code, At: utc(at), Text: text, Place: place}
	}
	for name, want := range map[string][]supply.Report{
		"container.transport.vessel_departed": one("MNBU4188482", "SEAU", "2022-10-21T20:16:41Z", []string{"914595688"},
			[]supply.Estimate{expected(supply.AtPort, "2022-10-27T12:00:00Z", "2022-10-21T20:16:41Z", supply.FromAggregator, supply.Estimated)},
			move(supply.InTransit, supply.Departed, "container.transport.vessel_departed", "2022-09-28T19:51:00Z", "2022-10-21T20:15:38Z", "Arica, CLARI")),
		"container.transport.vessel_arrived": one("CAIU3758064", "ZIMU", "2022-10-21T20:15:39Z", []string{"ZIMULEH9024455"},
			[]supply.Estimate{
				expected(supply.AtPort, "2022-10-21T15:53:00Z", "2022-10-21T20:15:39Z", supply.FromAggregator, supply.Actual),
				expected(supply.AtPort, "2022-10-21T15:53:00Z", "2022-10-21T20:15:39Z", supply.FromCarrier, supply.Actual)},
			move(supply.InTransit, supply.ArrivedAt, "container.transport.vessel_arrived", "2022-10-21T15:53:00Z", "2022-10-21T20:15:39Z", "Nhava Sheva, INNSA")),
		"container.transport.vessel_discharged": one("NYKU0800893", "ONEY", "2022-10-21T20:14:17Z", []string{"TA2PTC560500"},
			[]supply.Estimate{expected(supply.AtPort, "2022-10-19T19:55:00Z", "2022-10-21T20:14:17Z", supply.FromAggregator, supply.Actual)},
			move(supply.InTransit, supply.Discharged, "container.transport.vessel_discharged", "2022-10-21T15:19:00Z", "2022-10-21T20:14:17Z", "New York / New Jersey, USNYC")),
		"container.transport.full_out": one("MSKU8532556", "MAEU", "2022-10-21T20:19:06Z", []string{"MAEUGAP001939", "GAP001939"},
			[]supply.Estimate{expected(supply.AtPort, "2022-10-19T10:00:00Z", "2022-10-21T20:19:06Z", supply.FromAggregator, supply.Actual)},
			move(supply.OutForDelivery, supply.GateOut, "container.transport.full_out", "2022-10-21T15:05:00Z", "2022-10-21T20:19:06Z", "Savannah, USSAV")),
		"container.pickup_lfd.changed": one("OERU6438708", "MSCU", "2024-06-26T21:22:47Z", []string{"TE491A648538"},
			[]supply.Estimate{expected(supply.AtPort, "2024-06-26T21:22:46Z", "2024-06-26T21:22:47Z", supply.FromAggregator, supply.Actual)},
			move(supply.TrackUnknown, supply.CodeInfo, "container.pickup_lfd.changed", "2024-06-26T21:22:46Z", "2024-06-26T21:22:46Z", "Port of Oakland, USOAK")),
		"container.updated": one("MSKU4807969", "MAEU", "2022-10-21T20:19:13Z", []string{"MAEUJAK015053", "JAK015053"},
			[]supply.Estimate{
				expected(supply.AtPort, "2022-10-10T22:00:00Z", "2022-10-21T20:19:13Z", supply.FromAggregator, supply.Actual),
				expected(supply.ForPickup, "2022-10-21T20:19:12Z", "2022-10-21T20:19:12Z", supply.FromTerminal, supply.Actual)},
			supply.Scan{Status: supply.InTransit, Code: supply.HubScan, At: utc("2022-10-21T20:19:12Z"), Text: "released: other DOWN - Broken Machine Over Pile"},
			move(supply.AvailableForPickup, supply.Available, "container.transport.available", "2022-10-21T20:19:12Z", "2022-10-21T20:19:12Z", "")),
		"shipment.estimated.arrival": one("OOLU2136060630", "OOLU", "2022-10-21T20:19:13Z", []string{"2136060630"},
			[]supply.Estimate{
				expected(supply.AtPort, "2022-11-01T14:00:00Z", "2022-10-21T20:19:13Z", supply.FromAggregator, supply.Estimated),
				expected(supply.AtInlandPoint, "2022-11-07T17:00:00Z", "2022-10-21T20:19:13Z", supply.FromAggregator, supply.Estimated),
				expected(supply.AtPort, "2022-11-01T14:00:00Z", "2022-10-21T20:19:13Z", supply.FromCarrier, supply.Estimated)}),
		"tracking_request.failed": one("MAEU11875506", "MAEU", "2022-10-21T20:19:14Z", nil, nil,
			supply.Scan{Code: supply.TrackingStopped, At: utc("2022-10-21T20:19:14Z"), Text: "tracking_request.failed not_found"}),
		// They hold no number, as Terminal49 itself says.
		"container.transport.available":                nil,
		"container.transport.delivered":                nil,
		"container.transport.estimated.vessel_arrived": nil,
	} {
		got, err := terminal49.Parse(fixture(t, "terminal49/"+name+".json"))
		require.NoError(t, err, name)
		require.Equal(t, want, got, name)
	}
}

func TestWhereTerminal49sPublishedContainersStand(t *testing.T) {
	for name, want := range map[string]struct {
		status supply.TrackStatus
		eta    string
		kind   supply.ETAKind
	}{
		"container.transport.vessel_departed":   {supply.InTransit, "2022-10-27T12:00:00Z", supply.AtPort},
		"container.transport.vessel_arrived":    {supply.InTransit, "2022-10-21T15:53:00Z", supply.AtPort},
		"container.transport.vessel_discharged": {supply.InTransit, "2022-10-19T19:55:00Z", supply.AtPort},
		"container.transport.full_out":          {supply.OutForDelivery, "2022-10-19T10:00:00Z", supply.AtPort},
		"container.updated":                     {supply.AvailableForPickup, "2022-10-21T20:19:12Z", supply.ForPickup},
		"shipment.estimated.arrival":            {supply.TrackUnknown, "2022-11-07T17:00:00Z", supply.AtInlandPoint},
		"container.pickup_lfd.changed":          {supply.TrackUnknown, "2024-06-26T21:22:46Z", supply.AtPort},
	} {
		u := follow(t, terminal49, fixture(t, "terminal49/"+name+".json"))
		require.Equal(t, want.status.String(), u.Status.String(), name)
		require.Zero(t, u.Troubles, name)
		require.True(t, u.Arrived.IsZero(), name)
		require.Equal(t, utc(want.eta), u.ETA.To, name)
		require.Equal(t, want.kind, u.ETA.Kind, name)
	}
}

// The catalogue, one row per event: what a unit makes of it that was in transit.
func TestTerminal49sEventsMeanWhatTheySay(t *testing.T) {
	const before = "2026-03-10T00:00:00Z"
	rows := []struct {
		event    string
		status   supply.TrackStatus
		code     string // of the unit's last scan
		troubles supply.UnitTrouble
		eta      string // kind, classifier
	}{
		{"container.transport.empty_out", supply.PreTransit, "GATE_OUT", 0, ""},
		{"container.transport.full_in", supply.InTransit, "GATE_IN", 0, ""},
		{"container.transport.vessel_loaded", supply.InTransit, "LOADED", 0, ""},
		{"container.transport.vessel_departed", supply.InTransit, "DEPARTED", 0, ""},
		{"container.transport.transshipment_arrived", supply.InTransit, "ARRIVED", 0, "ARRIVAL_PORT ACT CNSHG"},
		{"container.transport.transshipment_discharged", supply.InTransit, "DISCHARGED", 0, ""},
		{"container.transport.transshipment_loaded", supply.InTransit, "LOADED", 0, ""},
		{"container.transport.transshipment_departed", supply.InTransit, "DEPARTED", 0, ""},
		{"container.transport.feeder_arrived", supply.InTransit, "ARRIVED", 0, "ARRIVAL_PORT ACT CNSHG"},
		{"container.transport.feeder_discharged", supply.InTransit, "DISCHARGED", 0, ""},
		{"container.transport.feeder_loaded", supply.InTransit, "LOADED", 0, ""},
		{"container.transport.feeder_departed", supply.InTransit, "DEPARTED", 0, ""},
		{"container.transport.vessel_arrived", supply.InTransit, "ARRIVED", 0, "ARRIVAL_PORT ACT"},
		{"container.transport.vessel_berthed", supply.InTransit, "BERTHED", 0, ""},
		{"container.transport.vessel_discharged", supply.InTransit, "DISCHARGED", 0, ""},
		{"container.transport.available", supply.AvailableForPickup, "AVAILABLE", 0, "AVAILABLE ACT"},
		{"container.transport.not_available", supply.InTransit, "HELD", supply.UnitHeld, ""},
		{"container.transport.full_out", supply.OutForDelivery, "GATE_OUT", 0, ""},
		{"container.transport.delivered", supply.Delivered, "DELIVERED", 0, ""},
		{"container.transport.empty_in", supply.Delivered, "EMPTY_RETURNED", 0, ""},
		{"container.transport.rail_loaded", supply.InTransit, "RAIL_LOADED", 0, ""},
		{"container.transport.rail_departed", supply.InTransit, "DEPARTED", 0, ""},
		{"container.transport.rail_arrived", supply.InTransit, "ARRIVED", 0, "ARRIVAL_INLAND ACT CNSHG"},
		{"container.transport.rail_unloaded", supply.InTransit, "RAIL_UNLOADED", 0, ""},
		{"container.transport.arrived_at_inland_destination", supply.InTransit, "ARRIVED", 0, "ARRIVAL_INLAND ACT"},
		{"container.transport.estimated.vessel_departed", supply.InTransit, "LOADED", 0, ""},
		{"container.transport.estimated.vessel_arrived", supply.InTransit, "LOADED", 0, "ARRIVAL_PORT EST"},
		{"container.transport.estimated.arrived_at_inland_destination", supply.InTransit, "LOADED", 0, "ARRIVAL_INLAND EST"},
		{"shipment.estimated.arrival", supply.InTransit, "LOADED", 0, "ARRIVAL_PORT EST"},
		{"container.created", supply.InTransit, "TRACKING_STARTED", 0, ""},
		{"container.updated", supply.InTransit, "INFO", 0, ""},
		{"container.pod_terminal_changed", supply.InTransit, "INFO", 0, ""},
		{"container.pickup_lfd.changed", supply.InTransit, "INFO", 0, ""},
		{"container.pickup_lfd_line.changed", supply.InTransit, "INFO", 0, ""},
		{"container.pickup_lfd_terminal.changed", supply.InTransit, "INFO", 0, ""},
		{"container.pickup_lfd_rail.changed", supply.InTransit, "INFO", 0, ""},
		{"container.pickup_appointment.changed", supply.InTransit, "APPOINTMENT_SET", 0, ""},
		{"tracking_request.succeeded", supply.InTransit, "TRACKING_STARTED", 0, ""},
		{"tracking_request.failed", supply.InTransit, "TRACKING_STOPPED", 0, ""},
		{"tracking_request.awaiting_manifest", supply.PreTransit, "", 0, ""},
		{"tracking_request.tracking_stopped", supply.InTransit, "TRACKING_STOPPED", 0, ""},
		{"container.transport.beamed_up", supply.InTransit, "UNKNOWN", 0, ""}, // an event of next year
		{"container.transport.estimated.rail_arrived", supply.InTransit, "UNKNOWN", 0, ""},
	}
	require.Len(t, rows, 43, "two of the catalogue are about documents, two of these are not in it")
	for _, c := range rows {
		body := terminal49Notice(c.event, terminal49Move(c.event, "2026-03-15T10:00:00Z", `,"location_locode":"CNSHG","data_source":"terminal"`))
		reports, err := terminal49.Parse(body)
		require.NoError(t, err, c.event)
		if c.event == "container.transport.estimated.vessel_departed" {
			require.Empty(t, reports, "no arrival")
			continue
		}
		require.Len(t, reports, 1, c.event)
		require.Equal(t, "MSKU1234565", reports[0].Number)
		require.Equal(t, []string{"MAEU245566778"}, reports[0].Also)
		u := follow(t, terminal49, terminal49Told("vessel_loaded", before, ""), body)
		require.Equal(t, c.status.String(), u.Status.String(), c.event)
		require.Equal(t, c.code, u.Last.Code.String(), c.event)
		require.Equal(t, c.troubles.String(), u.Troubles.String(), c.event)
		require.Equal(t, c.status == supply.Delivered, !u.Arrived.IsZero(), c.event)
		said := ""
		for _, e := range reports[0].ETAs {
			if e.Known() {
				said = strings.TrimSpace(strings.Join([]string{e.Kind.String(), e.Classifier.String(), e.Place}, " "))
				require.Equal(t, utc("2026-03-15T10:00:00Z"), e.To, c.event)
				require.Equal(t, supply.FromTerminal, e.Source, c.event)
			}
		}
		require.Equal(t, c.eta, said, c.event)
	}
}

func TestAnUnknownEventOfTerminal49IsShownAsItCame(t *testing.T) {
	u := follow(t, terminal49, terminal49Told("beamed_up", "2026-03-15T10:00:00Z", ""))
	require.Equal(t, "container.transport.beamed_up", u.Last.Text)
	require.EqualValues(t, 1, u.Unmapped)
	u = follow(t, terminal49, terminal49Notice("container.lost_at_sea"))
	require.Equal(t, "container.lost_at_sea", u.Last.Text, "even where nothing is left of it but its name")
	require.Equal(t, utc("2026-03-20T00:00:00Z"), u.Last.At)
}

func TestWithoutANumberOnlyWhatTerminal49SendsSoIsNoMistake(t *testing.T) {
	bare := []string{"container.transport.available", "container.transport.not_available", "container.transport.delivered", "container.pickup_appointment.changed",
		"container.transport.estimated.vessel_departed", "container.transport.estimated.vessel_arrived", "container.transport.estimated.arrived_at_inland_destination"}
	for _, event := range append(bare, "container.transport.vessel_arrived", "container.transport.full_out", "container.updated", "container.created",
		"tracking_request.failed", "shipment.estimated.arrival", "container.transport.beamed_up") {
		for _, body := range [][]byte{terminal49Only(event), terminal49Only(event, terminal49Move(event, "2026-03-15T10:00:00Z", ""))} {
			reports, err := terminal49.Parse(body)
			require.Empty(t, reports, event)
			if slices.Contains(bare, event) {
				require.NoError(t, err, event)
				continue
			}
			require.True(t, fault.Is(err, fault.Invalid), "%s: %v", event, err)
			require.ErrorContains(t, err, event)
		}
	}
	for _, bad := range []string{`{"data":{"attributes":{}}}`, `{"data":null,"included":[]}`, `{"data":[],"included":[]}`, `{"data":{"attributes":{"event":1}}}`} {
		unreadable(t, terminal49, []byte(bad), bad)
	}
}

func TestAnEventBelongsToTheContainerThatItNames(t *testing.T) {
	const other = `{"type":"container","id":"c2","attributes":{"number":"TGBU7654320"},"relationships":{"shipment":{"data":{"type":"shipment","id":"s1"}}}}`
	const name = "container.transport.full_out"
	reports, err := terminal49.Parse(terminal49Notice(name, other, terminal49Move(name, "2026-03-15T10:00:00Z", "")))
	require.NoError(t, err)
	require.Len(t, reports, 1, "of the other nothing is said")
	require.Equal(t, "MSKU1234565", reports[0].Number)

	for why, body := range map[string][]byte{
		"it names none of two":          terminal49Notice(name, other, strings.Replace(terminal49Move(name, "2026-03-15T10:00:00Z", ""), `"container":{"data":{"type":"container","id":"c1"}},`, "", 1)),
		"the one it names is not there": terminal49Notice(name, strings.Replace(terminal49Move(name, "2026-03-15T10:00:00Z", ""), `"id":"c1"`, `"id":"c7"`, 1)),
	} {
		reports, err := terminal49.Parse(body)
		for _, r := range reports {
			require.Empty(t, r.Scans, why)
		}
		require.ErrorContains(t, err, name, why)
	}
	// Of two shipments an event that names none belongs to its container's, which goes on by rail.
	const bill = `{"type":"shipment","id":"s2","attributes":{"bill_of_lading_number":"MAEU999999999"}}`
	move := strings.Replace(terminal49Move(name, "2026-03-15T10:00:00Z", `,"location_locode":"USLGB"`), `,"shipment":{"data":{"type":"shipment","id":"s1"}}`, "", 1)
	reports, err = terminal49.Parse([]byte(strings.Replace(string(terminal49Notice(name, bill, move)), `"USLGB"`, `"USLGB","destination_locode":"USEWI"`, 1)))
	require.NoError(t, err)
	require.Equal(t, []string{"MAEU245566778"}, reports[0].Also)
	require.Equal(t, supply.InTransit, reports[0].Scans[0].Status)
	// It names no container, and there is but one.
	body := strings.Replace(string(terminal49Told("full_out", "2026-03-15T10:00:00Z", "")), `"container":{"data":{"type":"container","id":"c1"}},`, "", 1)
	require.Equal(t, supply.OutForDelivery, follow(t, terminal49, []byte(body)).Status)
}

func TestTheBillOfLadingSpeaksForItsOnlyContainer(t *testing.T) {
	bill := func(containers string) string {
		return `{"type":"shipment","id":"s1","attributes":{"bill_of_lading_number":"MAEU245566778"},"relationships":{"containers":{"data":[` + containers + `]}}}`
	}
	const name = "container.transport.full_out"
	move := terminal49Move(name, "2026-03-15T10:00:00Z", "")
	reports, err := terminal49.Parse(terminal49Only(name, bill(`{"type":"container","id":"c1"}`), move))
	require.NoError(t, err)
	require.Equal(t, "MAEU245566778", reports[0].Number)
	require.Equal(t, supply.OutForDelivery, reports[0].Scans[0].Status)

	reports, err = terminal49.Parse(terminal49Only(name, bill(`{"type":"container","id":"c1"},{"type":"container","id":"c2"}`), move))
	require.ErrorContains(t, err, name)
	require.Empty(t, reports, "one of two went out, and nobody says which")
}

func TestAStoryOfTwoPortsEndsAlikeInEveryOrder(t *testing.T) {
	told := func(event, at, locode string) []byte {
		body := terminal49Told(event, at, `,"location_locode":"`+locode+`"`)
		return []byte(strings.NewReplacer("MSKU1234565", "MNBU4188482", "MAEU245566778", "914595688", `"MAEU"`, `"SEAU"`, "USLGB", "USNYC").Replace(string(body)))
	}
	u := anyOrder(t, terminal49, fixture(t, "terminal49/container.transport.vessel_departed.json"),
		told("transshipment_arrived", "2022-10-11T20:00:00Z", "PECLL"), told("transshipment_loaded", "2022-10-19T05:00:00Z", "PECLL"), told("transshipment_departed", "2022-10-20T03:00:00Z", "PECLL"))
	require.Equal(t, "MNBU4188482", u.Number)
	require.Equal(t, supply.InTransit, u.Status)
	require.EqualValues(t, 4, u.Scans)
	require.Equal(t, utc("2022-10-20T03:00:00Z"), u.StatusAt)
	require.Equal(t, supply.Departed, u.Last.Code)
	require.Equal(t, utc("2022-10-27T12:00:00Z"), u.ETA.To, "the port of discharge, not the one on the way")
	require.Equal(t, supply.Estimated, u.ETAClassifier)
}

// The events of one container as Terminal49's API lists them, each told as a
// notification of its own.
func TestARecordedContainerEndsAlikeInEveryOrder(t *testing.T) {
	var list struct {
		Data []struct{ ID, Event, CreatedAt, Timestamp, DataSource, LocationLocode, Timezone string }
	}
	require.NoError(t, json.Unmarshal(fixture(t, "terminal49/live.containers.events.json"), &list))
	require.Len(t, list.Data, 11)
	var bodies [][]byte
	for _, e := range list.Data {
		body := terminal49Notice(e.Event, fmt.Sprintf(`{"type":"transport_event","id":%q,"attributes":{"event":%q,"created_at":%q,"timestamp":%q,"data_source":%q,"location_locode":%q,"timezone":%q,"invalidated_at":null},
			"relationships":{"container":{"data":{"type":"container","id":"c1"}}}}`, e.ID, e.Event, e.CreatedAt, e.Timestamp, e.DataSource, e.LocationLocode, e.Timezone))
		bodies = append(bodies, []byte(strings.NewReplacer(`"port_of_discharge_locode":"USLGB"`, `"port_of_discharge_locode":"USORF","destination_locode":"USDET"`).Replace(string(body))))
	}
	u := anyOrder(t, terminal49, bodies...)
	require.Equal(t, supply.OutForDelivery, u.Status, "out of the ramp at Detroit, not yet delivered")
	require.Equal(t, utc("2026-02-26T14:53:00Z"), u.StatusAt)
	require.True(t, u.Arrived.IsZero())
	require.EqualValues(t, 10, u.Scans, "the eleventh is an estimate")
	require.Equal(t, supply.ForPickup, u.ETA.Kind)
	require.Equal(t, utc("2026-02-25T11:40:00Z"), u.ETA.To)
}

func TestARailJourneyLeavesThePortWithoutBeingDelivered(t *testing.T) {
	onward := func(body []byte) []byte {
		return []byte(strings.Replace(string(body), `"USLGB"`, `"USLGB","destination_locode":"USEWI","destination_eta_at":"2026-03-25T00:50:00Z","destination_timezone":"America/Chicago"`, 1))
	}
	out := onward(terminal49Told("full_out", "2026-03-14T16:21:00Z", `,"location_locode":"USLGB"`))
	arrived := onward(terminal49Told("rail_arrived", "2026-03-21T17:43:00Z", `,"location_locode":"USEWI"`))
	unloaded := onward(terminal49Told("rail_unloaded", "2026-03-21T18:32:00Z", `,"location_locode":"USEWI"`))
	fetched := onward(terminal49Told("full_out", "2026-03-22T09:00:00Z", `,"location_locode":"USEWI"`))

	u := follow(t, terminal49, out)
	require.Equal(t, supply.InTransit, u.Status)
	require.Equal(t, utc("2026-03-25T00:50:00Z"), u.ETA.To)
	require.Equal(t, supply.AtInlandPoint, u.ETA.Kind)
	u = anyOrder(t, terminal49, out, arrived, unloaded)
	require.Equal(t, supply.InTransit, u.Status)
	require.Equal(t, supply.RailUnloaded, u.Last.Code)
	require.Equal(t, utc("2026-03-21T17:43:00Z"), u.ETA.To, "the ramp that it goes to was reached: no estimate is better")
	require.Equal(t, supply.Actual, u.ETAClassifier)
	require.Equal(t, supply.OutForDelivery, anyOrder(t, terminal49, out, arrived, unloaded, fetched).Status)
}

func TestAPlaceOnTheWayThatNobodyNamesIsNotWhereTheShipmentGoes(t *testing.T) {
	for _, event := range []string{"transshipment_arrived", "feeder_arrived", "rail_arrived"} {
		reports, err := terminal49.Parse(terminal49Told(event, "2026-03-01T10:00:00Z", `,"location_locode":null`))
		require.NoError(t, err)
		require.Empty(t, reports[0].ETAs, event)
		require.Len(t, reports[0].Scans, 1, event)
	}
}

func TestAnETAOfTerminal49MayMoveEarlierAndTheLastWordStands(t *testing.T) {
	told := func(at, created string) []byte {
		return terminal49Notice("container.transport.estimated.vessel_arrived",
			strings.Replace(terminal49Move("container.transport.estimated.vessel_arrived", at, ""), "2026-03-19T00:00:00Z", created, 1))
	}
	u := anyOrder(t, terminal49, told("2026-03-16T04:00:00Z", "2026-03-01T00:00:00Z"), told("2026-03-14T18:00:00Z", "2026-03-03T00:00:00Z"), told("2026-03-17T00:00:00Z", "2026-02-20T00:00:00Z"))
	require.Equal(t, utc("2026-03-14T18:00:00Z"), u.ETA.To)
	require.Equal(t, supply.AtPort, u.ETA.Kind)
	require.EqualValues(t, 0, u.Scans, "what is expected did not happen")
	u = anyOrder(t, terminal49, told("2026-03-14T18:00:00Z", "2026-03-19T00:00:00Z"), terminal49Told("vessel_arrived", "2026-03-13T10:00:00Z", ""))
	require.Equal(t, utc("2026-03-13T10:00:00Z"), u.ETA.To, "what happened is overridden by no estimate")

	reports, err := terminal49.Parse(event(t, "webhook-terminal49-eta-moved.json"))
	require.NoError(t, err)
	require.Len(t, reports, 1)
	require.Equal(t, "MAEU245566778", reports[0].Number, "it concerns the whole shipment")
	require.Equal(t, []string{"245566778"}, reports[0].Also)
	require.Equal(t, utc("2026-03-14T18:00:00Z"), follow(t, terminal49, event(t, "webhook-terminal49-eta-moved.json")).ETA.To)
}

func TestWithoutAZoneTerminal49sTimeIsLocalAndItsDayIsRight(t *testing.T) {
	local := func(body []byte) []byte {
		return []byte(strings.ReplaceAll(string(body), `"timezone":"America/Los_Angeles"`, `"timezone":null`))
	}
	reports, err := terminal49.Parse(local(terminal49Told("vessel_arrived", "2026-03-15T23:30:00Z", "")))
	require.NoError(t, err)
	require.True(t, reports[0].Scans[0].Local)
	require.Equal(t, utc("2026-03-15T23:30:00Z"), reports[0].Scans[0].At)
	day := supply.Window{From: utc("2026-03-15T00:00:00Z"), To: utc("2026-03-15T00:00:00Z"), DateOnly: true, Kind: supply.AtPort}
	require.Equal(t, day, reports[0].ETAs[0].Window)

	reports, err = terminal49.Parse(local(terminal49Told("estimated.vessel_arrived", "2026-03-15T23:30:00Z", "")))
	require.NoError(t, err)
	require.Equal(t, day, reports[0].ETAs[0].Window)
	reports, err = terminal49.Parse([]byte(strings.Replace(string(terminal49Notice("container.created")), `"USLGB"`, `"USLGB","pod_eta_at":"2026-03-15T23:30:00Z"`, 1)))
	require.NoError(t, err)
	require.Equal(t, day, reports[0].ETAs[0].Window)

	reports, err = terminal49.Parse(terminal49Told("vessel_arrived", "2026-03-15T23:30:00Z", ""))
	require.NoError(t, err)
	require.False(t, reports[0].Scans[0].Local)
	require.Equal(t, utc("2026-03-15T23:30:00Z"), reports[0].ETAs[0].To)
}

func TestAMoveThatTerminal49InvalidatesDidNotHappen(t *testing.T) {
	loaded := terminal49Told("vessel_loaded", "2026-03-01T10:00:00Z", "")
	empty := terminal49Told("empty_in", "2026-03-18T16:00:00Z", "")
	invalid := terminal49Told("empty_in", "2026-03-18T16:00:00Z", `,"invalidated_at":"2026-03-19T12:00:00Z"`)
	require.Equal(t, supply.Delivered, anyOrder(t, terminal49, loaded, empty).Status)
	u := anyOrder(t, terminal49, loaded, empty, invalid)
	require.Equal(t, supply.InTransit, u.Status)
	require.True(t, u.Arrived.IsZero())

	reports, err := terminal49.Parse(invalid)
	require.NoError(t, err)
	require.Equal(t, []supply.Scan{{ID: "container.transport.empty_in@2026-03-18T16:00:00Z", Version: utc("2026-03-19T12:00:00Z"), Retracted: true,
		Status: supply.Delivered, Code: supply.EmptyReturned, At: utc("2026-03-18T16:00:00Z"), Text: "empty_in"}}, reports[0].Scans)
	reports, err = terminal49.Parse(terminal49Told("vessel_arrived", "2026-03-15T10:00:00Z", `,"invalidated_at":"2026-03-19T12:00:00Z"`))
	require.NoError(t, err)
	require.Equal(t, []supply.Estimate{{Window: supply.Window{Kind: supply.AtPort}, Classifier: supply.Actual, Source: supply.FromAggregator, SaidAt: utc("2026-03-19T12:00:00Z")}}, reports[0].ETAs)

	// What is pushed is that the container's field is empty again.
	back := terminal49Update("2026-03-19T12:00:00Z", `"empty_terminated_at":["2026-03-18T16:00:00Z",null]`, "")
	u = anyOrder(t, terminal49, loaded, empty, back)
	require.Equal(t, supply.InTransit, u.Status)
	require.EqualValues(t, 1, u.Scans)
	again := terminal49Told("empty_in", "2026-03-18T17:00:00Z", "")
	u = anyOrder(t, terminal49, loaded, empty, back, again)
	require.Equal(t, utc("2026-03-18T17:00:00Z"), u.Arrived, "the corrected time is another move")
	anew := []byte(strings.Replace(string(empty), `"created_at":"2026-03-19T00:00:00Z"`, `"created_at":"2026-03-19T18:00:00Z"`, 1))
	require.Equal(t, supply.Delivered, anyOrder(t, terminal49, loaded, empty, back, anew).Status, "said again, it happened")

	u = anyOrder(t, terminal49, event(t, "webhook-terminal49-vessel-arrived.json"), event(t, "webhook-terminal49-empty-in.json"), event(t, "webhook-terminal49-empty-in-taken-back.json"))
	require.Equal(t, supply.InTransit, u.Status)
	require.True(t, u.Arrived.IsZero())
}

func TestEveryFieldThatRepeatsAMoveTakesItBack(t *testing.T) {
	for field, event := range map[string]string{
		"pol_vessel_departed_at": "vessel_departed", "pod_arrived_at": "vessel_arrived", "pod_discharged_at": "vessel_discharged", "pod_full_out_at": "full_out",
		"ind_rail_unloaded_at": "rail_unloaded", "final_destination_full_out_at": "full_out", "empty_terminated_at": "empty_in",
	} {
		told := terminal49Told(event, "2026-03-15T10:00:00Z", "")
		change := func(values string) []byte { return terminal49Update("2026-03-19T12:00:00Z", `"`+field+`":`+values, "") }
		require.EqualValues(t, 0, anyOrder(t, terminal49, told, change(`["2026-03-15T10:00:00Z",null]`)).Scans, field)
		require.EqualValues(t, 0, anyOrder(t, terminal49, told, change(`["2026-03-15T12:00:00+02:00",null]`)).Scans, field)
		for _, other := range []string{`[null,"2026-03-15T10:00:00Z"]`, `["2026-03-15T10:00:00Z","2026-03-15T11:00:00Z"]`, `["2026-03-15T10:00:01Z",null]`, `["2026-03-15T10:00:00Z"]`, `null`} {
			require.EqualValues(t, 1, follow(t, terminal49, told, change(other)).Scans, "%s %s", field, other)
		}
		_, err := terminal49.Parse(change(`["last week",null]`))
		require.ErrorContains(t, err, event)
	}
}

func TestWhatHoldsAContainerIsTold(t *testing.T) {
	hold := func(name, status string) string {
		return fmt.Sprintf(`{"name":%q,"status":%q,"description":"SEE BROKER"}`, name, status)
	}
	for _, c := range []struct {
		holds    string
		troubles supply.UnitTrouble
		status   supply.TrackStatus
	}{
		{hold("customs", "hold"), supply.UnitCustoms, supply.Exception},
		{hold("USDA", "hold"), supply.UnitCustoms, supply.Exception},
		{hold("VACIS", "hold"), supply.UnitCustoms, supply.Exception},
		{hold("freight", "hold"), supply.UnitHeld, supply.Exception},
		{hold("TMF", "hold"), supply.UnitHeld, supply.Exception},
		{hold("other", "hold"), supply.UnitHeld, supply.Exception},
		{hold("a hold of next year", "hold"), supply.UnitHeld, supply.Exception},
		{hold("customs", "hold") + "," + hold("freight", "hold"), supply.UnitCustoms | supply.UnitHeld, supply.Exception},
		{hold("customs", "pending"), 0, supply.InTransit}, // expected, and holds nothing yet
		{hold("customs", "pending") + "," + hold("TMF", "hold"), supply.UnitHeld, supply.Exception},
	} {
		discharged := terminal49Told("vessel_discharged", "2026-03-16T08:00:00Z", "")
		held := terminal49Update("2026-03-16T10:00:00Z", `"holds_at_pod_terminal":[[],[`+c.holds+`]]`, "")
		u := anyOrder(t, terminal49, discharged, held)
		require.Equal(t, c.troubles.String(), u.Troubles.String(), c.holds)
		require.Equal(t, c.status.String(), u.Status.String(), c.holds)
		released := terminal49Update("2026-03-16T15:00:00Z", `"holds_at_pod_terminal":[[`+c.holds+`],[]]`, "")
		u = anyOrder(t, terminal49, discharged, held, released)
		require.Zero(t, u.Troubles, c.holds)
		require.Equal(t, supply.InTransit, u.Status, "released is not yet available")
		ready := terminal49Update("2026-03-16T15:00:00Z", `"holds_at_pod_terminal":[[`+c.holds+`],[]],"available_for_pickup":[false,true]`, `,"available_for_pickup":true`)
		u = anyOrder(t, terminal49, discharged, held, ready)
		require.Zero(t, u.Troubles, c.holds)
		require.Equal(t, supply.AvailableForPickup, u.Status)
	}
	u := anyOrder(t, terminal49, event(t, "webhook-terminal49-vessel-arrived.json"), event(t, "webhook-terminal49-customs-hold.json"))
	require.Equal(t, supply.UnitCustoms, u.Troubles)
	require.Equal(t, "customs DOCUMENTS", u.Last.Text)
	u = anyOrder(t, terminal49, event(t, "webhook-terminal49-vessel-arrived.json"), event(t, "webhook-terminal49-customs-hold.json"), event(t, "webhook-terminal49-released.json"))
	require.Zero(t, u.Troubles)
	require.Equal(t, supply.AvailableForPickup, u.Status)
}

func TestAContainerCanBeFetchedWhenTheTerminalSaysSoAndNobodyHoldsIt(t *testing.T) {
	const customs, freight = `{"name":"customs","status":"hold"}`, `{"name":"freight","status":"pending"}`
	for _, c := range []struct {
		changes, container string
		code               string
	}{
		{`"available_for_pickup":[false,true]`, `,"available_for_pickup":true`, "AVAILABLE"},
		{`"available_for_pickup":[null,true]`, `,"available_for_pickup":true,"holds_at_pod_terminal":[` + freight + `]`, "AVAILABLE"},
		{`"available_for_pickup":[false,true]`, `,"available_for_pickup":true,"holds_at_pod_terminal":[` + customs + `]`, ""},
		{`"pickup_lfd":[null,"2026-03-20T00:00:00Z"]`, `,"available_for_pickup":true`, ""},
		{`"available_for_pickup":[true,false]`, ``, "HELD"},
		{`"available_for_pickup":[true,false]`, `,"pod_full_out_at":"2026-03-16T09:00:00Z"`, ""}, // it is gone
		{`"available_for_pickup":[true,false]`, `,"empty_terminated_at":"2026-03-16T09:00:00Z"`, ""},
		{`"available_for_pickup":[true,false]`, `,"final_destination_full_out_at":"2026-03-16T09:00:00Z"`, ""},
		{`"available_for_pickup":[null,false]`, ``, ""},
		{`"available_for_pickup":["true"]`, ``, ""},
	} {
		reports, err := terminal49.Parse(terminal49Update("2026-03-16T10:00:00Z", c.changes, c.container))
		require.NoError(t, err)
		codes := ""
		for _, r := range reports {
			for _, s := range r.Scans {
				codes += s.Code.String()
			}
		}
		require.Equal(t, c.code, codes, "%s %s", c.changes, c.container)
	}
}

func TestAContainerThatGoesOnByRailIsFetchedFromItsRamp(t *testing.T) {
	update := terminal49Update("2026-03-22T10:00:00Z", `"available_for_pickup":[false,true]`, `,"available_for_pickup":true,"pod_full_out_at":"2026-03-14T16:21:00Z"`)
	reports, err := terminal49.Parse(update)
	require.NoError(t, err)
	require.Empty(t, reports, "it left the port for good")
	onward := []byte(strings.Replace(string(update), `"USLGB"`, `"USLGB","destination_locode":"USEWI"`, 1))
	require.Equal(t, supply.AvailableForPickup, follow(t, terminal49, onward).Status)
}

func TestNotAvailableReversesAvailable(t *testing.T) {
	discharged := terminal49Told("vessel_discharged", "2026-03-16T08:00:00Z", "")
	yes, no := terminal49Told("available", "2026-03-16T10:00:00Z", ""), terminal49Told("not_available", "2026-03-16T12:00:00Z", "")
	require.Equal(t, supply.AvailableForPickup, anyOrder(t, terminal49, discharged, yes).Status)
	u := anyOrder(t, terminal49, discharged, yes, no)
	require.Equal(t, supply.InTransit, u.Status)
	require.Equal(t, supply.UnitHeld, u.Troubles)
	u = anyOrder(t, terminal49, discharged, yes, no, terminal49Told("available", "2026-03-17T06:00:00Z", ""))
	require.Equal(t, supply.AvailableForPickup, u.Status)
	require.Zero(t, u.Troubles)
	reports, err := terminal49.Parse(no)
	require.NoError(t, err)
	require.Equal(t, []supply.Estimate{{Window: supply.Window{Kind: supply.ForPickup}, Classifier: supply.Actual, Source: supply.FromAggregator, SaidAt: utc("2026-03-19T00:00:00Z")}}, reports[0].ETAs)

	gone := []byte(strings.Replace(string(no), `"number":"MSKU1234565"`, `"number":"MSKU1234565","pod_full_out_at":"2026-03-16T11:00:00Z"`, 1))
	u = follow(t, terminal49, yes, terminal49Told("full_out", "2026-03-16T11:00:00Z", ""), gone)
	require.Equal(t, supply.OutForDelivery, u.Status, "who fetched it is not told that it cannot be fetched")
	require.Zero(t, u.Troubles)
}

func TestATrackingRequestSaysNothingOfTheGoods(t *testing.T) {
	request := func(event, number string) []byte {
		return terminal49Only(event, `{"type":"tracking_request","id":"r1","attributes":{"request_number":"`+number+`","request_type":"booking_number","scac":"MAEU","failed_reason":"not_found"}}`)
	}
	moved := []byte(strings.Replace(string(terminal49Told("vessel_loaded", "2026-03-01T10:00:00Z", "")), "MSKU1234565", "245566778", 1))
	for _, event := range []string{"tracking_request.succeeded", "tracking_request.failed", "tracking_request.tracking_stopped", "tracking_request.forgotten"} {
		u := anyOrder(t, terminal49, moved, request(event, "245566778"))
		require.Equal(t, supply.InTransit, u.Status, event)
		require.Zero(t, u.Troubles, event)
		require.Equal(t, "MAEU", u.Issuer)
	}
	reports, err := terminal49.Parse(request("tracking_request.tracking_stopped", "245566778"))
	require.NoError(t, err)
	require.Equal(t, supply.Expired, reports[0].Scans[0].Status)
	require.Equal(t, supply.PreTransit, follow(t, terminal49, request("tracking_request.awaiting_manifest", "245566778")).Status)
	_, err = terminal49.Parse(request("tracking_request.failed", "24/55"))
	require.ErrorContains(t, err, "request_number")

	// Beside another event it is no news.
	reports, err = terminal49.Parse(terminal49Notice("container.created", `{"type":"tracking_request","id":"r1","attributes":{"request_number":"245566778","scac":"MAEU"}}`))
	require.NoError(t, err)
	require.Len(t, reports, 1)
	require.Equal(t, "MSKU1234565", reports[0].Number)

	// The first notification brings the history along.
	reports, err = terminal49.Parse(event(t, "webhook-terminal49-tracking-started.json"))
	require.NoError(t, err)
	require.Len(t, reports, 2)
	require.Equal(t, "MAEU245566778", reports[0].Number)
	require.Equal(t, "MSKU1234565", reports[1].Number)
	require.Len(t, reports[1].Scans, 2)
	require.Equal(t, utc("2026-02-09T15:30:00Z"), reports[1].Scans[1].At)
	require.Equal(t, utc("2026-03-16T04:00:00Z"), reports[1].ETAs[0].To)
}

func TestTheArrivalOfAShipmentIsNotEveryContainers(t *testing.T) {
	with := func(container string) []supply.Estimate {
		body := strings.Replace(string(terminal49Notice("container.created")), `"USLGB"`, `"USLGB","pod_timezone":"America/Los_Angeles","pod_ata_at":"2026-03-15T21:40:00Z","pod_eta_at":"2026-03-16T04:00:00Z"`, 1)
		reports, err := terminal49.Parse([]byte(strings.Replace(body, `"number":"MSKU1234565"`, `"number":"MSKU1234565"`+container, 1)))
		require.NoError(t, err)
		return reports[0].ETAs
	}
	said := "2026-03-20T00:00:00Z"
	require.Equal(t, []supply.Estimate{expected(supply.AtPort, "2026-03-16T04:00:00Z", said, supply.FromAggregator, supply.Estimated)}, with(""), "it may be on the next vessel")
	require.Equal(t, []supply.Estimate{expected(supply.AtPort, "2026-03-15T21:40:00Z", said, supply.FromAggregator, supply.Actual)}, with(`,"pod_arrived_at":"2026-03-15T21:40:00Z"`))
	require.Equal(t, []supply.Estimate{
		expected(supply.AtPort, "2026-03-16T04:00:00Z", said, supply.FromAggregator, supply.Estimated),
		expected(supply.AtInlandPoint, "2026-03-20T04:00:00Z", said, supply.FromAggregator, supply.Estimated),
	}, with(`,"ind_eta_at":"2026-03-20T04:00:00Z","final_destination_timezone":"America/Chicago"`))
	require.Equal(t, expected(supply.AtInlandPoint, "2026-03-19T04:00:00Z", said, supply.FromAggregator, supply.Actual),
		with(`,"ind_eta_at":"2026-03-20T04:00:00Z","ind_ata_at":"2026-03-19T04:00:00Z","final_destination_timezone":"America/Chicago"`)[1])

	bill := `{"type":"shipment","id":"s1","attributes":{"bill_of_lading_number":"MAEU245566778","pod_ata_at":"2026-03-15T21:40:00Z","pod_eta_at":"2026-03-16T04:00:00Z","pod_timezone":"America/Los_Angeles"}}`
	reports, err := terminal49.Parse(terminal49Only("shipment.estimated.arrival", bill))
	require.NoError(t, err)
	require.Equal(t, expected(supply.AtPort, "2026-03-15T21:40:00Z", said, supply.FromAggregator, supply.Actual), reports[0].ETAs[0])
}

func TestWhoMadeAnEstimateIsKnown(t *testing.T) {
	for source, want := range map[string]supply.ETASource{
		"shipping_line": supply.FromCarrier, "rail": supply.FromCarrier, "terminal": supply.FromTerminal, "ais": supply.FromAggregator, "": supply.FromAggregator,
	} {
		reports, err := terminal49.Parse(terminal49Told("estimated.vessel_arrived", "2026-03-15T10:00:00Z", `,"data_source":"`+source+`"`))
		require.NoError(t, err)
		require.Equal(t, want, reports[0].ETAs[0].Source, source)
	}
}

func TestABadEventTakesItsNeighboursNotAlong(t *testing.T) {
	good := terminal49Move("container.transport.vessel_loaded", "2026-03-01T10:00:00Z", "")
	for why, bad := range map[string]string{
		"timestamp":  strings.Replace(terminal49Move("container.transport.full_out", "2026-03-15T10:00:00Z", ""), "2026-03-15T10:00:00Z", "soon", 1),
		"created_at": strings.Replace(terminal49Move("container.transport.full_out", "2026-03-15T10:00:00Z", ""), "2026-03-19T00:00:00Z", "soon", 1),
		"event":      strings.Replace(good, `"container.transport.vessel_loaded"`, `7`, 1),
		"pod_eta_at": `{"type":"container","id":"c9","attributes":{"number":"TGBU7654320","pod_arrived_at":"soon"}}`,
	} {
		reports, err := terminal49.Parse(terminal49Notice("container.transport.vessel_loaded", good, bad))
		require.True(t, fault.Is(err, fault.Invalid), why)
		require.ErrorContains(t, err, why)
		require.Equal(t, supply.Loaded, reports[0].Scans[0].Code, why)
		require.Len(t, reports[0].Scans, 1, why)
	}
	reports, err := terminal49.Parse([]byte(strings.Replace(string(terminal49Update("2026-03-16T10:00:00Z", `"empty_terminated_at":["2026-03-15T10:00:00Z",null]`, "")), "2026-03-16T10:00:00Z", "soon", 1)))
	require.ErrorContains(t, err, "timestamp")
	require.Empty(t, reports)
	_, err = terminal49.Parse([]byte(strings.Replace(string(terminal49Notice("container.created")), "2026-03-20T00:00:00Z", "soon", 1)))
	require.ErrorContains(t, err, "data.attributes.created_at")
}

func TestAHostileNotificationHarmsNothing(t *testing.T) {
	reports, err := terminal49.Parse(event(t, "webhook-terminal49-hostile.json"))
	require.NoError(t, err)
	require.Len(t, reports, 1)
	require.Empty(t, reports[0].Also, "a bill of lading with a stroke is no number")
	u := follow(t, terminal49, event(t, "webhook-terminal49-hostile.json"))
	require.Equal(t, "MSKU1234565", u.Number)
	require.Equal(t, "MAEU", u.Issuer)
	require.True(t, u.Arrived.IsZero())
	require.Zero(t, u.Troubles)
	require.EqualValues(t, 2, u.Unmapped)
	require.False(t, u.Heard.After(utc("2026-03-16T00:00:00Z")), "not 9999")
}
