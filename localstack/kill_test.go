package main

// This test runs the real binary and kills it with SIGKILL, again and again,
// while clients keep sending. Whatever was answered with success must be there
// at the end, once. It would catch an answer given before the commit, a queue
// that forgets what it handed out, and a reader that skips or repeats.

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const killRounds = 6

func build(t *testing.T) string {
	binary := filepath.Join(t.TempDir(), "localstack")
	out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return binary
}

// running is one life of the server.
type running struct {
	cmd  *exec.Cmd
	base string
	key  string
}

func launch(t *testing.T, binary, folder string) running {
	cmd := exec.Command(binary, "-dir", folder, "-addr", "127.0.0.1:0")
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	var errors bytes.Buffer
	cmd.Stderr = &errors
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	r := running{cmd: cmd}
	lines := bufio.NewScanner(stdout)
	for r.key == "" && lines.Scan() {
		if _, after, ok := strings.Cut(lines.Text(), "Headstart serves "); ok {
			r.base, _, _ = strings.Cut(after, " ")
		}
		if _, after, ok := strings.Cut(lines.Text(), "bearer key of seller acme: "); ok {
			r.key = strings.TrimSpace(after)
		}
	}
	require.NotEmpty(t, r.key, "the server must print its key: %s", &errors)
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	return r
}

func (r running) send(method, path, key string, body any) (status int, reply []byte) {
	text, err := json.Marshal(body)
	if err != nil {
		return 0, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, r.base+path, bytes.NewReader(text))
	if err != nil {
		return 0, nil
	}
	request.Header = http.Header{"Authorization": {"Bearer " + r.key}, "Idempotency-Key": {key}}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil
	}
	defer response.Body.Close()
	reply, err = io.ReadAll(response.Body)
	if err != nil {
		return 0, nil
	}
	return response.StatusCode, reply
}

// accepted is what the server said yes to, over all its lives.
type accepted struct {
	mu        sync.Mutex
	orders    map[string]bool
	shipments map[string]bool
}

// clients send until the server is gone.
func (a *accepted) clients(r running, round int, stop <-chan struct{}) *sync.WaitGroup {
	var sending sync.WaitGroup
	for client := range 4 {
		sending.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				id := fmt.Sprintf("%d-%d-%d", round, client, i)
				order := map[string]any{"type": "order.placed", "orderId": id, "seller": "acme", "marketplace": storyMarketplace,
					"placedAt": time.Now().UTC().Format(time.RFC3339), "lines": []any{map[string]any{"sku": "KETTLE-1", "units": 1}}}
				status, _ := r.send(http.MethodPost, "/queues/orders", id, []any{order, order})
				a.note(a.orders, id, status == http.StatusAccepted)
				if i%5 == 0 {
					shipment := fmt.Sprintf("S-%s", id)
					status, _ := r.send(http.MethodPost, "/v1/shipments", shipment, newShipment(shipment, 100))
					a.note(a.shipments, shipment, status == http.StatusCreated)
				}
			}
		})
	}
	return &sending
}

func (a *accepted) note(all map[string]bool, id string, yes bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if yes {
		all[id] = true
	}
}

func newShipment(id string, units int) map[string]any {
	eta := time.Now().UTC().AddDate(0, 0, 10).Format(time.RFC3339)
	return map[string]any{"shipmentId": id, "marketplace": storyMarketplace, "mode": "SPD", "eta": map[string]any{"from": eta, "to": eta},
		"boxes": []any{map[string]any{"boxId": "B1", "trackingId": "T" + id}}, "lines": []any{map[string]any{"sku": "KETTLE-1", "units": units}}}
}

func TestNothingAcceptedIsLostOrDoneTwiceHoweverOftenTheProcessIsKilled(t *testing.T) {
	binary, folder := build(t), t.TempDir()
	a := accepted{orders: make(map[string]bool), shipments: make(map[string]bool)}
	rng := rand.New(rand.NewPCG(1, 9))
	for round := range killRounds {
		r := launch(t, binary, folder)
		stop := make(chan struct{})
		sending := a.clients(r, round, stop)
		time.Sleep(time.Duration(150+rng.IntN(600)) * time.Millisecond)
		require.NoError(t, r.cmd.Process.Kill())
		_ = r.cmd.Wait()
		close(stop)
		sending.Wait()
	}
	r := launch(t, binary, folder)
	require.Greater(t, len(a.orders), killRounds, "the clients must have got through")
	orders, item := settled(t, r)
	for id := range a.orders {
		require.Contains(t, orders, id, "an accepted order is decided")
	}
	reserved := 0
	for id, o := range orders {
		require.Equal(t, 1, o.Units, "order %s, sent twice, counts once", id)
		if o.Status == "RESERVED" {
			reserved++
		}
	}
	require.Equal(t, reserved, item.Reserved, "what is reserved is what the orders hold")
	require.GreaterOrEqual(t, item.Inbound.Shipped, 100*len(a.shipments), "every accepted shipment brings its units")
	for id := range a.shipments {
		status, _ := r.send(http.MethodGet, "/v1/shipments/"+id, "", nil)
		require.Equal(t, http.StatusOK, status, "shipment %s", id)
	}
	t.Logf("%d kills: %d orders and %d shipments accepted, %d reserved", killRounds, len(a.orders), len(a.shipments), reserved)
	status, audit := r.send(http.MethodGet, "/v1/audit", "", nil)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, string(audit), `"equal":true`)
	require.NotContains(t, string(audit), `"equal":false`)
	require.NoError(t, r.cmd.Process.Signal(os.Interrupt))
	require.NoError(t, r.cmd.Wait(), "an interrupt ends it cleanly")
}

type killedOrder struct {
	OrderID string `json:"orderId"`
	Status  string `json:"status"`
	Units   int    `json:"units"`
}

// settled waits until the queue is empty and the numbers have stood still for two
// seconds: on a busy machine one batch of changes may take as long.
func settled(t *testing.T, r running) (map[string]killedOrder, view) {
	var before []byte
	still := 0
	for range 600 {
		_, depth := r.send(http.MethodGet, "/queues/orders", "", nil)
		status, body := r.send(http.MethodGet, "/v1/items/"+storyMarketplace+"/KETTLE-1", "", nil)
		still++
		if status != http.StatusOK || !bytes.Equal(body, before) || !strings.Contains(string(depth), `"inFlight":0,"ready":0`) {
			still = 0
		}
		if still == 10 {
			var v view
			require.NoError(t, json.Unmarshal(body, &v))
			return allOrders(t, r), v
		}
		before = body
		time.Sleep(200 * time.Millisecond)
	}
	t.Fatal("the stack did not come to rest")
	return nil, view{}
}

func allOrders(t *testing.T, r running) map[string]killedOrder {
	all := make(map[string]killedOrder)
	for token, more := "", true; more; more = token != "" {
		status, body := r.send(http.MethodGet, "/v1/items/"+storyMarketplace+"/KETTLE-1/orders?nextToken="+token, "", nil)
		require.Equal(t, http.StatusOK, status, "%s", body)
		var page struct {
			Orders    []killedOrder `json:"orders"`
			NextToken string        `json:"nextToken"`
		}
		require.NoError(t, json.Unmarshal(body, &page))
		for _, o := range page.Orders {
			require.NotContains(t, all, o.OrderID)
			all[o.OrderID] = o
		}
		token = page.NextToken
	}
	return all
}
