package supply_test

// Works by telling a unit small histories and asking where it stands, then by
// telling random histories in every order and with repetitions. It would catch a
// status that moves back, a scan counted twice, a return taken for an arrival, an
// ETA overwritten by an older one, and a record that changed its bytes or left
// its one write unit.

import (
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"headstart/shared/fault"
	. "headstart/shared/supply"
)

var updateUnits = flag.Bool("update-units", false, "rewrite testdata/unit.golden")

var (
	trackDay = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	arrivesA = Window{From: hour(200), To: hour(200)}
	arrivesB = Window{From: hour(180), To: hour(240)}
)

// hour is h hours after the start of the test's first day; received is far later.
func hour(h float64) time.Time { return trackDay.Add(time.Duration(h * float64(time.Hour))) }

var received = hour(1000)

func scan(h float64, status TrackStatus, code TrackCode) Scan {
	return Scan{Status: status, Code: code, At: hour(h)}
}

// only is a report of single scans, dated by the latest of them.
func only(scans ...Scan) Report { return Report{Number: "1Z 9", Scans: scans} }

// list is a report of a whole history.
func list(version float64, scans ...Scan) Report {
	return Report{Number: "1Z 9", Snapshot: true, Version: hour(version), Scans: scans}
}

// event is a scan with an id, of a version that is 0 when the provider has none.
func event(id string, version, h float64, status TrackStatus, code TrackCode) Scan {
	s := scan(h, status, code)
	if s.ID = id; version != 0 {
		s.Version = hour(version)
	}
	return s
}

// gone takes a scan back.
func gone(id string, version float64) Scan {
	s := event(id, version, 5, TrackUnknown, CodeInfo)
	s.At, s.Retracted = time.Time{}, true
	return s
}

// local is a scan whose zone nobody knows.
func local(h float64, status TrackStatus, code TrackCode) Scan {
	s := scan(h, status, code)
	s.Local = true
	return s
}

// saidAt dates a report.
func saidAt(h float64, r Report) Report {
	r.SaidAt = hour(h)
	return r
}

func (*unitCase) apply(reports ...Report) Unit { return applyTo(Unit{}, reports...) }

func applyTo(u Unit, reports ...Report) Unit {
	for _, r := range reports {
		u, _ = u.Apply(r, received)
	}
	return u
}

type unitCase struct {
	name     string
	reports  []Report
	status   TrackStatus
	at       float64
	arrived  float64 // 0 = not arrived
	troubles UnitTrouble
	scans    uint32
}

