package memory_test

// Holds the memory store to the suite of all stores, and measures it.

import (
	"testing"

	"headstart/shared/store"
	"headstart/shared/store/memory"
	"headstart/shared/store/storetest"
)

func TestMemoryKeepsTheContract(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return memory.New() })
}
