package carrier_test

// Works by letting several providers say the same of one parcel, each in its own
// words, and comparing what their reports mean. It would catch an adapter that
// reads a day as an instant, an offset as UTC, an arrival for another place, or a
// departure for anything else than the others do. Source: features, F94.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/carrier"
	"headstart/shared/supply"
)

// meaning is what two providers must agree on: not their ids, their words or how
// much of the history they repeat.
type meaning struct {
	number, issuer string
	status, code   string
	at             time.Time
	local          bool
	eta            supply.Window
	classifier     supply.Classifier
	source         supply.ETASource
}

func meant(t *testing.T, adapter string, body string) meaning {
	a, ok := carrier.Lookup(adapter)
	require.True(t, ok)
	reports, err := a.Parse([]byte(body))
	require.NoError(t, err, adapter)
	require.Len(t, reports, 1, adapter)
	r := reports[0]
	require.Len(t, r.ETAs, 1, adapter)
	require.NotEmpty(t, r.Scans, adapter)
	last := r.Scans[len(r.Scans)-1]
	return meaning{
		number: supply.NormalNumber(r.Number), issuer: supply.NormalIssuer(r.Issuer),
		status: last.Status.String(), code: last.Code.String(), at: last.At, local: last.Local,
		eta: r.ETAs[0].Window, classifier: r.ETAs[0].Classifier, source: r.ETAs[0].Source,
	}
}