var unitCases = []unitCase{
	{"a scan moves the status to its own time",
		[]Report{only(scan(1, InTransit, Departed))}, InTransit, 1, 0, 0, 1},
	{"a status alone moves it too",
		[]Report{only(scan(1, OutForDelivery, StatusOnly))}, OutForDelivery, 1, 0, 0, 1},
	{"an older scan that comes late is counted and moves nothing",
		[]Report{only(scan(5, OutForDelivery, CodeOutForDelivery)), only(scan(1, InTransit, Departed))}, OutForDelivery, 5, 0, 0, 2},
	{"a newer scan of a lower rank moves it: a failed attempt goes back to the hub",
		[]Report{only(scan(5, OutForDelivery, CodeOutForDelivery)), only(scan(9, InTransit, HubScan))}, InTransit, 9, 0, 0, 2},
	{"equal times are decided by rank",
		[]Report{only(scan(5, OutForDelivery, CodeOutForDelivery)), only(scan(5, InTransit, Departed))}, OutForDelivery, 5, 0, 0, 2},
	{"a delivery arrives",
		[]Report{only(scan(7, Delivered, CodeDelivered))}, Delivered, 7, 7, 0, 1},
	{"a pick-up by the consignee arrives",
		[]Report{only(scan(7, AvailableForPickup, PickedUpByConsignee))}, Delivered, 7, 7, 0, 1},
	{"the first delivery is the arrival",
		[]Report{only(scan(9, Delivered, CodeDelivered)), only(scan(7, Delivered, CodeDelivered))}, Delivered, 7, 7, 0, 2},
	{"nothing dated later moves a delivered unit",
		[]Report{only(scan(7, Delivered, CodeDelivered)), only(scan(9, InTransit, Departed))}, Delivered, 7, 7, 0, 2},
	{"a delivery dated before the first scan is still one",
		[]Report{only(scan(5, InTransit, Departed), scan(1, Delivered, CodeDelivered))}, Delivered, 1, 1, 0, 2},
	{"an exception is not the end",
		[]Report{only(scan(5, Exception, Delayed)), only(scan(6, InTransit, Departed))}, InTransit, 6, 0, 0, 2},
	{"an exception without a reason holds the unit",
		[]Report{only(scan(5, Exception, StatusOnly))}, Exception, 5, 0, UnitHeld, 1},
	{"until it moves again",
		[]Report{only(scan(5, Exception, StatusOnly)), only(scan(6, InTransit, StatusOnly))}, InTransit, 6, 0, 0, 2},
	{"not when the movement was before",
		[]Report{only(scan(5, Exception, StatusOnly)), only(scan(4, InTransit, StatusOnly))}, Exception, 5, 0, UnitHeld, 2},
	{"an expired tracker moves nothing",
		[]Report{only(scan(5, InTransit, Departed), scan(6, Expired, StatusOnly), scan(7, InTransit, TrackingStopped), scan(8, Expired, Departed))},
		InTransit, 5, 0, 0, 4},
	{"unknown codes, remarks and plans move nothing",
		[]Report{only(scan(5, InTransit, Departed), scan(6, Delivered, CodeUnknown), scan(7, Delivered, CodeInfo),
			scan(8, Delivered, ETAChanged), scan(9, Delivered, AppointmentSet), scan(10, Delivered, Rescheduled), scan(11, TrackUnknown, StatusOnly))},
		InTransit, 5, 0, 0, 7},
	{"a known trouble counts even under an unknown status",
		[]Report{only(scan(5, InTransit, Departed), scan(6, TrackUnknown, Lost))}, InTransit, 5, 0, UnitLost, 2},
	{"customs holds until it releases",
		[]Report{only(scan(5, InTransit, CustomsHold))}, InTransit, 5, 0, UnitCustoms, 1},
	{"a release ends the hold, whichever comes first",
		[]Report{only(scan(6, InTransit, CustomsReleased)), only(scan(5, InTransit, CustomsHold))}, InTransit, 6, 0, 0, 2},
	{"a second hold begins anew",
		[]Report{only(scan(7, InTransit, CustomsHold)), only(scan(6, InTransit, CustomsReleased)), only(scan(5, InTransit, CustomsHold))},
		InTransit, 7, 0, UnitCustoms, 3},
	{"moving within the customs shed ends no hold",
		[]Report{only(scan(5, InTransit, CustomsHold)), only(scan(6, InTransit, HubScan))}, InTransit, 6, 0, UnitCustoms, 2},
	{"what is out for delivery has left customs",
		[]Report{only(scan(5, InTransit, CustomsHold)), only(scan(6, OutForDelivery, CodeOutForDelivery))}, OutForDelivery, 6, 0, 0, 2},
	{"a lost unit stays lost",
		[]Report{only(scan(5, Exception, Lost)), only(scan(6, Exception, Delayed))}, Exception, 6, 0, UnitLost, 2},
	{"until somebody handles it",
		[]Report{only(scan(6, InTransit, ArrivedAt)), only(scan(5, Exception, Lost))}, InTransit, 6, 0, 0, 2},
	{"a damaged unit stays damaged, delivered or not",
		[]Report{only(scan(5, Exception, Damaged)), only(scan(6, Delivered, CodeDelivered))}, Delivered, 6, 6, UnitDamaged, 2},
	{"a refused unit stays refused",
		[]Report{only(scan(5, Exception, Refused)), only(scan(6, InTransit, Departed))}, InTransit, 6, 0, UnitRefused, 2},
	{"a partial delivery arrives with a trouble",
		[]Report{only(scan(5, Delivered, DeliveredPartial))}, Delivered, 5, 5, UnitPartial, 1},
	{"which the rest ends",
		[]Report{only(scan(6, Delivered, CodeDelivered)), only(scan(5, Delivered, DeliveredPartial))}, Delivered, 5, 5, 0, 2},
	{"a return that has started goes on, whatever is scanned",
		[]Report{only(scan(5, Returning, StatusOnly)), only(scan(6, InTransit, Departed))}, Returning, 5, 0, UnitReturning, 2},
	{"what is delivered after turning back went to the sender",
		[]Report{only(scan(8, Delivered, CodeDelivered)), only(scan(5, InTransit, ReturnStarted))}, Returned, 8, 0, UnitReturning | UnitReturned, 2},
	{"what was delivered before turning back did arrive",
		[]Report{only(scan(8, Returning, StatusOnly)), only(scan(5, Delivered, CodeDelivered))}, Delivered, 5, 5, UnitReturning, 2},
	{"a delivery at the very time of the return is one to the sender",
		[]Report{only(scan(8, Returning, StatusOnly)), only(scan(8, Delivered, CodeDelivered))}, Returned, 8, 0, UnitReturning | UnitReturned, 2},
	{"a return is one under any status",
		[]Report{only(scan(8, Exception, CodeReturned))}, Returned, 8, 0, UnitReturning | UnitReturned, 1},
	{"a return that has ended outranks a delivery",
		[]Report{only(scan(8, Returned, StatusOnly)), only(scan(5, Delivered, CodeDelivered))}, Returned, 8, 5, UnitReturning | UnitReturned, 2},
	{"a cancelled label is the end of the journey",
		[]Report{only(scan(5, TrackCancelled, StatusOnly)), only(scan(6, InTransit, Departed))}, TrackCancelled, 5, 0, 0, 2},
	{"but goods that arrived are there",
		[]Report{only(scan(5, TrackCancelled, StatusOnly)), only(scan(6, Delivered, CodeDelivered))}, Delivered, 6, 6, 0, 2},
	{"a newer list replaces the older one whole: a scan taken back is gone",
		[]Report{list(10, scan(1, InTransit, Departed), scan(2, Exception, Lost)), list(11, scan(1, InTransit, Departed))}, InTransit, 1, 0, 0, 1},
	{"an older list that comes late changes nothing",
		[]Report{list(11, scan(1, InTransit, Departed)), list(10, scan(1, InTransit, Departed), scan(2, Exception, Lost))}, InTransit, 1, 0, 0, 1},
	{"re-based times are revisions, not scans",
		[]Report{list(10, scan(1, InTransit, Departed), scan(2, InTransit, ArrivedAt)), list(11, scan(3, InTransit, Departed), scan(4, InTransit, ArrivedAt))},
		InTransit, 4, 0, 0, 2},
	{"of two lists of one version the longer is right",
		[]Report{list(10, scan(1, InTransit, Departed), scan(2, Delivered, CodeDelivered)), list(10, scan(1, InTransit, Departed))}, Delivered, 2, 2, 0, 2},
	{"equal scans of one list are two scans",
		[]Report{list(10, scan(1, InTransit, HubScan), scan(2, InTransit, HubScan))}, InTransit, 2, 0, 0, 2},
	{"a list does not undo what single scans said",
		[]Report{only(scan(3, Exception, Lost)), list(10, scan(1, InTransit, Departed)), list(11, scan(1, InTransit, Departed))}, Exception, 3, 0, UnitLost, 2},
	{"a list without a version is as new as its latest scan",
		[]Report{{Number: "1Z9", Snapshot: true, Scans: []Scan{scan(4, InTransit, Departed)}}, {Number: "1Z9", Snapshot: true, Scans: []Scan{scan(3, Exception, Lost)}}},
		InTransit, 4, 0, 0, 1},
	{"a scan without a time stands where the list puts it",
		[]Report{list(10, scan(1, InTransit, CustomsHold), Scan{Status: InTransit, Code: CustomsReleased}, scan(3, InTransit, CustomsHold), scan(5, InTransit, HubScan))},
		InTransit, 5, 0, UnitCustoms, 4},
	{"behind the one before it",
		[]Report{list(10, scan(1, InTransit, HubScan), scan(3, InTransit, CustomsHold), Scan{Status: InTransit, Code: CustomsReleased})}, InTransit, 3, 0, 0, 3},
	{"even at its head",
		[]Report{list(10, Scan{Status: InTransit, Code: CustomsHold}, scan(3, InTransit, CustomsReleased), scan(5, InTransit, HubScan))}, InTransit, 5, 0, 0, 3},
	{"a single scan without a time happened when the carrier said so",
		[]Report{{Number: "1Z9", SaidAt: hour(6), Scans: []Scan{{Status: InTransit, Code: Departed}}}}, InTransit, 6, 0, 0, 1},
	{"a scan dated more than two hours ahead is dated by the list it stands in",
		[]Report{list(10, scan(1, InTransit, Departed), scan(1100, Delivered, CodeDelivered))}, Delivered, 10, 10, 0, 2},
	{"a single one by our own clock, for want of another",
		[]Report{only(scan(1100, Delivered, CodeDelivered))}, Delivered, 1000, 1000, 0, 1},
	{"two hours ahead are the carrier's clock and believed",
		[]Report{only(scan(1002, Delivered, CodeDelivered))}, Delivered, 1002, 1002, 0, 1},
	{"of one scan the newer version stands whole",
		[]Report{only(event("e1", 1, 5, Delivered, CodeDelivered)), only(event("e1", 2, 4, InTransit, Departed))}, InTransit, 4, 0, 0, 1},
	{"a delivery that is dated anew arrives anew",
		[]Report{only(event("e1", 1, 5, Delivered, CodeDelivered)), only(event("e1", 2, 8, Delivered, CodeDelivered))}, Delivered, 8, 8, 0, 1},
	{"one version said in two ways is one scan, the same in any order",
		[]Report{only(event("e1", 1, 5, InTransit, ArrivedAt)), only(event("e1", 1, 6, InTransit, Departed))}, InTransit, 6, 0, 0, 1},
	{"a scan taken back says nothing",
		[]Report{only(scan(1, InTransit, Departed)), only(event("e1", 0, 5, Delivered, CodeDelivered)), only(gone("e1", 0))}, InTransit, 1, 0, 0, 1},
	{"nor a damage",
		[]Report{only(scan(1, InTransit, Departed)), only(event("e1", 0, 5, Exception, Damaged)), only(gone("e1", 0))}, InTransit, 1, 0, 0, 1},
	{"a refusal and a return that were taken back leave the delivery",
		[]Report{only(event("e1", 1, 5, Exception, Refused), event("e2", 1, 6, Returned, StatusOnly), scan(9, Delivered, CodeDelivered)), only(gone("e1", 2), gone("e2", 2))},
		Delivered, 9, 9, 0, 1},
	{"a cancelled label that was taken back is none",
		[]Report{only(event("e1", 1, 5, TrackCancelled, StatusOnly)), only(scan(4, InTransit, Departed)), only(gone("e1", 2))}, InTransit, 4, 0, 0, 1},
	{"an older version taken back leaves the newer",
		[]Report{only(event("e1", 3, 5, Delivered, CodeDelivered)), only(gone("e1", 2))}, Delivered, 5, 5, 0, 1},
	{"the very version taken back leaves none",
		[]Report{only(scan(1, InTransit, Departed)), only(event("e1", 3, 5, Delivered, CodeDelivered)), only(gone("e1", 3))}, InTransit, 1, 0, 0, 1},
	{"a newer version brings back what was taken back",
		[]Report{only(event("e1", 1, 5, Delivered, CodeDelivered)), only(gone("e1", 2)), only(event("e1", 3, 6, Delivered, CodeDelivered))}, Delivered, 6, 6, 0, 1},
	{"nothing brings back what was taken back without a version",
		[]Report{only(scan(1, InTransit, Departed)), only(event("e1", 1, 5, Delivered, CodeDelivered)), only(gone("e1", 0)), only(event("e1", 9, 6, Delivered, CodeDelivered))},
		InTransit, 1, 0, 0, 1},
	{"a list leaves out what it takes back",
		[]Report{list(10, scan(1, InTransit, Departed), gone("e1", 0), scan(2, InTransit, ArrivedAt))}, InTransit, 2, 0, 0, 2},
	{"an id of a list is no id of a single scan",
		[]Report{list(10, event("e1", 0, 5, Delivered, CodeDelivered)), only(gone("e1", 0))}, Delivered, 5, 5, 0, 1},
	{"of a local and an exact time within 14 hours the one farther along is the later",
		[]Report{only(scan(20, InTransit, Departed)), only(local(6, OutForDelivery, StatusOnly))}, OutForDelivery, 6, 0, 0, 2},
	{"whichever is the local one",
		[]Report{only(local(20, InTransit, Departed)), only(scan(6, OutForDelivery, StatusOnly))}, OutForDelivery, 6, 0, 0, 2},
	{"beyond 14 hours the later is the later",
		[]Report{only(scan(20.1, InTransit, Departed)), only(local(6, OutForDelivery, StatusOnly))}, InTransit, 20.1, 0, 0, 2},
	{"two exact times are what they are",
		[]Report{only(scan(20, InTransit, Departed)), only(scan(19, OutForDelivery, StatusOnly)), only(local(1, InTransit, ArrivedAt))}, InTransit, 20, 0, 0, 3},
	{"where an exact time stands beside a local one, the exact one is sure",
		[]Report{only(scan(10, OutForDelivery, StatusOnly)), only(scan(20, InTransit, Departed)), only(local(20, InTransit, ArrivedAt))}, InTransit, 20, 0, 0, 3},
	{"a scan that is told with and without its zone is one, and exact",
		[]Report{only(scan(10, OutForDelivery, StatusOnly)), only(scan(20, InTransit, Departed)), only(local(20, InTransit, Departed))}, InTransit, 20, 0, 0, 2},
	{"a local time of a list is as vague beside single scans",
		[]Report{list(30, local(6, OutForDelivery, StatusOnly)), only(scan(20, InTransit, Departed))}, OutForDelivery, 6, 0, 0, 2},
	{"a release within 14 hours of a local hold is the later",
		[]Report{only(local(20, InTransit, CustomsHold)), only(scan(6, InTransit, CustomsReleased))}, InTransit, 20, 0, 0, 2},
	{"beyond them the hold is",
		[]Report{only(local(20.1, InTransit, CustomsHold)), only(scan(6, InTransit, CustomsReleased))}, InTransit, 20.1, 0, UnitCustoms, 2},
	{"a local hold stands against what moved less than 14 hours later",
		[]Report{only(local(6, InTransit, Held)), only(scan(20, InTransit, Departed))}, InTransit, 20, 0, UnitHeld, 2},
	{"in a list its order decides where a local time belongs: not before the scan in front",
		[]Report{list(30, scan(9, OutForDelivery, StatusOnly), local(2, InTransit, HubScan))}, InTransit, 9, 0, 0, 2},
	{"nor after the next exact one",
		[]Report{list(30, local(20, InTransit, CustomsHold), local(19, InTransit, Inspected), scan(12, InTransit, CustomsReleased))}, InTransit, 12, 0, 0, 3},
	{"unless it is more than 14 hours off: then the list is in disorder",
		[]Report{list(30, local(27, InTransit, CustomsHold), scan(12, InTransit, CustomsReleased))}, InTransit, 27, 0, UnitCustoms, 2},
	{"either way",
		[]Report{list(30, scan(27, InTransit, CustomsHold), local(12, InTransit, CustomsReleased))}, InTransit, 27, 0, UnitCustoms, 2},
	{"of equal times in a list the last is the last",
		[]Report{list(30, scan(5, OutForDelivery, StatusOnly), scan(5, InTransit, HubScan))}, InTransit, 5, 0, 0, 2},
	{"an exact time is moved by no list",
		[]Report{list(30, scan(9, OutForDelivery, StatusOnly), scan(2, InTransit, HubScan))}, OutForDelivery, 9, 0, 0, 2},
	{"a local time up to 16 hours ahead of our clock is believed",
		[]Report{only(local(1016, Delivered, CodeDelivered))}, Delivered, 1016, 1016, 0, 1},
	{"but not more",
		[]Report{saidAt(990, only(local(1017.1, Delivered, CodeDelivered)))}, Delivered, 990, 990, 0, 1},
	{"a scan without a usable time happened when a report first said so",
		[]Report{saidAt(6, only(scan(1100, InTransit, Departed))), saidAt(8, only(scan(1100, InTransit, Departed)))}, InTransit, 6, 0, 0, 1},
	{"a number announced more than 30 days after its delivery is a new parcel's",
		[]Report{only(scan(7, Delivered, CodeDelivered)), only(scan(3, Exception, Damaged)), only(scan(727.1, PreTransit, InfoReceived))}, PreTransit, 727.1, 0, 0, 1},
	{"after 30 days it is the same parcel's",
		[]Report{only(scan(7, Delivered, CodeDelivered)), only(scan(727, PreTransit, InfoReceived))}, Delivered, 7, 7, 0, 2},
	{"whatever the status, as long as the code announces",
		[]Report{only(scan(7, Delivered, CodeDelivered)), only(scan(800, PreTransit, ETAChanged))}, Delivered, 7, 7, 0, 2},
	{"nothing but an announcement begins a parcel",
		[]Report{only(scan(7, Delivered, CodeDelivered)), only(scan(800, InTransit, Departed))}, Delivered, 7, 7, 0, 2},
	{"long after a return as well",
		[]Report{only(scan(7, Returned, CodeReturned)), only(scan(800, PreTransit, StatusOnly)), only(scan(801, InTransit, Departed))}, InTransit, 801, 0, 0, 2},
	{"and after a cancelled label",
		[]Report{only(scan(7, TrackCancelled, CodeCancelled)), only(scan(800, PreTransit, StatusOnly))}, PreTransit, 800, 0, 0, 1},
	{"a parcel that is still on its way back is the same",
		[]Report{only(scan(7, Returning, StatusOnly)), only(scan(800, PreTransit, StatusOnly))}, Returning, 7, 0, UnitReturning, 2},
	{"30 days are counted from the end: the return, not the delivery before it",
		[]Report{only(scan(7, Delivered, CodeDelivered)), only(scan(90, Returned, CodeReturned)), only(scan(800, PreTransit, StatusOnly))},
		Returned, 90, 7, UnitReturning | UnitReturned, 3},
	{"a delivery that was taken back ended nothing",
		[]Report{only(scan(1, InTransit, Departed)), only(event("e1", 0, 7, Delivered, CodeDelivered)), only(scan(800, PreTransit, StatusOnly)), only(gone("e1", 0))},
		PreTransit, 800, 0, 0, 2},
	{"an announcement that was taken back began nothing",
		[]Report{only(scan(7, Delivered, CodeDelivered)), only(event("e1", 0, 800, PreTransit, StatusOnly)), only(gone("e1", 0))}, Delivered, 7, 7, 0, 1},
	{"the new parcel ends like any other",
		[]Report{only(scan(7, Delivered, CodeDelivered)), only(scan(800, PreTransit, StatusOnly)), only(scan(900, Delivered, CodeDelivered)), only(scan(901, InTransit, Departed))},
		Delivered, 900, 900, 0, 3},
	{"a list may tell of two parcels",
		[]Report{list(900, scan(1, PreTransit, InfoReceived), scan(7, Delivered, CodeDelivered), scan(800, PreTransit, InfoReceived), scan(801, InTransit, Departed))},
		InTransit, 801, 0, 0, 2},
	{"what single scans say of the parcel before ends with it",
		[]Report{list(900, scan(1, PreTransit, InfoReceived), scan(7, Delivered, CodeDelivered), scan(800, PreTransit, InfoReceived)), only(scan(8, Exception, Damaged))},
		PreTransit, 800, 0, 0, 1},
	{"a list that begins more than 30 days after an older one ended is a new parcel",
		[]Report{list(10, scan(1, InTransit, Departed), scan(7, Delivered, CodeDelivered)), list(900, scan(727.1, InTransit, Departed)), only(scan(8, Exception, Damaged))},
		InTransit, 727.1, 0, 0, 1},
	{"after 30 days it is not",
		[]Report{list(10, scan(1, InTransit, Departed), scan(7, Delivered, CodeDelivered)), list(900, scan(727, InTransit, Departed)), only(scan(8, Exception, Damaged))},
		InTransit, 727, 0, UnitDamaged, 2},
	{"a parcel that a list brought to its end makes room for one that a single scan announces",
		[]Report{list(10, scan(1, InTransit, Damaged), scan(7, Delivered, CodeDelivered)), only(scan(800, PreTransit, StatusOnly))}, PreTransit, 800, 0, 0, 1},
	{"and the other way round",
		[]Report{list(900, scan(800, PreTransit, StatusOnly), scan(850, Delivered, CodeDelivered)), only(scan(7, Delivered, CodeDelivered)), only(scan(799, PreTransit, StatusOnly))},
		Delivered, 850, 850, 0, 3},
	{"a version of the far future blocks nothing",
		[]Report{list(9000, scan(1, InTransit, Departed)), list(10, scan(1, InTransit, Departed), scan(2, Delivered, CodeDelivered))}, Delivered, 2, 2, 0, 2},
}

