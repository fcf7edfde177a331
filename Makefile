.DEFAULT_GOAL := help

.PHONY: help
help: ## print this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

.PHONY: run
run: ## serve on 127.0.0.1:8080 and tell the story of a hundred kettles
	@go build -o build/localstack ./localstack && exec build/localstack -story

.PHONY: test
test: ## every test that this machine can run; what it lacks is skipped, and says so
	go vet ./...
	go test -count=1 -shuffle=on -timeout 15m ./...

.PHONY: check
check: ## formatting, vet and staticcheck (if installed)
	@test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }
	go vet ./...
	@if command -v staticcheck >/dev/null; then staticcheck ./...; else echo "staticcheck is not installed: skipped"; fi

.PHONY: race
race: ## the concurrent packages under the race detector
	go test -race -short -count=1 -timeout 15m ./shared/engine ./shared/edge ./shared/queue ./shared/store/memory
	go test -race -count=1 -timeout 15m -run Simulation ./shared/boot/local -orders 3000

.PHONY: fuzz
fuzz: ## each fuzz target for FUZZTIME (default 10s; 1000000x counts executions)
	@mkdir -p build/fuzz; root=$$PWD; \
	for folder in $$(grep -rl --include=*_test.go '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
		binary=$$root/build/fuzz/$$(basename $$folder).test; \
		go test -c -fuzz=. -o $$binary $$folder || exit 1; \
		for target in $$(grep -ho --include=*_test.go '^func Fuzz[A-Za-z0-9]*' $$folder/*_test.go | cut -d' ' -f2); do \
			echo "$$folder $$target"; \
			(cd $$folder && $$binary -test.run '^$$' -test.fuzz "^$$target\$$" -test.fuzztime $${FUZZTIME:-10s} \
				-test.fuzzminimizetime 1x -test.fuzzcachedir $$root/build/fuzz/cache >$$binary.log 2>&1) || { cat $$binary.log; exit 1; }; \
			grep execs $$binary.log | tail -n 1; \
		done; \
	done

BENCH = go run ./localstack/bench -out build/bench.json $(if $(ORDERS),-orders $(ORDERS))

.PHONY: bench
bench: ## units, calls, CPU and allocations per order beside the peers; build/bench.json (on DynamoDB Local where Java and npm are)
	@mkdir -p build
	@if [ -z "$$HEADSTART_DYNAMODB_ENDPOINT" ] && command -v java >/dev/null && command -v npm >/dev/null; \
		then .ci/dynamodb-local $(BENCH); else $(BENCH); fi

.PHONY: simulate
simulate: ## the long simulation: a million orders, every fault
	go test ./shared/boot/local -count=1 -run TestSimulationInMemory -v -timeout 3h -orders $${ORDERS:-1000000} -seed $${SEED:-1}

.PHONY: scenarios
scenarios: ## play every scenario file and print what it answers
	@go build -o build/localstack ./localstack && for f in localstack/scenarios/*.jsonl; do echo "== $$f"; build/localstack scenario $$f || exit 1; done

.PHONY: golden
golden: ## write golden files anew; read the diff before you commit it
	go test ./shared/edge ./shared/config ./localstack -update

.PHONY: build
build: ## the Lambda functions as sam build makes them, for this machine
	go build -o build/functions/ ./functions/...

.PHONY: clean
clean: ## remove what was built, and the local stack's data
	rm -rf build .aws-sam