func TestProvidersThatSayTheSameOfAParcelAreUnderstoodAlike(t *testing.T) {
	day := func(s string) supply.Window {
		return supply.Window{From: utc(s + "T00:00:00Z"), To: utc(s + "T00:00:00Z"), DateOnly: true}
	}
	said := map[string]string{
		"aftership": `{"event":"edd_revise","msg":{"tracking_number":"1Z FBA15 ABC","slug":"ups","tag":"InTransit","subtag":"InTransit_007","updated_at":"2026-03-04T09:00:00+00:00","expected_delivery":"2026-03-17",
			"checkpoints":[{"tag":"InTransit","subtag":"InTransit_007","checkpoint_time":"2026-03-04T09:00:00+01:00"}]},"ts":1772614800}`,
		"easypost": `{"description":"tracker.updated","result":{"tracking_code":"1ZFBA15ABC","carrier":"UPS","status":"in_transit","status_detail":"departed_facility","updated_at":"2026-03-04T09:00:00Z",
			"est_delivery_date":"2026-03-17T00:00:00Z","tracking_details":[{"status":"in_transit","status_detail":"departed_facility","datetime":"2026-03-04T08:00:00Z"}]}}`,
		"shipengine": `{"resource_type":"API_TRACK","data":{"tracking_number":"1ZFBA15ABC","carrier_code":"ups","status_code":"IT","status_detail_code":"HUB_SCAN_OUT","estimated_delivery_date":"2026-03-17T00:00:00",
			"events":[{"occurred_at":"2026-03-04T08:00:00Z","carrier_occurred_at":"2026-03-04T09:00:00","status_code":"IT","status_detail_code":"HUB_SCAN_OUT"}]}}`,
		"standard": `{"type":"tracking.updated","trackingNumber":"1ZFBA15ABC","carrier":"UPS","status":"IN_TRANSIT","code":"DEPARTED","occurredAt":"2026-03-04T08:00:00Z","eta":{"to":"2026-03-17"}}`,
		"ups": `{"trackingNumber":"1ZFBA15ABC","activityStatus":{"type":"I","code":"DP"},"localActivityDate":"20260304","localActivityTime":"090000","gmtActivityDate":"20260304","gmtActivityTime":"080000","gmtOffset":"+01:00",
			"scheduledDeliveryDate":"20260317","deliveryEndTime":"170000"}`,
		"x12": string(x12Bodies("B10*1ZFBA15ABC**UPSN~LX*1~AT7*P1*NS***20260304*0900*01~LX*2~AT7*AG*NS***20260317")),
		"17track": `{"event":"TRACKING_UPDATED","data":{"number":"1zfba15abc","carrier":100002,"track_info":{"latest_status":{"status":"InTransit","sub_status":"InTransit_Departure"},
			"time_metrics":{"estimated_delivery_date":{"source":"Official","from":"2026-03-17T00:00:00+01:00","to":"2026-03-17T00:00:00+01:00"}},
			"tracking":{"providers":[{"provider":{"key":100002},"latest_sync_time":"2026-03-04T09:00:00Z","events":[{"sub_status":"InTransit_Departure","time_utc":"2026-03-04T08:00:00Z"}]}]}}}}`,
	}
	want := meaning{
		number: "1ZFBA15ABC", issuer: "UPS", status: "IN_TRANSIT", code: "DEPARTED", at: utc("2026-03-04T08:00:00Z"),
		eta: day("2026-03-17"), classifier: supply.Estimated, source: supply.FromCarrier,
	}
	for adapter, body := range said {
		require.Equal(t, want, meant(t, adapter, body), adapter)
	}

	// Ship24 names no carrier of the number.
	want.issuer = ""
	require.Equal(t, want, meant(t, "ship24", `{"trackings":[{"metadata":{"generatedAt":"2026-03-04T09:00:00Z"},"tracker":{"trackingNumber":"1ZFBA15ABC"},
		"shipment":{"delivery":{"courierEstimatedDeliveryDate":{"from":"2026-03-17T08:00:00","to":"2026-03-17T18:00:00"}}},
		"events":[{"eventId":"1","occurrenceDatetime":"2026-03-04T09:00:00","utcOffset":"+01:00","statusMilestone":"in_transit","statusCode":"transit_origin_country_departure"}]}]}`))
	// Terminal49 speaks of a container, and of the port where it is to arrive.
	container := want
	container.number, container.issuer, container.eta.Kind, container.source = "MSKU1234565", "MAEU", supply.AtPort, supply.FromAggregator
	require.Equal(t, container, meant(t, "terminal49", `{"data":{"attributes":{"event":"container.transport.vessel_departed","created_at":"2026-03-04T09:00:00Z"},
		"relationships":{"reference_object":{"data":{"type":"transport_event","id":"e"}}}},"included":[
		{"type":"shipment","id":"s","attributes":{"shipping_line_scac":"MAEU","port_of_discharge_locode":"NLRTM","pod_eta_at":"2026-03-17T00:00:00Z"}},
		{"type":"container","id":"c","attributes":{"number":"MSKU1234565"},"relationships":{"shipment":{"data":{"type":"shipment","id":"s"}}}},
		{"type":"transport_event","id":"e","attributes":{"event":"container.transport.vessel_departed","timestamp":"2026-03-04T08:00:00Z","timezone":"Asia/Shanghai","location_locode":"CNNGB"},
		"relationships":{"container":{"data":{"type":"container","id":"c"}}}}]}`))
	// FedEx carries its own parcels only.
	want.issuer = "FEDEX"
	require.Equal(t, want, meant(t, "fedex", `{"output":{"completeTrackResults":[{"trackingNumber":"1ZFBA15ABC","trackResults":[{"dateAndTimes":[{"type":"ESTIMATED_DELIVERY","dateTime":"2026-03-17T00:00:00-06:00"}],
		"scanEvents":[{"date":"2026-03-04T02:00:00-06:00","eventType":"DP","derivedStatusCode":"IT"}]}]}]}}`))
	// Shippo, TrackingMore and Karrio know no zone, and Karrio no departure.
	want.issuer, want.local = "UPS", true
	require.Equal(t, want, meant(t, "trackingmore", `{"data":{"tracking_number":"1ZFBA15ABC","courier_code":"ups","delivery_status":"transit","substatus":"transit007","scheduled_delivery_date":"2026-03-17T00:00:00",
		"origin_info":{"trackinfo":[{"checkpoint_date":"2026-03-04T08:00:00","checkpoint_delivery_status":"transit","checkpoint_delivery_substatus":"transit007"}]}}}`))
	departed := want.code
	want.code = ""
	require.Equal(t, want, meant(t, "karrio", `{"event":"tracker_updated","data":{"tracking_number":"1ZFBA15ABC","carrier_name":"ups","status":"in_transit","estimated_delivery":"2026-03-17",
		"events":[{"date":"2026-03-04","time":"08:00","timestamp":"2026-03-04T08:00:00.000Z","status":"in_transit"}]}}`))
	want.code = departed
	require.Equal(t, want, meant(t, "shippo", `{"event":"track_updated","data":{"tracking_number":"1ZFBA15ABC","carrier":"ups","eta":"2026-03-17T00:00:00Z",
		"tracking_history":[{"status":"TRANSIT","substatus":{"code":"package_departed"},"status_date":"2026-03-04T08:00:00Z"}]}}`))
}