func TestAUnitStandsWhereItsHistorySays(t *testing.T) {
	for _, c := range unitCases {
		t.Run(c.name, func(t *testing.T) {
			arrived := time.Time{}
			if c.arrived != 0 {
				arrived = hour(c.arrived)
			}
			inEveryOrder(c.reports, func(reports []Report) {
				u := c.apply(reports...)
				require.Equal(t, c.status.String(), u.Status.String())
				require.Equal(t, hour(c.at), u.StatusAt)
				require.Equal(t, arrived, u.Arrived)
				require.Equal(t, c.troubles.String(), u.Troubles.String())
				require.Equal(t, c.scans, u.Scans)
				for _, r := range reports {
					again, changed := u.Apply(r, received.Add(time.Hour))
					require.False(t, changed, "a duplicate changes nothing")
					require.Equal(t, u, again)
				}
			})
		})
	}
}

func TestTheETASaidLastWins(t *testing.T) {
	early, late := only(scan(5, OutForDelivery, StatusOnly)), only(scan(2, InTransit, StatusOnly))
	early.ETAs, early.SaidAt = Expect(arrivesA), hour(6)
	late.ETAs, late.SaidAt = Expect(arrivesB), hour(7)
	inEveryOrder([]Report{early, late}, func(reports []Report) {
		u := (&unitCase{}).apply(reports...)
		require.Equal(t, arrivesB, u.ETA, "newer statement, older milestone")
		require.Equal(t, hour(7), u.ETASaidAt)
		require.Equal(t, hour(7), u.Heard)
		require.Equal(t, OutForDelivery, u.Status)
	})
}

func TestOfTwoListsOfOneVersionTheLongerIsRightWhateverTheySay(t *testing.T) {
	for i := range 20 {
		long := list(10, scan(1, InTransit, Departed), scan(2+float64(i), Delivered, CodeDelivered))
		inEveryOrder([]Report{long, list(10, scan(1, InTransit, Departed))}, func(reports []Report) {
			require.Equal(t, Delivered, applyTo(Unit{}, reports...).Status)
		})
	}
}

func TestASnapshotIsDatedByItsVersion(t *testing.T) {
	r := list(5, scan(1, InTransit, Departed))
	r.SaidAt, r.ETAs = hour(9), Expect(arrivesA) // sent late
	u := (&unitCase{}).apply(r)
	require.Equal(t, hour(5), u.Version)
	require.Equal(t, hour(5), u.ETASaidAt)
}

func TestOfEqualTimesTheLastScanIsAlwaysTheSame(t *testing.T) {
	first := scan(5, InTransit, Departed)
	for _, change := range []func(*Scan){
		func(s *Scan) { s.Code = ArrivedAt }, func(s *Scan) { s.Status = Exception },
		func(s *Scan) { s.Text = "x" }, func(s *Scan) { s.Place = "x" },
	} {
		second := first
		change(&second)
		want := (&unitCase{}).apply(only(first), only(second))
		require.Contains(t, []Scan{first, second}, want.Last)
		require.Equal(t, want, (&unitCase{}).apply(only(second), only(first)))
	}
}

func TestAMissingETATakesNoneAway(t *testing.T) {
	first := list(5, scan(1, InTransit, Departed))
	first.ETAs = Expect(arrivesA)
	inEveryOrder([]Report{first, list(6, scan(1, InTransit, Departed))}, func(reports []Report) {
		u := (&unitCase{}).apply(reports...)
		require.Equal(t, arrivesA, u.ETA)
		require.Equal(t, hour(5), u.ETASaidAt)
		require.Equal(t, hour(6), u.Version)
	})
}

func TestAnETASaidTwiceAtOnceIsTheLaterOne(t *testing.T) {
	a, b := Report{Number: "1", SaidAt: hour(5), ETAs: Expect(arrivesA)}, Report{Number: "1", SaidAt: hour(5), ETAs: Expect(arrivesB)}
	day := arrivesB
	day.DateOnly = true
	c := Report{Number: "1", SaidAt: hour(5), ETAs: Expect(day)}
	inEveryOrder([]Report{a, b, c}, func(reports []Report) {
		require.Equal(t, day, (&unitCase{}).apply(reports...).ETA)
	})
}

func TestAnETAThatOnlyOurClockCanDateCountsOnce(t *testing.T) {
	r := only(scan(1100, InTransit, Departed))
	r.ETAs = Expect(arrivesA)
	u := (&unitCase{}).apply(r)
	require.Equal(t, arrivesA, u.ETA)
	require.Equal(t, received, u.ETASaidAt)
	again, changed := u.Apply(r, received.Add(time.Hour))
	require.False(t, changed)
	require.Equal(t, u, again)

	r.Snapshot = true
	require.Zero(t, (&unitCase{}).apply(r).ETA, "two lists without a date could not be told apart")
}

func TestAnETARestatedIsASignOfLifeAndNothingElse(t *testing.T) {
	r := list(5, scan(1, InTransit, Departed))
	r.ETAs = Expect(arrivesA)
	u := (&unitCase{}).apply(r)
	r.Version = hour(8)
	next, changed := u.Apply(r, received)
	require.True(t, changed)
	require.Equal(t, hour(8), next.Heard)
	require.Equal(t, hour(8), next.ETASaidAt)
	next.Heard, next.ETASaidAt, next.Version, next.Estimates = u.Heard, u.ETASaidAt, u.Version, u.Estimates
	require.Equal(t, u, next)
}

func TestAnETAIsTidied(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	for _, c := range []struct{ said, kept Window }{
		{Window{To: hour(9).In(berlin)}, Window{From: hour(9), To: hour(9)}},
		{Window{From: hour(12), To: hour(9)}, Window{From: hour(9), To: hour(9)}},
		{Window{From: hour(1), To: time.Date(1, 2, 3, 0, 0, 0, 0, time.UTC)}, Window{}},
		{Window{To: hour(9).Add(1500 * time.Microsecond)}, Window{From: hour(9).Add(time.Millisecond), To: hour(9).Add(time.Millisecond)}},
	} {
		u, _ := Unit{}.Apply(Report{Number: "1", SaidAt: hour(1), ETAs: Expect(c.said)}, received)
		require.Equal(t, c.kept, u.ETA)
	}
}

func TestAStoppedTrackerIsNoSignOfLife(t *testing.T) {
	u := (&unitCase{}).apply(only(scan(5, InTransit, Departed)), only(scan(6, Expired, StatusOnly)), only(scan(7, TrackUnknown, TrackingStopped)))
	require.Equal(t, hour(5), u.Heard)
	u, _ = u.Apply(only(scan(8, TrackUnknown, CodeUnknown)), received)
	require.Equal(t, hour(8), u.Heard, "an event that nobody mapped is one")
}

func TestTheCarriersWordsAreKeptShortAndPrintable(t *testing.T) {
	s := scan(5, InTransit, Departed)
	s.Text, s.Place = "  On\x00the\u202eway.\n"+strings.Repeat("ä", 60), strings.Repeat("Rotterdam ", 9)
	u := (&unitCase{}).apply(only(s))
	require.Equal(t, "On theway. "+strings.Repeat("ä", 34), u.Last.Text)
	require.Equal(t, "Rotterdam Rotterdam Rotterdam Rotterdam", u.Last.Place)
	require.Equal(t, Departed, u.Last.Code)
	require.Equal(t, hour(5), u.Last.At)
}

func TestAProvidersOwnIDIdentifiesAScan(t *testing.T) {
	a, b := scan(5, InTransit, Departed), scan(6, InTransit, Departed)
	a.ID, b.ID = "evt_1", "evt_1"
	require.EqualValues(t, 1, (&unitCase{}).apply(only(a), only(b)).Scans)
	b.ID = "evt_2"
	require.EqualValues(t, 2, (&unitCase{}).apply(only(a), only(b)).Scans)
}

func TestApplyLeavesItsArgumentAlone(t *testing.T) {
	u := (&unitCase{}).apply(only(scan(1, InTransit, Departed)))
	before := u.AppendBinary(nil)
	a, _ := u.Apply(only(scan(2, InTransit, ArrivedAt)), received)
	b, _ := u.Apply(only(scan(3, Delivered, StatusOnly)), received)
	require.Equal(t, before, u.AppendBinary(nil))
	require.Equal(t, ArrivedAt, a.Last.Code)
	require.Equal(t, Delivered, b.Last.Status)
	r := only(scan(9, InTransit, Departed))
	r.Scans[0].ID, r.Scans[0].Text = "x", " x "
	_, _ = u.Apply(r, received)
	require.Equal(t, "x", r.Scans[0].ID)
	require.Equal(t, " x ", r.Scans[0].Text)
}

func TestAnotherCarriersReportIsNotThisUnits(t *testing.T) {
	r := only(scan(1, InTransit, Departed))
	r.Issuer = "UPS"
	u := (&unitCase{}).apply(r)
	require.Equal(t, "UPS", u.Issuer)
	require.Equal(t, "1Z9", u.Number)

	r = only(scan(2, Delivered, CodeDelivered))
	r.Issuer = "FedEx"
	next, changed := u.Apply(r, received)
	require.False(t, changed)
	require.Equal(t, u, next)

	r.Issuer = "upsn"
	next, changed = u.Apply(r, received)
	require.True(t, changed)
	require.Equal(t, Delivered, next.Status)
}

func TestIssuersAreTheSameUnlessBothAreKnownAndDiffer(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"", "", true}, {"UPS", "", true}, {" ", "UPS", true}, {"ups", "UPS", true}, {"UPSN", "ups", true}, {"FDXG", "FedEx", true},
		{"UPS", "USPS", false}, {"UPSN", "FDEG", false}, {"MAEU", "MSCU", false},
	} {
		require.Equal(t, c.same, SameIssuer(c.a, c.b), "%q %q", c.a, c.b)
		require.Equal(t, c.same, SameIssuer(c.b, c.a), "%q %q", c.b, c.a)
	}
}

func TestNumbersAreComparedWithoutBlanksDashesAndCase(t *testing.T) {
	require.Equal(t, "1Z999AA10123456784", NormalNumber("1z 999 AA1 01 2345 6784"))
	require.Equal(t, "MSKU1234567", NormalNumber("MSKU 123456-7"))
	require.Equal(t, "A_B.C", NormalNumber("a_b.c"))
}

func TestATrackingNumberIsCheckedByName(t *testing.T) {
	for _, good := range []string{"1Z 999-AA.1_0", "0", strings.Repeat("9", 64)} {
		s, err := ParseTrackingNumber("trackingId", good)
		require.NoError(t, err)
		require.Equal(t, good, s)
	}
	for _, bad := range []string{"", " ", "- -", "..", "1Z\x00", "1Z/2", "1Zä", "1Z#", strings.Repeat("9", 65)} {
		_, err := ParseTrackingNumber("boxes[2].trackingId", bad)
		require.Equal(t, fault.Invalid, fault.Of(err), "%q", bad)
		require.ErrorContains(t, err, "boxes[2].trackingId")
	}
}

func TestStatusesAndCodesAreReadByTheirNames(t *testing.T) {
	for s := TrackUnknown; s <= Expired; s++ {
		got, err := ParseTrackStatus("status", s.String())
		require.NoError(t, err)
		require.Equal(t, s, got)
	}
	for c := InfoReceived; c <= StatusOnly; c++ {
		got, err := ParseTrackCode("code", c.String())
		require.NoError(t, err)
		require.Equal(t, c, got)
	}
	for _, bad := range []string{"UNKNOWN", "in_transit", "TELEPORTED", "IN_TRANSIT "} {
		_, err := ParseTrackCode("code", bad)
		require.Equal(t, fault.Invalid, fault.Of(err))
		require.ErrorContains(t, err, "code")
	}
	for _, bad := range []string{"", "in_transit", "TELEPORTED"} {
		_, err := ParseTrackStatus("status", bad)
		require.Equal(t, fault.Invalid, fault.Of(err))
		require.ErrorContains(t, err, "status")
	}
	require.Equal(t, "UNKNOWN", TrackStatus(200).String())
	require.Equal(t, "UNKNOWN", TrackCode(200).String())
}

// inEveryOrder calls f with every permutation of reports.
func inEveryOrder(reports []Report, f func([]Report)) {
	var permute func(n int)
	all := slices.Clone(reports)
	permute = func(n int) {
		if n <= 1 {
			f(all)
			return
		}
		for i := range n {
			permute(n - 1)
			j := 0
			if n%2 == 0 {
				j = i
			}
			all[j], all[n-1] = all[n-1], all[j]
		}
	}
	permute(len(all))
}

// drawHistory draws what one carrier, seen through several providers, says of
// one unit: few times, ids and words, so that ties, corrections and equal scans
// are common. Times end at latest; with a second parcel they begin again 40 days
// later. Nothing is forgotten of so few scans.
func drawHistory(t *rapid.T, size int, latest float64) []Report {
	at := rapid.Custom(func(t *rapid.T) time.Time {
		h := float64(rapid.IntRange(0, int(latest)).Draw(t, "hour"))
		if latest <= 30 && rapid.IntRange(0, 4).Draw(t, "later") == 0 {
			h += 40 * 24
		}
		return hour(min(h, 1010))
	})
	maybe := rapid.OneOf(rapid.Just(time.Time{}), at)
	one := rapid.Custom(func(t *rapid.T) Scan {
		s := Scan{
			ID:     rapid.SampledFrom([]string{"", "", "", "e1", "e2", "e3"}).Draw(t, "id"),
			Status: TrackStatus(rapid.IntRange(0, int(Expired)).Draw(t, "status")),
			Code:   TrackCode(rapid.IntRange(0, int(StatusOnly)).Draw(t, "code")),
			At:     rapid.OneOf(at, at, at, maybe).Draw(t, "at"),
			Local:  rapid.IntRange(0, 3).Draw(t, "local") == 0,
			Text:   rapid.SampledFrom([]string{"", "On the way", "Held"}).Draw(t, "text"),
			Place:  rapid.SampledFrom([]string{"", "Kehl"}).Draw(t, "place"),
		}
		if s.ID != "" {
			s.Version, s.Retracted = maybe.Draw(t, "scan version"), rapid.IntRange(0, 3).Draw(t, "retracted") == 0
		}
		return s
	})
	estimate := rapid.Custom(func(t *rapid.T) Estimate {
		return Estimate{
			Window: rapid.OneOf(rapid.Just(Window{}), rapid.Just(Window{From: maybe.Draw(t, "from"), To: at.Draw(t, "to"),
				DateOnly: rapid.Bool().Draw(t, "dateOnly"), Kind: rapid.SampledFrom([]ETAKind{AtDock, AtPort}).Draw(t, "kind")})).Draw(t, "window"),
			Classifier: rapid.SampledFrom([]Classifier{Planned, Estimated, Actual}).Draw(t, "classifier"),
			Source:     rapid.SampledFrom([]ETASource{FromCarrier, FromTerminal}).Draw(t, "source"),
			Place:      rapid.SampledFrom([]string{"", "NLRTM", "Rotterdam ECT"}).Draw(t, "port"),
			SaidAt:     maybe.Draw(t, "estimate said"),
		}
	})
	report := rapid.Custom(func(t *rapid.T) Report {
		r := Report{
			Number: "1Z 9", Issuer: rapid.SampledFrom([]string{"", "UPS", "ups", "UPSN"}).Draw(t, "issuer"),
			Snapshot: rapid.Bool().Draw(t, "snapshot"), SaidAt: maybe.Draw(t, "saidAt"),
			Scans: rapid.SliceOfN(one, 0, 24/size).Draw(t, "scans"),
			ETAs:  rapid.SliceOfN(estimate, 0, 2).Draw(t, "ETAs"),
		}
		if r.Snapshot {
			r.Version = maybe.Draw(t, "version")
		}
		if len(r.ETAs) > 0 || !r.Snapshot {
			r.SaidAt = hour(rapid.Float64Range(0, min(latest, 999)).Draw(t, "said")) // as every adapter does
		}
		return r
	})
	return rapid.SliceOfN(report, 1, size).Draw(t, "reports")
}

// requireSame compares two units and their bytes.
func requireSame(t require.TestingT, want, got Unit) {
	require.Equal(t, want, got)
	require.Equal(t, want.AppendBinary(nil), got.AppendBinary(nil))
}

func TestEveryOrderOfAHistoryEndsInTheSameUnit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Up to hour 1010: some times are more than two hours ahead of received.
		reports := drawHistory(t, 4, rapid.SampledFrom([]float64{9, 1010}).Draw(t, "latest"))
		since := rapid.SampledFrom([]time.Time{{}, {}, hour(4), hour(600)}).Draw(t, "since")
		start := Unit{}.Restart(since)
		want := applyTo(start, reports...)
		inEveryOrder(reports, func(reports []Report) { requireSame(t, want, applyTo(start, reports...)) })
	})
}

func TestEveryOrderOfSixReportsEndsInTheSameUnit(t *testing.T) {
	for seed := range 20 {
		reports := rapid.Custom(func(t *rapid.T) []Report { return drawHistory(t, 6, 9) }).
			Filter(func(r []Report) bool { return len(r) == 6 }).Example(seed)
		c := &unitCase{}
		want := c.apply(reports...)
		inEveryOrder(reports, func(reports []Report) { requireSame(t, want, c.apply(reports...)) })
	}
}

func TestAnyNumberOfDeliveriesInAnyOrderAtAnyTimeEndsInTheSameUnit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		reports := drawHistory(t, 12, 30)
		want := (&unitCase{}).apply(reports...)
		again := rapid.SliceOfN(rapid.SampledFrom(reports), 0, 20).Draw(t, "again")
		var u Unit
		for i, r := range rapid.Permutation(append(again, reports...)).Draw(t, "deliveries") {
			clock := received.Add(time.Duration(i) * time.Hour)
			if dateless(r) {
				clock = received // only our own clock dates it, and it does so at its first delivery
			}
			u, _ = u.Apply(r, clock)
		}
		requireSame(t, want, u)
		for _, r := range reports {
			next, changed := u.Apply(r, received.Add(99*time.Hour))
			require.False(t, changed, "a duplicate costs no write")
			require.Equal(t, u, next)
		}
	})
}

func dateless(r Report) bool {
	return r.SaidAt.IsZero() && r.Version.IsZero() && !slices.ContainsFunc(r.Scans, func(s Scan) bool { return !s.At.IsZero() })
}

func TestAUnitComesBackAsItWasStored(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u := (&unitCase{}).apply(drawHistory(t, 8, 1010)...)
		u, _ = u.Link("FBA15ABC")
		back, err := UnpackUnit(u.AppendBinary(nil))
		require.NoError(t, err)
		requireSame(t, u, back)
	})
}

// fullest returns a unit with every field at its limit.
func fullest() Unit {
	u := Unit{Number: strings.Repeat("9", 64), Issuer: strings.Repeat("I", 24), Shipments: []ShipmentID{ShipmentID(strings.Repeat("S", 38))}}
	end := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	at := func(i int) time.Time { return end.Add(-time.Duration(i) * time.Minute) }
	for _, snapshot := range []bool{true, false} {
		var scans []Scan
		for i, status := range []TrackStatus{TrackCancelled, Returning, Returned, Delivered, Exception} {
			for j, code := range []TrackCode{Lost, Held, CustomsHold, DeliveredPartial, Damaged, Refused, Departed} {
				scans = append(scans, Scan{Status: status, Code: code, At: at(i*10 + j), Text: strings.Repeat("t", 90), Place: strings.Repeat("p", 90)})
			}
		}
		for i := range 80 {
			scans = append(scans, Scan{Status: InTransit, Code: Departed, At: at(100 + i)})
		}
		u, _ = u.Apply(Report{Number: u.Number, Snapshot: snapshot, Version: end, SaidAt: end, ETAs: Expect(Window{From: at(9), To: end, DateOnly: true}), Scans: scans}, end)
	}
	return u
}

func TestTheFullestUnitLeavesRoomForItsKeyInOneWriteUnit(t *testing.T) {
	u := fullest()
	require.Equal(t, "LOST HELD CUSTOMS_HOLD DELIVERED_PARTIAL DAMAGED REFUSED RETURNING RETURNED", u.Troubles.String())
	size := len(u.AppendBinary(nil))
	t.Logf("fullest unit: %d bytes; a parcel's usual one: %d bytes", size, len(usual().AppendBinary(nil)))
	require.LessOrEqual(t, size, 900)
	back, err := UnpackUnit(u.AppendBinary(nil))
	require.NoError(t, err)
	require.Equal(t, u, back)
}

// usual is a parcel as most are, tracked by a provider of whole histories.
func usual() Unit {
	s := scan(30, InTransit, Departed)
	s.Text, s.Place = "Departed FedEx location", "ORLANDO, FL, US"
	r := list(31, scan(2, PreTransit, InfoReceived), scan(6, InTransit, PickedUp), s)
	r.Issuer, r.ETAs = "FedEx", Expect(Window{From: hour(96), To: hour(96), DateOnly: true})
	u, _ := Unit{Shipments: []ShipmentID{"FBA15ABC"}}.Apply(r, received)
	return u
}

func TestTheBytesOfAUnitNeverChange(t *testing.T) {
	mixed, _ := usual().Apply(only(scan(3, InTransit, CustomsHold), scan(4, Exception, Damaged)), received)
	var lines []string
	for _, u := range []Unit{{}, {Number: "1Z 9", Issuer: "UPS", Shipments: []ShipmentID{"FBA15ABC"}}, usual(), mixed, fullest()} {
		lines = append(lines, hex.EncodeToString(u.AppendBinary(nil)))
	}
	got := strings.Join(lines, "\n") + "\n"
	file := filepath.Join("testdata", "unit.golden")
	if *updateUnits {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "stored units could not be read any more: write a migration, or a new version byte")
}

func TestBytesThatAreNoUnitAreRefused(t *testing.T) {
	good := fullest().AppendBinary(nil)
	for n := range good {
		_, err := UnpackUnit(good[:n])
		require.Equal(t, fault.Internal, fault.Of(err), "cut at %d", n)
		require.Error(t, err)
	}
	for _, bad := range [][]byte{append(slices.Clone(good), 0), append([]byte{1}, good[1:]...)} {
		_, err := UnpackUnit(bad)
		require.ErrorContains(t, err, "unit record")
	}
}

func TestDamagedBytesAreRefusedOrAUnitThatCanGoOn(t *testing.T) {
	for _, good := range [][]byte{usual().AppendBinary(nil), fullest().AppendBinary(nil)} {
		for i := range good {
			for _, flip := range []byte{1, 2, 3, 4, 8, 16, 32, 64, 128, 255, good[i] ^ byte(Expired+1), good[i] ^ byte(StatusOnly+1)} {
				bad := slices.Clone(good)
				bad[i] ^= flip
				if u, err := UnpackUnit(bad); err == nil {
					u.Apply(list(31, scan(2, Delivered, CodeDelivered)), received)
				}
			}
		}
	}
}

func FuzzUnpackUnit(f *testing.F) {
	for _, u := range []Unit{{}, usual(), fullest()} {
		f.Add(u.AppendBinary(nil))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		u, err := UnpackUnit(b)
		if err != nil {
			return
		}
		require.Equal(t, b, u.AppendBinary(nil))
		_, _ = u.Apply(list(31, scan(2, Delivered, CodeDelivered)), received)
	})
}

func BenchmarkUnitApply(b *testing.B) {
	busy := usual()
	for i := range 25 {
		busy, _ = busy.Apply(only(scan(float64(i), InTransit, HubScan)), received)
	}
	for name, u := range map[string]Unit{"of a usual parcel": usual(), "of 25 single scans": busy} {
		b.Run(name, func(b *testing.B) {
			r := only(scan(40, InTransit, ArrivedAt))
			b.ReportAllocs()
			for b.Loop() {
				if _, changed := u.Apply(r, received); !changed {
					b.Fatal("nothing changed")
				}
			}
		})
	}
}

func BenchmarkUnitPack(b *testing.B) {
	for name, u := range map[string]Unit{"of a usual parcel": usual(), "of the fullest": fullest()} {
		b.Run(name, func(b *testing.B) {
			buffer := make([]byte, 0, 1024)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := UnpackUnit(u.AppendBinary(buffer)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
